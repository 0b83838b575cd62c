"""PutBucketTagging, GetBucketTagging and DeleteBucketTagging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Tables, Transaction
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import the_bucket
from marinelayer.services.s3.configurations import (
    delete_configuration,
    put_configuration,
    the_configuration,
    unconfigure,
)
from marinelayer.services.s3.errors import NoSuchTagSet
from marinelayer.services.s3.needs import on_bucket
from marinelayer.services.s3.tags import check_bucket_tags

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        DeleteBucketTaggingRequest,
        GetBucketTaggingRequest,
        PutBucketTaggingRequest,
    )


def put_tags(tx: Transaction, request: PutBucketTaggingRequest, now: int) -> None:
    """Replace the bucket's tags; an empty set is none."""
    bucket = the_bucket(tx, request)
    tags = request["Tagging"]["TagSet"]
    if tags:
        put_configuration(tx, bucket, "tagging", {"TagSet": tags}, now)
    else:
        delete_configuration(tx, bucket, "tagging")


class BucketTags:
    """The tags of buckets."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    @operation("PutBucketTagging", needs=on_bucket("s3:PutBucketTagging"), anonymous=True)
    async def put(self, caller: Caller, request: PutBucketTaggingRequest) -> None:
        """Set the bucket's tags, all of them.

        Raises:
            InvalidTag, BadRequest: S3 takes no such tags.
        """
        check_bucket_tags(request["Tagging"]["TagSet"])
        await self._tables.write(put_tags, request, self._clock.now())

    @operation("GetBucketTagging", needs=on_bucket("s3:GetBucketTagging"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketTaggingRequest) -> dict[str, Any]:
        """The bucket's tags, as they were given."""
        return dict(await self._tables.read(the_configuration, request, "tagging", NoSuchTagSet))

    @operation("DeleteBucketTagging", needs=on_bucket("s3:PutBucketTagging"), anonymous=True)
    async def delete(self, caller: Caller, request: DeleteBucketTaggingRequest) -> None:
        """Remove the bucket's tags."""
        await self._tables.write(unconfigure, request, "tagging")

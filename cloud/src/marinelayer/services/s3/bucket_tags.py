"""The tags of buckets: PutBucketTagging, GetBucketTagging and DeleteBucketTagging, which know them as one set, and the
port by which S3 Control changes one or the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Tables, Transaction
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import Bucket, find_bucket, the_bucket
from marinelayer.services.s3.configurations import (
    configuration,
    delete_configuration,
    put_configuration,
    the_configuration,
    unconfigure,
)
from marinelayer.services.s3.errors import NoSuchTagSet
from marinelayer.services.s3.needs import on_bucket
from marinelayer.services.s3.tags import check_bucket_tags, check_tags_of_resource, demand_room

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        DeleteBucketTaggingRequest,
        GetBucketTaggingRequest,
        PutBucketTaggingRequest,
    )


def put_tags(tx: Transaction, request: PutBucketTaggingRequest, now: int) -> None:
    """Replace the bucket's tags; an empty set is none."""
    _keep(tx, the_bucket(tx, request), request["Tagging"]["TagSet"], now)


def tags_of(tx: Transaction, name: str) -> Sequence[Mapping[str, str]] | None:
    """The tags of the bucket `name`, None where there is no such bucket."""
    bucket = find_bucket(tx, name)
    return None if bucket is None else _kept(tx, bucket)


def add_tags(tx: Transaction, name: str, tags: Sequence[Mapping[str, str]], now: int) -> bool:
    """Set tags beside those that the bucket `name` has; whether there is such a bucket.

    Raises:
        BadRequest: it would have more than 50.
    """
    bucket = find_bucket(tx, name)
    if bucket is None:
        return False
    values = {tag["Key"]: tag["Value"] for tag in (*_kept(tx, bucket), *tags)}
    demand_room(len(values))
    _keep(tx, bucket, [{"Key": key, "Value": value} for key, value in values.items()], now)
    return True


def remove_tags(tx: Transaction, name: str, keys: Collection[str], now: int) -> bool:
    """Remove tags of the bucket `name` by their keys; whether there is such a bucket."""
    bucket = find_bucket(tx, name)
    if bucket is None:
        return False
    _keep(tx, bucket, [tag for tag in _kept(tx, bucket) if tag["Key"] not in keys], now)
    return True


def _kept(tx: Transaction, bucket: Bucket) -> Sequence[Mapping[str, str]]:
    document = configuration(tx, bucket, "tagging")
    return () if document is None else document["TagSet"]


def _keep(tx: Transaction, bucket: Bucket, tags: Sequence[Mapping[str, Any]], now: int) -> None:
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


class BucketTagging:
    """ports.TaggedBuckets of S3."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    async def of(self, bucket: str, /) -> Sequence[Mapping[str, str]] | None:
        """The bucket's tags, None where there is no such bucket."""
        return await self._tables.read(tags_of, bucket)

    async def add(self, bucket: str, tags: Sequence[Mapping[str, str]], /) -> bool:
        """Set tags beside those that are there; whether there is such a bucket. Raises InvalidTag and BadRequest."""
        check_tags_of_resource(tags)
        return await self._tables.write(add_tags, bucket, tags, self._clock.now())

    async def remove(self, bucket: str, keys: Collection[str], /) -> bool:
        """Remove tags; whether there is such a bucket."""
        return await self._tables.write(remove_tags, bucket, keys, self._clock.now())

"""PutBucketWebsite, GetBucketWebsite and DeleteBucketWebsite, and what whoever serves websites must know of buckets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Tables, Transaction
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import bucket_of
from marinelayer.services.s3.configurations import (
    configuration,
    configure,
    the_configuration,
    unconfigure,
)
from marinelayer.services.s3.errors import IncorrectEndpoint, NoSuchBucket, NoSuchWebsiteConfiguration
from marinelayer.services.s3.names import text_bytes
from marinelayer.services.s3.needs import on_bucket
from marinelayer.services.s3.regions import shown_region
from marinelayer.services.s3.website_rules import check_website
from marinelayer.statements import Statements

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        DeleteBucketWebsiteRequest,
        GetBucketWebsiteRequest,
        PutBucketWebsiteRequest,
    )

SQL = Statements("marinelayer.services.s3", "website.sql")


def website_of(tx: Transaction, name: str, region: str | None) -> Mapping[str, Any]:
    """The configuration of the bucket called `name`, which is asked for in `region` where the address has one.

    Raises:
        NoSuchBucket: there is no such bucket.
        IncorrectEndpoint: it is in another region.
        NoSuchWebsiteConfiguration: it is no website.
    """
    bucket = bucket_of(tx, name, None)
    home = shown_region(bucket.region)
    if region not in (None, home):
        raise IncorrectEndpoint(Endpoint=f"{name}.s3-website-{home}.amazonaws.com")
    document = configuration(tx, bucket, "website")
    if document is None:
        raise NoSuchWebsiteConfiguration(BucketName=name)
    return document


def has_object(tx: Transaction, name: str, key: bytes) -> bool:
    """Whether there is an object."""
    return tx.one(SQL.any_object, name=name, key=key) is not None


class BucketWebsites:
    """Buckets as websites (ports.Websites)."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    async def of(self, bucket: str, region: str | None) -> Mapping[str, Any]:
        """The configuration of a bucket. Raises as `website_of`."""
        if "\0" in bucket:
            raise NoSuchBucket(BucketName=bucket)
        return await self._tables.read(website_of, bucket, region)

    async def has(self, bucket: str, key: str) -> bool:
        """Whether a bucket has an object of this key, whoever asks."""
        return await self._tables.read(has_object, bucket, text_bytes(key))

    @operation("PutBucketWebsite", needs=on_bucket("s3:PutBucketWebsite"), anonymous=True)
    async def put(self, caller: Caller, request: PutBucketWebsiteRequest) -> None:
        """Make the bucket a website, or set anew what it is as one."""
        document = request["WebsiteConfiguration"]
        check_website(document)
        await self._tables.write(configure, request, "website", document, self._clock.now())

    @operation("GetBucketWebsite", needs=on_bucket("s3:GetBucketWebsite"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketWebsiteRequest) -> dict[str, Any]:
        """What the bucket is as a website."""
        return dict(await self._tables.read(the_configuration, request, "website", NoSuchWebsiteConfiguration))

    @operation("DeleteBucketWebsite", needs=on_bucket("s3:DeleteBucketWebsite"), anonymous=True)
    async def delete(self, caller: Caller, request: DeleteBucketWebsiteRequest) -> None:
        """Make the bucket no website any more."""
        await self._tables.write(unconfigure, request, "website")

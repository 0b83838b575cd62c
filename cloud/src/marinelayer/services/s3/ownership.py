"""Object ownership and the public access block of buckets: put, get and delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.protocol.refusals import MalformedXML
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import BLOCK_MEMBERS, private_acl, the_bucket
from marinelayer.services.s3.buckets import OWNERSHIPS
from marinelayer.services.s3.errors import (
    InvalidBucketAclWithObjectOwnership,
    NoSuchPublicAccessBlockConfiguration,
    OwnershipControlsNotFoundError,
)
from marinelayer.services.s3.needs import on_bucket
from marinelayer.services.s3.statements import SQL

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        DeleteBucketOwnershipControlsRequest,
        DeletePublicAccessBlockRequest,
        GetBucketOwnershipControlsRequest,
        GetPublicAccessBlockRequest,
        PutBucketOwnershipControlsRequest,
        PutPublicAccessBlockRequest,
    )


def put_ownership(tx: Transaction, request: PutBucketOwnershipControlsRequest) -> None:
    """Set who owns new objects.

    Raises:
        MalformedXML: there is not one rule with a known ownership.
        InvalidBucketAclWithObjectOwnership: ACLs are to be disabled while the bucket's grants something to others.
    """
    rules = request["OwnershipControls"].get("Rules") or []
    if len(rules) != 1 or rules[0].get("ObjectOwnership") not in OWNERSHIPS:
        raise MalformedXML
    ownership = rules[0]["ObjectOwnership"]
    bucket = the_bucket(tx, request)
    if ownership == "BucketOwnerEnforced" and set(bucket.acl.grants) - set(private_acl(bucket.owner).grants):
        raise InvalidBucketAclWithObjectOwnership
    tx.run(SQL.set_ownership, bucket_id=bucket.bucket_id, ownership=ownership)


def delete_ownership(tx: Transaction, request: DeleteBucketOwnershipControlsRequest) -> None:
    """Remove the rule: objects belong to their writers."""
    tx.run(SQL.set_ownership, bucket_id=the_bucket(tx, request).bucket_id, ownership=None)


def put_block(tx: Transaction, request: PutPublicAccessBlockRequest) -> None:
    """Set the four switches; those that are not given are off."""
    switches = request["PublicAccessBlockConfiguration"]
    columns = {column: int(bool(switches.get(member))) for member, column in BLOCK_MEMBERS.items()}
    tx.run(SQL.set_public_access_block, bucket_id=the_bucket(tx, request).bucket_id, **columns)


def delete_block(tx: Transaction, request: DeletePublicAccessBlockRequest) -> None:
    """Remove the configuration."""
    nothing = dict.fromkeys(BLOCK_MEMBERS.values())
    tx.run(SQL.set_public_access_block, bucket_id=the_bucket(tx, request).bucket_id, **nothing)


class Ownership:
    """Who owns a bucket's objects."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("PutBucketOwnershipControls", needs=on_bucket("s3:PutBucketOwnershipControls"), anonymous=True)
    async def put(self, caller: Caller, request: PutBucketOwnershipControlsRequest) -> None:
        """Set the object ownership of a bucket."""
        await self._tables.write(put_ownership, request)

    @operation("GetBucketOwnershipControls", needs=on_bucket("s3:GetBucketOwnershipControls"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketOwnershipControlsRequest) -> dict[str, Any]:
        """The object ownership of a bucket."""
        bucket = await self._tables.read(the_bucket, request)
        if bucket.ownership is None:
            raise OwnershipControlsNotFoundError(BucketName=bucket.name)
        return {"OwnershipControls": {"Rules": [{"ObjectOwnership": bucket.ownership}]}}

    @operation("DeleteBucketOwnershipControls", needs=on_bucket("s3:PutBucketOwnershipControls"), anonymous=True)
    async def delete(self, caller: Caller, request: DeleteBucketOwnershipControlsRequest) -> None:
        """Remove the object ownership of a bucket."""
        await self._tables.write(delete_ownership, request)


class PublicAccessBlocks:
    """What filters a bucket's public ACLs and policies."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("PutPublicAccessBlock", needs=on_bucket("s3:PutBucketPublicAccessBlock"), anonymous=True)
    async def put(self, caller: Caller, request: PutPublicAccessBlockRequest) -> None:
        """Set the public access block of a bucket."""
        await self._tables.write(put_block, request)

    @operation("GetPublicAccessBlock", needs=on_bucket("s3:GetBucketPublicAccessBlock"), anonymous=True)
    async def get(self, caller: Caller, request: GetPublicAccessBlockRequest) -> dict[str, Any]:
        """The public access block of a bucket."""
        bucket = await self._tables.read(the_bucket, request)
        if bucket.block is None:
            raise NoSuchPublicAccessBlockConfiguration(BucketName=bucket.name)
        switches = {member: getattr(bucket.block, column) for member, column in BLOCK_MEMBERS.items()}
        return {"PublicAccessBlockConfiguration": switches}

    @operation("DeletePublicAccessBlock", needs=on_bucket("s3:PutBucketPublicAccessBlock"), anonymous=True)
    async def delete(self, caller: Caller, request: DeletePublicAccessBlockRequest) -> None:
        """Remove the public access block of a bucket."""
        await self._tables.write(delete_block, request)

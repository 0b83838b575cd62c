"""GetBucketAcl, PutBucketAcl, GetObjectAcl and PutObjectAcl."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.security.acl import is_public
from marinelayer.security.requirement import Acl
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import acl_text, private_acl, the_bucket
from marinelayer.services.s3.change import Origin, changed
from marinelayer.services.s3.changes import Changes, announce
from marinelayer.services.s3.errors import AccessControlListNotSupported
from marinelayer.services.s3.get import missing
from marinelayer.services.s3.grants import asked_bucket_acl, asked_object_acl, shown_acl
from marinelayer.services.s3.names import key_bytes
from marinelayer.services.s3.needs import on_bucket, on_version
from marinelayer.services.s3.owners import Owners
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.versions import asked_version, written_version

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        GetBucketAclRequest,
        GetObjectAclRequest,
        PutBucketAclRequest,
        PutObjectAclRequest,
    )


def put_bucket_acl(tx: Transaction, request: PutBucketAclRequest) -> None:
    """Set a bucket's ACL."""
    bucket = the_bucket(tx, request)
    acl = asked_bucket_acl(request, bucket.owner)
    _admit(acl, disabled=bucket.acls_disabled, blocked=bucket.blocks_public_acls)
    tx.run(SQL.set_bucket_acl, bucket_id=bucket.bucket_id, acl=acl_text(acl))


def get_object_acl(tx: Transaction, request: GetObjectAclRequest) -> Acl | None:
    """The ACL of an object; None where there is no object."""
    bucket = the_bucket(tx, request)
    version = asked_version(tx, bucket.bucket_id, key_bytes(request["Key"]), request.get("VersionId"))
    if version is None:
        return None
    return private_acl(bucket.owner) if bucket.acls_disabled else version.acl


def put_object_acl(tx: Transaction, origin: Origin, request: PutObjectAclRequest) -> bool:
    """Set an object's ACL; False where there is no object."""
    bucket = the_bucket(tx, request)
    version = written_version(tx, bucket.bucket_id, key_bytes(request["Key"]), request.get("VersionId"), method="PUT")
    if version is None:
        return False
    acl = asked_object_acl(request, version.owner, bucket.owner)
    _admit(acl, disabled=bucket.acls_disabled, blocked=bucket.blocks_public_acls)
    tx.run(SQL.set_version_acl, bucket_id=bucket.bucket_id, key=version.key, seq=version.seq, acl=acl_text(acl))
    announce(tx, bucket, changed("ObjectAcl:Put", version), origin)
    return True


def _admit(acl: Acl, *, disabled: bool, blocked: bool) -> None:
    if disabled:
        raise AccessControlListNotSupported
    if blocked and is_public(acl):
        raise AccessDenied


class Acls:
    """The access control lists of buckets and objects."""

    def __init__(self, tables: Tables, owners: Owners, changes: Changes) -> None:
        self._tables = tables
        self._owners = owners
        self._changes = changes

    @operation("GetBucketAcl", needs=on_bucket("s3:GetBucketAcl"), anonymous=True)
    async def get_bucket(self, caller: Caller, request: GetBucketAclRequest) -> dict[str, Any]:
        """Owner and grants of a bucket."""
        bucket = await self._tables.read(the_bucket, request)
        return await self._shown(private_acl(bucket.owner) if bucket.acls_disabled else bucket.acl)

    @operation("PutBucketAcl", needs=on_bucket("s3:PutBucketAcl"), anonymous=True)
    async def put_bucket(self, caller: Caller, request: PutBucketAclRequest) -> None:
        """Replace the grants of a bucket."""
        await self._tables.write(put_bucket_acl, request)

    @operation("GetObjectAcl", needs=on_version("s3:GetObjectAcl", "s3:GetObjectVersionAcl"), anonymous=True)
    async def get_object(self, caller: Caller, request: GetObjectAclRequest) -> dict[str, Any]:
        """Owner and grants of an object."""
        acl = await self._tables.read(get_object_acl, request)
        if acl is None:
            raise await missing(caller, request["Bucket"], request["Key"])
        return await self._shown(acl)

    @operation("PutObjectAcl", needs=on_version("s3:PutObjectAcl", "s3:PutObjectVersionAcl"), anonymous=True)
    async def put_object(self, caller: Caller, request: PutObjectAclRequest) -> None:
        """Replace the grants of an object."""
        if not await self._changes.write(caller, put_object_acl, request):
            raise await missing(caller, request["Bucket"], request["Key"])

    async def _shown(self, acl: Acl) -> dict[str, Any]:
        return shown_acl(acl, await self._owners.named((acl.owner, *(grant.grantee for grant in acl.grants))))

"""CreateMultipartUpload, CompleteMultipartUpload (`completing.py` writes it) and AbortMultipartUpload.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from marinelayer.ports import Caller, Clock, Ids, Tables, Transaction
from marinelayer.services.operation import operation
from marinelayer.services.s3.blobs import release_parts
from marinelayer.services.s3.bucket import the_bucket
from marinelayer.services.s3.changes import Changes
from marinelayer.services.s3.completing import complete_upload
from marinelayer.services.s3.conditions import refuse_unknown_write_conditions
from marinelayer.services.s3.customer_keys import customer_key
from marinelayer.services.s3.defaults import S3Defaults
from marinelayer.services.s3.encrypting import Encrypting, asked_encryption, demand_key, encryption_members
from marinelayer.services.s3.encryption import read_encryption
from marinelayer.services.s3.grants import given_object_acl
from marinelayer.services.s3.headers import checksum_members, described, refuse_unserved
from marinelayer.services.s3.lifecycle import abort_members
from marinelayer.services.s3.names import key_bytes
from marinelayer.services.s3.needs import NO_STRANGERS_UPLOAD, on_object, to_put
from marinelayer.services.s3.object_lock import with_lock
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.upload_checksums import checksum_of_upload
from marinelayer.services.s3.uploads import find_upload, identity, the_upload
from marinelayer.services.s3.versions import (
    ENTROPY,
    Description,
    description_columns,
    newest_version,
    present,
)

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        AbortMultipartUploadRequest,
        CompleteMultipartUploadRequest,
        CreateMultipartUploadRequest,
    )

UPLOAD_ID = 64
"""Hexadecimal digits of an upload id: its time in 14, then random ones."""


def create_upload(
    tx: Transaction,
    caller: Caller,
    request: CreateMultipartUploadRequest,
    *,
    upload_id: str,
    description: Description,
    sums: tuple[str | None, str | None],
    encryption: str,
    now: int,
) -> dict[str, Any]:
    """Write a new upload. `sums` are the algorithm and type of its checksum, where the client named any. Returns what
    an answer says of when it is given up."""
    bucket = the_bucket(tx, request)
    key = key_bytes(request["Key"])
    owner, acl = given_object_acl(request, bucket, caller.principal)
    principal = caller.principal
    tx.run(
        SQL.insert_upload,
        bucket_id=bucket.bucket_id,
        key=key,
        upload_id=upload_id,
        initiated=now,
        initiator=principal.canonical_id if principal.kind == "root" else principal.arn,
        initiator_name=principal.name,
        owner=owner,
        acl=acl,
        checksum_algorithm=sums[0],
        checksum_type=sums[1],
        encryption=encryption,
        replaces=identity(present(newest_version(tx, bucket.bucket_id, key))),
        **description_columns(with_lock(tx, bucket, description, now)),
    )
    return abort_members(tx, bucket, key, now)


def abort_upload(tx: Transaction, request: AbortMultipartUploadRequest, now: int) -> None:
    """Forget the upload and let go of its parts."""
    bucket = the_bucket(tx, request)
    upload = the_upload(tx, request)
    tx.run(SQL.delete_upload, bucket_id=bucket.bucket_id, key=upload.key, upload_id=upload.upload_id)
    release_parts(tx, upload.upload_id, now)


class Multipart:
    """Uploads in parts: begun, completed, aborted."""

    def __init__(
        self,
        tables: Tables,
        clock: Clock,
        ids: Ids,
        changes: Changes,
        encrypting: Encrypting,
        defaults: S3Defaults,
    ) -> None:
        self._classic = defaults == "classic"
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._changes = changes
        self._encrypting = encrypting

    @operation("CreateMultipartUpload", needs=to_put, to_strangers=NO_STRANGERS_UPLOAD)
    async def create(self, caller: Caller, request: CreateMultipartUploadRequest) -> dict[str, Any]:
        """Begin an upload; what is said of the object is said here."""
        refuse_unserved(request)
        sums = checksum_of_upload(request)
        now = self._clock.now()
        time = f"{now:014x}"
        upload_id = time + self._ids.token(UPLOAD_ID - len(time))
        description = described(request)
        asked = asked_encryption(request, caller)
        source = await self._encrypting.target(caller, request, asked)
        # "the requester must have permission to the kms:Decrypt and kms:GenerateDataKey actions" (mpuoverview).
        await demand_key(caller, source.encryption, "kms:Decrypt")
        aborted = await self._tables.write(
            create_upload,
            caller,
            request,
            upload_id=upload_id,
            description=description,
            sums=sums,
            encryption=source.encryption.text,
            now=now,
        )
        output: dict[str, Any] = {
            "Bucket": request["Bucket"],
            "Key": request["Key"],
            "UploadId": upload_id,
            **aborted,
            **encryption_members(source, asked.customer),
        }
        if sums[0] is not None:
            output |= {"ChecksumAlgorithm": sums[0], "ChecksumType": sums[1]}
        return output

    @operation("CompleteMultipartUpload", needs=to_put, anonymous=True)
    async def complete(self, caller: Caller, request: CompleteMultipartUploadRequest) -> dict[str, Any]:
        """Join the listed parts to the object; parts that are not listed are let go of."""
        refuse_unserved(request)
        refuse_unknown_write_conditions(request)
        given = customer_key(request, caller)
        await self._demand_key_of_checksums(caller, request)
        version, written = await self._changes.write(
            caller, complete_upload, request, given, self._ids.token(ENTROPY), classic=self._classic
        )
        encryption = read_encryption(version.encryption)
        bucket, key = request["Bucket"], request["Key"]
        return {
            "Location": f"{caller.base_url}/{bucket}/{quote(key)}",
            "Bucket": bucket,
            "Key": key,
            "ETag": f'"{version.etag}"',
            **checksum_members(version.checksum),
            **(encryption.members if encryption else {}),
            **written,
        }

    async def _demand_key_of_checksums(self, caller: Caller, request: CompleteMultipartUploadRequest) -> None:
        """Refuse who may not use the upload's KMS key, where its checksums are known: "you must have permission to use
        the kms:Decrypt action for the CompleteMultipartUpload request to succeed"."""
        _, upload = await self._tables.read(find_upload, request)
        if upload is not None and upload.algorithm is not None and upload.encrypted is not None:
            await demand_key(caller, upload.encrypted, "kms:Decrypt")

    @operation("AbortMultipartUpload", needs=on_object("s3:AbortMultipartUpload"), anonymous=True)
    async def abort(self, caller: Caller, request: AbortMultipartUploadRequest) -> None:
        """Give an upload up."""
        refuse_unserved(request)
        await self._tables.write(abort_upload, request, self._clock.now())

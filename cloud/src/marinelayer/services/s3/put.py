"""PutObject."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Blobs, Caller, Ids, Tables, Transaction
from marinelayer.security.identity import Principal
from marinelayer.services.operation import operation
from marinelayer.services.s3.blob_keys import BlobKeys
from marinelayer.services.s3.blobs import add_blob
from marinelayer.services.s3.bucket import the_bucket
from marinelayer.services.s3.change import Origin, created
from marinelayer.services.s3.changes import Changes, announce
from marinelayer.services.s3.conditions import check_write, refuse_unknown_write_conditions
from marinelayer.services.s3.digests import declared_digests
from marinelayer.services.s3.encrypting import Encrypting, asked_encryption, encryption_members
from marinelayer.services.s3.grants import given_object_acl
from marinelayer.services.s3.headers import checksum_members, described, refuse_unserved
from marinelayer.services.s3.known import Known
from marinelayer.services.s3.lifecycle import written_members
from marinelayer.services.s3.names import key_bytes
from marinelayer.services.s3.needs import to_put
from marinelayer.services.s3.object_lock import check_digested, with_lock
from marinelayer.services.s3.placing import NewVersion, put_version
from marinelayer.services.s3.receiving import INLINE_LIMIT, Received, receive, receive_held
from marinelayer.services.s3.versions import ENTROPY, Description, newest_version, present

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import PutObjectRequest


def admit(tx: Transaction, principal: Principal, request: PutObjectRequest, key: bytes) -> None:
    """Refuse before a large body is sent what would be refused after it."""
    bucket = the_bucket(tx, request)
    given_object_acl(request, bucket, principal)
    replaced = present(newest_version(tx, bucket.bucket_id, key))
    check_write(request, key=request["Key"], etag=replaced.etag if replaced else None)


def put_object(
    tx: Transaction,
    origin: Origin,
    known: Known,
    request: PutObjectRequest,
    key: bytes,
    received: Received,
    description: Description,
    encryption: str,
    entropy: str,
) -> dict[str, str]:
    """Make the received bytes the object, if the request's conditions hold. Returns what an answer says of it."""
    bucket = known.bucket_for(tx, request)
    owner, acl = given_object_acl(request, bucket, origin.principal)
    description = with_lock(tx, bucket, description, origin.time)
    check_digested(description, digested="ContentMD5" in request or received.checksum.given)
    newest = newest_version(tx, bucket.bucket_id, key)
    replaced = present(newest)
    check_write(request, key=request["Key"], etag=replaced.etag if replaced else None)
    add_blob(tx, received.blob)
    version = NewVersion(
        blob_id=received.blob.blob_id,
        size=received.blob.size,
        etag=received.etag,
        modified=origin.time,
        owner=owner,
        acl_text=acl,
        description=description,
        checksum=received.checksum.sum,
        entropy=entropy,
        encryption=encryption,
    )
    placed = put_version(tx, bucket, key, version, newest, origin.time)
    if bucket.configured:
        # Where nothing is configured nobody listens, and the most frequent of writes need not say what it did.
        how = "ObjectCreated:Post" if origin.form else "ObjectCreated:Put"
        announce(tx, bucket, created(how, key, version, placed), origin)
    return written_members(tx, bucket, key, version, placed)


class ObjectWrites:
    """Writing objects."""

    def __init__(
        self,
        tables: Tables,
        blobs: Blobs,
        keys: BlobKeys,
        ids: Ids,
        changes: Changes,
        encrypting: Encrypting,
        known: Known,
    ) -> None:
        self._tables = tables
        self._blobs = blobs
        self._keys = keys
        self._changes = changes
        self._ids = ids
        self._encrypting = encrypting
        self._known = known

    @operation("PutObject", needs=to_put, anonymous=True)
    async def put(self, caller: Caller, request: PutObjectRequest) -> dict[str, Any]:
        """Store an object. It is there when its commit is on disk, and not before its body has arrived whole."""
        key = key_bytes(request["Key"])
        refuse_unserved(request)
        refuse_unknown_write_conditions(request)
        description = described(request)
        declared = declared_digests(request)
        asked = asked_encryption(request, caller)
        body = request.get("Body")
        if body is not None and (body.length is None or body.length > INLINE_LIMIT):
            await self._tables.read(admit, caller.principal, request, key)
        source = await self._encrypting.target(caller, request, asked)

        def write(received: Received) -> Awaitable[dict[str, str]]:
            encryption, entropy = source.encryption.text, self._ids.token(ENTROPY)
            return self._changes.write(
                caller, put_object, self._known, request, key, received, description, encryption, entropy
            )

        received = receive_held(body, declared, self._ids, self._keys, source)
        if received is not None:
            written = await write(received)
        else:
            async with receive(body, declared, self._blobs, self._ids, self._keys, source) as received:
                written = await received.name(write(received))
        return {
            "ETag": f'"{received.etag}"',
            **checksum_members(received.checksum.sum),
            **encryption_members(source, asked.customer),
            **written,
        }

"""CopyObject: where both are encrypted by SSE-S3 no byte is written, the new object names the same blob. Else the bytes
are read and encrypted anew on their way.

A source that was uploaded in parts, or whose copy is to have another checksum, is read once more, because a copy has
the MD5 of its bytes as its ETag and a full-object checksum.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Blobs, Caller, Ids, Tables, Transaction
from marinelayer.protocol.refusals import InvalidRequest
from marinelayer.services.operation import operation
from marinelayer.services.s3.blob_keys import BlobKeys, KeySource
from marinelayer.services.s3.blobs import NewBlob, add_blob, add_reference
from marinelayer.services.s3.bucket import Bucket, the_bucket
from marinelayer.services.s3.change import Origin, created
from marinelayer.services.s3.changes import Changes, announce
from marinelayer.services.s3.conditions import (
    check_write,
    moment,
    refuse_unknown_write_conditions,
)
from marinelayer.services.s3.configurations import configuration
from marinelayer.services.s3.copy_directives import check_annotation_directive, copy_description, takes_tags_over
from marinelayer.services.s3.copy_sources import (
    ATTEMPTS,
    Source,
    find_source,
    may_share,
    source_pieces,
    wanted_algorithm,
)
from marinelayer.services.s3.customer_keys import CustomerKey, customer_key, unlocked
from marinelayer.services.s3.digests import CRC64NVME, Declared, algorithm_named, encode
from marinelayer.services.s3.encrypting import Asked, Encrypting, asked_encryption, demand_key, encryption_members
from marinelayer.services.s3.encryption import Encryption, read_encryption
from marinelayer.services.s3.get import missing
from marinelayer.services.s3.grants import given_object_acl
from marinelayer.services.s3.headers import (
    REDIRECT,
    checksum_members,
    refuse_unserved,
)
from marinelayer.services.s3.lifecycle import written_members
from marinelayer.services.s3.names import copy_source, key_bytes
from marinelayer.services.s3.needs import NO_STRANGERS_COPY, to_copy, to_copy_tags
from marinelayer.services.s3.object_lock import with_lock
from marinelayer.services.s3.opened import BytesGoneError
from marinelayer.services.s3.placing import NewVersion, put_version
from marinelayer.services.s3.reading import Reader, StoredBody, hashed
from marinelayer.services.s3.receiving import MAX_PUT, receive
from marinelayer.services.s3.tags import Tags
from marinelayer.services.s3.versions import (
    ENTROPY,
    Sum,
    Version,
    newest_version,
    present,
)

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import CopyObjectRequest

_CHANGES = ("StorageClass", REDIRECT, "ServerSideEncryption", "SSECustomerAlgorithm")
"""What makes copying an object to itself a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """ETag and checksum of the copy of a blob, and the new blob that it was encrypted into; None where it is shared."""

    blob_id: str
    etag: str
    checksum: Sum | None
    blob: NewBlob | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """A copy that would take tags over of which it was not asked yet whether the caller may."""

    tags: Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a copy became: the version that was written, what an answer says of it, and its source."""

    version: NewVersion
    members: Mapping[str, str]
    source: Source


def copy_object(
    tx: Transaction,
    origin: Origin,
    request: CopyObjectRequest,
    key: bytes,
    *,
    given: CustomerKey | None,
    encryption: Encryption,
    sums: Sums | None,
    allowed: Tags,
    entropy: str,
) -> Version | Unasked | Copied | None:
    """Make the source's bytes the object, encrypted so. `given` is the customer's key of the source.

    Returns what it became; the source where its bytes must be read first, for its `sums` or to be encrypted anew (they
    are not given, or are those of another blob); the source's tags where they are to be taken over and are not those
    that are `allowed`; None where there is no source.
    """
    source = find_source(tx, request, origin.time)
    if source is None:
        return None
    version = source.version
    unlocked(read_encryption(version.encryption), given)
    if version.size > MAX_PUT:
        raise InvalidRequest(
            f"The specified copy source is larger than the maximum allowable size for a copy source: {MAX_PUT}"
        )
    bucket = the_bucket(tx, request)
    newest = newest_version(tx, bucket.bucket_id, key)
    replaced = present(newest)
    description = copy_description(request, version)
    if description.tags != allowed and takes_tags_over(request):
        return Unasked(tags=description.tags)
    if replaced == version and bucket.bucket_id == source.bucket.bucket_id:
        _demand_change(tx, bucket, request, source)
    check_write(request, key=request["Key"], etag=replaced.etag if replaced else None)
    owner, acl = given_object_acl(request, bucket, origin.principal)
    description = with_lock(tx, bucket, description, origin.time)
    made = _sums_of(request, version, encryption, sums)
    if made is None:
        return version
    copied = NewVersion(
        blob_id=_hold(tx, made),
        size=version.size,
        etag=made.etag,
        modified=origin.time,
        owner=owner,
        acl_text=acl,
        description=description,
        checksum=made.checksum,
        entropy=entropy,
        encryption=encryption.text,
    )
    placed = put_version(tx, bucket, key, copied, newest, origin.time)
    announce(tx, bucket, created("ObjectCreated:Copy", key, copied, placed), origin)
    named = {"VersionId": placed.version_id} if bucket.versioning else {}
    members = named | written_members(tx, bucket, key, copied, placed)
    return Copied(version=copied, members=members, source=source)


def _demand_change(tx: Transaction, bucket: Bucket, request: CopyObjectRequest, source: Source) -> None:
    """Raises InvalidRequest where an object is copied to itself and nothing changes."""
    if source.named and bucket.versioning:
        return  # a version that is named becomes the newest one
    if request.get("MetadataDirective") == "REPLACE" or any(member in request for member in _CHANGES):
        return
    # A default encryption that was configured is an encryption attribute, even where it changes nothing.
    if "ApplyServerSideEncryptionByDefault" not in (configuration(tx, bucket, "encryption") or {}):
        raise InvalidRequest(
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes."
        )


def _sums_of(request: CopyObjectRequest, source: Version, encryption: Encryption, read: Sums | None) -> Sums | None:
    """The sums of the copy: those that were `read` from the source's bytes, or the source's own; None where its bytes
    must be read first."""
    shares = may_share(source.encryption, encryption.text)
    if read is not None and read.blob_id == source.blob_id and (read.blob is not None or shares):
        return read
    if not shares or wanted_algorithm(request, source) is not None:
        return None
    return Sums(blob_id=source.blob_id, etag=source.etag, checksum=source.checksum)


def _hold(tx: Transaction, sums: Sums) -> str:
    """Keep the blob that the copy names, and say which it is: the source's once more, or the one that was written."""
    if sums.blob is None:
        add_reference(tx, sums.blob_id)
        return sums.blob_id
    add_blob(tx, sums.blob)
    return sums.blob.blob_id


def _answer(copied: Copied, target: KeySource, asked: Asked) -> dict[str, Any]:
    shown = {"ETag": f'"{copied.version.etag}"', "LastModified": moment(copied.version.modified)}
    return {
        "CopyObjectResult": {**shown, **checksum_members(copied.version.checksum)},
        **copied.source.members,
        **encryption_members(target, asked.customer),
        **copied.members,
    }


class ObjectCopies:
    """Copying objects."""

    def __init__(
        self, tables: Tables, blobs: Blobs, keys: BlobKeys, ids: Ids, changes: Changes, encrypting: Encrypting
    ) -> None:
        self._tables = tables
        self._blobs = blobs
        self._keys = keys
        self._changes = changes
        self._ids = ids
        self._reader = Reader(tables, blobs, keys)
        self._encrypting = encrypting

    @operation("CopyObject", needs=to_copy, to_strangers=NO_STRANGERS_COPY)
    async def copy(self, caller: Caller, request: CopyObjectRequest) -> dict[str, Any]:
        """Copy an object of up to 5 GiB, within or across buckets."""
        key = key_bytes(request["Key"])
        refuse_unserved(request)
        refuse_unknown_write_conditions(request)
        check_annotation_directive(request)
        asked = asked_encryption(request, caller)
        given = customer_key(request, caller, "CopySourceSSECustomer")
        target = await self._encrypting.target(caller, request, asked)

        def write(sums: Sums | None, allowed: Tags) -> Awaitable[Version | Unasked | Copied | None]:
            return self._changes.write(
                caller,
                copy_object,
                request,
                key,
                given=given,
                encryption=target.encryption,
                sums=sums,
                allowed=allowed,
                entropy=self._ids.token(ENTROPY),
            )

        sums: Sums | None = None
        allowed: Tags = ()
        for _ in range(2 * ATTEMPTS):
            result = await write(sums, allowed)
            if isinstance(result, Unasked):
                for requirement in to_copy_tags(request, result.tags) if result.tags else ():
                    await caller.demand(requirement)
                allowed = result.tags
                continue
            if isinstance(result, Version):
                if may_share(result.encryption, target.encryption.text):
                    sums = await self._sums(request)
                    continue
                result = await self._encrypted_anew(caller, request, given, target, partial(write, allowed=allowed))
            if isinstance(result, Copied):
                return _answer(result, target, asked)
            if result is None:
                bucket, source_key, _ = copy_source(request)
                raise await missing(caller, bucket, source_key)
        raise BytesGoneError

    async def _sums(self, request: CopyObjectRequest) -> Sums | None:
        found = await self._tables.read(source_pieces, request, None)
        if found is None:
            return None
        version, pieces, keys = found
        algorithm = wanted_algorithm(request, version) or CRC64NVME
        try:
            digests = await hashed(await self._reader.body(pieces, keys), algorithm)
        except (BytesGoneError, FileNotFoundError):
            return None
        checksum = Sum(algorithm=algorithm.name, type="FULL_OBJECT", value=encode(digests[algorithm.name]))
        return Sums(blob_id=version.blob_id, etag=digests["MD5"].hex(), checksum=checksum)

    async def _encrypted_anew(
        self,
        caller: Caller,
        request: CopyObjectRequest,
        given: CustomerKey | None,
        target: KeySource,
        write: Callable[[Sums], Awaitable[Version | Unasked | Copied | None]],
    ) -> Version | Unasked | Copied | None:
        """Copy the bytes, encrypted as the target is to be. The source where it was replaced meanwhile."""
        found = await self._tables.read(source_pieces, request, given)
        if found is None:
            return None
        version, pieces, keys = found
        await demand_key(caller, keys.encryption, "kms:Decrypt")
        algorithm = wanted_algorithm(request, version)
        if algorithm is None and version.checksum is not None:
            algorithm = algorithm_named(version.checksum.algorithm)
        try:
            body = StoredBody(await self._reader.body(pieces, keys), version.size)
            declared = Declared(calculated=algorithm)
            async with receive(body, declared, self._blobs, self._ids, self._keys, target) as received:
                sums = Sums(
                    blob_id=version.blob_id, etag=received.etag, checksum=received.checksum.sum, blob=received.blob
                )
                result = await received.name(write(sums))
                received.settled = isinstance(result, Copied)
                return result
        except (BytesGoneError, FileNotFoundError):
            return version

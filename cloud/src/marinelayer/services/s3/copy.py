"""CopyObject: where both are encrypted by SSE-S3 no byte is written, the new object names the same blob. Else the bytes
are read and encrypted anew on their way.

A source that was uploaded in parts, or whose copy is to have another checksum, is read once more, because a copy has
the MD5 of its bytes as its ETag and a full-object checksum.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from marinelayer.http import ResponseBody
from marinelayer.ports import Blobs, Caller, Ids, Tables, Transaction
from marinelayer.protocol.refusals import InvalidArgument, InvalidRequest
from marinelayer.services.operation import operation
from marinelayer.services.s3.blob_keys import BlobKeys, KeySource
from marinelayer.services.s3.blobs import NewBlob, Piece, add_blob, add_reference, pieces_of
from marinelayer.services.s3.bucket import Bucket, bucket_of, the_bucket
from marinelayer.services.s3.change import Origin, created
from marinelayer.services.s3.changes import Changes, announce
from marinelayer.services.s3.conditions import (
    check_copy_source,
    check_write,
    moment,
    refuse_unknown_write_conditions,
)
from marinelayer.services.s3.configurations import configuration
from marinelayer.services.s3.customer_keys import CustomerKey, customer_key, unlocked
from marinelayer.services.s3.digests import CRC64NVME, Algorithm, Declared, algorithm_named, encode
from marinelayer.services.s3.encrypting import Asked, Encrypting, asked_encryption, demand_key, encryption_members
from marinelayer.services.s3.encryption import SSE_S3, Encryption, read_encryption
from marinelayer.services.s3.errors import InvalidObjectState
from marinelayer.services.s3.get import missing
from marinelayer.services.s3.grants import given_object_acl
from marinelayer.services.s3.headers import (
    REDIRECT,
    checksum_members,
    described,
    given_tags,
    refuse_unserved,
    storage_class,
)
from marinelayer.services.s3.lifecycle import written_members
from marinelayer.services.s3.locks import given_lock
from marinelayer.services.s3.names import NULL_VERSION, copy_source, key_bytes
from marinelayer.services.s3.needs import NO_STRANGERS_COPY, to_copy, to_copy_tags
from marinelayer.services.s3.object_lock import with_lock
from marinelayer.services.s3.opened import BytesGoneError
from marinelayer.services.s3.placing import NewVersion, put_version
from marinelayer.services.s3.reading import Reader, hashed, stored_pieces
from marinelayer.services.s3.receiving import MAX_PUT, receive
from marinelayer.services.s3.tags import Tags
from marinelayer.services.s3.versions import (
    ENTROPY,
    DeleteMarker,
    Description,
    Sum,
    Version,
    any_version,
    newest_version,
    present,
)
from marinelayer.services.s3.website_rules import check_redirect_location

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import CopyObjectRequest

_CHANGES = ("StorageClass", REDIRECT, "ServerSideEncryption", "SSECustomerAlgorithm")
"""What makes copying an object to itself a change."""
ATTEMPTS = 3
"""How often a copy begins again because its source was replaced while it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The version that is copied, and the bucket that it lies in. `named` is whether it was asked for by its id."""

    bucket: Bucket
    version: Version
    named: bool

    @property
    def members(self) -> dict[str, str]:
        """What an answer says of the source: its version, where it has an id of its own. Of a null version S3 says
        nothing."""
        version_id = self.version.version_id
        return {} if version_id == NULL_VERSION else {"CopySourceVersionId": version_id}


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


def find_source(tx: Transaction, request: Mapping[str, Any], now: int) -> Source | None:
    """The source of CopyObject or UploadPartCopy, if its conditions hold `now`; None where the key has none.

    Raises:
        PreconditionFailed: they do not.
        InvalidRequest: a delete marker is named by its id.
    """
    source = _source(tx, request)
    if source is not None:
        check_copy_source(request, etag=source.version.etag, modified=source.version.modified, now=now)
        if not source.version.readable:
            raise InvalidObjectState(
                "Operation is not valid for the source object's storage class",
                StorageClass=source.version.description.storage_class,
            )
    return source


def _source(tx: Transaction, request: Mapping[str, Any]) -> Source | None:
    name, key, version_id = copy_source(request)
    bucket = bucket_of(tx, name, request.get("ExpectedSourceBucketOwner"))
    version = any_version(tx, bucket.bucket_id, key_bytes(key), version_id)
    if isinstance(version, DeleteMarker) and version_id is not None:
        raise InvalidRequest(
            "The source of a copy request may not specifically refer to a delete marker by version id."
        )
    version = present(version)
    if version is None:
        return None
    return Source(bucket=bucket, version=version, named=version_id is not None)


def source_pieces(
    tx: Transaction, request: Mapping[str, Any], given: CustomerKey | None
) -> tuple[Version, list[Piece], KeySource] | None:
    """The source with where all its bytes are, and what opens them, whatever its conditions are. `given` is the key
    that came for it."""
    source = _source(tx, request)
    if source is None:
        return None
    version = source.version
    keys = unlocked(read_encryption(version.encryption), given)
    return version, pieces_of(tx, version.blob_id, 0, version.size), keys


def may_share(one: str | None, other: str | None) -> bool:
    """Whether two encryptions (as they are stored) let bytes be shared: both SSE-S3, or none at all. Keys that others
    hold open what was given to them, and nothing besides."""
    return one == other and one in (None, SSE_S3.text)


class StoredBody:
    """What is stored already, as a body that is received again (http.Body)."""

    __slots__ = ("_body", "length", "trailers")

    def __init__(self, body: ResponseBody, length: int) -> None:
        self._body = body
        self.length = length
        self.trailers: Mapping[str, str] = {}

    def __aiter__(self) -> AsyncIterator[bytes]:
        return stored_pieces(self._body)


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
    description = _description(request, version)
    if description.tags != allowed and _takes_tags_over(request):
        return Unasked(tags=description.tags)
    itself = replaced is not None and bucket.bucket_id == source.bucket.bucket_id and replaced == version
    itself = itself and not (source.named and bucket.versioning)
    changes = request.get("MetadataDirective") == "REPLACE" or any(member in request for member in _CHANGES)
    # A default encryption that was configured is an encryption attribute, even where it changes nothing.
    changes = changes or "ApplyServerSideEncryptionByDefault" in (configuration(tx, bucket, "encryption") or {})
    if itself and not changes:
        raise InvalidRequest(
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes."
        )
    check_write(request, key=request["Key"], etag=replaced.etag if replaced else None)
    owner, acl = given_object_acl(request, bucket, origin.principal)
    description = with_lock(tx, bucket, description, origin.time)
    shares = may_share(version.encryption, encryption.text)
    if sums is None or sums.blob_id != version.blob_id or (sums.blob is None and not shares):
        if not shares or wanted_algorithm(request, version) is not None:
            return version
        sums = Sums(blob_id=version.blob_id, etag=version.etag, checksum=version.checksum)
    if sums.blob is None:
        add_reference(tx, version.blob_id)
    else:
        add_blob(tx, sums.blob)
    copied = NewVersion(
        blob_id=version.blob_id if sums.blob is None else sums.blob.blob_id,
        size=version.size,
        etag=sums.etag,
        modified=origin.time,
        owner=owner,
        acl_text=acl,
        description=description,
        checksum=sums.checksum,
        entropy=entropy,
        encryption=encryption.text,
    )
    placed = put_version(tx, bucket, key, copied, newest, origin.time)
    announce(tx, bucket, created("ObjectCreated:Copy", key, copied, placed), origin)
    named = {"VersionId": placed.version_id} if bucket.versioning else {}
    members = named | written_members(tx, bucket, key, copied, placed)
    return Copied(version=copied, members=members, source=source)


def wanted_algorithm(request: Mapping[str, Any], source: Version) -> Algorithm | None:
    """The checksum algorithm of a copy whose sums can not be taken over from the source; None where they can."""
    asked = algorithm_named(request["ChecksumAlgorithm"]) if "ChecksumAlgorithm" in request else None
    has = source.checksum
    if "-" not in source.etag and has and has.type == "FULL_OBJECT" and (asked is None or asked.name == has.algorithm):
        return None
    return asked or (algorithm_named(has.algorithm) if has else CRC64NVME)


def _description(request: CopyObjectRequest, source: Version) -> Description:
    """What the copy says of itself. Its lock is its own; what is not asked for anew comes from the source."""
    kept = source.description
    if _copies(request, "metadata"):
        location = request.get("WebsiteRedirectLocation")
        check_redirect_location(location)
        own = {REDIRECT: location} if location else {}
        description = Description(
            content_type=kept.content_type,
            headers={**{name: value for name, value in kept.headers.items() if name != REDIRECT}, **own},
            metadata=kept.metadata,
            storage_class=storage_class(request),
            lock=given_lock(request),
        )
    else:
        description = described({member: value for member, value in request.items() if member != "Tagging"})
    return replace(description, tags=kept.tags if _takes_tags_over(request) else given_tags(request))


def _check_annotation_directive(request: Mapping[str, Any]) -> None:
    """Raises InvalidArgument unless annotations, of which no object here has any, are to be copied or left behind."""
    directive: str = request.get("AnnotationDirective", "COPY")
    if directive not in ("COPY", "EXCLUDE"):
        raise InvalidArgument(
            "Unknown annotation directive.",
            ArgumentName="x-amz-object-annotation-directive",
            ArgumentValue=directive,
        )


def _takes_tags_over(request: Mapping[str, Any]) -> bool:
    return _copies(request, "tagging")


def _copies(request: Mapping[str, Any], what: Literal["metadata", "tagging"]) -> bool:
    """Whether the source's are to be taken over. Raises InvalidArgument unless the directive says COPY or REPLACE."""
    directive: str = request.get(f"{what.title()}Directive", "COPY")
    if directive not in ("COPY", "REPLACE"):
        raise InvalidArgument(
            f"Unknown {what} directive.", ArgumentName=f"x-amz-{what}-directive", ArgumentValue=directive
        )
    return directive == "COPY"


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
        _check_annotation_directive(request)
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

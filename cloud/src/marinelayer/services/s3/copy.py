"""CopyObject: no byte is written, the new object names the same blob.

A source that was uploaded in parts, or whose copy is to have another checksum, is read once more, because a copy has
the MD5 of its bytes as its ETag and a full-object checksum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from marinelayer.ports import Blobs, Caller, Clock, Ids, Tables, Transaction
from marinelayer.protocol.refusals import InvalidArgument, InvalidRequest
from marinelayer.services.operation import operation
from marinelayer.services.s3.blobs import Piece, add_reference, pieces_of
from marinelayer.services.s3.bucket import Bucket, bucket_of, the_bucket
from marinelayer.services.s3.conditions import (
    check_copy_source,
    check_write,
    moment,
    refuse_unknown_write_conditions,
)
from marinelayer.services.s3.digests import CRC64NVME, Algorithm, algorithm_named, encode
from marinelayer.services.s3.errors import ObjectNotInActiveTierError
from marinelayer.services.s3.get import missing
from marinelayer.services.s3.grants import given_object_acl
from marinelayer.services.s3.headers import (
    ARCHIVED,
    REDIRECT,
    checksum_members,
    described,
    given_tags,
    refuse_unserved,
    storage_class,
)
from marinelayer.services.s3.lifecycle import written_members
from marinelayer.services.s3.locks import given_lock
from marinelayer.services.s3.names import copy_source, key_bytes
from marinelayer.services.s3.needs import to_copy, to_copy_tags
from marinelayer.services.s3.object_lock import with_lock
from marinelayer.services.s3.reading import BytesGoneError, Reader, hashed
from marinelayer.services.s3.receiving import MAX_PUT
from marinelayer.services.s3.tags import Tags
from marinelayer.services.s3.versions import (
    ENTROPY,
    DeleteMarker,
    Description,
    NewVersion,
    Sum,
    Version,
    any_version,
    newest_version,
    present,
    put_version,
)
from marinelayer.services.s3.website_rules import check_redirect_location

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import CopyObjectRequest

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
        """What an answer says of the source: its version, where the bucket keeps versions."""
        return {} if self.bucket.versioning is None else {"CopySourceVersionId": self.version.version_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """ETag and checksum of the copy of a blob."""

    blob_id: str
    etag: str
    checksum: Sum | None


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


def find_source(tx: Transaction, request: Mapping[str, Any]) -> Source | None:
    """The source of CopyObject or UploadPartCopy, if its conditions hold; None where the key has none.

    Raises:
        InvalidRequest: a delete marker is named by its id.
    """
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
    check_copy_source(request, etag=version.etag, modified=version.modified)
    if version.description.storage_class in ARCHIVED:
        raise ObjectNotInActiveTierError
    return Source(bucket=bucket, version=version, named=version_id is not None)


def source_pieces(tx: Transaction, request: Mapping[str, Any]) -> tuple[Version, list[Piece]] | None:
    """The source with where all its bytes are."""
    source = find_source(tx, request)
    if source is None:
        return None
    version = source.version
    return version, pieces_of(tx, version.blob_id, 0, version.size)


def copy_object(
    tx: Transaction,
    caller: Caller,
    request: CopyObjectRequest,
    key: bytes,
    *,
    sums: Sums | None,
    allowed: Tags,
    entropy: str,
    now: int,
) -> Version | Unasked | Copied | None:
    """Make the source's bytes the object.

    Returns what it became; the source where its `sums` must be calculated first (they are not given, or are those of
    another blob); the source's tags where they are to be taken over and are not those that are `allowed`; None where
    there is no source.
    """
    source = find_source(tx, request)
    if source is None:
        return None
    version = source.version
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
    changes = any(member in request for member in ("StorageClass", REDIRECT))
    if itself and request.get("MetadataDirective") != "REPLACE" and not changes:
        raise InvalidRequest(
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes."
        )
    check_write(request, key=request["Key"], etag=replaced.etag if replaced else None)
    owner, acl = given_object_acl(request, bucket, caller.principal)
    description = with_lock(tx, bucket, description, now)
    if sums is None or sums.blob_id != version.blob_id:
        if wanted_algorithm(request, version) is not None:
            return version
        sums = Sums(blob_id=version.blob_id, etag=version.etag, checksum=version.checksum)
    add_reference(tx, version.blob_id)
    copied = NewVersion(
        blob_id=version.blob_id,
        size=version.size,
        etag=sums.etag,
        modified=now,
        owner=owner,
        acl_text=acl,
        description=description,
        checksum=sums.checksum,
        entropy=entropy,
    )
    members = written_members(tx, bucket, key, copied, put_version(tx, bucket, key, copied, newest, now))
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


def _answer(copied: Copied, now: int) -> dict[str, Any]:
    shown = {"ETag": f'"{copied.version.etag}"', "LastModified": moment(now)}
    return {
        "CopyObjectResult": {**shown, **checksum_members(copied.version.checksum)},
        **copied.source.members,
        **copied.members,
    }


class ObjectCopies:
    """Copying objects."""

    def __init__(self, tables: Tables, blobs: Blobs, clock: Clock, ids: Ids) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._reader = Reader(tables, blobs)

    @operation("CopyObject", needs=to_copy, anonymous=True)
    async def copy(self, caller: Caller, request: CopyObjectRequest) -> dict[str, Any]:
        """Copy an object of up to 5 GiB, within or across buckets."""
        key = key_bytes(request["Key"])
        refuse_unserved(request)
        refuse_unknown_write_conditions(request)
        sums: Sums | None = None
        allowed: Tags = ()
        for _ in range(2 * ATTEMPTS):
            now = self._clock.now()
            entropy = self._ids.token(ENTROPY)
            result = await self._tables.write(
                copy_object, caller, request, key, sums=sums, allowed=allowed, entropy=entropy, now=now
            )
            if isinstance(result, Copied):
                return _answer(result, now)
            if isinstance(result, Unasked):
                for requirement in to_copy_tags(request, result.tags) if result.tags else ():
                    await caller.demand(requirement)
                allowed = result.tags
                continue
            if result is None:
                bucket, source_key, _ = copy_source(request)
                raise await missing(caller, bucket, source_key)
            sums = await self._sums(request)
        raise BytesGoneError

    async def _sums(self, request: CopyObjectRequest) -> Sums | None:
        found = await self._tables.read(source_pieces, request)
        if found is None:
            return None
        version, pieces = found
        algorithm = wanted_algorithm(request, version) or CRC64NVME
        try:
            digests = await hashed(await self._reader.body(pieces), algorithm)
        except (BytesGoneError, FileNotFoundError):
            return None
        checksum = Sum(algorithm=algorithm.name, type="FULL_OBJECT", value=encode(digests[algorithm.name]))
        return Sums(blob_id=version.blob_id, etag=digests["MD5"].hex(), checksum=checksum)

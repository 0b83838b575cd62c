"""GetObject and HeadObject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import AccessDenied, Refusal
from marinelayer.ports import Blobs, Caller, Clock, Tables, Transaction
from marinelayer.protocol.refusals import InvalidRequest
from marinelayer.protocol.times import http_date
from marinelayer.services.operation import operation
from marinelayer.services.s3 import blobs as stored
from marinelayer.services.s3.blob_keys import BlobKeys, KeySource
from marinelayer.services.s3.bucket import Bucket, demand_owner, the_bucket
from marinelayer.services.s3.conditions import check_read, without_future
from marinelayer.services.s3.customer_keys import CustomerKey, customer_key, unlocked
from marinelayer.services.s3.digests import encode
from marinelayer.services.s3.encrypting import demand_key
from marinelayer.services.s3.encryption import read_encryption
from marinelayer.services.s3.errors import InvalidObjectState, InvalidPartNumber, NoSuchKey, NotModified
from marinelayer.services.s3.headers import checksum_members, overrides, shown
from marinelayer.services.s3.hot_pieces import HotPieces
from marinelayer.services.s3.known import Known
from marinelayer.services.s3.lifecycle import read_members
from marinelayer.services.s3.locks import shown_time
from marinelayer.services.s3.names import key_bytes
from marinelayer.services.s3.needs import on_version, to_list, to_read_lock, to_read_tags
from marinelayer.services.s3.ranges import ByteRange, requested_range
from marinelayer.services.s3.reading import Reader
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.versions import DeleteMarker, Sum, Version, any_version, marker_refused

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import GetObjectRequest, HeadObjectRequest


def wants_checksum(request: Mapping[str, Any]) -> bool:
    """Whether a read asks for the checksum, in whatever case."""
    return request.get("ChecksumMode", "").upper() == "ENABLED"


NOTHING: Mapping[str, str] = {}
"""What an answer says of expiration where there is none."""
_READ = on_version("s3:GetObject", "s3:GetObjectVersion")


@dataclass(slots=True, kw_only=True)
class Found:
    """A version that was asked for, which of its bytes, their checksum, and where they are. `versioned` is whether its
    bucket keeps versions, or once did; `expiration` what its bucket's lifecycle says of it."""

    version: Version
    versioned: bool
    part: ByteRange | None
    parts_count: int | None
    checksum: Sum | None
    pieces: list[stored.Piece]
    expiration: Mapping[str, str]
    keys: KeySource
    shown: Mapping[str, Any]


def find(
    tx: Transaction, request: Mapping[str, Any], key: bytes, given: CustomerKey | None, *, with_bytes: bool
) -> Found | DeleteMarker | None:
    """The version that a request reads, if its conditions hold; None where the key has none, and the delete marker by
    which its object is gone.

    Raises:
        MethodNotAllowed: a delete marker is asked for by its id.
        InvalidRequest, AccessDenied: the customer's key is missing, superfluous or another one.
    """
    bucket = the_bucket(tx, request)
    version = any_version(tx, bucket.bucket_id, key, request.get("VersionId"))
    if not isinstance(version, Version):
        if version is not None and "VersionId" in request:
            raise marker_refused(version, "GET" if with_bytes else "HEAD")
        return version
    keys = readable(version, request, given, with_bytes=with_bytes)
    parts_count, checksum = None, version.checksum
    if "PartNumber" in request:
        part, parts_count, checksum = _numbered_part(tx, version, request)
    else:
        part = requested_range(request.get("Range"), version.size)
        checksum = _checksum_of(version, part)
    offset, length = (part.offset, part.length) if part else (0, version.size)
    return Found(
        version=version,
        versioned=bucket.versioning is not None,
        part=part,
        parts_count=parts_count,
        checksum=checksum,
        pieces=stored.pieces_of(tx, version.blob_id, offset, length) if with_bytes else [],
        expiration=NOTHING if "VersionId" in request else read_members(tx, bucket, version),
        keys=keys,
        shown=shown(version),
    )


def found_whole(
    bucket: Bucket,
    version: Version,
    whole: stored.Piece,
    described: Mapping[str, Any],
    request: Mapping[str, Any],
    given: CustomerKey | None,
    *,
    with_bytes: bool,
) -> Found:
    """What `find` finds, of a version that is known already and whose bytes lie in one blob: no part of it is asked for
    by number, and its bucket has no lifecycle. Raises as `find`."""
    keys = readable(version, request, given, with_bytes=with_bytes)
    part = requested_range(request.get("Range"), version.size)
    pieces: list[stored.Piece] = []
    if with_bytes and (part.length if part else version.size):
        pieces = [whole if part is None else replace(whole, offset=part.offset, size=part.length)]
    return Found(
        version=version,
        versioned=bucket.versioning is not None,
        part=part,
        parts_count=None,
        checksum=_checksum_of(version, part),
        pieces=pieces,
        expiration=NOTHING,
        keys=keys,
        shown=described,
    )


def readable(version: Version, request: Mapping[str, Any], given: CustomerKey | None, *, with_bytes: bool) -> KeySource:
    """Where the keys of a version come from that is to be read, if the request's conditions hold.

    Raises:
        NotModified, PreconditionFailed: they do not.
        InvalidRequest, AccessDenied: the customer's key is missing, superfluous or another one.
        InvalidObjectState: its bytes are archived.
    """
    keys = unlocked(read_encryption(version.encryption), given)
    try:
        check_read(request, etag=version.etag, modified=version.modified)
    except NotModified as unchanged:
        unchanged.headers = _validators(version)
        raise
    if with_bytes and not version.readable:
        raise InvalidObjectState(StorageClass=version.description.storage_class)
    return keys


def _checksum_of(version: Version, part: ByteRange | None) -> Sum | None:
    """The checksum of the bytes that are read, which is known where they are all that there are."""
    return version.checksum if part is None or part.length == version.size else None


def _validators(version: Version) -> tuple[tuple[str, str], ...]:
    # RFC 9110, 15.4.5: what a 304 must carry of the headers that a 200 would have had.
    members = shown(version)
    pairs = [("etag", members["ETag"]), ("last-modified", http_date(members["LastModified"]))]
    if "CacheControl" in members:
        pairs.append(("cache-control", members["CacheControl"]))
    if "Expires" in members:
        pairs.append(("expires", http_date(members["Expires"])))
    return tuple(pairs)


def _numbered_part(
    tx: Transaction, version: Version, request: Mapping[str, Any]
) -> tuple[ByteRange | None, int | None, Sum | None]:
    """The bytes of one part, how many parts there are (None for an object that was not uploaded in parts), and the
    part's checksum where the object's is made of those of its parts, or the part is all of it."""
    if "Range" in request:
        raise InvalidRequest("Cannot specify both Range header and partNumber query parameter")
    asked: int = request["PartNumber"]
    _, _, count = version.etag.partition("-")
    if asked < 1 or asked > int(count or 1):
        raise InvalidPartNumber(ActualPartCount=count or "1", PartNumberRequested=str(asked))
    if not count:
        return ByteRange(0, version.size, version.size) if version.size else None, None, version.checksum
    parts = tx.all(SQL.parts_after, upload_id=version.blob_id, after=0, limit=asked)
    part = parts[-1]
    begin = sum(one["part_size"] for one in parts[:-1])
    checksum = version.checksum
    if checksum is not None:
        if checksum.type == "COMPOSITE":
            checksum = replace(checksum, value=encode(part["checksum"]))
        elif part["part_size"] != version.size:
            checksum = None
    return ByteRange(begin, part["part_size"], version.size), int(count), checksum


async def missing(caller: Caller, bucket: str, key: str, marker: DeleteMarker | None = None) -> Refusal:
    """What a caller is told of a key that does not exist, or is gone by a delete marker: only who may list the bucket
    learns that."""
    if not await caller.may(to_list(bucket)):
        return AccessDenied()
    refusal = NoSuchKey(Key=key)
    if marker is not None:
        refusal.headers = marker.headers
    return refusal


class ObjectReads:
    """Reading objects, and what is known of them."""

    def __init__(
        self, tables: Tables, blobs: Blobs, keys: BlobKeys, known: Known, hot: HotPieces, clock: Clock
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._known = known
        self._reader = Reader(tables, blobs, keys, hot)

    @operation("GetObject", needs=_READ, anonymous=True)
    async def get(self, caller: Caller, request: GetObjectRequest) -> dict[str, Any]:
        """The object, or a range of it (then with ContentRange, which makes the status 206)."""
        replaced = overrides(request, anonymous=caller.principal.kind == "anonymous")
        given = customer_key(request, caller)
        found = await self._find(caller, request, given, with_bytes=True)
        await demand_key(caller, found.keys.encryption, "kms:Decrypt")
        output = {**_described(found, request, given), **await _for_the_allowed(caller, found, request), **replaced}
        return {**output, "Body": await self._reader.body(found.pieces, found.keys)}

    @operation("HeadObject", needs=_READ, anonymous=True)
    async def head(self, caller: Caller, request: HeadObjectRequest) -> dict[str, Any]:
        """What GetObject would say, without the bytes."""
        replaced = overrides(request, anonymous=caller.principal.kind == "anonymous")
        given = customer_key(request, caller)
        found = await self._find(caller, request, given, with_bytes=False)
        if wants_checksum(request):
            # "you must have permission to use the kms:Decrypt action to retrieve the checksum" (HeadObject).
            await demand_key(caller, found.keys.encryption, "kms:Decrypt")
        return {**_described(found, request, given), **await _for_the_allowed(caller, found, request), **replaced}

    async def _find(
        self, caller: Caller, request: Mapping[str, Any], given: CustomerKey | None, *, with_bytes: bool
    ) -> Found:
        key = key_bytes(request["Key"])
        if "IfModifiedSince" in request:
            request = without_future(request, self._clock.now())
        if self._known.keeps and "VersionId" not in request and "PartNumber" not in request:
            found = await self._find_known(request, key, given, with_bytes=with_bytes)
            if found is not None:
                return found
        found = await self._tables.read(find, request, key, given, with_bytes=with_bytes)
        if not isinstance(found, Found):
            raise await missing(caller, request["Bucket"], request["Key"], found)
        return found

    async def _find_known(
        self, request: Mapping[str, Any], key: bytes, given: CustomerKey | None, *, with_bytes: bool
    ) -> Found | None:
        """What `find` finds, from what is known; None where that does not tell."""
        known = await self._known.bucket(request["Bucket"])
        if known is None:
            return None
        bucket = known.bucket
        demand_owner(bucket, request.get("ExpectedBucketOwner"))
        newest = None if "lifecycle" in bucket.configured else await self._known.newest(bucket, key)
        if newest is None or newest.whole is None or not isinstance(newest.version, Version):
            return None
        return found_whole(bucket, newest.version, newest.whole, newest.shown, request, given, with_bytes=with_bytes)


async def _for_the_allowed(caller: Caller, found: Found, request: Mapping[str, Any]) -> dict[str, Any]:
    """What a version shows only to who may read it for itself."""
    output: dict[str, Any] = {}
    tags = found.version.description.tags
    if tags and await caller.may(to_read_tags(request)):
        output["TagCount"] = len(tags)
    lock = found.version.description.lock
    if lock.until is not None and await caller.may(to_read_lock(request, "s3:GetObjectRetention")):
        output |= {"ObjectLockMode": lock.mode, "ObjectLockRetainUntilDate": shown_time(lock.until)}
    if lock.hold is not None and await caller.may(to_read_lock(request, "s3:GetObjectLegalHold")):
        output["ObjectLockLegalHoldStatus"] = "ON" if lock.hold else "OFF"
    return output


def _described(found: Found, request: Mapping[str, Any], given: CustomerKey | None) -> dict[str, Any]:
    output: dict[str, Any] = {**found.shown, **found.expiration}
    if given is not None:
        output |= given.members
    output["ContentLength"] = found.version.size if found.part is None else found.part.length
    if found.part is not None:
        output["ContentRange"] = found.part.content_range
    if found.versioned:
        output["VersionId"] = found.version.version_id
    if found.parts_count is not None:
        output["PartsCount"] = found.parts_count
    if wants_checksum(request):
        output.update(checksum_members(found.checksum))
    return output

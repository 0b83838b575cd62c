"""UploadPart and UploadPartCopy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Blobs, Caller, Clock, Ids, Tables, Transaction
from marinelayer.services.operation import operation
from marinelayer.services.s3.blob_keys import BlobKeys, KeySource
from marinelayer.services.s3.blobs import Piece, add_blob, add_reference, pieces_of, release_part
from marinelayer.services.s3.conditions import moment
from marinelayer.services.s3.copy_sources import ATTEMPTS, Source, find_source, may_share
from marinelayer.services.s3.customer_keys import CustomerKey, customer_key, unlocked, unlocked_upload
from marinelayer.services.s3.digests import Algorithm, Declared, declared_digests, encode
from marinelayer.services.s3.encrypting import demand_key, encryption_members
from marinelayer.services.s3.encryption import read_encryption
from marinelayer.services.s3.get import missing
from marinelayer.services.s3.headers import refuse_unserved
from marinelayer.services.s3.names import copy_source
from marinelayer.services.s3.needs import NO_STRANGERS_COPY, on_object, to_copy
from marinelayer.services.s3.object_lock import check_digested
from marinelayer.services.s3.opened import BytesGoneError
from marinelayer.services.s3.ranges import copied_range
from marinelayer.services.s3.reading import Reader, StoredBody, hashed
from marinelayer.services.s3.receiving import Received, receive
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.uploads import Upload, check_part_algorithm, check_part_number, the_upload

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import UploadPartCopyRequest, UploadPartRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSums:
    """What is known of a part's bytes; `tag` are those of its ETag."""

    tag: bytes
    crc64nvme: bytes
    checksum: bytes | None


def put_part(tx: Transaction, request: UploadPartRequest, received: Received, now: int) -> Upload:
    """Make the received bytes the part, in place of an earlier one of its number."""
    upload = the_upload(tx, request)
    given = received.checksum
    check_part_algorithm(upload, given.algorithm if given.given else None)
    check_digested(upload.description, digested="ContentMD5" in request or given.given, what="Part")
    _put_received(tx, upload, request["PartNumber"], received, now)
    return upload


def put_encrypted_copy(tx: Transaction, request: UploadPartCopyRequest, received: Received, now: int) -> None:
    """Make bytes that were copied and encrypted anew the part."""
    _put_received(tx, the_upload(tx, request), request["PartNumber"], received, now)


def _put_received(tx: Transaction, upload: Upload, number: int, received: Received, now: int) -> None:
    release_part(tx, upload.upload_id, number, now)
    blob = received.blob
    add_blob(tx, blob)
    piece = Piece(
        blob_id=blob.blob_id,
        place="inline" if blob.inline is not None else "file",
        offset=0,
        size=blob.size,
        blob_size=blob.size,
    )
    sums = PartSums(
        tag=received.tag,
        crc64nvme=blob.crc64nvme,
        checksum=received.checksum.digest if upload.algorithm is not None else None,
    )
    _insert(tx, upload, number, [piece], sums, now)


def put_copied_part(
    tx: Transaction, request: UploadPartCopyRequest, pieces: Sequence[Piece], sums: PartSums, now: int
) -> bool:
    """Make ranges of stored blobs the part; False if one of them was freed meanwhile."""
    upload = the_upload(tx, request)
    for place, piece in enumerate(pieces):
        if not add_reference(tx, piece.blob_id):
            for added in pieces[:place]:
                tx.run(SQL.drop_reference, blob_id=added.blob_id)
            return False
    release_part(tx, upload.upload_id, request["PartNumber"], now)
    _insert(tx, upload, request["PartNumber"], pieces, sums, now)
    return True


def _insert(tx: Transaction, upload: Upload, number: int, pieces: Sequence[Piece], sums: PartSums, now: int) -> None:
    size = sum(piece.size for piece in pieces)
    for place, piece in enumerate(pieces):
        tx.run(
            SQL.insert_piece,
            upload_id=upload.upload_id,
            n=number,
            piece=place,
            blob_id=piece.blob_id,
            first_byte=piece.offset,
            size=piece.size,
            part_size=size,
            md5=sums.tag,
            modified=now,
            crc64nvme=sums.crc64nvme,
            checksum=sums.checksum,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copied:
    """What UploadPartCopy takes, from where and with which keys, and what the upload that takes it says of its parts:
    the checksum algorithm, and their keys. `shares` is whether the bytes need not be encrypted anew."""

    pieces: list[Piece]
    algorithm: Algorithm | None
    source: Source
    keys: KeySource
    target: KeySource
    shares: bool


def _find_copied(
    tx: Transaction, request: Mapping[str, Any], given: CustomerKey | None, source_key: CustomerKey | None, now: int
) -> _Copied | None:
    upload = the_upload(tx, request)
    target = unlocked_upload(upload.encrypted, given)
    source = find_source(tx, request, now)
    if source is None:
        return None
    keys = unlocked(read_encryption(source.version.encryption), source_key)
    taken = copied_range(request.get("CopySourceRange"), source.version.size)
    pieces = pieces_of(tx, source.version.blob_id, taken.offset, taken.length)
    return _Copied(
        pieces=pieces,
        algorithm=upload.algorithm,
        source=source,
        keys=keys,
        target=target,
        shares=may_share(source.version.encryption, upload.encryption),
    )


class Parts:
    """Sending the parts of an upload."""

    def __init__(self, tables: Tables, blobs: Blobs, keys: BlobKeys, clock: Clock, ids: Ids) -> None:
        self._tables = tables
        self._blobs = blobs
        self._keys = keys
        self._clock = clock
        self._ids = ids
        self._reader = Reader(tables, blobs, keys)

    @operation("UploadPart", needs=on_object("s3:PutObject"), anonymous=True)
    async def upload(self, caller: Caller, request: UploadPartRequest) -> dict[str, Any]:
        """Store one part of up to 5 GiB. Sent again, it replaces the earlier one."""
        check_part_number(request["PartNumber"])
        refuse_unserved(request)
        declared = declared_digests(request)
        given = customer_key(request, caller)
        upload = await self._tables.read(the_upload, request)
        source = unlocked_upload(upload.encrypted, given)
        # The key is the upload's: "the requester needs permissions for the kms:Decrypt action on the UploadPart and
        # UploadPartCopy APIs".
        await demand_key(caller, source.encryption, "kms:Decrypt")
        async with receive(request.get("Body"), declared, self._blobs, self._ids, self._keys, source) as received:
            await received.name(self._tables.write(put_part, request, received, self._clock.now()))
        output: dict[str, Any] = {
            "ETag": f'"{received.etag}"',
            **encryption_members(source, given, context=False),
        }
        checksum = received.checksum
        if checksum.given:
            # "only be present if the checksum was provided in the request": what is told here, clients list when they
            # complete, and an upload without an algorithm knows none of its parts.
            output[checksum.algorithm.member] = encode(checksum.digest)
        return output

    @operation("UploadPartCopy", needs=to_copy, to_strangers=NO_STRANGERS_COPY)
    async def copy(self, caller: Caller, request: UploadPartCopyRequest) -> dict[str, Any]:
        """Take a part from an object: its bytes are read for their digests, and written again only where they must be
        encrypted with other keys."""
        check_part_number(request["PartNumber"])
        refuse_unserved(request)
        given = customer_key(request, caller)
        source_key = customer_key(request, caller, "CopySourceSSECustomer")
        for _ in range(ATTEMPTS):
            now = self._clock.now()
            copied = await self._tables.read(_find_copied, request, given, source_key, now)
            if copied is None:
                bucket, key, _ = copy_source(request)
                raise await missing(caller, bucket, key)
            await demand_key(caller, copied.keys.encryption, "kms:Decrypt")
            await demand_key(caller, copied.target.encryption, "kms:Decrypt")
            try:
                sums = await (self._share if copied.shares else self._encrypt_anew)(request, copied, now)
            except (BytesGoneError, FileNotFoundError):
                continue
            if sums is not None:
                result: dict[str, Any] = {"ETag": f'"{sums.tag.hex()}"', "LastModified": moment(now)}
                if copied.algorithm and sums.checksum is not None:
                    result[copied.algorithm.member] = encode(sums.checksum)
                said = encryption_members(copied.target, given, context=False)
                return {"CopyPartResult": result, **copied.source.members, **said}
        raise BytesGoneError

    async def _share(self, request: UploadPartCopyRequest, copied: _Copied, now: int) -> PartSums | None:
        """Make the part of the source's own bytes; None where they were freed meanwhile."""
        digests = await hashed(await self._reader.body(copied.pieces, copied.keys), copied.algorithm)
        checksum = digests[copied.algorithm.name] if copied.algorithm else None
        sums = PartSums(tag=digests["MD5"], crc64nvme=digests["CRC64NVME"], checksum=checksum)
        return sums if await self._tables.write(put_copied_part, request, copied.pieces, sums, now) else None

    async def _encrypt_anew(self, request: UploadPartCopyRequest, copied: _Copied, now: int) -> PartSums:
        """Make the part of bytes that are encrypted as the upload's are."""
        size = sum(piece.size for piece in copied.pieces)
        body = StoredBody(await self._reader.body(copied.pieces, copied.keys), size)
        declared = Declared(calculated=copied.algorithm)
        async with receive(body, declared, self._blobs, self._ids, self._keys, copied.target) as received:
            await received.name(self._tables.write(put_encrypted_copy, request, received, now))
        return PartSums(
            tag=received.tag,
            crc64nvme=received.blob.crc64nvme,
            checksum=received.checksum.digest if copied.algorithm else None,
        )

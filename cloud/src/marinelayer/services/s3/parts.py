"""UploadPart and UploadPartCopy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Blobs, Caller, Clock, Ids, Tables, Transaction
from marinelayer.services.operation import operation
from marinelayer.services.s3.blobs import Piece, add_blob, add_reference, pieces_of, release_part
from marinelayer.services.s3.conditions import moment
from marinelayer.services.s3.copy import ATTEMPTS, Source, find_source
from marinelayer.services.s3.digests import Algorithm, declared_digests, encode
from marinelayer.services.s3.get import missing
from marinelayer.services.s3.headers import refuse_unserved
from marinelayer.services.s3.names import copy_source
from marinelayer.services.s3.needs import on_object, to_copy
from marinelayer.services.s3.ranges import copied_range
from marinelayer.services.s3.reading import BytesGoneError, Reader, hashed
from marinelayer.services.s3.receiving import INLINE_LIMIT, Received, receive
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.uploads import Upload, check_part_algorithm, check_part_number, the_upload

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import UploadPartCopyRequest, UploadPartRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSums:
    """What is known of a part's bytes."""

    md5: bytes
    crc64nvme: bytes
    checksum: bytes | None


def put_part(tx: Transaction, request: UploadPartRequest, received: Received, now: int) -> Upload:
    """Make the received bytes the part, in place of an earlier one of its number."""
    upload = the_upload(tx, request)
    given = received.checksum
    check_part_algorithm(upload, given.algorithm if given.given else None)
    release_part(tx, upload.upload_id, request["PartNumber"], now)
    add_blob(tx, received.blob)
    size = received.blob.size
    piece = Piece(
        blob_id=received.blob.blob_id,
        place="inline" if received.blob.inline is not None else "file",
        offset=0,
        size=size,
    )
    sums = PartSums(
        md5=received.md5,
        crc64nvme=received.blob.crc64nvme,
        checksum=given.digest if upload.algorithm is not None else None,
    )
    _insert(tx, upload, request["PartNumber"], [piece], sums, now)
    return upload


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
            md5=sums.md5,
            modified=now,
            crc64nvme=sums.crc64nvme,
            checksum=sums.checksum,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copied:
    """What UploadPartCopy takes and from where, and the checksum algorithm of the upload that takes it."""

    pieces: list[Piece]
    algorithm: Algorithm | None
    source: Source


def _find_copied(tx: Transaction, request: Mapping[str, Any]) -> _Copied | None:
    upload = the_upload(tx, request)
    source = find_source(tx, request)
    if source is None:
        return None
    taken = copied_range(request.get("CopySourceRange"), source.version.size)
    pieces = pieces_of(tx, source.version.blob_id, taken.offset, taken.length)
    return _Copied(pieces=pieces, algorithm=upload.algorithm, source=source)


class Parts:
    """Sending the parts of an upload."""

    def __init__(self, tables: Tables, blobs: Blobs, clock: Clock, ids: Ids) -> None:
        self._tables = tables
        self._blobs = blobs
        self._clock = clock
        self._ids = ids
        self._reader = Reader(tables, blobs)

    @operation("UploadPart", needs=on_object("s3:PutObject"), anonymous=True)
    async def upload(self, caller: Caller, request: UploadPartRequest) -> dict[str, Any]:
        """Store one part of up to 5 GiB. Sent again, it replaces the earlier one."""
        check_part_number(request["PartNumber"])
        refuse_unserved(request)
        declared = declared_digests(request)
        body = request.get("Body")
        if body is not None and (body.length is None or body.length > INLINE_LIMIT):
            await self._tables.read(the_upload, request)
        async with receive(body, declared, self._blobs, self._ids) as received:
            await received.name(self._tables.write(put_part, request, received, self._clock.now()))
        output = {"ETag": f'"{received.etag}"'}
        checksum = received.checksum
        return {**output, checksum.algorithm.member: encode(checksum.digest)}

    @operation("UploadPartCopy", needs=to_copy, anonymous=True)
    async def copy(self, caller: Caller, request: UploadPartCopyRequest) -> dict[str, Any]:
        """Take a part from an object: its bytes are read for their digests, and not written again."""
        check_part_number(request["PartNumber"])
        refuse_unserved(request)
        for _ in range(ATTEMPTS):
            copied = await self._tables.read(_find_copied, request)
            if copied is None:
                bucket, key, _ = copy_source(request)
                raise await missing(caller, bucket, key)
            try:
                digests = await hashed(await self._reader.body(copied.pieces), copied.algorithm)
            except (BytesGoneError, FileNotFoundError):
                continue
            now = self._clock.now()
            checksum = digests[copied.algorithm.name] if copied.algorithm else None
            sums = PartSums(md5=digests["MD5"], crc64nvme=digests["CRC64NVME"], checksum=checksum)
            if await self._tables.write(put_copied_part, request, copied.pieces, sums, now):
                result: dict[str, Any] = {"ETag": f'"{sums.md5.hex()}"', "LastModified": moment(now)}
                if copied.algorithm and checksum is not None:
                    result[copied.algorithm.member] = encode(checksum)
                return {"CopyPartResult": result, **copied.source.members}
        raise BytesGoneError

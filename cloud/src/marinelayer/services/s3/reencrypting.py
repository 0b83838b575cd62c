"""The bytes of a version encrypted anew, under another key: in one blob, or part by part where it was uploaded so."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from marinelayer.ports import Blobs, Clock, Ids, Row, Tables, Transaction
from marinelayer.services.s3.blob_keys import BlobKeys, KeySource
from marinelayer.services.s3.blobs import NewBlob, add_blob, pieces_of, release_parts
from marinelayer.services.s3.digests import Declared
from marinelayer.services.s3.encryption import Encryption, read_encryption
from marinelayer.services.s3.reading import Reader, StoredBody
from marinelayer.services.s3.receiving import receive
from marinelayer.services.s3.replicating import SQL
from marinelayer.services.s3.statements import SQL as S3
from marinelayer.services.s3.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """Bytes that are encrypted anew, and named by no version yet. `blob` is None where they are parts."""

    blob_id: str
    encryption: Encryption
    blob: NewBlob | None = None


Name = Callable[[Copied], Awaitable[bool]]
"""Writes the version that names the bytes; whether it does."""


def add_part(tx: Transaction, upload_id: str, part: Row, blob: NewBlob) -> None:
    """Name the bytes of one part, which say of themselves what the part that they were read from says."""
    add_blob(tx, blob)
    tx.run(
        S3.insert_piece,
        upload_id=upload_id,
        n=part["n"],
        piece=0,
        blob_id=blob.blob_id,
        first_byte=0,
        size=part["part_size"],
        part_size=part["part_size"],
        md5=part["md5"],
        modified=part["modified"],
        crc64nvme=part["crc64nvme"],
        checksum=part["checksum"],
    )


def forget_parts(tx: Transaction, blob_id: str, now: int) -> None:
    """Let go of parts that no version came to name."""
    if tx.one(S3.any_blob, blob_id=blob_id) is None:
        release_parts(tx, blob_id, now)


def parts_of(tx: Transaction, blob_id: str) -> list[Row]:
    """The parts of a blob; none where it has none."""
    return tx.all(SQL.parts_of, upload_id=blob_id)


class Reencryption:
    """Encrypts what is stored anew."""

    def __init__(self, tables: Tables, blobs: Blobs, keys: BlobKeys, clock: Clock, ids: Ids) -> None:
        self._tables = tables
        self._blobs = blobs
        self._keys = keys
        self._clock = clock
        self._ids = ids
        self._reader = Reader(tables, blobs, keys)

    async def copy(self, job_id: str, version: Version, target: KeySource, name: Name) -> None:
        """Encrypt the bytes of a version for `target`, and have them named. What a killed attempt of the same job left
        goes first."""
        parts = await self._tables.read(parts_of, version.blob_id)
        if not parts:
            await self._one(version, 0, version.size, target, name)
            return
        blob_id = hashlib.sha256(job_id.encode()).hexdigest()[:32]
        await self._tables.write(forget_parts, blob_id, self._clock.now())
        begin = 0
        for part in parts:

            async def add(copied: Copied, part: Row = part) -> bool:
                if copied.blob is not None:
                    await self._tables.write(add_part, blob_id, part, copied.blob)
                return True

            await self._one(version, begin, part["part_size"], target, add)
            begin += part["part_size"]
        named = False
        try:
            named = await name(Copied(blob_id=blob_id, encryption=target.encryption))
        finally:
            if not named:
                await self._tables.write(forget_parts, blob_id, self._clock.now())

    async def _one(self, version: Version, offset: int, size: int, target: KeySource, name: Name) -> None:
        encryption = read_encryption(version.encryption)
        source = KeySource() if encryption is None else KeySource(encryption=encryption)
        pieces = await self._tables.read(pieces_of, version.blob_id, offset, size)
        body = StoredBody(await self._reader.body(pieces, source), size)
        async with receive(body, Declared(), self._blobs, self._ids, self._keys, target) as received:
            blob = received.blob
            copied = Copied(blob_id=blob.blob_id, encryption=target.encryption, blob=blob)
            received.settled = await received.name(name(copied))

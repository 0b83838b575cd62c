"""Bytes going out: a blob, or the pieces of several one after the other, opened as something that the server can send.

What does not open under its key is never given out: reading ends with BytesDamagedError, in the middle of an answer if
it has begun.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from marinelayer.http import FileRange, ResponseBody
from marinelayer.ports import Blobs, Tables
from marinelayer.services.s3.blob_keys import BlobKeys, KeySource
from marinelayer.services.s3.blobs import Piece, inline_bytes
from marinelayer.services.s3.digests import Algorithm, Hashing
from marinelayer.services.s3.sealing import CHUNK, Opening, Seal

PIECE = 1024 * 1024


class BytesGoneError(Exception):
    """The bytes were freed while they were read: their object was replaced or deleted meanwhile."""


async def stored_pieces(body: ResponseBody) -> AsyncIterator[bytes]:
    """The bytes of a body in pieces of about 1 MiB, read off the event loop."""
    if isinstance(body, bytes):
        if body:
            yield body
        return
    if not isinstance(body, FileRange):
        async for piece in body:
            yield piece
        return
    file = await asyncio.to_thread(body.path.open, "rb")
    try:
        await asyncio.to_thread(file.seek, body.offset)
        left = body.length
        while left:
            piece = await asyncio.to_thread(file.read, min(left, PIECE))
            if not piece:
                raise BytesGoneError
            left -= len(piece)
            yield piece
    finally:
        file.close()


class _SealedFile:
    """A range of a sealed file, read and opened in worker threads. Its descriptor is closed with the last reference
    to this, so that no thread can come to read from one that is another file's by then."""

    _descriptor = -1

    def __init__(self, file: FileRange, opening: Opening, overhead: int) -> None:
        self._descriptor = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC)
        self._opening = opening
        self._offset = file.offset
        self._left = file.length
        self._buffer = bytearray(min(self._left, PIECE // CHUNK * (CHUNK + overhead)))

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def read(self) -> bytes:
        """The next bytes, about a piece; none at the end."""
        whole = memoryview(self._buffer)[: min(self._left, len(self._buffer))]
        got = 0
        while got < len(whole):
            count = os.preadv(self._descriptor, [whole[got:]], self._offset + got)
            if not count:
                raise BytesGoneError
            got += count
        self._offset += got
        self._left -= got
        return self._opening.open(whole) if got else b""


async def opened_file(
    blobs: Blobs, blob_id: str, seal: Seal, *, size: int, offset: int, length: int
) -> bytes | AsyncIterator[bytes]:
    """`length` bytes from `offset` of a sealed blob of `size` bytes: as bytes if they are few, else piece by piece, the
    next one being opened while one is sent.

    Raises:
        BytesDamagedError, BytesGoneError, FileNotFoundError: the first piece can not be given.
    """
    opening = Opening(seal, size=size, offset=offset, length=length)
    stored = blobs.read(blob_id, opening.begin, opening.stored)
    loop = asyncio.get_running_loop()

    def begin() -> tuple[_SealedFile, bytes]:
        file = _SealedFile(stored, opening, seal.overhead)
        return file, file.read()

    file, first = await loop.run_in_executor(None, begin)
    return first if len(first) == length else _pieces(file, first, loop)


async def _pieces(file: _SealedFile, first: bytes, loop: asyncio.AbstractEventLoop) -> AsyncIterator[bytes]:
    piece = first
    while piece:
        coming = loop.run_in_executor(None, file.read)
        try:
            yield piece
        except BaseException:
            coming.cancel()
            raise
        piece = await coming


@dataclass(slots=True)
class _Opener:
    """Opens the pieces of one object."""

    tables: Tables
    blobs: Blobs
    keys: BlobKeys
    source: KeySource
    _seals: dict[str, Seal] = field(default_factory=dict[str, Seal])

    def seal(self, piece: Piece, wrapped: bytes) -> Seal:
        """The seal of a piece's blob. Several pieces may be of one."""
        seal = self._seals.get(piece.blob_id)
        if seal is None:
            self._seals = {piece.blob_id: (seal := self.keys.seal(piece.blob_id, wrapped, self.source))}
        return seal

    async def open(self, piece: Piece) -> ResponseBody:
        """The bytes of one piece."""
        if piece.place == "file":
            if piece.wrapped_key is None:
                return self.blobs.read(piece.blob_id, piece.offset, piece.size)
            seal = self.seal(piece, piece.wrapped_key)
            return await opened_file(
                self.blobs, piece.blob_id, seal, size=piece.blob_size, offset=piece.offset, length=piece.size
            )
        data = piece.data
        if data is None:
            data = await self.tables.read(inline_bytes, piece.blob_id)
        if data is None:
            raise BytesGoneError
        if piece.wrapped_key is not None:
            # Inline bytes are one chunk.
            data = self.seal(piece, piece.wrapped_key).open_chunk(0, data, last=True)
        return data[piece.offset : piece.offset + piece.size]

    async def one_after_the_other(self, pieces: Sequence[Piece]) -> AsyncIterator[bytes]:
        """The bytes of several pieces."""
        for piece in pieces:
            async for data in stored_pieces(await self.open(piece)):
                yield data


class Reader:
    """Reads the pieces of objects."""

    def __init__(self, tables: Tables, blobs: Blobs, keys: BlobKeys) -> None:
        self._tables = tables
        self._blobs = blobs
        self._keys = keys

    async def body(self, pieces: Sequence[Piece], source: KeySource) -> ResponseBody:
        """The pieces as one body, `source` being where the keys of their object come from. Those in a row are fetched
        here if there is only one, else when their turn comes.

        Raises:
            BytesDamagedError: the first bytes are not those that were stored.
        """
        if not pieces:
            return b""
        opener = _Opener(self._tables, self._blobs, self._keys, source)
        if len(pieces) == 1:
            return await opener.open(pieces[0])
        return opener.one_after_the_other(pieces)


async def hashed(body: ResponseBody, algorithm: Algorithm | None) -> Mapping[str, bytes]:
    """The digests of a body: MD5, CRC64NVME and `algorithm`."""
    hashing = Hashing(algorithm)
    async for piece in stored_pieces(body):
        await asyncio.to_thread(hashing.update, piece)
    return hashing.finish()

"""Bytes going out: a blob, or the pieces of several one after the other, as something that the server can send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from marinelayer.http import FileRange, ResponseBody
from marinelayer.ports import Blobs, Tables
from marinelayer.services.s3.blobs import Piece, inline_bytes
from marinelayer.services.s3.digests import Algorithm, Hashing

PIECE = 1024 * 1024


class BytesGoneError(Exception):
    """The bytes were freed while they were read: their object was replaced or deleted meanwhile."""


async def stored_pieces(body: ResponseBody) -> AsyncIterator[bytes]:
    """The bytes of a stored body in pieces of about 1 MiB, read off the event loop."""
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


class Reader:
    """Reads the pieces of objects."""

    def __init__(self, tables: Tables, blobs: Blobs) -> None:
        self._tables = tables
        self._blobs = blobs

    async def body(self, pieces: Sequence[Piece]) -> ResponseBody:
        """The pieces as one body. Those in a row are fetched here if there is only one, else when their turn comes."""
        if not pieces:
            return b""
        if len(pieces) == 1:
            return await self._stored(pieces[0])
        return self._one_after_the_other(pieces)

    async def _one_after_the_other(self, pieces: Sequence[Piece]) -> AsyncIterator[bytes]:
        for piece in pieces:
            async for data in stored_pieces(await self._stored(piece)):
                yield data

    async def _stored(self, piece: Piece) -> ResponseBody:
        if piece.place == "file":
            return self._blobs.read(piece.blob_id, piece.offset, piece.size)
        data = piece.data
        if data is None:
            data = await self._tables.read(inline_bytes, piece.blob_id)
        if data is None:
            raise BytesGoneError
        return data[piece.offset : piece.offset + piece.size]


async def hashed(body: ResponseBody, algorithm: Algorithm | None) -> Mapping[str, bytes]:
    """The digests of a stored body: MD5, CRC64NVME and `algorithm`."""
    hashing = Hashing(algorithm)
    async for piece in stored_pieces(body):
        await asyncio.to_thread(hashing.update, piece)
    return hashing.finish()

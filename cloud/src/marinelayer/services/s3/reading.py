"""Bytes going out: a blob, or the pieces of several one after the other, opened as something that the server can send.

What lies sealed in files is opened in worker threads (`opened.py`); what is in rows, here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from marinelayer.http import FileRange, ResponseBody
from marinelayer.ports import Blobs, Tables
from marinelayer.services.s3.blob_keys import OURS, BlobKeys, KeySource
from marinelayer.services.s3.blobs import Piece, inline_bytes
from marinelayer.services.s3.digests import Algorithm, Hashing
from marinelayer.services.s3.hot_pieces import HotPieces
from marinelayer.services.s3.opened import BytesGoneError, OpenedBody, SealedFile
from marinelayer.services.s3.sealing import Opening, Seal

PIECE = 1024 * 1024
INLINE_AT_ONCE = 16
"""Pieces in rows, of up to 64 KiB each, that are in memory while a body of several pieces is sent."""


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


class StoredBody:
    """What is stored already, as a body that is received again (http.Body)."""

    __slots__ = ("_body", "length", "trailers")

    def __init__(self, body: ResponseBody, length: int) -> None:
        self._body = body
        self.length = length
        self.trailers: Mapping[str, str] = {}

    def __aiter__(self) -> AsyncIterator[bytes]:
        return stored_pieces(self._body)


def sealed_file(
    blobs: Blobs, blob_id: str, seal: Seal, *, size: int, offset: int, length: int, hot: HotPieces | None = None
) -> SealedFile:
    """`length` bytes from `offset` of a sealed blob of `size` bytes. Blocks on the disk."""
    opening = Opening(seal, size=size, offset=offset, length=length)
    return SealedFile(blobs.read(blob_id, opening.begin, opening.stored), opening, seal.overhead, blob_id, hot)


@dataclass(slots=True)
class _Opener:
    """Opens the pieces of one object."""

    tables: Tables
    blobs: Blobs
    keys: BlobKeys
    source: KeySource
    hot: HotPieces | None = None
    _seals: dict[str, Seal] = field(default_factory=dict[str, Seal])

    def _seal(self, piece: Piece, wrapped: bytes) -> Seal:
        """The seal of a piece's blob. Several pieces may be of one."""
        seal = self._seals.get(piece.blob_id)
        if seal is None:
            self._seals = {piece.blob_id: (seal := self.keys.seal(piece.blob_id, wrapped, self.source))}
        return seal

    def inline(self, piece: Piece, data: bytes | None) -> bytes:
        """The bytes of an inline piece, `data` being its blob's as they are stored."""
        if data is None:
            raise BytesGoneError
        if piece.wrapped_key is not None:
            # Inline bytes are one chunk.
            data = self._seal(piece, piece.wrapped_key).open_chunk(0, data, last=True)
        return data[piece.offset : piece.offset + piece.size]

    def _sources(self, pieces: Sequence[Piece], inline: Mapping[str, bytes | None]) -> Iterator[bytes | SealedFile]:
        for piece in pieces:
            if piece.place == "inline":
                yield self.inline(piece, inline[piece.blob_id])
            else:
                assert piece.wrapped_key is not None  # noqa: S101 - else they are read one after the other
                seal = self._seal(piece, piece.wrapped_key)
                yield sealed_file(
                    self.blobs,
                    piece.blob_id,
                    seal,
                    size=piece.blob_size,
                    offset=piece.offset,
                    length=piece.size,
                    hot=self.hot if self.hot is not None and self.hot.takes(piece.blob_size) else None,
                )

    async def together(self, pieces: Sequence[Piece]) -> bytes | OpenedBody:
        """The bytes of files that are sealed, and of a few inline pieces between them."""
        inline = {piece.blob_id: await self._inline_bytes(piece) for piece in pieces if piece.place == "inline"}
        body = OpenedBody(self._sources(pieces, inline), sum(piece.size for piece in pieces))
        first = await asyncio.get_running_loop().run_in_executor(None, body.begin)
        return first if len(first) == body.length else body

    async def _inline_bytes(self, piece: Piece) -> bytes | None:
        return await self.tables.read(inline_bytes, piece.blob_id) if piece.data is None else piece.data

    async def one_after_the_other(self, pieces: Sequence[Piece]) -> AsyncIterator[bytes]:
        """The bytes of pieces of any kind."""
        for piece in pieces:
            async for data in stored_pieces(await self.one(piece)):
                yield data

    async def one(self, piece: Piece) -> ResponseBody:
        """The bytes of one piece."""
        if piece.place == "inline":
            return self.inline(piece, await self._inline_bytes(piece))
        if piece.wrapped_key is None:
            return self.blobs.read(piece.blob_id, piece.offset, piece.size)
        return await self.together([piece])


class Reader:
    """Reads the pieces of objects, and keeps in `hot` what is read often and opened by nobody's key but ours."""

    def __init__(self, tables: Tables, blobs: Blobs, keys: BlobKeys, hot: HotPieces | None = None) -> None:
        self._tables = tables
        self._blobs = blobs
        self._keys = keys
        self._hot = hot

    async def body(self, pieces: Sequence[Piece], source: KeySource) -> ResponseBody:
        """The pieces as one body, `source` being where the keys of their object come from. Files are opened when their
        turn comes, but the first, and so are rows if there are many.

        Raises:
            BytesDamagedError: the first bytes are not those that were stored.
        """
        if not pieces:
            return b""
        only = pieces[0]
        if len(pieces) == 1 and only.place == "inline" and only.data is not None and only.wrapped_key is not None:
            data = self._keys.seal(only.blob_id, only.wrapped_key, source).open_chunk(0, only.data, last=True)
            return data if only.size == len(data) else data[only.offset : only.offset + only.size]
        opener = _Opener(self._tables, self._blobs, self._keys, source, self._hot if source is OURS else None)
        if len(pieces) == 1:
            return await opener.one(pieces[0])
        inline = sum(piece.place == "inline" for piece in pieces)
        plain = any(piece.place != "inline" and piece.wrapped_key is None for piece in pieces)
        if plain or inline > INLINE_AT_ONCE:
            return opener.one_after_the_other(pieces)
        return await opener.together(pieces)


async def hashed(body: ResponseBody, algorithm: Algorithm | None) -> Mapping[str, bytes]:
    """The digests of a body: MD5, CRC64NVME and `algorithm`."""
    hashing = Hashing(algorithm)
    async for piece in stored_pieces(body):
        await asyncio.to_thread(hashing.update, piece)
    return hashing.finish()

"""Sealed files as a body: read, opened and handed on piece by piece in worker threads.

What does not open under its key is never given out: the body ends with BytesDamagedError, in the middle of an answer if
that has begun. Knows files and seals; must not know tables, requests and the event loop.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

from marinelayer.http import FileRange, ThreadedBody
from marinelayer.services.s3.hot_pieces import HotPieces, Place
from marinelayer.services.s3.sealing import CHUNK, MAX_OVERHEAD, Opening

AT_ONCE = 16
"""Chunks in a piece. Fewer cost more, since each piece wakes who receives it; of more, a slow client would leave more
to be held."""


class BytesGoneError(Exception):
    """The bytes were freed while they were read: their object was replaced or deleted meanwhile."""


class _Buffers(threading.local):
    """A thread's own, used for each piece again: fresh ones cost more in page faults than the cipher does."""

    def __init__(self) -> None:
        self.stored = memoryview(bytearray(AT_ONCE * (CHUNK + MAX_OVERHEAD)))
        self.opened = memoryview(bytearray(AT_ONCE * CHUNK))


_buffers = _Buffers()


class SealedFile:
    """A range of a sealed file. Its descriptor is closed with the last reference to this, so that no thread can come
    to read from one that is another file's by then."""

    _descriptor = -1

    def __init__(
        self, file: FileRange, opening: Opening, overhead: int, blob_id: str, hot: HotPieces | None = None
    ) -> None:
        self._descriptor = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC)
        self._opening = opening
        self._offset = file.offset
        self._left = file.length
        self._step = AT_ONCE * (CHUNK + overhead)
        self._blob_id = blob_id
        self._hot = hot

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def next_piece(self) -> memoryview:
        """The next bytes, none at the end; valid until this thread opens the next piece of any file."""
        stored = min(self._left, self._step)
        if not stored:
            return memoryview(b"")
        place = Place(self._blob_id, self._opening.number, stored)
        opened: bytes | memoryview | None = self._hot.get(place) if self._hot is not None else None
        if opened is None:
            opened = self._opening.open(self._read(stored), _buffers.opened)
            if self._hot is not None:
                self._hot.read(place, opened)
        self._offset += stored
        self._left -= stored
        return self._opening.take(opened)

    def _read(self, size: int) -> memoryview:
        whole = _buffers.stored[:size]
        got = 0
        while got < size:
            count = os.preadv(self._descriptor, [whole[got:]], self._offset + got)
            if not count:
                raise BytesGoneError
            got += count
        return whole


class OpenedBody(ThreadedBody):
    """`length` bytes: those of the sources one after the other, each of which is made when its turn comes, in a worker
    thread. No source is empty."""

    def __init__(self, sources: Iterator[bytes | SealedFile], length: int) -> None:
        self.length = length
        self._sources = sources
        self._file: SealedFile | None = None
        self._first = b""

    def begin(self) -> bytes:
        """The first piece, which `next_piece` gives all the same: what can not be read can still be refused.

        Raises:
            BytesDamagedError, BytesGoneError, FileNotFoundError: it can not be given.
        """
        piece = self.next_piece()
        self._first = piece if isinstance(piece, bytes) else bytes(piece)
        return self._first

    def next_piece(self) -> bytes | memoryview:
        """The next bytes, none at the end."""
        first, self._first = self._first, b""
        if first:
            return first
        while True:
            piece = self._file.next_piece() if self._file is not None else b""
            if piece:
                return piece
            source = next(self._sources, b"")
            if isinstance(source, bytes):
                self._file = None
                return source
            self._file = source

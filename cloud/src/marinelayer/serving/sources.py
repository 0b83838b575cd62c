"""Bodies that worker threads send to a socket themselves: a part of a file, and pieces as they are made.

What is here blocks on the disk and computes, but never waits for the network: a turn ends where the socket takes
nothing for now, or after a bounded number of bytes, so that no client holds a thread.
"""

from __future__ import annotations

import os
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Protocol

from marinelayer.http import FileRange, ThreadedBody

_TURN_BYTES = 4 * 1024 * 1024


SENDERS = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // 2), thread_name_prefix="sender")
"""The threads that make pieces and send them. They contend for the interpreter's lock at each chunk that they open: at
2 cores, two cost a tenth more CPU for a body than one, and six two thirds more."""


class BodyMismatchError(Exception):
    """A body is shorter or longer than the head that announced it."""


class Source(Protocol):
    """Something to send. `left` is how many bytes are not yet sent, `threads` whose turns those are (None: the event
    loop's own)."""

    left: int
    threads: Executor | None

    def send(self, out: int) -> bool:
        """Send for a turn; False when the non-blocking socket `out` takes nothing for now."""
        ...


class OpenRange:
    """A part of an open file."""

    threads: Executor | None = None

    def __init__(self, file: FileRange) -> None:
        self._fd = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC)
        self._offset = file.offset
        self.left = file.length

    def send(self, out: int) -> bool:
        """Send for a turn, by sendfile(2)."""
        try:
            sent = os.sendfile(out, self._fd, self._offset, min(self.left, _TURN_BYTES))
        except BlockingIOError:
            return False
        self._advance(sent)
        return True

    def read(self, size: int) -> bytes:
        """The next `size` bytes or what is left of them."""
        data = os.pread(self._fd, min(self.left, size), self._offset)
        self._advance(len(data))
        return data

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)

    def _advance(self, size: int) -> None:
        if not size:
            raise BodyMismatchError("the file is shorter than it should be")
        self._offset += size
        self.left -= size


class Pieces:
    """The pieces of a body. What the socket leaves of one is held until the next turn."""

    threads: Executor | None = SENDERS

    def __init__(self, body: ThreadedBody) -> None:
        self._body = body
        self._rest: bytes | memoryview = b""
        self.left = body.length

    def send(self, out: int) -> bool:
        """Make pieces and send them for a turn."""
        piece = memoryview(self._rest)
        until = max(0, self.left - _TURN_BYTES)
        while self.left > until:
            if not piece:
                piece = self._next()
            try:
                sent = os.write(out, piece)
            except BlockingIOError:
                self._hold(piece)
                return False
            self.left -= sent
            piece = piece[sent:]
        self._hold(piece)
        if not self.left and self._body.next_piece():
            raise BodyMismatchError("the body is longer than it should be")
        return True

    def _hold(self, piece: memoryview) -> None:
        # What may be written to is a buffer that the next piece of any body overwrites.
        self._rest = piece if piece.readonly else bytes(piece)

    def _next(self) -> memoryview:
        piece = memoryview(self._body.next_piece())
        if not piece:
            raise BodyMismatchError("the body is shorter than it should be")
        if len(piece) > self.left:
            raise BodyMismatchError("the body is longer than it should be")
        return piece


def read_range(file: FileRange) -> bytes:
    """All of a small part of a file."""
    opened = OpenRange(file)
    try:
        data = b""
        while opened.left:
            data += opened.read(opened.left)
        return data
    finally:
        opened.close()

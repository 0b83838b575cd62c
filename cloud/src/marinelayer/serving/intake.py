"""Bytes of a client that are not yet understood: the head of its next request, and requests beyond that."""

from __future__ import annotations

from marinelayer.model.errors import MalformedRequest
from marinelayer.serving.head import has_stray_controls
from marinelayer.serving.limits import Limits


class HeadTooLargeError(Exception):
    """A head passes its limit. `status` says which: 414 the request line's, 431 the headers'."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Intake:
    """What has come and is waiting. Its length is how many bytes those are."""

    __slots__ = ("_buffer", "_limits", "_start")

    def __init__(self, limits: Limits) -> None:
        self._buffer = b""
        self._start = 0
        self._limits = limits

    def __len__(self) -> int:
        return len(self._buffer) - self._start

    def add(self, data: bytes) -> None:
        """Append."""
        self._buffer = self._buffer[self._start :] + data if self._buffer else data
        self._start = 0

    def take(self, size: int | None = None) -> bytes:
        """The next `size` bytes, or everything; it is then no longer here."""
        start, end = self._start, len(self._buffer) if size is None else self._start + size
        data = self._buffer[start:end]
        self._start = end
        if end >= len(self._buffer):
            self._buffer = b""
            self._start = 0
        return data

    def next_head(self) -> bytes | None:
        """The next head without the empty line that ends it, or None while it is not whole.

        Raises:
            HeadTooLargeError: it passes a limit, as far as it has come.
            MalformedRequest: what has come can be no part of a head.
        """
        buffer = self._buffer
        while buffer.startswith(b"\r\n", self._start):  # RFC 9112, 2.2: empty lines before a request are ignored
            self._start += 2
        start = self._start
        end = buffer.find(b"\r\n\r\n", start)
        if (end if end >= 0 else len(buffer)) - start > self._limits.target_bytes:
            self._check_size(end if end >= 0 else len(buffer))
        if end < 0:
            if has_stray_controls(buffer):
                raise MalformedRequest("The request has control characters.")
            return None
        self._start = end + 4
        if self._start == len(buffer):
            self._buffer = b""
            self._start = 0
        return buffer[start:end]

    def _check_size(self, end: int) -> None:
        line = self._buffer.find(b"\r\n", self._start, end) - self._start
        if line < 0 or line > self._limits.target_bytes:
            raise HeadTooLargeError(414)
        if end - self._start - line > self._limits.header_bytes:
            raise HeadTooLargeError(431)

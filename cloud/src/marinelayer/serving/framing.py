"""Where a request's body ends: by its length, or by the chunked transfer coding (RFC 9112, sections 6.3 and 7.1).

Pure. Not to be confused with `protocol.aws_chunked`, which is a content coding and may lie inside either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

from marinelayer.model.errors import MalformedRequest, RequestTooLarge
from marinelayer.serving.head import FieldNames, has_stray_controls, parse_fields

_SIZE_LINE_LIMIT = 256
# RFC 9112, 7.1.1: chunk-ext = *( BWS ";" BWS chunk-ext-name [ ... ] ); no one gives them a meaning here.
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[\x20-\x7e\t]*)?")
# Fields that would change the framing or the routing of a request already begun (RFC 9110, 6.5.1).
_FORBIDDEN_TRAILERS = frozenset({"content-length", "transfer-encoding", "host", "trailer", "authorization"})


NO_TRAILERS: Mapping[str, str] = {}


class Framing(Protocol):
    """Tells a body from what follows it."""

    ended: bool
    """Whether all of the body has been fed."""

    @property
    def trailers(self) -> Mapping[str, str]:
        """The trailing fields, complete once `ended`."""
        ...

    def fits(self, size: int) -> bool:
        """Whether what is still to come is known to be no more than `size` bytes."""
        ...

    def feed(self, data: bytes) -> tuple[list[bytes], bytes]:
        """Take bytes in: the pieces of content among them and, when the body has ended, what follows it. Raises a
        Refusal when they can not be told apart."""
        ...


class LengthFraming:
    """A body of a declared number of bytes, at least one."""

    __slots__ = ("_remaining", "ended")

    trailers = NO_TRAILERS

    def __init__(self, length: int) -> None:
        self._remaining = length
        self.ended = False

    def fits(self, size: int) -> bool:
        """As said."""
        return self._remaining <= size

    def feed(self, data: bytes) -> tuple[list[bytes], bytes]:
        """As said; never raises."""
        size = len(data)
        if size < self._remaining:
            self._remaining -= size
            return [data], b""
        end, self._remaining = self._remaining, 0
        self.ended = True
        return ([data], b"") if size == end else ([data[:end]], data[end:])


class ChunkedFraming:
    """Turns the bytes of a chunked body into its content; `trailers` are complete once `ended`."""

    __slots__ = ("_buffer", "_in_trailers", "_limit", "_names", "_remaining", "_seen_chunk", "ended", "trailers")

    def __init__(self, names: FieldNames, *, trailer_bytes: int) -> None:
        self._names = names
        self._limit = trailer_bytes
        self._buffer = b""
        self._remaining = 0
        self._seen_chunk = False
        self._in_trailers = False
        self.ended = False
        self.trailers: dict[str, str] = {}

    def fits(self, size: int) -> bool:
        """Never: no one knows."""
        return False

    def feed(self, data: bytes) -> tuple[list[bytes], bytes]:
        """As said.

        Raises:
            MalformedRequest: the coding is broken.
            RequestTooLarge: the trailers are larger than they may be.
        """
        pieces: list[bytes] = []
        if self._buffer:
            data, self._buffer = self._buffer + data, b""
        at = 0
        while not self.ended:
            if self._remaining:
                piece = data[at : at + self._remaining]
                if not piece:
                    return pieces, b""
                pieces.append(piece)
                at += len(piece)
                self._remaining -= len(piece)
                continue
            after = self._trailers(data, at) if self._in_trailers else self._size_line(data, at)
            if after is None:
                self._buffer = data[at:]
                return pieces, b""
            at = after
        return pieces, data[at:]

    def _size_line(self, data: bytes, at: int) -> int | None:
        """Read the end of one chunk and the size of the next; where the line ends, or None if it is not whole."""
        start = at
        if self._seen_chunk:
            if not b"\r\n".startswith(data[at : at + 2]):
                raise MalformedRequest("A chunk does not end where its size says.")
            start = at + 2
        end = data.find(b"\r\n", start)
        if end < 0:
            if len(data) - start > _SIZE_LINE_LIMIT or has_stray_controls(data[start:]):
                raise MalformedRequest("A chunk's size is not valid.")
            return None
        match = _SIZE_LINE.fullmatch(data, start, end)
        if match is None or end - start > _SIZE_LINE_LIMIT:
            raise MalformedRequest("A chunk's size is not valid.")
        self._remaining = int(match[1], 16)
        self._seen_chunk = True
        if not self._remaining:
            # The empty line that ends the trailers may begin right here, with the line's own CRLF.
            self._in_trailers = True
            return end
        return end + 2

    def _trailers(self, data: bytes, at: int) -> int | None:
        """Read the trailer section, from the CRLF of the last chunk's size; where it ends, or None."""
        end = data.find(b"\r\n\r\n", at)
        if (len(data) if end < 0 else end) - at > self._limit:
            raise RequestTooLarge("The trailers are too large.")
        section = data[at:] if end < 0 else data[at:end]
        if has_stray_controls(section) or (end >= 0 and section.endswith(b"\r")):
            raise MalformedRequest("The trailers are not valid.")
        if end < 0:
            return None
        if section:
            for name, value in parse_fields(section.decode("latin-1").split("\r\n")[1:], self._names):
                if name in _FORBIDDEN_TRAILERS:
                    raise MalformedRequest(f"The field {name} must not come as a trailer.")
                self.trailers.setdefault(name, value)
        self.ended = True
        return end + 4

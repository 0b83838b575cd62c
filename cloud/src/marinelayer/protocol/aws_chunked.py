"""The framing of aws-chunked bodies, decoded as the bytes arrive. Signatures are passed on, not checked.

    chunk     = hex-size [";chunk-signature=" 64HEX] CRLF data CRLF
    last      = "0" [";chunk-signature=" 64HEX] CRLF
    trailers  = *( name ":" value CRLF ) CRLF

Rule 1: every event is passed on as soon as its bytes are there; no more than one line is ever held back. Rule 2: how
the client's bytes are cut into packets changes no event but where data is cut. Rule 3: nothing may follow the end.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from marinelayer.protocol.refusals import IncompleteBody, InvalidRequest

_MOST_LINE = 1024
_MOST_TRAILERS = 16
_MOST_TRAILER_BYTES = 4096
_LARGEST_CHUNK = 1 << 34
_HEAD = re.compile(rb"([0-9A-Fa-f]{1,16})(?:;chunk-signature=([0-9A-Fa-f]{64}))?")
_TRAILER = re.compile(rb"([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([\x20-\x7e\x80-\xff]*?)[ \t]*")


@dataclass(frozen=True, slots=True)
class ChunkStart:
    """A chunk of `size` bytes begins; `signature` is "" in an unsigned body. The last one has no bytes."""

    size: int
    signature: str


@dataclass(frozen=True, slots=True)
class Data:
    """Some bytes of the chunk, never empty."""

    data: bytes


@dataclass(frozen=True, slots=True)
class ChunkEnd:
    """All bytes of the chunk have been passed on."""


@dataclass(frozen=True, slots=True)
class Trailers:
    """The body has ended: its trailing fields by lower-case name, in order, without `x-amz-trailer-signature`, whose
    value is `signature` ("" where there is none)."""

    fields: dict[str, str] = field(default_factory=dict[str, str])
    signature: str = ""


Event = ChunkStart | Data | ChunkEnd | Trailers


class _State(Enum):
    HEAD = auto()
    DATA = auto()
    DATA_END = auto()
    TRAILERS = auto()
    DONE = auto()


class Decoder:
    """Decodes one body. Feed it what arrives, then `finish` it."""

    def __init__(self, *, signed: bool, length: int | None, trailers: bool = True) -> None:
        """What the request's head promised: `x-amz-content-sha256` whether chunks are `signed` and whether `trailers`
        may follow, `x-amz-decoded-content-length` the bytes of all chunks."""
        self._signed = signed
        self._trailers_allowed = trailers
        self._declared = length
        self._state = _State.HEAD
        self._held = bytearray()
        self._left = 0
        self._decoded = 0
        self._trailer_bytes = 0
        self._trailers: dict[str, str] = {}
        self._trailer_signature = ""

    @property
    def done(self) -> bool:
        """Whether the body has ended."""
        return self._state is _State.DONE

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events of the next bytes. Iterate to the end before feeding more.

        Raises:
            InvalidRequest: the framing is broken, or passes a limit.
            IncompleteBody: the chunks hold other than the declared number of bytes.
        """
        position = 0
        while position < len(data):
            if self._state is _State.DATA:
                piece = data[position : position + self._left]
                position += len(piece)
                self._left -= len(piece)
                yield Data(piece)
                if self._left == 0:
                    self._state = _State.DATA_END
                    yield ChunkEnd()
                continue
            if self._state is _State.DONE:
                raise InvalidRequest("There are bytes after the end of the aws-chunked body.")
            line, position = self._line(data, position)
            if line is not None:
                yield from self._take(line)

    def finish(self) -> None:
        """The client has sent everything.

        Raises:
            IncompleteBody: the body has not ended.
        """
        if not self.done:
            raise IncompleteBody

    def _line(self, data: bytes, position: int) -> tuple[bytes | None, int]:
        """The next line without its CRLF, None while it is not all there; and where the rest begins."""
        end = data.find(b"\n", position)
        stop = len(data) if end < 0 else end + 1
        self._held += data[position:stop]
        if len(self._held) > (2 if self._state is _State.DATA_END else _MOST_LINE):
            raise InvalidRequest("A line of the aws-chunked body is too long.")
        if end < 0:
            return None, stop
        line = bytes(self._held)
        self._held.clear()
        if not line.endswith(b"\r\n"):
            raise InvalidRequest("A line of the aws-chunked body does not end with CRLF.")
        return line[:-2], stop

    def _take(self, line: bytes) -> Iterator[Event]:
        if self._state is _State.HEAD:
            yield from self._start(line)
        elif self._state is _State.DATA_END:
            if line:
                raise InvalidRequest("A chunk is longer than its size says.")
            self._state = _State.HEAD
        elif line:
            self._trailer(line)
        else:
            self._state = _State.DONE
            yield Trailers(self._trailers, self._trailer_signature)

    def _start(self, line: bytes) -> Iterator[Event]:
        found = _HEAD.fullmatch(line)
        if found is None or (found[2] is not None) != self._signed:
            raise InvalidRequest("The head of a chunk is malformed.")
        size = int(found[1], 16)
        if size > _LARGEST_CHUNK:
            raise InvalidRequest("A chunk is too large.")
        self._decoded += size
        if self._declared is not None and (
            self._decoded > self._declared or (size == 0 and self._decoded != self._declared)
        ):
            raise IncompleteBody
        yield ChunkStart(size, (found[2] or b"").decode("ascii"))
        if size:
            self._left = size
            self._state = _State.DATA
        else:
            yield ChunkEnd()
            self._state = _State.TRAILERS

    def _trailer(self, line: bytes) -> None:
        found = _TRAILER.fullmatch(line)
        self._trailer_bytes += len(line)
        if not self._trailers_allowed or found is None:
            raise InvalidRequest("A trailing header of the aws-chunked body is malformed.")
        if self._trailer_bytes > _MOST_TRAILER_BYTES or len(self._trailers) >= _MOST_TRAILERS:
            raise InvalidRequest("The aws-chunked body has too many trailing headers.")
        name, value = found[1].decode("ascii").lower(), found[2].decode("latin-1")
        if name == "x-amz-trailer-signature":
            if self._trailer_signature:
                raise InvalidRequest("The aws-chunked body has two trailer signatures.")
            self._trailer_signature = value
        elif self._trailer_signature or name in self._trailers:
            raise InvalidRequest("A trailing header stands twice, or after the trailer signature.")
        else:
            self._trailers[name] = value

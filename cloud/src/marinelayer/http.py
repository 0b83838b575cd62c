"""HTTP requests and responses as values.

Every room above the sockets speaks in these terms. This module must not know sockets, AWS, or any
other room: it is the lowest layer, beside `model` and `config`.

Rule 1: what the client sent is kept as it was sent (raw path, raw query, repeated headers in order),
because signatures are made over it. Rule 2: a request's body can be read once, piece by piece.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

JOINED_BYTES = 1024 * 1024


class Headers:
    """Header fields in the order of the wire; names are lower-case, values Latin-1 without outer blanks."""

    __slots__ = ("_first", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs: tuple[tuple[str, str], ...] = tuple(pairs)
        first = dict(self.pairs)
        if len(first) < len(self.pairs):
            first = dict(reversed(self.pairs))
        self._first = first

    @property
    def first(self) -> Mapping[str, str]:
        """The first value of each field, by its name."""
        return self._first

    @property
    def names(self) -> tuple[str, ...]:
        """The fields' names, each once."""
        return tuple(self._first)

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of the field `name` (lower-case), else `default`."""
        return self._first.get(name, default)

    def all(self, name: str) -> list[str]:
        """Every value of the field `name` (lower-case), in order."""
        if len(self._first) == len(self.pairs):
            return [self._first[name]] if name in self._first else []
        return [value for key, value in self.pairs if key == name]

    def __contains__(self, name: str) -> bool:
        return name in self._first

    def __repr__(self) -> str:
        # Values may hold secrets (Authorization, SSE-C keys), so that only names are ever printed.
        return f"Headers({[name for name, _ in self.pairs]})"


class Body(Protocol):
    """A request's body, read once, in pieces of whatever size arrives.

    Reading may raise: the client went away, a signature or checksum does not fit, a limit is passed.
    Nothing read may be made visible before the iteration has ended without an error.
    """

    @property
    def length(self) -> int | None:
        """Bytes of the decoded payload where the client declared them, else None."""
        ...

    @property
    def trailers(self) -> Mapping[str, str]:
        """Trailing fields (lower-case names), complete once the iteration has ended."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class FileRange:
    """A part of a file that the server may send without copying it through Python."""

    path: Path
    offset: int
    length: int


class ThreadedBody(ABC):
    """`length` bytes that are made piece by piece, by calls that block or compute for long.

    The server sends them from the worker threads that make them, so that no piece passes through the event loop. Who
    else reads them iterates: about 1 MiB at a time, the next being made while one is used.
    """

    length: int

    @abstractmethod
    def next_piece(self) -> bytes | memoryview:
        """The next bytes; none at the end. They are valid until this thread asks for a piece again, of this body or of
        another one. Never called by two threads at once."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        coming = loop.run_in_executor(None, self._joined)
        while piece := await coming:
            coming = loop.run_in_executor(None, self._joined)
            try:
                yield piece
            except BaseException:
                coming.cancel()
                raise

    def _joined(self) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while size < JOINED_BYTES and (piece := bytes(self.next_piece())):
            pieces.append(piece)
            size += len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


ResponseBody = bytes | FileRange | ThreadedBody | AsyncIterable[bytes]


@dataclass(slots=True, kw_only=True)
class Request:
    """One request as it came in.

    `path` and `query` are raw (percent-encoded, as on the wire, without the `?`). `host` is the
    authority that the client addressed, lower-case, with its port if it gave one. `peer` is the
    client's IP address. `id` is the request id that the answer will carry. `tls` is the version of
    TLS that it came by ("1.3"), "" without.
    """

    id: str
    method: str
    path: str
    query: str = field(repr=False)
    """Not printed: that of a presigned request is a credential."""
    headers: Headers
    body: Body
    scheme: Literal["http", "https"]
    host: str
    peer: str
    tls: str = ""


@dataclass(slots=True, kw_only=True)
class Response:
    """One answer. Without a `content-length` header the server derives it from a bytes or file body and
    sends any other body chunked; with one (an answer to HEAD), the header is sent as given."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: ResponseBody = b""


Handler = Callable[[Request], Awaitable[Response]]


class NoBody:
    """The body of a request that declares none."""

    __slots__ = ()

    length: int | None = None
    trailers: Mapping[str, str] = {}

    def __aiter__(self) -> NoBody:
        return self

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration


class BytesBody:
    """A request body that is wholly in memory."""

    __slots__ = ("_data", "trailers")

    def __init__(self, data: bytes = b"") -> None:
        self._data = data
        self.trailers: Mapping[str, str] = {}

    @property
    def data(self) -> bytes:
        """All of it."""
        return self._data

    @property
    def length(self) -> int:
        """The number of bytes."""
        return len(self._data)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._data:
            yield self._data


class ClientGone(Exception):
    """The client closed the connection before its request was whole. No answer can reach it."""


class BodyTooLargeError(Exception):
    """A body passed the limit up to which it may be held in memory."""


async def read_all(body: Body, limit: int) -> bytes:
    """The whole body.

    Raises:
        BodyTooLargeError: it is longer than `limit` bytes.
    """
    if body.length is not None and body.length > limit:
        raise BodyTooLargeError
    pieces: list[bytes] = []
    size = 0
    async for piece in body:
        size += len(piece)
        if size > limit:
            raise BodyTooLargeError
        pieces.append(piece)
    return b"".join(pieces)


async def in_pieces(body: Body, size: int = JOINED_BYTES) -> AsyncIterator[bytes]:
    """The body in pieces of at least `size` bytes (the last may be shorter), however it arrives."""
    waiting: list[bytes] = []
    held = 0
    async for chunk in body:
        waiting.append(chunk)
        held += len(chunk)
        if held >= size:
            yield b"".join(waiting)
            waiting.clear()
            held = 0
    if waiting:
        yield b"".join(waiting)

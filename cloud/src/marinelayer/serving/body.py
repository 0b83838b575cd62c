"""A request's body on its way from the socket to the handler.

The connection puts bytes in as they arrive; the handler iterates. While the handler is slower, pieces pile up to a
bound, at which the connection stops reading, and the handler gets them joined. Knows no sockets: it tells its
`Inlet` what it needs.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Protocol

from marinelayer.serving.framing import NO_TRAILERS
from marinelayer.serving.limits import Limits

_PIECE_OVERHEAD = 100
"""What a piece costs beside its bytes: many tiny ones must not be held for less than they are."""


class Inlet(Protocol):
    """What a body asks of the connection that feeds it."""

    def body_wanted(self) -> None:
        """The handler begins to read."""
        ...

    def body_awaited(self) -> None:
        """The handler waits for bytes: from now on a silent client is late."""
        ...

    def body_full(self) -> None:
        """Stop reading from the client."""
        ...

    def body_low(self) -> None:
        """Go on reading."""
        ...


class SocketBody:
    """A body that arrives (http.Body). Iterating raises ClientGone when the client goes away, RequestTimedOut when
    it falls silent and MalformedRequest when its framing breaks."""

    __slots__ = (
        "_ended",
        "_error",
        "_full",
        "_inlet",
        "_limits",
        "_pieces",
        "_size",
        "_waiter",
        "_wanted",
        "length",
        "trailers",
    )

    def __init__(self, inlet: Inlet, limits: Limits, length: int | None) -> None:
        self._inlet = inlet
        self._limits = limits
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._waiter: asyncio.Future[None] | None = None
        self._wanted = False
        self._full = False
        self._ended = False
        self._error: Exception | None = None
        self.length = length
        self.trailers = NO_TRAILERS

    def __aiter__(self) -> SocketBody:
        return self

    async def __anext__(self) -> bytes:
        """The next piece, of at most about `Limits.piece_bytes` or what one read gave."""
        if not self._wanted:
            self._wanted = True
            self._inlet.body_wanted()
        while not self._pieces:
            if self._error is not None:
                raise self._error
            if self._ended:
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            self._inlet.body_awaited()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._take()

    @property
    def awaited(self) -> bool:
        """Whether the handler is waiting for bytes right now."""
        return self._waiter is not None

    def put(self, piece: bytes) -> None:
        """Add bytes that arrived."""
        self._pieces.append(piece)
        self._size += len(piece) + _PIECE_OVERHEAD
        self._wake()
        if self._size > self._limits.body_high_bytes and not self._full:
            self._full = True
            self._inlet.body_full()

    def end(self, trailers: Mapping[str, str] = NO_TRAILERS) -> None:
        """All of it has arrived."""
        self._ended = True
        self.trailers = trailers
        self._wake()

    def fail(self, error: Exception) -> None:
        """It will not be whole: what arrived is dropped, and reading raises `error`."""
        if self._error is None and not self._ended:
            self._error = error
            self._pieces.clear()
            self._size = 0
            self._wake()

    def _take(self) -> bytes:
        piece = self._pieces.popleft()
        taken = 1
        if self._pieces:
            joined = [piece]
            size = len(piece)
            while self._pieces and size + len(self._pieces[0]) <= self._limits.piece_bytes:
                size += len(self._pieces[0])
                joined.append(self._pieces.popleft())
            piece = b"".join(joined)
            taken = len(joined)
        self._size -= len(piece) + taken * _PIECE_OVERHEAD
        if self._full and self._size <= self._limits.body_low_bytes:
            self._full = False
            self._inlet.body_low()
        return piece

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

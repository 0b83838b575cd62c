"""The way out of one connection: bytes, streams and files, never faster than the client takes them.

Files, and bodies that are made in threads, go out from a worker thread, so that neither their bytes nor a slow disk
pass through the event loop; by TLS they are read in one, piece by piece. A client that takes nothing for too long is
cut off.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
import termios
from collections.abc import AsyncIterable, Callable
from concurrent.futures import Executor
from contextlib import suppress
from math import inf
from typing import Any, TypeVar

from marinelayer.http import FileRange, ResponseBody, ThreadedBody
from marinelayer.serving.answer import AnswerHead
from marinelayer.serving.departures import Departures
from marinelayer.serving.limits import Limits
from marinelayer.serving.sources import BodyMismatchError, OpenRange, Pieces, Source, read_range

_JOIN_LIMIT = 64 * 1024
_LAST_CHUNK = b"0\r\n\r\n"

R = TypeVar("R")


class FileUnavailableError(Exception):
    """A file that is to be sent can not be opened, or a small one not be read."""


class ConnectionLostError(Exception):
    """The client is gone, or took nothing for too long."""


class Outlet:
    """Writes to one transport. `deadline` is when its client must have taken something (infinite: it need not)."""

    __slots__ = (
        "_departing",
        "_departures",
        "_last_size",
        "_limits",
        "_loop",
        "_lost",
        "_transport",
        "_waiter",
        "deadline",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.Transport,
        limits: Limits,
        departures: Departures | None = None,
    ) -> None:
        self._loop = loop
        self._transport = transport
        self._departures = departures or Departures()
        self._departing = b""
        """What is to be written at the end of the loop's turn."""
        self._limits = limits
        self._waiter: asyncio.Future[None] | None = None
        self._last_size = 0
        self._lost = False
        self.deadline = inf
        transport.set_write_buffer_limits(high=limits.write_high_bytes)

    @property
    def _encrypted(self) -> bool:
        return self._transport.get_extra_info("sslcontext") is not None

    def pause(self) -> None:
        """The transport holds more than it may (asyncio's pause_writing)."""
        if self._waiter is None:
            self._waiter = self._loop.create_future()
            self._await_progress(self._untaken())

    def resume(self) -> None:
        """The transport takes more (asyncio's resume_writing)."""
        waiter, self._waiter = self._waiter, None
        self.deadline = inf
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def lose(self) -> None:
        """The connection is gone: whoever waits to write is told."""
        self._lost = True
        self._departing = b""
        self.resume()

    def is_stalled(self) -> bool:
        """Whether, the deadline being past, the client has taken nothing since it was set; else sets a new one."""
        size = self._untaken()
        if self._waiter is None or size >= self._last_size:
            return True
        self._await_progress(size)
        return False

    def _untaken(self) -> int:
        """The bytes that the client has yet to take, the system's own buffer included where it tells: that takes in
        no more before a good part of it is free, which a slow client may need long for."""
        try:
            queued = fcntl.ioctl(self._transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4))
        except (OSError, ValueError):  # it is closed
            queued = bytes(4)
        return self._transport.get_write_buffer_size() + int.from_bytes(queued, sys.byteorder)

    def write(self, data: bytes) -> None:
        """Hand bytes over."""
        self.flush()
        self._transport.write(data)

    def flush(self) -> None:
        """Hand over what waits for the end of the loop's turn. Whoever uses the transport itself calls this first."""
        if self._departing:
            data, self._departing = self._departing, b""
            if not self._lost:
                self._transport.write(data)

    def _write_soon(self, data: bytes) -> None:
        """Hand bytes over at the end of the loop's turn."""
        if self._departing:
            self._departing += data
        else:
            self._departing = data
            self._departures.add(self._loop, self.flush)

    async def send(self, head: AnswerHead, body: ResponseBody) -> None:
        """Write an answer.

        Raises:
            FileUnavailableError: its file can not be opened; nothing is on the wire.
            BodyMismatchError, and what making or reading the body raises: less is on the wire than was announced, so
                that the connection must be cut.
            ConnectionLostError: the client is gone, or took nothing for too long.
        """
        if not head.has_body:
            self._write_soon(head.data)
            await close_pieces(body)
        elif isinstance(body, bytes):
            if len(body) <= _JOIN_LIMIT:
                # Copying costs less than sending the two apart.
                self._write_soon(head.data + body)
            else:
                self.flush()
                self._transport.writelines((head.data, body))
        elif isinstance(body, FileRange):
            await self._send_file(head.data, body)
        elif isinstance(body, ThreadedBody) and not self._encrypted:
            await self._send_beside(head.data, Pieces(body))
        else:
            await self._send_stream(head, body)
        if self._waiter is not None or self._lost:
            await self.drained()

    async def drained(self) -> None:
        """Until the transport takes more. Raises ConnectionLostError."""
        while self._waiter is not None:
            await asyncio.shield(self._waiter)
        if self._lost:
            raise ConnectionLostError

    async def _send_stream(self, head: AnswerHead, pieces: AsyncIterable[bytes]) -> None:
        length = head.length
        sent = 0
        self.write(head.data)
        try:
            async for piece in pieces:
                if not piece:
                    continue
                sent += len(piece)
                if length is not None and sent > length:
                    raise BodyMismatchError("the body is longer than its content-length")
                if head.chunked:
                    self.flush()
                    self._transport.writelines((b"%x\r\n" % len(piece), piece, b"\r\n"))
                else:
                    self.write(piece)
                await self.drained()
        finally:
            await close_pieces(pieces)
        if length is not None and sent != length:
            raise BodyMismatchError("the body is shorter than its content-length")
        if head.chunked:
            self.write(_LAST_CHUNK)

    async def _send_file(self, head: bytes, file: FileRange) -> None:
        if file.length <= self._limits.piece_bytes:
            self.write(head + await self._opened(read_range, file))
            return
        opened = await self._opened(OpenRange, file, undo=OpenRange.close)
        try:
            if self._encrypted or not hasattr(os, "sendfile"):
                await self._copy_file(head, opened)
            else:
                await self._send_beside(head, opened)
        finally:
            opened.close()

    async def _opened(
        self, opener: Callable[[FileRange], R], file: FileRange, undo: Callable[[R], None] | None = None
    ) -> R:
        try:
            return await _off_loop(self._loop, opener, file, undo=undo)
        except (OSError, BodyMismatchError) as error:
            raise FileUnavailableError from error

    async def _copy_file(self, head: bytes, file: OpenRange) -> None:
        self.write(head)
        while file.left:
            self.write(await _off_loop(self._loop, file.read, self._limits.piece_bytes))
            await self.drained()

    async def _send_beside(self, head: bytes, source: Source) -> None:
        """Send from worker threads, past the transport."""
        self.flush()
        await self._emptied()
        # A descriptor of our own: the loop lets no one watch its transport's, and the transport may close that
        # while a worker still writes to it.
        out = os.dup(self._transport.get_extra_info("socket").fileno())
        try:
            while head:
                try:
                    head = head[os.write(out, head) :]
                except BlockingIOError:
                    await self._writable(out)
            while source.left:
                if not await _off_loop(self._loop, source.send, out, threads=source.threads):
                    await self._writable(out)
                if self._lost:
                    raise ConnectionLostError
        except ConnectionError:
            raise ConnectionLostError from None
        finally:
            os.close(out)

    async def _emptied(self) -> None:
        """Until nothing is left in the transport, which must write nothing while the socket is used beside it."""
        if self._transport.get_write_buffer_size():
            self._transport.set_write_buffer_limits(high=0)
            try:
                await self.drained()
            finally:
                self._transport.set_write_buffer_limits(high=self._limits.write_high_bytes)
        if self._lost:
            raise ConnectionLostError

    async def _writable(self, out: int) -> None:
        """Until the client takes bytes again."""
        waiter = self._waiter = self._loop.create_future()
        self._await_progress(self._untaken())
        self._loop.add_writer(out, self.resume)
        try:
            await waiter
        finally:
            self._loop.remove_writer(out)
            self.resume()
        if self._lost:
            raise ConnectionLostError

    def _await_progress(self, size: int) -> None:
        self._last_size = size
        self.deadline = self._loop.time() + self._limits.write_seconds


async def close_pieces(body: object) -> None:
    """Close a body that is not iterated to its end, if it can be closed."""
    close: Any = getattr(body, "aclose", None)
    if close is not None:
        await close()


async def _off_loop(
    loop: asyncio.AbstractEventLoop,
    function: Callable[..., R],
    /,
    *args: Any,
    undo: Callable[[R], None] | None = None,
    threads: Executor | None = None,
) -> R:
    """Run `function` in a worker thread. When cancelled, it waits for the worker all the same, since a descriptor
    that is closed under it could be another client's by the time it writes."""
    future = loop.run_in_executor(threads, function, *args)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while not future.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([future])
        if future.exception() is None and undo is not None:
            undo(future.result())
        raise

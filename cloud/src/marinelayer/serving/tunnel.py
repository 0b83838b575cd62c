"""A blind TCP tunnel: bytes from one side to the other and back, as fast as the slower side takes them."""

from __future__ import annotations

import asyncio
from typing import cast

_CONNECT_SECONDS = 20.0


class _End(asyncio.Protocol):
    """One side of a tunnel; what it hears, the other side says."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: _End | None = None
        self._held: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def join(self, other: _End) -> None:
        """Begin to pass on what is heard, from what was heard before."""
        self.other = other
        held, self._held = self._held, []
        for data in held:
            self.data_received(data)

    def data_received(self, data: bytes) -> None:
        if self.other is None or self.other.transport is None:
            self._held.append(data)
        elif not self.other.transport.is_closing():
            self.other.transport.write(data)

    def eof_received(self) -> bool:
        """The other direction may go on."""
        to = self.other.transport if self.other else None
        if to is not None and to.can_write_eof() and not to.is_closing():
            to.write_eof()
        return True

    def pause_writing(self) -> None:
        if self.other and self.other.transport and not self.other.transport.is_closing():
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other and self.other.transport and not self.other.transport.is_closing():
            self.other.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.other and self.other.transport:
            self.other.transport.close()


class Tunnels:
    """The tunnels of one proxy."""

    def __init__(self) -> None:
        self._open: set[asyncio.Transport] = set()

    async def open(self, host: str, port: int) -> _End:
        """Reach the far side.

        Raises:
            OSError: it can not be reached, or not in time.
        """
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, far = await asyncio.get_running_loop().create_connection(_End, host, port)
        return far

    def join(self, transport: asyncio.Transport, leftover: bytes, far: _End) -> None:
        """Let the near side's transport and the far side speak to each other."""
        if transport.is_closing():
            if far.transport is not None:
                far.transport.abort()
            return
        near = _End()
        near.connection_made(transport)
        transport.set_protocol(near)
        self._open = {old for old in self._open if not old.is_closing()} | {transport}
        if leftover:
            far_transport = far.transport
            if far_transport is not None:
                far_transport.write(leftover)
        near.join(far)
        far.join(near)
        transport.resume_reading()

    def cut(self) -> None:
        """End all of them."""
        for transport in self._open:
            transport.abort()
        self._open.clear()

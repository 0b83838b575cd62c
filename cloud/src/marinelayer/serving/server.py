"""Listening: accepts connections, looks after their deadlines, and stops without breaking what runs."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

from marinelayer.http import Handler
from marinelayer.serving.http1 import Connection
from marinelayer.serving.limits import Limits
from marinelayer.serving.site import Refuse, Site, Tunnel

_HANDSHAKE_SECONDS = 15.0
_random = random.Random()  # noqa: S311 - request ids are no secrets


def new_request_id() -> str:
    """A request id as S3 makes them: 16 upper-case hex digits."""
    # Not secret, only unlikely to come twice: a kernel call for each would cost more than all the rest of it.
    return f"{_random.getrandbits(64):016X}"


class HttpServer:
    """Serves one handler on any number of addresses.

    `ids` makes request ids and `refuse` writes what is refused before the handler sees it, in AWS's shape.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        refuse: Refuse,
        ids: Callable[[], str] = new_request_id,
        limits: Limits | None = None,
        tunnel: Tunnel | None = None,
    ) -> None:
        self._site = Site(handler=handler, ids=ids, refuse=refuse, limits=limits or Limits(), tunnel=tunnel)
        self._servers: list[asyncio.Server] = []
        self._watch: asyncio.Task[None] | None = None

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._site.connections)

    def protocol(self, scheme: Literal["http", "https"]) -> asyncio.Protocol:
        """A protocol for one connection that someone else has accepted."""
        self._begin()
        return Connection(self._site, scheme)

    async def listen(self, host: str, port: int, ssl_context: ssl.SSLContext | None = None) -> tuple[str, int]:
        """Accept connections on an address; port 0 takes a free one. The address as it came to be.

        Raises:
            OSError: it can not be had.
        """
        scheme: Literal["http", "https"] = "https" if ssl_context else "http"
        server = await asyncio.get_running_loop().create_server(
            lambda: Connection(self._site, scheme),
            host,
            port,
            ssl=ssl_context,
            ssl_handshake_timeout=_HANDSHAKE_SECONDS if ssl_context else None,
            backlog=1024,
        )
        self._servers.append(server)
        self._begin()
        bound = server.sockets[0].getsockname()
        return bound[0], bound[1]

    async def stop(self, grace_seconds: float) -> None:
        """Accept no more, close what is idle, give what runs `grace_seconds`, then cut it off."""
        self._site.stopping = True
        for server in self._servers:
            server.close()
        for connection in list(self._site.connections):
            connection.retire()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                await self._site.quiet()
        for connection in list(self._site.connections):
            connection.cut()
        await self._site.quiet()
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        self._servers.clear()

    def _begin(self) -> None:
        if self._watch is None:
            self._watch = asyncio.get_running_loop().create_task(self._watch_deadlines())

    async def _watch_deadlines(self) -> None:
        """One clock for all connections costs less than a timer for each."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._site.limits.tick_seconds)
            now = loop.time()
            for connection in list(self._site.connections):
                connection.expire(now)

"""A server with a handler of the test's own, and a client that speaks bytes."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import h11
import pytest
import uvloop

from marinelayer.http import Handler, Request, Response, read_all
from marinelayer.model.errors import Refusal
from marinelayer.serving.limits import Limits
from marinelayer.serving.server import HttpServer

QUICK = Limits(
    header_seconds=0.2,
    idle_seconds=0.2,
    body_seconds=0.2,
    write_seconds=0.2,
    half_closed_seconds=0.2,
    linger_seconds=0.2,
    linger_total_seconds=0.4,
)
MEBIBYTE = 1024 * 1024


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that the cloud runs on."""
    return {"uvloop": uvloop.new_event_loop}


def refuse(refusal: Refusal, request_id: str) -> Response:
    """As the composition root's: the refusal's name in a body, the request id in a header."""
    return Response(
        status=503, headers=(("x-amz-request-id", request_id),), body=f"{type(refusal).__name__}\n".encode()
    )


async def echo(request: Request) -> Response:
    """Answers with what was asked, and the body's size."""
    body = await read_all(request.body, 64 * MEBIBYTE)
    text = f"{request.method} {request.path}?{request.query} {len(body)}"
    return Response(status=200, headers=(("x-amz-request-id", request.id),), body=text.encode())


class Client:
    """A socket that says and hears bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._held = b""
        """What came after the last answer that was read."""

    async def say(self, data: bytes | str) -> None:
        self.writer.write(data.encode("latin-1") if isinstance(data, str) else data)
        await self.writer.drain()

    async def hear(self, data: bytes, *, within: float = 5) -> bytes:
        """Everything up to and with `data`."""
        return await asyncio.wait_for(self.reader.readuntil(data), within)

    async def answer(self, method: str = "GET", *, within: float = 5) -> Answer:
        """One answer, read by h11 (which must agree that it is well formed)."""
        return await asyncio.wait_for(self._answer(method), within)

    async def _answer(self, method: str) -> Answer:
        parser = h11.Connection(h11.CLIENT)
        parser.send(h11.Request(method=method, target="/", headers=[("host", "x")]))
        parser.send(h11.EndOfMessage())
        head: h11.Response | None = None
        body = b""
        while True:
            event = parser.next_event()
            if event is h11.NEED_DATA:
                parser.receive_data(self._held or await self.reader.read(65536))
                self._held = b""
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                assert head is not None
                self._held = parser.trailing_data[0]
                return Answer(head.status_code, [(k.decode(), v.decode("latin-1")) for k, v in head.headers], body)

    async def closed(self, *, within: float = 5) -> bytes:
        """Everything up to the end of the connection."""
        held, self._held = self._held, b""
        return held + await asyncio.wait_for(self.reader.read(-1), within)

    def half_close(self) -> None:
        self.writer.write_eof()

    def reset(self) -> None:
        self.writer.transport.abort()


class Answer:
    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status = status
        self.headers = dict(headers)
        self.body = body

    @property
    def closes(self) -> bool:
        return self.headers.get("connection") == "close"


class Served:
    """A running server and its clients."""

    def __init__(self, server: HttpServer, host: str, port: int) -> None:
        self.server = server
        self.host = host
        self.port = port
        self.clients: list[Client] = []

    async def connect(self, **more: Any) -> Client:
        where = {} if "sock" in more else {"host": self.host, "port": self.port}
        reader, writer = await asyncio.open_connection(limit=256 * MEBIBYTE, **where, **more)
        client = Client(reader, writer)
        self.clients.append(client)
        return client

    async def until(self, condition: Callable[[], Any], within: float = 5) -> None:
        """Until something is true."""
        async with asyncio.timeout(within):
            while not condition():  # noqa: ASYNC110 - what is waited for is anything, seen from outside
                await asyncio.sleep(0.01)

    async def ask(self, data: bytes | str, method: str = "GET") -> Answer:
        client = await self.connect()
        await client.say(data)
        return await client.answer(method)


@pytest.fixture
def quick() -> Limits:
    """Deadlines that a test can wait for."""
    return QUICK


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Served]]]:
    """Start a server: `served = await serve(handler, limits, ssl=...)`."""
    running: list[Served] = []

    async def start(
        handler: Handler = echo, limits: Limits | None = None, ssl_context: ssl.SSLContext | None = None
    ) -> Served:
        server = HttpServer(handler, refuse=refuse, limits=limits)
        host, port = await server.listen("127.0.0.1", 0, ssl_context)
        served = Served(server, host, port)
        running.append(served)
        return served

    yield start
    for served in running:
        for client in served.clients:
            client.writer.close()
        await served.server.stop(0.2)

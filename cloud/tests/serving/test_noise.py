"""Whatever a stranger sends, the server answers or closes in time, and serves the next one."""

from __future__ import annotations

import asyncio
from typing import Any

import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marinelayer.http import ClientGone, Request, Response
from marinelayer.model.errors import Refusal
from marinelayer.serving.limits import Limits
from marinelayer.serving.server import HttpServer

LIMITS = Limits(
    header_seconds=0.1,
    idle_seconds=0.1,
    body_seconds=0.1,
    write_seconds=0.1,
    half_closed_seconds=0.1,
    linger_seconds=0.1,
    linger_total_seconds=0.2,
)
PIECES = [
    b"GET / HTTP/1.1\r\n",
    b"PUT /a?b HTTP/1.1\r\n",
    b"HEAD /x HTTP/1.0\r\n",
    b"Host: x\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 70000\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Expect: 100-continue\r\n",
    b"Connection: close\r\n",
    b"\r\n",
    b"hello",
    b"5\r\nhello\r\n",
    b"0\r\n\r\n",
    b"z" * 5000,
    b"\0\xff",
]
TALK = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=40)), max_size=14)


async def handler(request: Request) -> Response:
    """Reads or not, streams or not, as the request's own bytes have it."""
    if request.query == "b":
        return Response(status=403)
    try:
        size = sum([len(piece) async for piece in request.body])
    except (Refusal, ClientGone):
        return Response(status=400)

    async def stream() -> Any:
        yield b"%d" % size

    return Response(status=200, body=stream())


async def converse(talks: list[tuple[list[bytes], bool]]) -> None:
    problems: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    server = HttpServer(handler, refuse=lambda refusal, _: Response(status=500), limits=LIMITS)
    host, port = await server.listen("127.0.0.1", 0)

    async def one(pieces: list[bytes], whole: bool) -> None:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            for piece in [b"".join(pieces)] if whole else pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            wire = await asyncio.wait_for(reader.read(-1), 10)
            assert not wire or wire.startswith(b"HTTP/1.1 ")
        except ConnectionError:
            pass
        finally:
            writer.close()

    await asyncio.gather(*(one(*talk) for talk in talks))
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (await asyncio.wait_for(reader.read(-1), 10)).startswith(b"HTTP/1.1 200 OK\r\n")
    writer.close()
    await asyncio.wait_for(server.stop(1), 5)
    assert not problems


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(TALK, st.booleans()), min_size=1, max_size=60))
def test_noise_neither_breaks_nor_holds_the_server(talks: list[tuple[list[bytes], bool]]) -> None:
    uvloop.run(converse(talks))

"""A request's body on its way in: 100-continue, chunks, backpressure, and bodies that no one wants."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from marinelayer.http import ClientGone, Request, Response, read_all
from marinelayer.model.errors import RequestTimedOut
from marinelayer.serving.body import SocketBody
from marinelayer.serving.limits import Limits

MEBIBYTE = 1024 * 1024


async def refusing(request: Request) -> Response:
    """Answers without a look at the body."""
    return Response(status=403, body=b"no")


def put(length: int, *more: str) -> str:
    return "\r\n".join(["PUT / HTTP/1.1", "Host: x", f"Content-Length: {length}", *more, "", ""])


# --- 100-continue ---------------------------------------------------------------------------------------------


async def test_a_client_that_waits_is_told_to_go_on_when_the_body_is_first_read(serve: Any) -> None:
    begin = asyncio.Event()

    async def handler(request: Request) -> Response:
        await begin.wait()
        return Response(status=200, body=await read_all(request.body, 100))

    served = await serve(handler)
    client = await served.connect()
    await client.say(put(3, "Expect: 100-Continue"))
    with pytest.raises(TimeoutError):
        await client.hear(b"\r\n", within=0.1)
    begin.set()
    assert await client.hear(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    await client.say("abc")
    answer = await client.answer("PUT")
    assert (answer.status, answer.body, answer.closes) == (200, b"abc", False)


async def test_a_refused_client_that_waits_is_not_told_to_go_on_and_the_connection_ends(serve: Any) -> None:
    served = await serve(refusing)
    client = await served.connect()
    await client.say(put(3, "Expect: 100-continue"))
    answer = await client.answer("PUT")
    # It may send the body or not, so that what it sends next could be either.
    assert (answer.status, answer.body, answer.closes) == (403, b"no", True)
    await client.say(put(0))
    client.half_close()
    assert await client.closed() == b""


async def test_a_client_that_did_not_wait_is_not_told_to_go_on(serve: Any) -> None:
    served = await serve()
    answer = await served.ask(put(3, "Expect: 100-continue") + "abc", "PUT")
    assert answer.body == b"PUT /? 3"


async def test_a_client_that_waits_with_nothing_to_send_is_told_to_go_on_before_its_answer(serve: Any) -> None:
    served = await serve()
    client = await served.connect()
    for _ in range(2):
        await client.say(put(0, "Expect: 100-continue"))
        assert await client.hear(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert (await client.answer("PUT")).body == b"PUT /? 0"


async def test_http_1_0_knows_no_100(serve: Any) -> None:
    served = await serve()
    client = await served.connect()
    await client.say("PUT / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
    await asyncio.sleep(0.05)
    await client.say("abc")
    assert (await client.closed()).startswith(b"HTTP/1.1 200 OK\r\n")


# --- chunks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 4096])
async def test_a_chunked_body_arrives_with_its_trailers_and_the_next_request_follows(serve: Any, size: int) -> None:
    got: list[tuple[bytes, dict[str, str], int | None]] = []

    async def handler(request: Request) -> Response:
        body = await read_all(request.body, MEBIBYTE)
        got.append((body, dict(request.body.trailers), request.body.length))
        return Response(status=200)

    served = await serve(handler)
    client = await served.connect()
    wire = (
        "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
        '5;ext=1 ; b="c"\r\nhello\r\n0A\r\n, world...\r\n000\r\nX-Amz-Checksum-Crc32: AAAAAA== \r\nX-B:\r\n\r\n'
        + put(1)
        + "z"
    ).encode()
    for at in range(0, len(wire), size):
        await client.say(wire[at : at + size])
        await asyncio.sleep(0)
    assert [(await client.answer("PUT")).status for _ in range(2)] == [200, 200]
    assert got == [(b"hello, world...", {"x-amz-checksum-crc32": "AAAAAA==", "x-b": ""}, None), (b"z", {}, 1)]


async def test_trailers_have_a_limit(serve: Any) -> None:
    served = await serve()
    client = await served.connect()
    await client.say("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    await client.say(f"X-A: {'a' * 20_000}\r\n\r\n")
    assert (await client.answer("PUT")).body == b"InternalError\n"  # echo does not catch RequestTooLarge


# --- what no one reads ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [10, 100_000])
async def test_a_small_unread_body_is_dropped_and_the_connection_stays(serve: Any, length: int) -> None:
    served = await serve(refusing)
    client = await served.connect()
    for _ in range(3):
        await client.say(put(length))
        await client.say(b"x" * (length // 2))
        answer = await client.answer("PUT")
        assert (answer.status, answer.closes) == (403, False)
        await client.say(b"x" * (length - length // 2))


async def test_a_refusal_reaches_a_client_that_goes_on_sending_a_large_body(serve: Any) -> None:
    served = await serve(refusing)
    client = await served.connect()
    await client.say(put(32 * MEBIBYTE))
    for _ in range(32):
        await client.say(b"x" * MEBIBYTE)
    answer = await client.answer("PUT")
    assert (answer.status, answer.body, answer.closes) == (403, b"no", True)
    assert await client.closed() == b""


async def test_a_client_that_never_stops_sending_is_cut_off(serve: Any, quick: Limits) -> None:
    served = await serve(refusing, quick)
    client = await served.connect()
    await client.say(put(10**15))

    async def send() -> None:
        while True:
            await client.say(b"x" * 1000)
            await asyncio.sleep(0.01)

    with pytest.raises(ConnectionError):
        await asyncio.wait_for(send(), 5)


async def test_a_handler_that_reads_half_leaves_the_rest_to_be_dropped(serve: Any) -> None:
    async def handler(request: Request) -> Response:
        async for piece in request.body:
            return Response(status=200, body=piece[:1])
        return Response(status=500)

    served = await serve(handler)
    client = await served.connect()
    for _ in range(2):
        await client.say(put(1000) + "a" * 500)
        assert (await client.answer("PUT")).body == b"a"
        await client.say("b" * 500)


# --- backpressure ---------------------------------------------------------------------------------------------


async def test_a_handler_that_does_not_read_stops_the_client_and_then_gets_large_pieces(serve: Any) -> None:
    begin = asyncio.Event()
    sizes: list[int] = []

    async def handler(request: Request) -> Response:
        await begin.wait()
        async for piece in request.body:
            sizes.append(len(piece))
            await asyncio.sleep(0)
        return Response(status=200)

    served = await serve(handler)
    client = await served.connect()
    size = 64 * MEBIBYTE
    sent = 0

    async def send() -> None:
        nonlocal sent
        await client.say(put(size))
        while sent < size:
            await client.say(b"x" * 65536)
            sent += 65536

    sending = asyncio.create_task(send())
    await asyncio.sleep(0.2)
    stopped_at = sent
    await asyncio.sleep(0.1)
    assert sent == stopped_at < 16 * MEBIBYTE  # what the two sockets and the limit hold
    begin.set()
    assert (await client.answer("PUT", within=20)).status == 200
    await sending
    assert sum(sizes) == size
    assert size / len(sizes) > 32 * 1024
    assert max(sizes) <= 512 * 1024


async def test_pipelined_requests_wait_in_the_socket(serve: Any) -> None:
    begin = asyncio.Event()

    async def handler(request: Request) -> Response:
        await begin.wait()
        return Response(status=200)

    served = await serve(handler)
    client = await served.connect()
    one = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 2000
    sent = 0

    async def send() -> None:
        nonlocal sent
        while True:
            await client.say(one)
            sent += len(one)

    sending = asyncio.create_task(send())
    await asyncio.sleep(0.2)
    stopped_at = sent
    await asyncio.sleep(0.1)
    assert sent == stopped_at < 16 * MEBIBYTE
    (connection,) = served.server._site.connections
    assert len(connection._intake) <= 64 * 1024 + 256 * 1024
    sending.cancel()


# --- clients that go away or fall silent ----------------------------------------------------------------------


@pytest.mark.parametrize("how", ["reset", "half_close"])
async def test_reading_raises_client_gone_when_the_client_leaves_in_the_middle(serve: Any, how: str) -> None:
    raised: list[BaseException] = []

    async def handler(request: Request) -> Response:
        try:
            await read_all(request.body, 1000)
        except BaseException as error:
            raised.append(error)
            raise
        return Response(status=200)

    served = await serve(handler)
    client = await served.connect()
    await client.say(put(10) + "abc")
    await asyncio.sleep(0.05)
    getattr(client, how)()
    await served.until(lambda: raised)
    assert [type(error) for error in raised] == [ClientGone]
    await served.until(lambda: not served.server.connections)


async def test_a_client_that_falls_silent_in_its_body_is_told_so(serve: Any, quick: Limits) -> None:
    async def handler(request: Request) -> Response:
        try:
            await read_all(request.body, 1000)
        except RequestTimedOut as error:
            return Response(status=400, body=error.message.encode())
        return Response(status=200)

    served = await serve(handler, quick)
    answer = await served.ask(put(10) + "abc", "PUT")
    assert (answer.status, answer.closes) == (400, True)
    assert answer.body.startswith(b"Your socket connection to the server was not read from or written to")


async def test_a_slow_client_is_not_late_as_long_as_bytes_come(serve: Any, quick: Limits) -> None:
    served = await serve(limits=quick)
    client = await served.connect()
    await client.say(put(8))
    for _ in range(8):
        await asyncio.sleep(0.08)
        await client.say("x")
    assert (await client.answer("PUT")).body == b"PUT /? 8"


async def test_a_slow_handler_is_not_the_clients_fault(serve: Any, quick: Limits) -> None:
    async def handler(request: Request) -> Response:
        size = 0
        async for piece in request.body:
            size += len(piece)
            await asyncio.sleep(0.3)
        return Response(status=200, body=str(size).encode())

    served = await serve(handler, quick)
    client = await served.connect()
    await client.say(put(4) + "ab")
    await asyncio.sleep(0.1)
    await client.say("cd")
    assert (await client.answer("PUT")).body == b"4"


async def test_a_small_receive_buffer_changes_nothing(serve: Any) -> None:
    served = await serve()
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    sock.connect((served.host, served.port))
    sock.setblocking(False)
    client = await served.connect(sock=sock)
    await client.say(put(MEBIBYTE))
    await client.say(b"x" * MEBIBYTE)
    assert (await client.answer("PUT")).body == f"PUT /? {MEBIBYTE}".encode()


async def test_many_tiny_pieces_are_held_for_what_they_cost() -> None:
    told: list[str] = []

    class Inlet:
        def __getattr__(self, name: str) -> Any:
            return lambda: told.append(name)

    inlet: Any = Inlet()
    body = SocketBody(inlet, Limits(body_high_bytes=10_000, body_low_bytes=1000), None)
    count = 0
    while "body_full" not in told:
        body.put(b"x")
        count += 1
    assert count < 101
    body.end()
    assert await read_all(body, 1000) == b"x" * count
    assert told == ["body_full", "body_wanted", "body_low"]


async def test_a_body_that_was_given_up_never_looks_whole_to_who_reads_it_later(serve: Any) -> None:
    kept: list[Request] = []

    async def handler(request: Request) -> Response:
        kept.append(request)
        return Response(status=200)

    served = await serve(handler)
    client = await served.connect()
    await client.say(put(1000) + "x" * 500)
    assert (await client.answer("PUT")).status == 200
    await client.say("x" * 500)
    with pytest.raises(ClientGone):
        await read_all(kept[0].body, 1000)

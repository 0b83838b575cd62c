"""The life of a connection: order, limits, deadlines, clients that leave, and a server that stops."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from marinelayer.http import Request, Response
from marinelayer.serving.limits import Limits

GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def test_pipelined_requests_are_answered_in_order_one_at_a_time(serve: Any) -> None:
    running = 0

    async def handler(request: Request) -> Response:
        nonlocal running
        running += 1
        assert running == 1
        await asyncio.sleep(0.001 * (9 - int(request.query)))
        running -= 1
        return Response(status=200, body=request.query.encode())

    served = await serve(handler)
    client = await served.connect()
    await client.say("".join(f"GET /?{n} HTTP/1.1\r\nHost: x\r\n\r\n" for n in range(10)))
    assert [(await client.answer()).body for _ in range(10)] == [b"%d" % n for n in range(10)]


async def test_ten_thousand_pipelined_requests_are_all_answered(serve: Any) -> None:
    served = await serve()
    client = await served.connect()
    sending = asyncio.create_task(client.say(GET * 10_000 + "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
    wire = await client.closed(within=20)
    await sending
    assert wire.count(b"HTTP/1.1 200 OK") == 10_001


async def test_requests_with_bodies_may_be_pipelined(serve: Any) -> None:
    served = await serve()
    client = await served.connect()
    put = "PUT /{0} HTTP/1.1\r\nHost: x\r\nContent-Length: {0}\r\n\r\n"
    await client.say("".join(put.format(n) + "x" * n for n in (0, 5, 70_000, 1)))
    assert [(await client.answer("PUT")).body for _ in range(4)] == [b"PUT /%d? %d" % (n, n) for n in (0, 5, 70_000, 1)]


async def test_what_follows_a_last_request_is_not_answered(serve: Any) -> None:
    served = await serve()
    client = await served.connect()
    await client.say("GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + GET)
    answer = await client.answer()
    assert (answer.body, answer.closes) == (b"GET /last? 0", True)
    client.half_close()
    assert await client.closed() == b""


# --- limits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET /{0} HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        ("GET /{0}", 414),
        ("GET / HTTP/1.1\r\nHost: x\r\nX-A: {0}{0}\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\nHost: x\r\nX-A: {0}{0}{0}{0}", 431),
        ("GET / HTTP/1.1\r\nHost: x\r\n" + "X-A: b\r\n" * 3000, 431),
    ],
)
async def test_a_head_that_is_too_large_is_refused_whole_or_not(serve: Any, head: str, status: int) -> None:
    served = await serve()
    answer = await served.ask(head.replace("{0}", "a" * 9000))
    assert (answer.status, answer.body, answer.closes) == (status, b"RequestTooLarge\n", True)
    assert len(answer.headers["x-amz-request-id"]) == 16


async def test_sixteen_kibibytes_of_headers_and_eight_of_target_are_served(serve: Any) -> None:
    served = await serve()
    head = f"GET /{'a' * 8100} HTTP/1.1\r\nHost: x\r\nX-A: {'a' * 16_000}\r\n\r\n"
    assert (await served.ask(head)).status == 200


async def test_a_client_too_many_is_turned_away(serve: Any) -> None:
    served = await serve(limits=Limits(connections=2))
    for _ in range(2):
        client = await served.connect()
        await client.say(GET)
        assert (await client.answer()).status == 200
    answer = await (await served.connect()).answer()
    assert (answer.status, answer.body, answer.closes) == (503, b"ServiceDown\n", True)


async def test_clients_too_many_are_not_kept(serve: Any) -> None:
    served = await serve(limits=Limits(connections=2, linger_seconds=60))
    many = [await served.connect() for _ in range(20)]
    for client in many:
        await client.say(b"GET / HT")
    await asyncio.sleep(0.1)
    assert served.server.connections <= 2


# --- deadlines ------------------------------------------------------------------------------------------------


async def test_a_head_that_trickles_in_is_answered_408(serve: Any, quick: Limits) -> None:
    served = await serve(limits=quick)
    client = await served.connect()

    async def trickle() -> None:
        for byte in b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 1000:
            await client.say(bytes([byte]))
            await asyncio.sleep(0.02)

    trickling = asyncio.create_task(trickle())
    answer = await client.answer(within=2)
    assert (answer.status, answer.body, answer.closes) == (408, b"RequestTimedOut\n", True)
    trickling.cancel()


async def test_the_deadline_of_a_second_head_begins_with_its_first_byte(serve: Any) -> None:
    served = await serve(limits=Limits(header_seconds=0.2, idle_seconds=10))
    client = await served.connect()
    await client.say(GET)
    await client.answer()
    await asyncio.sleep(0.4)
    await client.say(GET[:20])
    await asyncio.sleep(0.05)
    await client.say(GET[20:])
    assert (await client.answer()).status == 200
    await client.say(GET[:20])
    assert (await client.answer()).status == 408


@pytest.mark.parametrize("said", ["", GET, "\r\n"])
async def test_an_idle_connection_is_closed_without_a_word(serve: Any, quick: Limits, said: str) -> None:
    served = await serve(limits=quick)
    client = await served.connect()
    await client.say(said)
    wire = await client.closed(within=2)
    assert wire.count(b"HTTP/1.1") == (1 if said == GET else 0)


async def test_a_handler_may_take_its_time(serve: Any, quick: Limits) -> None:
    async def handler(request: Request) -> Response:
        await asyncio.sleep(0.5)
        return Response(status=200)

    served = await serve(handler, quick)
    assert (await served.ask(GET)).status == 200


# --- clients that leave ---------------------------------------------------------------------------------------


async def test_a_client_that_only_closes_its_side_is_answered(serve: Any) -> None:
    async def handler(request: Request) -> Response:
        await asyncio.sleep(0.1)
        return Response(status=200, body=b"late")

    served = await serve(handler)
    client = await served.connect()
    await client.say(GET + GET + GET[:10])
    client.half_close()
    assert (await client.closed()).count(b"late") == 2


@pytest.mark.parametrize("how", ["reset", "half_close"])
async def test_a_handler_whose_client_has_left_is_cancelled(serve: Any, quick: Limits, how: str) -> None:
    ended: list[str] = []

    async def handler(request: Request) -> Response:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return Response(status=200)

    served = await serve(handler, quick)
    client = await served.connect()
    await client.say(GET)
    await asyncio.sleep(0.1)
    getattr(client, how)()
    await served.until(lambda: ended)
    await served.until(lambda: not served.server.connections)


async def test_a_stream_whose_client_has_left_is_closed(serve: Any) -> None:
    closed: list[str] = []

    async def endless() -> Any:
        try:
            while True:
                yield b"x" * 1000
                await asyncio.sleep(0.01)
        finally:
            closed.append("closed")

    async def handler(request: Request) -> Response:
        return Response(status=200, body=endless())

    served = await serve(handler)
    client = await served.connect()
    await client.say(GET)
    await client.hear(b"xxx")
    client.reset()
    await served.until(lambda: closed)


async def test_a_handler_that_cancels_itself_ends_the_connection(serve: Any) -> None:
    async def handler(request: Request) -> Response:
        raise asyncio.CancelledError

    served = await serve(handler)
    client = await served.connect()
    await client.say(GET)
    assert await client.closed() == b""
    await served.until(lambda: not served.server.connections)


# --- stopping -------------------------------------------------------------------------------------------------


async def test_a_stop_lets_what_runs_finish_and_closes_the_rest(serve: Any) -> None:
    begun = asyncio.Event()

    async def handler(request: Request) -> Response:
        begun.set()
        await asyncio.sleep(0.2)
        return Response(status=200, body=b"whole")

    served = await serve(handler)
    idle, busy = await served.connect(), await served.connect()
    await busy.say(GET)
    await begun.wait()
    stopping = asyncio.create_task(served.server.stop(5))
    assert await idle.closed(within=0.15) == b""
    with pytest.raises(ConnectionRefusedError):
        await served.connect()
    answer = await busy.answer()
    assert (answer.body, answer.closes) == (b"whole", True)
    await asyncio.wait_for(stopping, 1)


async def test_a_stop_cuts_off_what_does_not_finish_in_time(serve: Any) -> None:
    ended: list[str] = []

    async def handler(request: Request) -> Response:
        try:
            await asyncio.sleep(30)
        finally:
            await asyncio.sleep(0.1)
            ended.append("wound up")
        return Response(status=200)

    served = await serve(handler)
    client = await served.connect()
    await client.say(GET)
    await asyncio.sleep(0.05)
    await asyncio.wait_for(served.server.stop(0.1), 2)
    assert ended == ["wound up"]
    assert not served.server.connections


async def test_a_stop_without_clients_is_immediate(serve: Any) -> None:
    served = await serve()
    await asyncio.wait_for(served.server.stop(5), 0.5)


async def test_a_stop_does_not_wait_long_for_clients_that_linger(serve: Any) -> None:
    served = await serve()
    client = await served.connect()
    await client.say("nonsense\r\n\r\n")
    assert (await client.answer()).status == 400
    await asyncio.wait_for(served.server.stop(10), 2)


async def test_an_idle_client_that_never_took_its_answer_is_cut_off(serve: Any, quick: Limits) -> None:
    async def handler(request: Request) -> Response:
        return Response(status=200, body=b"x" * 200_000)

    served = await serve(handler, quick)
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    sock.connect((served.host, served.port))
    sock.send(GET.encode() * 60)
    await served.until(lambda: served.server.connections)
    await served.until(lambda: not served.server.connections)
    sock.close()

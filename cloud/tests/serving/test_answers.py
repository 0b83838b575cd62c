"""An answer on its way out: framing, files, streams, and clients that do not read."""

from __future__ import annotations

import asyncio
import hashlib
import os
import resource
import socket
import ssl
import threading
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from marinelayer.http import FileRange, Request, Response, ThreadedBody
from marinelayer.serving.limits import Limits

MEBIBYTE = 1024 * 1024
GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def answering(response: Response) -> Any:
    async def handler(request: Request) -> Response:
        return response

    return handler


def open_files() -> int:
    """How many descriptors this process holds, where the system tells."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


async def pieces(*given: bytes, error: Exception | None = None) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece
        await asyncio.sleep(0)
    if error is not None:
        raise error


class Made(ThreadedBody):
    """Bytes that are made in threads, each piece in a buffer that the next one overwrites."""

    def __init__(self, data: bytes, *, length: int | None = None, size: int = 300_000, error: bool = False) -> None:
        self.length = len(data) if length is None else length
        self.threads = set[str]()
        self._left = data
        self._buffer = bytearray(size)
        self._error = error

    def next_piece(self) -> memoryview:
        self.threads.add(threading.current_thread().name)
        piece, self._left = self._left[: len(self._buffer)], self._left[len(self._buffer) :]
        if not piece and self._error:
            raise ZeroDivisionError
        self._buffer[:] = bytes(len(self._buffer))
        self._buffer[: len(piece)] = piece
        return memoryview(self._buffer)[: len(piece)]


@pytest.fixture
def tls() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's context."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


# --- framing --------------------------------------------------------------------------------------------------


async def test_an_answer_has_a_date_a_length_and_the_handlers_headers_as_they_are(serve: Any) -> None:
    served = await serve(
        answering(Response(status=200, headers=(("X-Amz-Meta-\xc4", "\xe9"), ("ETag", '"a"')), body=b"abc"))
    )
    client = await served.connect()
    await client.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head, _, body = (await client.closed()).partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    assert lines[:3] == ["HTTP/1.1 200 OK", "X-Amz-Meta-\xc4: \xe9", 'ETag: "a"']
    assert parsedate_to_datetime(lines[3].removeprefix("Date: ")).tzinfo is not None
    assert lines[4:] == ["Content-Length: 3", "Connection: close"]
    assert body == b"abc"


async def test_a_date_and_a_server_that_the_handler_gives_are_kept(serve: Any) -> None:
    date = "Wed, 01 Mar 2006 12:00:00 GMT"
    served = await serve(answering(Response(status=200, headers=(("Date", date), ("Server", "AmazonS3")))))
    answer = await served.ask(GET)
    assert (answer.headers["date"], answer.headers["server"]) == (date, "AmazonS3")


async def test_head_has_the_given_length_and_no_body(serve: Any) -> None:
    served = await serve(answering(Response(status=200, headers=(("Content-Length", "12345"),))))
    client = await served.connect()
    for _ in range(2):
        await client.say("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await client.answer("HEAD")
        assert (answer.headers["content-length"], answer.body, answer.closes) == ("12345", b"", False)


@pytest.mark.parametrize("body", [b"abc", "stream", "file"])
async def test_a_body_that_comes_with_an_answer_to_head_is_not_sent(serve: Any, tmp_path: Path, body: Any) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    made = {"stream": pieces(b"abc"), "file": FileRange(tmp_path / "f", 0, 3)}.get(body, body)
    served = await serve(answering(Response(status=404, body=made)))
    client = await served.connect()
    await client.say("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head, _, rest = (await client.closed()).partition(b"\r\n\r\n")
    assert rest == b""
    assert (b"Content-Length: 3" in head) == (body != "stream")


@pytest.mark.parametrize(("status", "length"), [(204, None), (304, None), (304, "7")])
async def test_204_and_304_have_no_body_and_only_a_given_length(serve: Any, status: int, length: str | None) -> None:
    headers = (("Content-Length", length),) if length else ()
    served = await serve(answering(Response(status=status, headers=headers, body=b"" if length else b"abc")))
    client = await served.connect()
    for _ in range(2):
        await client.say(GET)
        answer = await client.answer()
        assert (answer.status, answer.body) == (status, b"")
        assert answer.headers.get("content-length") == length
        assert "transfer-encoding" not in answer.headers


async def test_a_stream_without_length_is_sent_in_chunks_and_the_connection_stays(serve: Any) -> None:
    async def handler(request: Request) -> Response:
        return Response(status=200, body=pieces(b"ab", b"", b"c" * 300, b"d"))

    served = await serve(handler)
    client = await served.connect()
    for _ in range(2):
        await client.say(GET)
        answer = await client.answer()
        assert answer.headers["transfer-encoding"] == "chunked"
        assert answer.body == b"ab" + b"c" * 300 + b"d"


async def test_a_stream_with_a_length_is_sent_as_it_is(serve: Any) -> None:
    served = await serve(answering(Response(status=200, headers=(("content-length", "3"),), body=pieces(b"ab", b"c"))))
    answer = await served.ask(GET)
    assert (answer.body, answer.headers["content-length"]) == (b"abc", "3")


async def test_a_stream_for_http_1_0_ends_with_the_connection(serve: Any) -> None:
    served = await serve(answering(Response(status=200, body=pieces(b"ab", b"c"))))
    client = await served.connect()
    await client.say("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    head, _, body = (await client.closed()).partition(b"\r\n\r\n")
    assert b"Connection: close" in head
    assert b"chunked" not in head
    assert body == b"abc"


async def test_http_1_0_keeps_the_connection_only_when_asked(serve: Any) -> None:
    served = await serve()
    client = await served.connect()
    await client.say("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
    assert (await client.answer()).headers["connection"] == "keep-alive"
    await client.say("GET / HTTP/1.0\r\n\r\n")
    assert b"Connection: close" in await client.closed()


@pytest.mark.parametrize("where", ["client", "handler"])
async def test_connection_close_is_honoured_from_either_side(serve: Any, where: str) -> None:
    headers = (("Connection", "close"),) if where == "handler" else ()
    served = await serve(answering(Response(status=200, headers=headers)))
    client = await served.connect()
    asked = "Connection: close\r\n" if where == "client" else ""
    await client.say(f"GET / HTTP/1.1\r\nHost: x\r\n{asked}\r\n")
    assert (await client.closed()).count(b"Connection: close") == 1


# --- answers that can not be sent -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "response",
    [
        Response(status=200, headers=(("x-a", "1\r\nx-b: 2"),)),
        Response(status=200, headers=(("x-a", "1\nx-b: 2"),)),
        Response(status=200, headers=(("x-a\r\nx-b", "1"),)),
        Response(status=200, headers=(("x-a", "\0"),)),
        Response(status=200, headers=(("x-a", "\u20ac"),)),
        Response(status=200, headers=(("content-length", "5"),), body=b"abc"),
        Response(status=200, headers=(("content-length", "5\r\n"),), body=b"abc"),
        Response(status=200, body=FileRange(Path("/nonexistent/a"), 0, 10)),
        Response(status=200, body=FileRange(Path("/nonexistent/a"), 0, 10 * MEBIBYTE)),
    ],
)
async def test_what_would_break_the_framing_becomes_an_internal_error(
    serve: Any, caplog: Any, response: Response
) -> None:
    served = await serve(answering(response))
    answer = await served.ask(GET)
    assert (answer.status, answer.body) == (503, b"InternalError\n")
    assert "x-b" not in answer.headers
    assert "the answer can not be sent" in caplog.text


async def test_a_handler_that_raises_gives_an_internal_error_with_the_request_id(serve: Any, caplog: Any) -> None:
    async def handler(request: Request) -> Response:
        raise ZeroDivisionError

    served = await serve(handler)
    answer = await served.ask(GET)
    assert answer.body == b"InternalError\n"
    assert answer.headers["x-amz-request-id"] in caplog.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("length", [None, "100"])
async def test_an_error_in_the_middle_of_a_stream_never_looks_like_an_end(
    serve: Any, caplog: Any, length: str | None
) -> None:
    headers = (("content-length", length),) if length else ()
    served = await serve(
        answering(Response(status=200, headers=headers, body=pieces(b"abc", error=ZeroDivisionError())))
    )
    client = await served.connect()
    await client.say(GET)
    await client.hear(b"abc")
    try:
        rest = await client.closed()
    except ConnectionError:
        rest = b""
    assert b"0\r\n\r\n" not in rest
    assert "the answer broke off" in caplog.text


@pytest.mark.parametrize("given", [(b"ab",), (b"ab", b"cdef")])
async def test_a_stream_that_is_not_as_long_as_it_said_breaks_off(
    serve: Any, caplog: Any, given: tuple[bytes, ...]
) -> None:
    served = await serve(answering(Response(status=200, headers=(("content-length", "4"),), body=pieces(*given))))
    client = await served.connect()
    await client.say(GET + GET)
    try:
        wire = await client.closed()
    except ConnectionError:
        wire = b""
    assert wire.count(b"HTTP/1.1") <= 1
    assert b"cdef" not in wire
    assert "content-length" in caplog.text


async def test_a_small_file_that_is_too_short_becomes_an_internal_error(
    serve: Any, caplog: Any, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(b"x" * 500)
    served = await serve(answering(Response(status=200, body=FileRange(tmp_path / "f", 0, 1000))))
    assert (await served.ask(GET)).body == b"InternalError\n"
    assert "shorter" in caplog.text


async def test_a_large_file_that_is_too_short_breaks_off(serve: Any, caplog: Any, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * MEBIBYTE)
    served = await serve(answering(Response(status=200, body=FileRange(tmp_path / "f", 0, 2 * MEBIBYTE))))
    client = await served.connect()
    await client.say(GET + GET)
    try:
        wire = await client.closed()
    except ConnectionError:
        wire = b""
    assert len(wire) < 2 * MEBIBYTE
    assert "shorter" in caplog.text


# --- files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(
    ("offset", "length"), [(0, 0), (0, 10), (5, 100_000), (1, 8 * MEBIBYTE - 1), (MEBIBYTE, 3 * MEBIBYTE)]
)
async def test_a_part_of_a_file_arrives_byte_for_byte(
    serve: Any, tmp_path: Path, tls: Any, offset: int, length: int, encrypted: bool
) -> None:
    data = os.urandom(MEBIBYTE) * 8
    (tmp_path / "f").write_bytes(data)
    served = await serve(
        answering(Response(status=200, body=FileRange(tmp_path / "f", offset, length))),
        ssl_context=tls[0] if encrypted else None,
    )
    client = await served.connect(ssl=tls[1] if encrypted else None)
    before = open_files()
    for _ in range(2):
        await client.say(GET)
        answer = await client.answer()
        assert hashlib.sha256(answer.body).digest() == hashlib.sha256(data[offset : offset + length]).digest()
    await client.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (await client.closed(within=20)).endswith(data[offset : offset + length])
    await served.until(lambda: open_files() <= before)


async def test_a_file_follows_an_answer_that_the_client_has_not_read_yet(serve: Any, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"f" * 2 * MEBIBYTE)
    responses = [
        Response(status=200, body=b"a" * 3 * MEBIBYTE),
        Response(status=200, body=FileRange(tmp_path / "f", 0, 2 * MEBIBYTE)),
    ] * 3

    async def handler(request: Request) -> Response:
        return responses.pop(0)

    served = await serve(handler)
    client = await served.connect()
    await client.say(GET * 6)
    await asyncio.sleep(0.2)
    for byte, size in [(b"a", 3 * MEBIBYTE), (b"f", 2 * MEBIBYTE)] * 3:
        assert (await client.answer(within=20)).body == byte * size


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("size", [0, 10, 300_000, 8 * MEBIBYTE + 1])
async def test_a_body_made_in_threads_arrives_byte_for_byte(serve: Any, tls: Any, size: int, encrypted: bool) -> None:
    data = (os.urandom(MEBIBYTE + 1) * 8)[:size]
    made: list[Made] = []

    async def handler(request: Request) -> Response:
        made.append(Made(data))
        return Response(status=200, body=made[-1])

    served = await serve(handler, ssl_context=tls[0] if encrypted else None)
    client = await served.connect(ssl=tls[1] if encrypted else None)
    before = open_files()
    for _ in range(3):
        await client.say(GET)
        answer = await client.answer(within=20)
        assert answer.headers["content-length"] == str(size)
        assert hashlib.sha256(answer.body).digest() == hashlib.sha256(data).digest()
        assert threading.main_thread().name not in made[-1].threads
    await served.until(lambda: open_files() <= before)


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("fault", ["error", "shorter", "longer"])
async def test_a_body_made_in_threads_that_fails_breaks_off(
    serve: Any, caplog: Any, tls: Any, fault: str, encrypted: bool
) -> None:
    announced = {"error": 4 * MEBIBYTE, "shorter": 2 * MEBIBYTE + 1, "longer": 2 * MEBIBYTE - 1}[fault]
    body = Made(b"x" * 2 * MEBIBYTE, length=announced, error=fault == "error")
    served = await serve(answering(Response(status=200, body=body)), ssl_context=tls[0] if encrypted else None)
    client = await served.connect(ssl=tls[1] if encrypted else None)
    await client.say(GET + GET)
    try:
        wire = await client.closed()
    except (ConnectionError, ssl.SSLError):
        wire = b""
    assert wire.count(b"HTTP/1.1") <= 1
    assert wire.count(b"x") <= announced
    assert "the answer broke off" in caplog.text
    assert ("ZeroDivisionError" if fault == "error" else fault) in caplog.text


async def test_clients_that_do_not_read_hold_no_thread(serve: Any) -> None:
    async def handler(request: Request) -> Response:
        return Response(status=200, body=Made(b"x" * 16 * MEBIBYTE))

    served = await serve(handler)
    stalled = [await slow_client(served) for _ in range(40)]
    for sock in stalled:
        sock.send(GET.encode())
    await served.until(lambda: served.server.connections == len(stalled))
    client = await served.connect()
    await client.say(GET)
    assert len((await client.answer(within=20)).body) == 16 * MEBIBYTE
    for sock in stalled:
        sock.close()


# --- clients that do not read ---------------------------------------------------------------------------------


async def slow_client(served: Any) -> Any:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect((served.host, served.port))
    sock.setblocking(False)
    return sock


async def test_a_stream_waits_for_a_client_that_does_not_read(serve: Any) -> None:
    made = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal made
        while True:
            made += 65536
            yield b"x" * 65536

    served = await serve(answering(Response(status=200, body=endless())))
    sock = await slow_client(served)
    sock.send(GET.encode())
    await asyncio.sleep(0.2)
    stopped_at = made
    await asyncio.sleep(0.1)
    assert made == stopped_at < 16 * MEBIBYTE
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await asyncio.sleep(0.2)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1024
    sock.close()
    await served.until(lambda: not served.server.connections)


@pytest.mark.parametrize("kind", ["bytes", "stream", "file", "made"])
async def test_a_client_that_takes_nothing_is_cut_off(serve: Any, quick: Limits, tmp_path: Path, kind: str) -> None:
    (tmp_path / "f").write_bytes(b"f" * 16 * MEBIBYTE)
    body: Any = {
        "bytes": b"x" * 16 * MEBIBYTE,
        "stream": pieces(*[b"x" * MEBIBYTE] * 16),
        "file": FileRange(tmp_path / "f", 0, 16 * MEBIBYTE),
        "made": Made(b"x" * 16 * MEBIBYTE),
    }[kind]
    served = await serve(answering(Response(status=200, body=body)), quick)
    sock = await slow_client(served)
    sock.send(GET.encode())
    await served.until(lambda: served.server.connections)
    await served.until(lambda: not served.server.connections, within=5)
    sock.close()


@pytest.mark.parametrize("kind", ["bytes", "file", "made"])
async def test_a_client_that_reads_slowly_gets_everything(serve: Any, quick: Limits, tmp_path: Path, kind: str) -> None:
    data = os.urandom(MEBIBYTE)
    (tmp_path / "f").write_bytes(data)
    body: Any = {"bytes": data, "file": FileRange(tmp_path / "f", 0, len(data)), "made": Made(data)}[kind]
    served = await serve(answering(Response(status=200, body=body)), quick)
    sock = await slow_client(served)
    sock.send(GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").encode())
    loop = asyncio.get_running_loop()
    got = bytearray()
    while piece := await loop.sock_recv(sock, 20_000):
        got += piece
        if len(got) % 7 == 0:
            await asyncio.sleep(0.01)
    sock.close()
    assert got.endswith(data)

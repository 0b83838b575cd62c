"""Requests that two readers could understand differently are refused by this one, and the connection ends."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import h11
import httptools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.http import Request, Response
from marinelayer.model.errors import MalformedRequest
from marinelayer.serving.framing import ChunkedFraming
from marinelayer.serving.head import FieldNames, parse_head

HOST = "Host: x\r\n"
CHUNKED = f"PUT / HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n"

HEADS = {
    "content-length with transfer-encoding": f"PUT / HTTP/1.1\r\n{HOST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two differing content-lengths": f"PUT / HTTP/1.1\r\n{HOST}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "two equal content-lengths": f"PUT / HTTP/1.1\r\n{HOST}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "a list of content-lengths": f"PUT / HTTP/1.1\r\n{HOST}Content-Length: 3, 3\r\n\r\nabc",
    "a signed content-length": f"PUT / HTTP/1.1\r\n{HOST}Content-Length: +3\r\n\r\nabc",
    "a hexadecimal content-length": f"PUT / HTTP/1.1\r\n{HOST}Content-Length: 0x3\r\n\r\nabc",
    "a content-length with a blank": f"PUT / HTTP/1.1\r\n{HOST}Content-Length: 3 3\r\n\r\nabc",
    "a content-length of other digits": f"PUT / HTTP/1.1\r\n{HOST}Content-Length: \xb2\r\n\r\nabc",
    "an empty content-length": f"PUT / HTTP/1.1\r\n{HOST}Content-Length:\r\n\r\n",
    "a content-length beyond all bounds": f"PUT / HTTP/1.1\r\n{HOST}Content-Length: {'9' * 19}\r\n\r\n",
    "a folded header": f"GET / HTTP/1.1\r\n{HOST}X-A: 1\r\n  2\r\n\r\n",
    "a folded first header": f"GET / HTTP/1.1\r\n Folded: 1\r\n{HOST}\r\n",
    "a blank before the colon": f"PUT / HTTP/1.1\r\n{HOST}Content-Length : 3\r\n\r\nabc",
    "a tab before the colon": f"PUT / HTTP/1.1\r\n{HOST}Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
    "a header without a name": f"GET / HTTP/1.1\r\n{HOST}: a\r\n\r\n",
    "a header without a colon": f"GET / HTTP/1.1\r\n{HOST}abc\r\n\r\n",
    "a header name of other letters": f"GET / HTTP/1.1\r\n{HOST}x-\xe4: 1\r\n\r\n",
    "an unknown transfer coding": f"PUT / HTTP/1.1\r\n{HOST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": f"PUT / HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunked and then something": f"PUT / HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "nearly chunked": f"PUT / HTTP/1.1\r\n{HOST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked with a vertical tab": f"PUT / HTTP/1.1\r\n{HOST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "an empty transfer-encoding": f"PUT / HTTP/1.1\r\n{HOST}Transfer-Encoding:\r\n\r\n",
    "chunked in http/1.0": f"PUT / HTTP/1.0\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "no host": "GET / HTTP/1.1\r\n\r\n",
    "two hosts": f"GET / HTTP/1.1\r\n{HOST}{HOST}\r\n",
    "an empty host": "GET / HTTP/1.1\r\nHost:\r\n\r\n",
    "a host with userinfo": "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
    "a host with a path": "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "a host with a blank": "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    "an absolute target with userinfo": f"GET http://a@b/ HTTP/1.1\r\n{HOST}\r\n",
    "an absolute target of another scheme": f"GET ftp://a/ HTTP/1.1\r\n{HOST}\r\n",
    "an absolute target and no host": "GET http://a/ HTTP/1.1\r\n\r\n",
    "bare line feeds": "GET / HTTP/1.1\nHost: x\n\n",
    "a bare line feed among headers": f"GET / HTTP/1.1\r\n{HOST}X-A: 1\nX-B: 2\r\n\r\n",
    "a bare carriage return": f"GET / HTTP/1.1\r\n{HOST}X-A: 1\rX-B: 2\r\n\r\n",
    "a carriage return twice": f"GET / HTTP/1.1\r\n{HOST}X-A: 1\r\r\n\r\n",
    "a carriage return before the end": f"GET / HTTP/1.1\r\n{HOST}\r\r\n\r\n",
    "a NUL in a value": f"GET / HTTP/1.1\r\n{HOST}X-A: \0\r\n\r\n",
    "a NUL in the target": f"GET /\0 HTTP/1.1\r\n{HOST}\r\n",
    "a control in a value": f"GET / HTTP/1.1\r\n{HOST}X-A: \x1b[0m\r\n\r\n",
    "a delete in a value": f"GET / HTTP/1.1\r\n{HOST}X-A: \x7f\r\n\r\n",
    "a tab in the request line": f"GET\t/ HTTP/1.1\r\n{HOST}\r\n",
    "two blanks in the request line": f"GET  / HTTP/1.1\r\n{HOST}\r\n",
    "a blank in the target": f"GET /a b HTTP/1.1\r\n{HOST}\r\n",
    "a blank before the request": f" GET / HTTP/1.1\r\n{HOST}\r\n",
    "a blank after the version": f"GET / HTTP/1.1 \r\n{HOST}\r\n",
    "no version": f"GET /\r\n{HOST}\r\n",
    "another version": f"GET / HTTP/1.2\r\n{HOST}\r\n",
    "a version in small letters": f"GET / http/1.1\r\n{HOST}\r\n",
    "the preface of http/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no target": f"GET  HTTP/1.1\r\n{HOST}\r\n",
    "a relative target": f"GET a HTTP/1.1\r\n{HOST}\r\n",
    "an asterisk": f"OPTIONS * HTTP/1.1\r\n{HOST}\r\n",
    "a method that is no token": f"G(T / HTTP/1.1\r\n{HOST}\r\n",
    "connect": "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
    "a tls handshake": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}

BODIES = {
    "a chunk size with a sign": "+3\r\nabc\r\n0\r\n\r\n",
    "a chunk size with 0x": "0x3\r\nabc\r\n0\r\n\r\n",
    "a chunk size with a blank before": " 3\r\nabc\r\n0\r\n\r\n",
    "a chunk size with a blank after": "3 \r\nabc\r\n0\r\n\r\n",
    "a chunk size with an underscore": "1_0\r\nabc\r\n0\r\n\r\n",
    "no chunk size": "\r\nabc\r\n0\r\n\r\n",
    "a chunk size beyond all bounds": "10000000000000000\r\nabc\r\n0\r\n\r\n",
    "a chunk size line without end": "3;" + "a" * 1000,
    "a chunk longer than its size": "3\r\nabcd\r\n0\r\n\r\n",
    "a chunk without an end": "3\r\nabc0\r\n\r\n",
    "a line feed after a chunk's size": "3\nabc\r\n0\r\n\r\n",
    "a line feed after a chunk": "3\r\nabc\n0\r\n\r\n",
    "a carriage return after a chunk": "3\r\nabc\r0\r\n\r\n",
    "a control in an extension": "3;a\x00b\r\nabc\r\n0\r\n\r\n",
    "a line feed in an extension": "3;a\nb\r\nabc\r\n0\r\n\r\n",
    "a trailer with a blank before its colon": "0\r\nx-a : 1\r\n\r\n",
    "a folded trailer": "0\r\nx-a: 1\r\n 2\r\n\r\n",
    "a trailer with a line feed": "0\r\nx-a: 1\nx-b: 2\r\n\r\n",
    "a trailer that would change the framing": "0\r\nContent-Length: 5\r\n\r\n",
    "a trailer that ends with two carriage returns": "0\r\nx-a: 1\r\r\n\r\n",
    "a line feed in place of the trailers": "0\r\n\nGET / HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
async def test_an_ambiguous_head_answers_400_and_closes(serve: Any, head: str) -> None:
    served = await serve()
    client = await served.connect()
    await client.say(head + f"GET /smuggled HTTP/1.1\r\n{HOST}\r\n")
    answer = await client.answer()
    assert (answer.status, answer.body, answer.closes) == (400, b"MalformedRequest\n", True)
    assert len(answer.headers["x-amz-request-id"]) == 16
    client.half_close()
    assert await client.closed() == b""


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("together", [True, False], ids=["in one piece", "byte by byte"])
async def test_a_broken_chunk_reaches_the_handler_as_malformed_and_closes(
    serve: Any, body: str, together: bool
) -> None:
    async def handler(request: Request) -> Response:
        try:
            async for _ in request.body:
                pass
        except MalformedRequest:
            return Response(status=400, body=b"malformed")
        return Response(status=200)

    served = await serve(handler)
    client = await served.connect()
    await client.say(CHUNKED)
    data = (body + f"GET /smuggled HTTP/1.1\r\n{HOST}\r\n").encode("latin-1")
    for piece in [data] if together else [data[at : at + 1] for at in range(len(body))]:
        await client.say(piece)
        await asyncio.sleep(0)
    answer = await client.answer("PUT")
    assert (answer.status, answer.body, answer.closes) == (400, b"malformed", True)
    client.half_close()
    assert await client.closed() == b""


# --- second opinions ------------------------------------------------------------------------------------------

_PARTS = [
    b"GET", b"PUT", b" ", b"/", b"/a%20b?c", b"http://h/p", b"HTTP/1.1", b"HTTP/1.0", b"\r\n", b"\n", b"\r", b"\t", b":",
    b"Host", b"Host: x", b"Content-Length: 5", b"Transfer-Encoding: chunked", b"Connection: a,close", b"X-A: b", b"\0", b"\x0b",
    b"\xff", b",", b"5", b";",
]  # fmt: skip
_HEADS = st.one_of(
    st.lists(st.sampled_from(_PARTS), max_size=24).map(b"".join),
    st.lists(st.sampled_from([b"Host: x", b"X-A: 1", b"Content-Length: 5", b"x:y", b"Connection: a,close", b" f", b"a : b"]))
    .map(lambda lines: b"\r\n".join([b"PUT /a HTTP/1.1", b"Host: x", *lines])),
)  # fmt: skip


class _Heard:
    def __init__(self) -> None:
        self.parser = httptools.HttpRequestParser(self)
        self.url = b""
        self.headers: list[tuple[str, str]] = []
        self.complete = False

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t")))

    def on_headers_complete(self) -> None:
        self.complete = True
        self.persistent = self.parser.should_keep_alive()


@settings(max_examples=800, deadline=None)
@given(_HEADS)
def test_what_we_accept_llhttp_and_h11_read_in_the_same_way(data: bytes) -> None:
    try:
        head = parse_head(data, FieldNames())
    except MalformedRequest:
        return
    if head.form == "absolute":
        return  # we change the Host field, as RFC 9112 3.2.2 asks
    heard = _Heard()
    heard.parser.feed_data(data + b"\r\n\r\n")
    assert heard.complete
    target = head.path + (f"?{head.query}" if "?" in heard.url.decode("latin-1") else "")
    assert (heard.url.decode("latin-1"), heard.headers) == (target, list(head.headers.pairs))
    assert heard.persistent == head.persistent

    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data + b"\r\n\r\n")
    event = connection.next_event()
    assert isinstance(event, h11.Request)
    assert event.target.decode("latin-1") == target
    assert [(n.decode("latin-1"), v.decode("latin-1")) for n, v in event.headers] == list(head.headers.pairs)


_CHUNK_PARTS = [b"0", b"3", b"a", b"\r\n", b"\n", b"\r", b"abc", b";x=1", b"x-a: 1", b" ", b"10", b"\0", b"F"]


@settings(max_examples=800, deadline=None)
@given(st.lists(st.sampled_from(_CHUNK_PARTS), max_size=20).map(b"".join), st.lists(st.integers(0, 60), max_size=4))
def test_chunks_are_read_the_same_however_they_are_cut_and_as_h11_reads_them(data: bytes, cuts: list[int]) -> None:
    def read(pieces: list[bytes]) -> tuple[bytes, bytes, bool, dict[str, str]] | None:
        reader = ChunkedFraming(FieldNames(), trailer_bytes=1000)
        content, rest = b"", b""
        try:
            for piece in pieces:
                if reader.ended:
                    rest += piece
                    continue
                found, rest = reader.feed(piece)
                content += b"".join(found)
        except MalformedRequest:
            return None
        return content, rest, reader.ended, reader.trailers

    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    whole = read([data])
    if whole is None or whole[2]:
        assert read([data[a:b] for a, b in itertools.pairwise(edges)]) == whole
    if whole is None or not whole[2]:
        return
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(b"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + data)
    connection.next_event()
    content = b""
    while isinstance(event := connection.next_event(), h11.Data):
        content += event.data
    assert isinstance(event, h11.EndOfMessage)
    assert content == whole[0]
    assert connection.trailing_data[0] == whole[1]

"""What the handler sees of what the client sent."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from marinelayer.http import Request, Response, read_all
from marinelayer.serving.server import new_request_id


@dataclass
class Ear:
    """A handler that remembers what it was asked."""

    requests: list[Request] = field(default_factory=list)

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        await read_all(request.body, 1_000_000)
        return Response(status=200)


async def heard(serve: Any, data: str | bytes) -> Request:
    ear = Ear()
    served = await serve(ear)
    answer = await served.ask(data)
    assert answer.status == 200
    return ear.requests[0]


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/", "/", ""),
        ("/a%2Fb/%C3%A9%20+", "/a%2Fb/%C3%A9%20+", ""),
        ("//a//b/../c/./d", "//a//b/../c/./d", ""),
        ("/k?a=1&a=2&b&c=%20+?", "/k", "a=1&a=2&b&c=%20+?"),
        ("/k?", "/k", ""),
        ("/k\xc3\xa9", "/k\xc3\xa9", ""),
        ("/a;b=c:d@e!$&'()*,[]|^`{}\"<>", "/a;b=c:d@e!$&'()*,[]|^`{}\"<>", ""),
    ],
)
async def test_the_target_reaches_the_handler_as_it_was_written(serve: Any, target: str, path: str, query: str) -> None:
    request = await heard(serve, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (request.path, request.query) == (path, query)


async def test_repeated_headers_keep_their_order_and_lose_only_their_outer_blanks(serve: Any) -> None:
    request = await heard(
        serve, "GET / HTTP/1.1\r\nHost: x\r\nX-B: \t two  words \t\r\nx-a:\r\nX-b:1\r\nX-A: \xe9\r\n\r\n"
    )
    assert request.headers.pairs == (("host", "x"), ("x-b", "two  words"), ("x-a", ""), ("x-b", "1"), ("x-a", "\xe9"))


async def test_a_head_in_single_bytes_is_read_like_one_in_one_piece(serve: Any) -> None:
    ear = Ear()
    served = await serve(ear)
    client = await served.connect()
    for byte in b"\r\nPUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc":
        await client.say(bytes([byte]))
        await asyncio.sleep(0)
    assert (await client.answer()).status == 200
    assert ear.requests[0].path == "/a"
    assert ear.requests[0].body.length == 3


async def test_peer_scheme_and_host_are_those_of_the_connection(serve: Any) -> None:
    request = await heard(serve, "GET / HTTP/1.1\r\nHost: Bucket.S3.Example:4566\r\n\r\n")
    assert (request.peer, request.scheme, request.host) == ("127.0.0.1", "http", "bucket.s3.example:4566")


async def test_the_target_in_absolute_form_wins_over_the_host_header(serve: Any) -> None:
    request = await heard(serve, "GET http://Right:80/a?b HTTP/1.1\r\nHost: wrong\r\n\r\n")
    assert (request.host, request.path, request.query) == ("right:80", "/a", "b")
    assert request.headers.all("host") == ["Right:80"]


@pytest.mark.parametrize(("target", "path", "query"), [("http://h", "/", ""), ("http://h?q", "/", "q")])
async def test_an_absolute_target_without_a_path_means_the_root(serve: Any, target: str, path: str, query: str) -> None:
    request = await heard(serve, f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n")
    assert (request.path, request.query) == (path, query)


async def test_a_request_of_http_1_0_needs_no_host(serve: Any) -> None:
    assert (await heard(serve, "GET / HTTP/1.0\r\n\r\n")).host == ""


async def test_an_undeclared_body_has_no_length_and_an_empty_one_has_zero(serve: Any) -> None:
    assert (await heard(serve, "PUT / HTTP/1.1\r\nHost: x\r\n\r\n")).body.length is None
    assert (await heard(serve, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")).body.length == 0


async def test_every_request_has_an_id_of_its_own_as_s3_writes_them(serve: Any) -> None:
    ear = Ear()
    served = await serve(ear)
    client = await served.connect()
    for _ in range(3):
        await client.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await client.answer()
    ids = [request.id for request in ear.requests]
    assert len(set(ids)) == 3
    assert all(re.fullmatch("[0-9A-F]{16}", request_id) for request_id in [*ids, new_request_id()])

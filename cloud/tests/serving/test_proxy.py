"""The proxy of `marinelayer run`, with the clients that people use and with raw bytes."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import shutil
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme

from marinelayer.http import Request, Response, read_all
from marinelayer.serving.child import child_environment
from marinelayer.serving.proxy import Proxy, is_amazon, split_authority
from marinelayer.serving.server import HttpServer
from marinelayer.serving.tls import CertificateAuthority

MEBIBYTE = 1024 * 1024


class Cloud:
    """A handler that tells what it was asked, and its proxy."""

    def __init__(self, folder: Path) -> None:
        self.authority = CertificateAuthority.open(folder / "ca")
        self.requests: list[Request] = []
        self.proxies: list[Proxy] = []

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        size = len(await read_all(request.body, 16 * MEBIBYTE))
        told = {"scheme": request.scheme, "host": request.host, "method": request.method, "path": request.path}
        return Response(
            status=200,
            headers=(("Content-Type", "text/csv"), ("ETag", '"a"')),
            body=b"" if request.method == "PUT" else json.dumps(told | {"query": request.query, "size": size}).encode(),
        )

    async def proxy(self, **more: Any) -> Proxy:
        def refuse(refusal: Any, request_id: str) -> Response:
            return Response(status=500, body=type(refusal).__name__.encode())

        proxy = Proxy(self, self.authority, refuse=refuse, **more)
        await proxy.listen()
        self.proxies.append(proxy)
        return proxy

    def environment(self, proxy: Proxy, **more: str) -> dict[str, str]:
        return child_environment(
            {"PATH": "/usr/bin:/bin", **more},
            proxy_url=proxy.url,
            ca_bundle=str(self.authority.bundle),
            key_id="AKIAEXAMPLE12345",
            secret="secret",
            region="us-east-1",
        )


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Cloud]:
    cloud = Cloud(tmp_path)
    yield cloud
    for proxy in cloud.proxies:
        await proxy.stop(1)


class Upstream:
    """Another server, of http and of https."""

    def __init__(self, folder: Path) -> None:
        self.heard: list[Request] = []
        self.authority = trustme.CA()
        self.root = folder / "upstream.pem"
        self.authority.cert_pem.write_to_path(self.root)
        self.server = HttpServer(self, refuse=lambda refusal, _: Response(status=500))
        self.http = self.https = 0

    async def listen(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert("127.0.0.1").configure_cert(context)
        _, self.http = await self.server.listen("127.0.0.1", 0)
        _, self.https = await self.server.listen("127.0.0.1", 0, context)

    async def __call__(self, request: Request) -> Response:
        self.heard.append(request)
        body = await read_all(request.body, 64 * MEBIBYTE)

        async def stream() -> AsyncIterator[bytes]:
            yield b"outside "
            yield str(len(body)).encode()

        match request.path:
            case "/stream":
                return Response(status=200, headers=(("X-Hop", "1"), ("Keep-Alive", "a")), body=stream())
            case "/none":
                return Response(status=204)
            case _:
                return Response(status=201, body=b"outside %d" % len(body))


@pytest.fixture
async def upstream(tmp_path: Path) -> AsyncIterator[Upstream]:
    upstream = Upstream(tmp_path)
    await upstream.listen()
    yield upstream
    await upstream.server.stop(0)


async def run(environment: dict[str, str], *command: str) -> str:
    child = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await asyncio.wait_for(child.communicate(), 60)
    assert child.returncode == 0, err.decode()
    return out.decode()


async def say(proxy: Proxy, data: str, *, authorised: bool = True) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(proxy.url).port)
    own = base64.b64encode(f"marinelayer:{urlsplit(proxy.url).password}".encode()).decode()
    head, blank, body = data.partition("\r\n\r\n")
    writer.write((head + (f"\r\nProxy-Authorization: Basic {own}" if authorised else "") + blank + body).encode())
    return reader, writer


async def hear(proxy: Proxy, data: str, *, authorised: bool = True) -> tuple[int, str]:
    """The status and the whole of an answer."""
    reader, writer = await say(proxy, data, authorised=authorised)
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).decode()
    length = next((int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0)
    body = (await asyncio.wait_for(reader.readexactly(length), 5)).decode()
    writer.close()
    return int(head.split()[1]), head + body


# --- names ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "amazon"),
    [
        ("amazonaws.com", True),
        ("S3.AmazonAWS.com", True),
        ("a.b.s3.amazonaws.com.", True),
        ("xamazonaws.com", False),
        ("amazonaws.com.example.com", False),
        ("amazonaws.com..", False),
        ("amazonaws.co", False),
        ("", False),
        ("[::1]", False),
    ],
)
def test_only_names_on_a_label_boundary_are_amazons(host: str, amazon: bool) -> None:
    assert is_amazon(host) is amazon


@pytest.mark.parametrize(
    ("authority", "split"),
    [("a", ("a", 80)), ("a:1", ("a", 1)), ("a:", ("a", 80)), ("[::1]", ("::1", 80)), ("[::1]:8", ("::1", 8))],
)
def test_an_authority_is_split_into_host_and_port(authority: str, split: tuple[str, int]) -> None:
    assert split_authority(authority, 80) == split


# --- clients --------------------------------------------------------------------------------------------------

PYTHON = """
import json, sys, urllib.request
import boto3, requests
from botocore.config import Config

told = []
s3 = boto3.client("s3", config=Config(retries={"total_max_attempts": 1}))
told.append(json.loads(s3.get_object(Bucket="bucket", Key="k")["Body"].read()))
told.append(json.loads(s3.get_object(Bucket="my.dotted.bucket", Key="k")["Body"].read()))
s3.put_object(Bucket="bucket", Key="big", Body=b"x" * 3_000_000)
plain = boto3.client("s3", use_ssl=False, config=Config(s3={"addressing_style": "virtual"}))
told.append(json.loads(plain.get_object(Bucket="bucket", Key="k")["Body"].read()))
plain.put_object(Bucket="bucket", Key="big", Body=b"x" * 3_000_000)
for url in ("https://b.s3.amazonaws.com/k?a=1", "https://my.dotted.bucket.s3.eu-west-1.amazonaws.com/k",
            "http://b.s3.amazonaws.com/k?a=1"):
    told.append(requests.get(url, timeout=10).json())
    told.append(json.load(urllib.request.urlopen(url, timeout=10)))
print(json.dumps(told))
"""


async def test_boto3_requests_and_urllib_reach_us_by_literal_addresses(cloud: Cloud) -> None:
    proxy = await cloud.proxy(offline=True)
    told = json.loads(await run(cloud.environment(proxy), sys.executable, "-c", PYTHON))
    seen = [(one["scheme"], one["host"], one["path"], one["query"]) for one in told]
    assert seen[:3] == [
        ("https", "bucket.s3.amazonaws.com", "/k", ""),
        ("https", "s3.amazonaws.com", "/my.dotted.bucket/k", ""),
        ("http", "bucket.s3.amazonaws.com", "/k", ""),
    ]
    assert seen[3:] == [
        one
        for one in (
            ("https", "b.s3.amazonaws.com", "/k", "a=1"),
            ("https", "my.dotted.bucket.s3.eu-west-1.amazonaws.com", "/k", ""),
            ("http", "b.s3.amazonaws.com", "/k", "a=1"),
        )
        for _ in range(2)
    ]
    assert [request.scheme for request in cloud.requests if request.method == "PUT"] == ["https", "http"]
    for request in cloud.requests:
        assert "proxy-authorization" not in request.headers
        assert request.peer == "127.0.0.1"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_curl_reaches_us_by_literal_addresses(cloud: Cloud) -> None:
    proxy = await cloud.proxy(offline=True)
    urls = ["https://b.s3.amazonaws.com/k", "http://b.s3.amazonaws.com/k"]
    out = await run(cloud.environment(proxy), "curl", "-sS", "--fail", "-w", "\n", *urls)
    assert [json.loads(line)["scheme"] for line in out.splitlines()] == ["https", "http"]


async def test_another_server_is_reached_through_the_proxy_and_still_verified(cloud: Cloud, upstream: Upstream) -> None:
    proxy = await cloud.proxy()
    environment = cloud.environment(proxy, PYTHONUTF8="1") | {"NO_PROXY": "", "no_proxy": ""}
    both = cloud.authority.bundle.with_name("both.pem")
    both.write_bytes(cloud.authority.bundle.read_bytes() + b"\n" + upstream.root.read_bytes())
    script = f"""
import requests
for url in ("http://127.0.0.1:{upstream.http}/a", "https://127.0.0.1:{upstream.https}/a"):
    print(requests.put(url, data=b"x" * 1000000, timeout=10).text)
    print(requests.get("https://b.s3.amazonaws.com/k", timeout=10).status_code)
"""
    out = await run(environment | {"REQUESTS_CA_BUNDLE": str(both)}, sys.executable, "-c", script)
    assert out.splitlines() == ["outside 1000000", "200"] * 2
    assert [request.scheme for request in upstream.heard] == ["http", "https"]
    with pytest.raises(AssertionError, match="CERTIFICATE_VERIFY_FAILED"):
        await run(environment, sys.executable, "-c", script)


# --- who may ride ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "what",
    [
        "GET http://s3.amazonaws.com/ HTTP/1.1\r\nHost: s3.amazonaws.com",
        "CONNECT s3.amazonaws.com:443 HTTP/1.1\r\nHost: s3.amazonaws.com:443",
    ],
)
@pytest.mark.parametrize(
    "credentials",
    ["", "Basic", "Basic bWFyaW5lbGF5ZXI6eA==", "Bearer {token}", "Basic {token}", "Basic \xff", "Basic {own}x"],
)
async def test_who_does_not_know_the_token_is_turned_away(cloud: Cloud, what: str, credentials: str) -> None:
    proxy = await cloud.proxy()
    token = urlsplit(proxy.url).password or ""
    own = base64.b64encode(f"marinelayer:{token}".encode()).decode()
    given = credentials.replace("{token}", token).replace("{own}", own)
    header = f"\r\nProxy-Authorization: {given}" if given else ""
    status, text = await hear(proxy, f"{what}{header}\r\n\r\n", authorised=False)
    assert status == 407
    assert "\r\nProxy-Authenticate: Basic realm=" in text
    assert token not in text
    assert not cloud.requests


async def test_the_token_is_long_random_and_in_the_url(cloud: Cloud) -> None:
    first, second = await cloud.proxy(), await cloud.proxy()
    tokens = {urlsplit(proxy.url).password or "" for proxy in (first, second)}
    assert len(tokens) == 2
    assert min(map(len, tokens)) >= 32
    assert urlsplit(first.url).username == "marinelayer"
    assert urlsplit(first.url).hostname == "127.0.0.1"
    assert not any(token in repr(vars(proxy)["_front"]) for token in tokens for proxy in (first, second))


async def test_the_handler_sees_no_field_that_was_for_the_proxy(cloud: Cloud) -> None:
    proxy = await cloud.proxy()
    await hear(
        proxy,
        "GET http://S3.amazonaws.com./k HTTP/1.1\r\nHost: other\r\nProxy-Connection: keep-alive\r\nX-A: 1\r\n\r\n",
    )
    (request,) = cloud.requests
    assert request.headers.pairs == (("host", "S3.amazonaws.com."), ("x-a", "1"))
    assert request.host == "s3.amazonaws.com."


# --- raw ------------------------------------------------------------------------------------------------------


async def test_a_plain_tunnel_to_port_80_is_served_here(cloud: Cloud) -> None:
    proxy = await cloud.proxy()
    reader, writer = await say(
        proxy,
        "CONNECT b.s3.amazonaws.com:80 HTTP/1.1\r\nHost: b.s3.amazonaws.com:80\r\n\r\nGET /early HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\n\r\n",
    )
    assert b"200" in await reader.readuntil(b"\r\n\r\n")
    assert b'"path": "/early"' in await reader.readuntil(b"}")
    writer.write(b"GET /late HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\n\r\n")
    assert b'"path": "/late"' in await reader.readuntil(b"}")
    writer.close()
    assert [request.scheme for request in cloud.requests] == ["http", "http"]


@pytest.mark.parametrize(
    "what",
    [
        "GET http://s3.amazonaws.com:8080/ HTTP/1.1\r\nHost: s3.amazonaws.com:8080\r\n\r\n",
        "CONNECT s3.amazonaws.com:22 HTTP/1.1\r\nHost: s3.amazonaws.com:22\r\n\r\n",
    ],
)
async def test_another_port_of_amazons_is_refused_and_never_reached(cloud: Cloud, what: str) -> None:
    status, text = await hear(await cloud.proxy(), what)
    assert (status, "is not served" in text) == (403, True)
    assert not cloud.requests


async def test_offline_no_other_host_is_reached(cloud: Cloud, upstream: Upstream) -> None:
    proxy = await cloud.proxy(offline=True)
    for what in (f"GET http://127.0.0.1:{upstream.http}/ HTTP/1.1", f"CONNECT 127.0.0.1:{upstream.https} HTTP/1.1"):
        status, text = await hear(proxy, f"{what}\r\nHost: x\r\n\r\n")
        assert (status, "127.0.0.1 is not reached: this proxy is offline" in text) == (403, True)
    assert not upstream.heard
    assert (await hear(proxy, "GET http://s3.amazonaws.com/ HTTP/1.1\r\nHost: x\r\n\r\n"))[0] == 200


@pytest.mark.parametrize("what", ["GET http://127.0.0.1:9/ HTTP/1.1", "CONNECT 127.0.0.1:9 HTTP/1.1"])
async def test_a_server_that_can_not_be_reached_answers_502(cloud: Cloud, what: str) -> None:
    status, text = await hear(await cloud.proxy(), f"{what}\r\nHost: x\r\n\r\n")
    assert (status, "127.0.0.1: " in text) == (502, True)


async def test_a_request_that_names_no_host_is_refused(cloud: Cloud) -> None:
    status, text = await hear(await cloud.proxy(), "GET / HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n")
    assert (status, "MalformedRequest" in text) == (400, True)


async def test_hop_by_hop_fields_go_no_further_in_either_direction(cloud: Cloud, upstream: Upstream) -> None:
    proxy = await cloud.proxy()
    reader, writer = await say(
        proxy,
        f"PUT http://127.0.0.1:{upstream.http}/stream?q HTTP/1.1\r\nHost: other\r\nConnection: keep-alive, X-Mine\r\nX-Mine: 1\r\nTE: trailers\r\n"
        "X-Kept: 2\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    )
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    assert "x-hop: 1" in head
    assert "keep-alive" not in head.lower()
    assert await reader.readuntil(b"0\r\n\r\n") == b"8\r\noutside \r\n1\r\n3\r\n0\r\n\r\n"
    (request,) = upstream.heard
    assert [name for name, _ in request.headers.pairs] == ["host", "x-kept", "transfer-encoding", "connection"]
    assert (request.host, request.query) == (f"127.0.0.1:{upstream.http}", "q")
    writer.write(f"HEAD http://127.0.0.1:{upstream.http}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert b" 407 " in await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def test_a_body_can_not_be_made_a_request_by_calling_its_length_a_hops_own(
    cloud: Cloud, upstream: Upstream
) -> None:
    hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
    reader, writer = await say(
        await cloud.proxy(),
        f"PUT http://127.0.0.1:{upstream.http}/seen HTTP/1.1\r\nHost: x\r\nConnection: close, content-length, host\r\n"
        f"Content-Length: {len(hidden)}\r\n\r\n{hidden}",
    )
    await asyncio.wait_for(reader.read(), 5)
    assert [request.path for request in upstream.heard] == ["/seen"]
    assert upstream.heard[0].body.length == len(hidden)
    writer.close()


@pytest.mark.parametrize(("method", "path", "status"), [("HEAD", "/", 201), ("GET", "/none", 204)])
async def test_an_answer_without_a_body_is_passed_on(
    cloud: Cloud, upstream: Upstream, method: str, path: str, status: int
) -> None:
    reader, writer = await say(
        await cloud.proxy(),
        f"{method} http://127.0.0.1:{upstream.http}{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    head, _, body = (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n\r\n")
    assert (int(head.split()[1]), body) == (status, b"")
    writer.close()


@pytest.mark.parametrize("wire", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Le"])
async def test_a_server_that_does_not_answer_in_http_answers_502(cloud: Cloud, wire: bytes) -> None:
    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(wire)
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    status, _ = await hear(await cloud.proxy(), f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: x\r\n\r\n")
    assert status == 502
    server.close()


async def test_an_answer_that_breaks_off_outside_breaks_off_here(cloud: Cloud) -> None:
    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await say(await cloud.proxy(), f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 5) == b"abc"
    writer.close()
    server.close()


async def test_a_tunnel_carries_both_ways_with_backpressure_and_half_closes(cloud: Cloud) -> None:
    got: list[int] = []

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        got.append(len(await reader.read(-1)))
        writer.write(b"y" * 8 * MEBIBYTE)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await say(await cloud.proxy(), f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: x\r\n\r\n" + "x" * 100)
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"x" * 8 * MEBIBYTE)
    await writer.drain()
    writer.write_eof()
    assert len(await asyncio.wait_for(reader.read(-1), 20)) == 8 * MEBIBYTE
    assert got == [8 * MEBIBYTE + 100]
    writer.close()
    server.close()


async def test_a_stop_ends_tunnels_and_what_is_served_inside(cloud: Cloud, upstream: Upstream) -> None:
    proxy = await cloud.proxy()
    outside, first = await say(proxy, f"CONNECT 127.0.0.1:{upstream.http} HTTP/1.1\r\nHost: x\r\n\r\n")
    inside, second = await say(proxy, "CONNECT s3.amazonaws.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
    for reader in (outside, inside):
        await reader.readuntil(b"\r\n\r\n")
    await second.start_tls(
        ssl.create_default_context(cafile=str(cloud.authority.bundle)), server_hostname="s3.amazonaws.com"
    )
    second.write(b"GET / HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n")
    await inside.readuntil(b"}")
    await asyncio.wait_for(proxy.stop(1), 3)
    for reader in (outside, inside):
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 2) == b""
    first.close()
    second.close()


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01", b""])
async def test_a_client_that_does_not_shake_hands_is_dropped(cloud: Cloud, said: bytes, caplog: Any) -> None:
    reader, writer = await say(await cloud.proxy(), "CONNECT s3.amazonaws.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    writer.write(said)
    writer.write_eof()
    with contextlib.suppress(ConnectionError):
        assert b"HTTP" not in await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert "Traceback" not in caplog.text


async def test_what_a_client_says_with_the_end_of_its_handshake_is_heard(cloud: Cloud) -> None:
    proxy = await cloud.proxy()
    context = ssl.create_default_context(cafile=str(cloud.authority.bundle))
    for n in range(20):
        reader, writer = await say(proxy, "CONNECT s3.amazonaws.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_hostname="s3.amazonaws.com")
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                writer.write(outgoing.read())
                incoming.write(await reader.read(65536))
        tls.write(f"GET /{n} HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n".encode())
        writer.write(outgoing.read())  # Finished and the request in one piece
        answer = b""
        while b"}" not in answer:
            incoming.write(await asyncio.wait_for(reader.read(65536), 5))
            try:
                answer += tls.read()
            except ssl.SSLWantReadError:
                continue
        writer.close()
    assert [request.path for request in cloud.requests] == [f"/{n}" for n in range(20)]
    assert {request.peer for request in cloud.requests} == {"127.0.0.1"}

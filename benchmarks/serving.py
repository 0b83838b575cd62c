"""What the HTTP server costs: CPU microseconds of the server process a request, by method and size.

    python benchmarks/serving.py [--requests N] [--clients N] [--against "COMMAND with {port}"]

The server runs in a process of its own, with a handler that reads the body and answers 1 KiB or what it was asked for;
the load comes from this process over raw sockets, so that only the server's own time is counted (user and system, from
/proc). `--against` measures another server by the same load: it must answer `GET /1024` with 1024 bytes, and `PUT`
after reading the body.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import time

import uvloop

from marinelayer.http import Request, Response
from marinelayer.model.errors import Refusal
from marinelayer.serving.server import HttpServer

_HEADERS = (
    "Host: 127.0.0.1\r\nUser-Agent: Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux lang/python#3.11.7\r\n"
    "Accept-Encoding: identity\r\nX-Amz-Date: 20261122T000000Z\r\nX-Amz-Content-SHA256: UNSIGNED-PAYLOAD\r\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE12345678/20261122/us-east-1/s3/aws4_request, "
    f"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={'a' * 64}\r\n"
    "amz-sdk-invocation-id: 4b7f0a3e-1111-2222-3333-444444444444\r\namz-sdk-request: attempt=1\r\n"
)


async def _serve(port: int) -> None:
    payloads: dict[str, bytes] = {}

    async def handler(request: Request) -> Response:
        async for _ in request.body:
            pass
        if request.method == "PUT":
            return Response(status=200, headers=(("x-amz-request-id", request.id), ("etag", '"a"')))
        body = payloads.setdefault(request.path, b"x" * int(request.path[1:]))
        return Response(status=200, headers=(("x-amz-request-id", request.id),), body=body)

    def refuse(refusal: Refusal, request_id: str) -> Response:
        return Response(status=400, headers=(("x-amz-request-id", request_id),), body=refusal.message.encode())

    server = HttpServer(handler, refuse=refuse)
    await server.listen("127.0.0.1", port)
    await asyncio.Event().wait()


async def _load(port: int, request: bytes, answer_bytes: int, *, requests: int, clients: int) -> None:
    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4 * 1024 * 1024)
        for _ in range(requests // clients):
            writer.write(request)
            await reader.readuntil(b"\r\n\r\n")
            if answer_bytes:
                await reader.readexactly(answer_bytes)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))


def _cpu_seconds(pid: int) -> tuple[float, float]:
    with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 - a file of the kernel's
        fields = stat.read().rpartition(")")[2].split()
    tick = os.sysconf("SC_CLK_TCK")
    return int(fields[11]) / tick, int(fields[12]) / tick


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _measure(port: int, pid: int, requests: int, clients: int) -> None:
    head = "{0} HTTP/1.1\r\n" + _HEADERS
    cases = [("GET 1 KiB", head.format("GET /1024") + "\r\n", 1024, requests)]
    cases += [
        (f"PUT {name}", head.format("PUT /k") + f"Content-Length: {size}\r\n\r\n" + "x" * size, 0, count)
        for name, size, count in (("1 KiB", 1024, requests), ("1 MiB", 1024 * 1024, requests // 20))
    ]
    cases.append(("GET 1 MiB", head.format("GET /1048576") + "\r\n", 1024 * 1024, requests // 20))
    for name, request, answer_bytes, count in cases:
        data = request.encode()
        uvloop.run(_load(port, data, answer_bytes, requests=count // 10, clients=clients))
        before, start = _cpu_seconds(pid), time.perf_counter()
        uvloop.run(_load(port, data, answer_bytes, requests=count, clients=clients))
        wall = time.perf_counter() - start
        user, system = (1e6 * (now - then) / count for now, then in zip(_cpu_seconds(pid), before, strict=True))
        print(f"{name:10} {user:8.1f} us user {system:8.1f} us system a request {count / wall:10.0f} requests/s")


def main() -> None:
    """Start a server, measure it, end it."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--requests", type=int, default=40_000)
    options.add_argument("--clients", type=int, default=16)
    options.add_argument("--against", help="a command that serves on {port}")
    options.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.serve:
        uvloop.run(_serve(given.serve))
        return
    port = _free_port()
    own = [sys.executable, __file__, "--serve", str(port)]
    command = given.against.format(port=port).split() if given.against else own
    with subprocess.Popen(command) as server:
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            _measure(port, server.pid, given.requests, given.clients)
        finally:
            server.terminate()


if __name__ == "__main__":
    main()

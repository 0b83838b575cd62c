"""Load for benchmarks: requests signed beforehand, over raw keep-alive connections, so that the client costs little.

Headers are those that boto3 sends for put_object and get_object (but for `Expect: 100-continue`, which would make two
exchanges of one). Knows no more of a server than that its answers to one kind of request all have one length.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import cast
from zlib import crc32

from marinelayer.http import BytesBody, Headers, Request
from marinelayer.security.sigv4 import sign

BUCKET = "benchmark"
BODY = os.urandom(1024)
ROOT = {"access_key_id": "BENCHMARKROOTKEY", "secret_key": "benchmark-secret-benchmark-secret-benchm"}
_UNSIGNED = (
    ("user-agent", "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux md/arch#x86_64 lang/python#3.11.7 cfg/retry-mode"),
    ("accept-encoding", "identity"),
    ("amz-sdk-invocation-id", "2e4a4f28-252b-4377-a426-4c54fa03fc16"),
    ("amz-sdk-request", "attempt=1"),
)


def signed(method: str, path: str, host: str, body: bytes = b"", query: str = "") -> bytes:
    """One request as its bytes on the wire. It is valid for 15 minutes."""
    names = [("host", host)]
    if body:
        names.append(("x-amz-checksum-crc32", b64encode(crc32(body).to_bytes(4, "big")).decode()))
        names.append(("x-amz-sdk-checksum-algorithm", "CRC32"))
    elif method == "GET":
        names.append(("x-amz-checksum-mode", "ENABLED"))
    request = Request(
        id="",
        method=method,
        path=path,
        query=query,
        headers=Headers(names),
        body=BytesBody(body),
        scheme="http",
        host=host,
        peer="",
    )
    now, digest = time.time_ns() // 1000, sha256(body).hexdigest()
    ready = sign(request, **ROOT, region="us-east-1", service="s3", now=now, payload_hash=digest)
    length = [("content-length", str(len(body)))] if body or method == "PUT" else []
    lines = [f"{name}: {value}\r\n" for name, value in (*_UNSIGNED, *ready.headers.pairs, *length)]
    target = f"{path}?{query}" if query else path
    return f"{method} {target} HTTP/1.1\r\n{''.join(lines)}\r\n".encode() + body


def ask(address: tuple[str, int], request: bytes) -> bytes:
    """The whole answer to one request, whose head must give its length.

    Raises:
        RuntimeError: its status is not 200.
    """
    with socket.create_connection(address) as connection:
        connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(65536)
        head, _, rest = answer.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        missing = int(fields[b"content-length"]) - len(rest)
        while missing > 0:
            data = connection.recv(65536)
            answer += data
            missing -= len(data)
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(answer.decode("latin-1"))
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a load met: requests a second, and the latencies' median and 99th percentile in milliseconds."""

    rate: float
    p50: float
    p99: float


class _Client(asyncio.Protocol):
    """Sends one request after the other and counts the bytes of each answer."""

    def __init__(self, requests: Iterator[bytes], answer_bytes: int, latencies: list[float]) -> None:
        self._requests = requests
        self._answer_bytes = answer_bytes
        self._latencies = latencies
        self._got = 0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        if self._got == 0 and not data.startswith(b"HTTP/1.1 200 "):
            self.done.set_exception(RuntimeError(data[:2000].decode("latin-1")))
            self._transport.close()
            return
        self._got += len(data)
        if self._got >= self._answer_bytes:
            self._latencies.append(time.perf_counter() - self._sent)
            self._got -= self._answer_bytes
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or RuntimeError("the server closed the connection"))

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)


async def run_load(address: tuple[str, int], requests: list[bytes], answer_bytes: int, clients: int) -> Outcome:
    """Send every request once over `clients` connections; each answer must be 200 and have `answer_bytes` bytes."""
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    queue = iter(requests)
    begun = time.perf_counter()
    pairs = [
        await loop.create_connection(lambda: _Client(queue, answer_bytes, latencies), *address) for _ in range(clients)
    ]
    for _, client in pairs:
        await client.done
    elapsed = time.perf_counter() - begun
    latencies.sort()
    at = len(latencies) // 100
    return Outcome(rate=len(requests) / elapsed, p50=latencies[len(latencies) // 2] * 1e3, p99=latencies[-at - 1] * 1e3)


def tree_cpu_seconds(pid: int) -> float:
    """CPU time so far of a process and all below it, also of threads and children that have ended; in the kernel's
    ticks (10 ms). Linux only."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(map(int, stat[11:15])) / os.sysconf("SC_CLK_TCK")
    children = [
        child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    return own + sum(tree_cpu_seconds(int(child)) for child in children)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far, its own and the kernel's for it; to the nanosecond on Linux, else as `ps` says."""
    threads = list(Path(f"/proc/{pid}/task").glob("*/schedstat"))
    if threads:
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9
    command = ["ps", "-o", "time=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    seconds = 0.0
    for piece in shown.strip().split(":"):
        seconds = seconds * 60 + float(piece)
    return seconds

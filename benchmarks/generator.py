"""A load generator in a process of its own: `python generator.py`, with one `Load` as JSON on its standard input.

It signs every request beforehand, prints `ready`, waits for a line, and then sends them over keep-alive connections,
one at a time on each, until all are sent or the time is over. At the end it prints a `Report` as JSON. Bodies of
answers are counted and dropped, so that a large one costs the client little.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, cast

import uvloop
from load import BODY, BUCKET, signed

Kind = Literal["get", "put", "list", "fill", "file"]

GETS = 100
"""Objects that the GETs read in turn."""
LISTED = "listed"
"""The bucket whose keys LIST reads."""
LARGE = "large"
"""The key of the large object."""
_BUFFER = 1024 * 1024
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """So many requests of one kind, from `first` on, for at most `seconds`, to a server."""

    host: str
    port: int
    kind: Kind
    count: int
    first: int = 0
    seconds: float = 3600.0
    clients: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a load met: answers, their bytes (bodies only), seconds, and latencies in milliseconds."""

    answers: int
    body_bytes: int
    seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


def listed_key(number: int) -> str:
    """The key of one of many objects, as a city's pictures would be named."""
    return f"2021/{number % 12:02d}/request-{number:09d}.jpg"


def small_key(number: int) -> str:
    """The key of one of the objects that GETs read."""
    return f"2021/apr/photo-{number:06d}.jpg"


def _request(load: Load, number: int) -> bytes:
    host = f"{load.host}:{load.port}"
    match load.kind:
        case "get":
            return signed("GET", f"/{BUCKET}/{small_key(number % GETS)}", host)
        case "put":
            return signed("PUT", f"/{BUCKET}/new/{number:09d}.jpg", host, BODY)
        case "fill":
            return signed("PUT", f"/{LISTED}/{listed_key(number)}", host, b"x")
        case "list":
            # Pages from everywhere in the bucket: months in turn.
            after = f"2021%2F{number % 11:02d}%2Frequest-{number * 997 % 50_000:09d}.jpg"
            return signed("GET", f"/{LISTED}", host, query=f"list-type=2&max-keys=1000&start-after={after}")
        case "file":
            return signed("GET", f"/{BUCKET}/{LARGE}", host)


def _requests(load: Load) -> list[bytes]:
    if load.kind == "get":
        known = [_request(load, number) for number in range(min(GETS, load.count))]
        return (known * (load.count // len(known) + 1))[: load.count]
    return [_request(load, number) for number in range(load.first, load.first + load.count)]


class _Client(asyncio.BufferedProtocol):
    """Sends one request after the other, on a new connection where the server closes the last one."""

    def __init__(self, take: Callable[[], bytes | None], done: asyncio.Future[None]) -> None:
        self._take = take
        self._done = done
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._head = b""
        self._left = 0
        self._closing = False
        self.latencies: list[float] = []
        self.body_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        if self._left:
            self._left -= nbytes
        else:
            self._head += self._buffer[:nbytes]
            end = self._head.find(_HEAD_END)
            if end < 0:
                return
            if not self._begin_body(self._head[:end], len(self._head) - end - len(_HEAD_END)):
                return
        if self._left <= 0:
            self._end()

    def _begin_body(self, head: bytes, come: int) -> bool:
        fields = head.lower().split(b"\r\n")
        lengths = [field[16:] for field in fields if field.startswith(b"content-length: ")]
        if fields[0][9:12] != b"200" or len(lengths) != 1:
            self._fail(RuntimeError(self._head[:2000].decode("latin-1")))
            return False
        self._closing = b"connection: close" in fields
        size = int(lengths[0])
        self.body_bytes += size
        self._left = size - come
        return True

    def _end(self) -> None:
        self.latencies.append(time.perf_counter() - self._sent)
        self._left = 0
        self._head = b""
        if not self._closing:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._done.done():
            return
        if exc is not None or not self._closing:
            self._fail(exc or RuntimeError("the server closed the connection"))
            return
        self._closing = False
        loop = asyncio.get_running_loop()
        where = self._transport.get_extra_info("peername")
        self._again = loop.create_task(loop.create_connection(lambda: self, *where))

    def _send(self) -> None:
        request = self._take()
        if request is None:
            if not self._done.done():
                self._done.set_result(None)
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def _fail(self, error: Exception) -> None:
        if not self._done.done():
            self._done.set_exception(error)
        self._transport.close()


async def _run(load: Load, requests: list[bytes]) -> Report:
    loop = asyncio.get_running_loop()
    queue: Iterator[bytes] = iter(requests)
    begun = time.perf_counter()
    last = begun + load.seconds

    def take() -> bytes | None:
        return next(queue, None) if time.perf_counter() < last else None

    clients: list[_Client] = []
    ends: list[asyncio.Future[None]] = []
    for _ in range(load.clients):
        end = loop.create_future()
        _, client = await loop.create_connection(lambda end=end: _Client(take, end), load.host, load.port)
        clients.append(client)
        ends.append(end)
    await asyncio.gather(*ends)
    seconds = time.perf_counter() - begun
    latencies = sorted(latency for client in clients for latency in client.latencies)
    return Report(
        answers=len(latencies),
        body_bytes=sum(client.body_bytes for client in clients),
        seconds=seconds,
        p50=latencies[len(latencies) // 2] * 1e3,
        p99=latencies[-len(latencies) // 100 - 1] * 1e3,
    )


def run_apart(load: Load, before: Callable[[], None] = lambda: None) -> Report:
    """Run a load in a process of its own; `before` is called when all is signed and nothing is sent yet.

    Raises:
        RuntimeError: an answer was not 200, or broke off.
    """
    command = [sys.executable, str(Path(__file__).resolve())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asdict(load)) + "\n")
        process.stdin.flush()
        ready = process.stdout.readline()
        before()
        if ready:
            process.stdin.write("go\n")
            process.stdin.flush()
        report = process.stdout.readline()
    if not report:
        raise RuntimeError(f"the load of {load} failed")
    return Report(**json.loads(report))


def main() -> None:
    """Read a load, be ready, run it, report."""
    load = Load(**json.loads(sys.stdin.readline()))
    requests = _requests(load)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asdict(uvloop.run(_run(load, requests)))), flush=True)


if __name__ == "__main__":
    main()

"""What the same machine does without a cloud: a server that parses and echoes, and a file that rows are forced to.

`python limits.py` serves on a free port, which it prints.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, cast

import apsw
import httptools
import uvloop

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b"


class Echo(asyncio.Protocol):
    """Reads a request with httptools; GET is answered with 1 KiB, PUT with nothing once its body is there."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpRequestParser(self)
        self._headers: list[tuple[bytes, bytes]] = []

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        self._parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One field, kept as any server would."""
        self._headers.append((name.lower(), value))

    def on_message_complete(self) -> None:
        """Answer."""
        body = b"x" * 1024 if self._parser.get_method() == b"GET" else b""
        self._headers.clear()
        self._transport.write(_OK % (len(body), body))


async def serve() -> None:
    """Serve for ever."""
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    print(f"ready http://{host}:{port}", flush=True)
    await server.serve_forever()


def forced_inserts(folder: Path, rows: int, group: int) -> tuple[float, float]:
    """Rows of 1 KiB a second, and CPU microseconds a row, when every commit of `group` rows is forced to the disk."""
    connection: Any = apsw.Connection(str(folder / f"limit-{group}.sqlite"))
    connection.pragma("journal_mode", "WAL")
    connection.pragma("synchronous", "FULL")
    connection.execute("CREATE TABLE kept (name BLOB PRIMARY KEY, bytes BLOB) WITHOUT ROWID")
    body = b"x" * 1024
    begun, cpu = time.perf_counter(), time.process_time()
    for first in range(0, rows, group):
        connection.execute("BEGIN IMMEDIATE")
        for number in range(first, first + group):
            connection.execute("INSERT INTO kept VALUES (?, ?)", (b"key-%08d" % number, body))
        connection.execute("COMMIT")
    elapsed, cpu = time.perf_counter() - begun, time.process_time() - cpu
    connection.close()
    return rows / elapsed, cpu / rows * 1e6


if __name__ == "__main__":
    uvloop.run(serve())

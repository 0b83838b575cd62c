"""What large bodies cost: a single PUT and a multipart upload, and how much memory the server took at the most.

    python benchmarks/large_bodies.py [--put BYTES] [--parts N] [--part BYTES] [--copies N] [--folder DIR]

The client makes its bytes as it sends them and signs their hash beforehand by making them once more. Sizes may end in
MiB or GiB. `--put` is one PutObject; `--parts` parts of `--part` bytes make one object, `--copies` more an object of as
many parts by UploadPartCopy of one part. Prints seconds, MiB a second, CPU seconds, and the server's VmHWM. Linux only.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from load import BUCKET, ROOT, ask, tree_cpu_seconds
from subjects import Subject, cloud

from marinelayer.http import BytesBody, Headers, Request
from marinelayer.security.sigv4 import sign

MIB = 1024 * 1024
_BLOCK = bytes(range(256)) * 4096
_UNITS = {"": 1, "MiB": MIB, "GiB": 1024 * MIB}


def size(text: str) -> int:
    """`5GiB` in bytes."""
    found = re.fullmatch(r"(\d+)(|MiB|GiB)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text} is no size")
    return int(found[1]) * _UNITS[found[2]]


def pieces(length: int) -> Iterator[bytes]:
    """So many bytes, a MiB at a time, no two alike."""
    number = 0
    while length:
        piece = number.to_bytes(8, "big") + _BLOCK[8:]
        yield piece[:length]
        length -= min(length, len(piece))
        number += 1


def hash_of(length: int) -> str:
    """The SHA-256 of so many of them."""
    digest = hashlib.sha256()
    for piece in pieces(length):
        digest.update(piece)
    return digest.hexdigest()


class Client:
    """Signs requests to one server and sends them, each on a connection of its own."""

    def __init__(self, subject: Subject) -> None:
        self._address = (subject.host, subject.port)
        self._host = f"{subject.host}:{subject.port}"

    def _head(self, method: str, path: str, query: str, digest: str, length: int, headers: dict[str, str]) -> bytes:
        request = Request(
            id="",
            method=method,
            path=path,
            query=query,
            headers=Headers([("host", self._host), *headers.items()]),
            body=BytesBody(),
            scheme="http",
            host=self._host,
            peer="",
        )
        now = time.time_ns() // 1000
        ready = sign(request, **ROOT, region="us-east-1", service="s3", now=now, payload_hash=digest)
        lines = "".join(f"{name}: {value}\r\n" for name, value in ready.headers.pairs)
        target = f"{path}?{query}" if query else path
        return f"{method} {target} HTTP/1.1\r\n{lines}content-length: {length}\r\n\r\n".encode()

    def small(self, method: str, path: str, query: str = "", body: bytes = b"", **headers: str) -> bytes:
        """The whole answer to a request with a small body."""
        digest = hashlib.sha256(body).hexdigest()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(self._address, self._head(method, path, query, digest, len(body), named) + body)

    def large(self, path: str, query: str, length: int, digest: str) -> bytes:
        """The answer's head to a PUT of made bytes."""
        with socket.create_connection(self._address) as connection:
            connection.sendall(self._head("PUT", path, query, digest, length, {}))
            for piece in pieces(length):
                connection.sendall(piece)
            answer = connection.recv(65536)
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(answer.decode("latin-1"))
        return answer


def _etag(answer: bytes) -> str:
    found = re.search(rb"(?:etag: |<ETag>)(?:\"|&quot;)([0-9a-f-]+)", answer, re.IGNORECASE)
    if found is None:
        raise RuntimeError(answer.decode("latin-1"))
    return found[1].decode()


def _assembled(client: Client, key: str, part: Callable[[str, int], str], parts: int) -> None:
    """Upload in parts: `part` makes the part of an upload and a number, and returns its ETag."""
    path = f"/{BUCKET}/{key}"
    answer = client.small("POST", path, "uploads=")
    upload = answer.partition(b"<UploadId>")[2].partition(b"<")[0].decode()
    etags = [part(upload, number) for number in range(1, parts + 1)]
    listed = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{e}</ETag></Part>" for n, e in enumerate(etags, 1))
    document = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    answer = client.small("POST", path, f"uploadId={upload}", document)
    if b"<CompleteMultipartUploadResult" not in answer:
        raise RuntimeError(answer.decode("latin-1"))


def put(client: Client, given: argparse.Namespace) -> int:
    """One PutObject; how many bytes."""
    client.large(f"/{BUCKET}/single", "", given.put, hash_of(given.put))
    return given.put


def upload(client: Client, given: argparse.Namespace) -> int:
    """A multipart upload of sent parts; how many bytes."""
    digest = hash_of(given.part)

    def part(upload: str, number: int) -> str:
        query = f"partNumber={number}&uploadId={upload}"
        return _etag(client.large(f"/{BUCKET}/parts", query, given.part, digest))

    _assembled(client, "parts", part, given.parts)
    return given.part * given.parts


def copy(client: Client, given: argparse.Namespace) -> int:
    """A multipart upload of copied parts; how many bytes the object has."""
    length = 5 * MIB
    client.large(f"/{BUCKET}/source", "", length, hash_of(length))

    def part(upload: str, number: int) -> str:
        query = f"partNumber={number}&uploadId={upload}"
        source = f"/{BUCKET}/source"
        return _etag(client.small("PUT", f"/{BUCKET}/copied", query, x_amz_copy_source=source))

    _assembled(client, "copied", part, given.copies)
    return length * given.copies


def most_memory(pid: int) -> int:
    """The most memory that a process has had resident, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def main() -> None:
    """Send, and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--put", type=size, default=size("5GiB"))
    options.add_argument("--parts", type=int, default=160)
    options.add_argument("--part", type=size, default=size("64MiB"))
    options.add_argument("--copies", type=int, default=10_000)
    options.add_argument("--port", type=int, default=4735)
    options.add_argument("--folder", type=Path, default=None, help="where the throw-away folder is made")
    given = options.parse_args()
    print("| | GiB | seconds | MiB/s | CPU seconds | VmHWM, MiB |\n|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="marinelayer-large-") as name:
        for title, run in (
            ("one PUT", put),
            (f"{given.parts} parts", upload),
            (f"{given.copies:,} copied parts", copy),
        ):
            with cloud(Path(name) / run.__name__, given.port) as subject:
                client = Client(subject)
                client.small("PUT", f"/{BUCKET}")
                begun, before = time.perf_counter(), tree_cpu_seconds(subject.pid)
                sent = run(client, given)
                seconds, spent = time.perf_counter() - begun, tree_cpu_seconds(subject.pid) - before
                rate = sent / MIB / seconds
                row = [f"{sent / 1024**3:.1f}", f"{seconds:.0f}", f"{rate:.0f}", f"{spent:.0f}"]
                print(f"| {title} | {' | '.join(row)} | {most_memory(subject.pid)} |", flush=True)


if __name__ == "__main__":
    main()

"""Places in S3 that requests of other services name, and the objects there, read and written as a given caller.

Everything goes through `Calls`: authorised and run like that caller's own requests. Knows no service but by the names
of S3's operations.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from marinelayer.http import Body, FileRange, ResponseBody
from marinelayer.ports import Caller, Calls

PIECE = 1 << 20
_SCHEME = "s3://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A bucket, and a key or a prefix of keys in it ("": the whole bucket)."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """`s3://BUCKET/KEY`."""
        return f"{_SCHEME}{self.bucket}/{self.key}"

    def below(self, path: str) -> Location:
        """The key `path` in the folder that this prefix names, whether it ends with a slash or not."""
        folder = self.key if not self.key or self.key.endswith("/") else self.key + "/"
        return Location(bucket=self.bucket, key=folder + path)


def read_location(uri: str) -> Location | None:
    """The place that `s3://BUCKET/KEY` names; None where it is no such URI."""
    bucket, _, key = uri.removeprefix(_SCHEME).partition("/")
    return Location(bucket=bucket, key=key) if uri.startswith(_SCHEME) and bucket else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An object that a walk came across: its key and its size in bytes."""

    key: str
    size: int


class StoredObjects:
    """Reads and writes objects as whoever calls."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def walk(self, caller: Caller, place: Location) -> AsyncGenerator[Stored]:
        """Every object whose key begins with that of `place`, by key, a page at a time; folders (keys that end with a
        slash and have no bytes) are left out.

        Raises:
            AccessDenied, Refusal: as ListObjectsV2.
        """
        request: dict[str, Any] = {"Bucket": place.bucket, "Prefix": place.key}
        while True:
            page = await self._calls.call(caller, "s3", "ListObjectsV2", request)
            for entry in page.get("Contents", ()):
                if entry["Size"] or not entry["Key"].endswith("/"):
                    yield Stored(key=entry["Key"], size=entry["Size"])
            if not page.get("IsTruncated"):
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    async def read(self, caller: Caller, place: Location) -> AsyncGenerator[bytes]:
        """An object's bytes, in pieces.

        Raises:
            AccessDenied, Refusal: as GetObject.
        """
        output = await self._calls.call(caller, "s3", "GetObject", {"Bucket": place.bucket, "Key": place.key})
        async with aclosing(pieces_of(output["Body"])) as pieces:
            async for piece in pieces:
                yield piece

    async def write(
        self, caller: Caller, place: Location, body: Body, members: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        """Put an object; `members` are further ones of PutObject's input (its type, its encryption).

        Raises:
            AccessDenied, Refusal: as PutObject.
        """
        request = {"Bucket": place.bucket, "Key": place.key, "Body": body, **(members or {})}
        return await self._calls.call(caller, "s3", "PutObject", request)


async def pieces_of(body: ResponseBody) -> AsyncGenerator[bytes]:
    """The bytes of GetObject's body, in pieces; close it where it is left before its end."""
    if isinstance(body, bytes):
        yield body
    elif isinstance(body, FileRange):
        # Opened before the first piece is given away: an object that is deleted meanwhile is still read to its end.
        with await asyncio.to_thread(body.path.open, "rb") as file:
            await asyncio.to_thread(file.seek, body.offset)
            async for piece in _of_file(file, body.length):
                yield piece
    else:
        iterator = aiter(body)
        try:
            async for piece in iterator:
                yield piece
        finally:
            if isinstance(iterator, AsyncGenerator):
                await iterator.aclose()


async def _of_file(file: BinaryIO, length: int) -> AsyncGenerator[bytes]:
    left = length
    while left and (piece := await asyncio.to_thread(file.read, min(left, PIECE))):
        left -= len(piece)
        yield piece


class SpooledBody:
    """A file as the body of a PutObject (http.Body), read once, in pieces."""

    trailers: Mapping[str, str] = {}

    def __init__(self, path: Path) -> None:
        self._path = path
        self.length: int | None = path.stat().st_size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with await asyncio.to_thread(self._path.open, "rb") as file:
            async for piece in _of_file(file, self.length or 0):
                yield piece

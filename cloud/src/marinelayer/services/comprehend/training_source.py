"""What a trainer asks for, read as the data access role (ports.Read)."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from marinelayer.ports import Caller
from marinelayer.services.comprehend.data_access import NO_READ, DataAccess, Failed
from marinelayer.services.locations import Location, read_location

Parts = Mapping[str, Sequence[Location]]
"""The places of each part of the data."""


class TrainingSource:
    """Gives the next bytes of whatever is asked for: `{"part": PART}`, all files of a part, each from a new line on;
    `{"names": PART}`, their names; `{"part": PART, "file": NAME}`, one of them; `{"reference": URI}`, a document that a
    manifest refers to. None are given at its end."""

    def __init__(self, access: DataAccess, caller: Caller, parts: Parts) -> None:
        self._access = access
        self._caller = caller
        self._parts = parts
        self._files: dict[tuple[str, str], Location] = {}
        self._open: dict[str, AsyncGenerator[bytes]] = {}

    async def read(self, asked: Mapping[str, Any]) -> bytes:
        """The next bytes. Raises Failed."""
        name = json.dumps(asked, sort_keys=True)
        if name not in self._open:
            self._open[name] = self._of(asked)
        piece = await anext(self._open[name], b"")
        if not piece:
            await self._open.pop(name).aclose()
        return piece

    async def aclose(self) -> None:
        """Stop reading."""
        for pieces in self._open.values():
            await pieces.aclose()

    def _of(self, asked: Mapping[str, Any]) -> AsyncGenerator[bytes]:
        if "reference" in asked:
            return self._reference(asked["reference"])
        if "names" in asked:
            return self._names(asked["names"])
        if "file" in asked:
            return self._file(self._files[asked["part"], asked["file"]])
        return self._part(asked["part"])

    async def _walk(self, part: str) -> AsyncGenerator[Location]:
        found = False
        for place in self._parts[part]:
            async with aclosing(self._access.walk(self._caller, place)) as walked:
                async for stored in walked:
                    found = True
                    yield Location(bucket=place.bucket, key=stored.key)
        if not found:
            raise Failed(f"{NO_READ} There is no object at {self._parts[part][0].uri}.")

    async def _part(self, part: str) -> AsyncGenerator[bytes]:
        async with aclosing(self._walk(part)) as files:
            async for file in files:
                async with aclosing(self._file(file)) as pieces:
                    async for piece in pieces:
                        yield piece
                yield b"\n"  # where a file does not end with one, the next must begin with a line of its own

    async def _names(self, part: str) -> AsyncGenerator[bytes]:
        """The last parts of the keys, as annotations name files; a line of JSON each."""
        async with aclosing(self._walk(part)) as files:
            async for file in files:
                name = file.key.rpartition("/")[2]
                if (part, name) in self._files:
                    raise Failed(f"Two of the document files have the same name, {name[:200]}.")
                self._files[part, name] = file
                yield json.dumps(name).encode() + b"\n"

    async def _file(self, file: Location) -> AsyncGenerator[bytes]:
        async with aclosing(self._access.read(self._caller, file)) as pieces:
            async for piece in pieces:
                if piece:
                    yield piece

    async def _reference(self, uri: str) -> AsyncGenerator[bytes]:
        place = read_location(uri)
        if place is None:
            raise Failed(f"The manifest refers to {uri[:200]}, which is no S3 URI.")
        async with aclosing(self._file(place)) as pieces:
            async for piece in pieces:
                yield piece

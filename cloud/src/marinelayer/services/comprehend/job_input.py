"""The documents of a job, read as its data access role."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from marinelayer.ports import Caller
from marinelayer.services.comprehend.data_access import NO_READ, DataAccess, Failed, checked_location
from marinelayer.services.comprehend.input_documents import InputDocument, lines_of, whole_file
from marinelayer.services.comprehend.resources import Resource
from marinelayer.services.locations import Location

AT_ONCE = 16
"""Documents that are looked at together."""


class Input:
    """The documents of a job, file by file. `size`: the bytes of the files that were come across."""

    def __init__(self, access: DataAccess, caller: Caller, job: Resource, most: int) -> None:
        self._access = access
        self._caller = caller
        self._given: Mapping[str, Any] = job.document["InputDataConfig"]
        self._most = most
        self.size = 0

    async def files(self) -> AsyncGenerator[Location]:
        """The objects of the input. Raises Failed where there are none, or they may not be listed."""
        place = checked_location(self._given["S3Uri"])
        found = False
        self.size = 0
        async with aclosing(self._access.walk(self._caller, place)) as walked:
            async for stored in walked:
                found = True
                self.size += stored.size
                yield Location(bucket=place.bucket, key=stored.key)
        if not found:
            raise Failed(f"{NO_READ} There is no object at {place.uri}.")

    def path(self, file: Location) -> str:
        """A file's name below the folder of the input."""
        folder, slash, _ = checked_location(self._given["S3Uri"]).key.rpartition("/")
        return file.key.removeprefix(folder + slash)

    async def documents(self, file: Location) -> AsyncGenerator[InputDocument]:
        """The documents of a file. Raises Failed where it may not be read."""
        name = file.key.rpartition("/")[2]
        async with aclosing(self._access.read(self._caller, file)) as pieces:
            if self._given.get("InputFormat", "ONE_DOC_PER_LINE") == "ONE_DOC_PER_FILE":
                yield await whole_file(name, pieces, self._most)
            else:
                async with aclosing(lines_of(name, pieces, self._most)) as lines:
                    async for document in lines:
                        yield document

    async def some(self, file: Location) -> AsyncGenerator[Sequence[InputDocument]]:
        """The documents of a file, a few at a time."""
        held: list[InputDocument] = []
        async with aclosing(self.documents(file)) as documents:
            async for document in documents:
                held.append(document)
                if len(held) == AT_ONCE:
                    yield held
                    held = []
        if held:
            yield held

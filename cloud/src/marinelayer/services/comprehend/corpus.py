"""All documents of a job together, as an engine reads them that learns from them (ports.TopicModeller says how)."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from typing import Any

from marinelayer.services.comprehend.data_access import Failed
from marinelayer.services.comprehend.input_documents import InputDocument
from marinelayer.services.comprehend.job_input import Input

PIECE = 1 << 20
"""Letters that are given at once, about."""


class Corpus:
    """Gives the documents of `source`, in one pass after the other. Those without text are left out.

    `size` and `documents`: the bytes of the files, and how many documents there were so far in this pass.
    """

    def __init__(self, source: Input) -> None:
        self._source = source
        self._pass = 0
        self._pieces: AsyncGenerator[bytes] | None = None
        self._names: deque[str] = deque()
        self.documents = 0

    @property
    def size(self) -> int:
        """See the class."""
        return self._source.size

    def name(self) -> str:
        """The name of the first document of this pass that was given and not yet named."""
        return self._names.popleft()

    async def read(self, asked: Mapping[str, Any]) -> bytes:
        """The next documents of the pass that is asked for, nothing at its end.

        Raises:
            Failed: the input may not be read, or a document is too large or not UTF-8.
        """
        if self._pieces is None or asked["pass"] != self._pass:
            await self.aclose()
            self._pass, self._pieces, self.documents = asked["pass"], self._all(), 0
            self._names.clear()
        return await anext(self._pieces, b"")

    async def aclose(self) -> None:
        """Stop reading."""
        if self._pieces is not None:
            await self._pieces.aclose()

    async def _all(self) -> AsyncGenerator[bytes]:
        held: list[tuple[str, bool]] = []
        size = 0
        async with aclosing(self._documents()) as documents:
            async for document in documents:
                self.documents += 1
                self._names.append(_name(document))
                for piece, whole in _cut(document.text):
                    held.append((piece, whole))
                    size += len(piece)
                    if size >= PIECE:
                        yield json.dumps(held).encode()
                        held, size = [], 0
        if held:
            yield json.dumps(held).encode()

    async def _documents(self) -> AsyncGenerator[InputDocument]:
        async with aclosing(self._source.files()) as files:
            async for file in files:
                async with aclosing(self._source.documents(file)) as documents:
                    async for document in documents:
                        if document.error in {"", "EMPTY_DOCUMENT"}:
                            if document.text:
                                yield document
                        else:
                            raise Failed(f"{document.error}: {_name(document)}: {document.message}")


def _name(document: InputDocument) -> str:
    """The file name, and the number of the line where each is a document."""
    return document.file if document.line is None else f"{document.file}:{document.line}"


def _cut(text: str) -> Iterator[tuple[str, bool]]:
    """A text in pieces that end between words, and whether each is the last."""
    begin = 0
    while len(text) - begin > PIECE:
        blank = max(text.rfind(" ", begin, begin + PIECE), text.rfind("\n", begin, begin + PIECE))
        end = blank + 1 if blank > begin else begin + PIECE
        yield text[begin:end], False
        begin = end
    yield text[begin:], True

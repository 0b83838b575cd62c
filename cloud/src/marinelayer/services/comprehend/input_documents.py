"""The documents of a job's input: each line of each file, or each file, read piece by piece.

A line ends with LF, CR or both; what is longer than a document may be is read past, and known by its size only.
Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_InputDataConfig.html
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterable
from dataclasses import dataclass

_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class InputDocument:
    """A document: the file it is in, and the number of its line (None where it is the whole file). Its text, or the
    error that it is."""

    file: str
    line: int | None
    text: str = ""
    error: str = ""
    message: str = ""

    @property
    def place(self) -> dict[str, str | int]:
        """What the output says of where it is."""
        return {"File": self.file} if self.line is None else {"File": self.file, "Line": self.line}


async def whole_file(file: str, pieces: AsyncIterable[bytes], most: int) -> InputDocument:
    """A file that is one document of at most `most` bytes."""
    data = bytearray()
    size = 0
    async for piece in pieces:
        size += len(piece)
        data += piece[: max(0, most + 1 - len(data))]
    return _document(file, None, bytes(data), size, most)


async def lines_of(file: str, pieces: AsyncIterable[bytes], most: int) -> AsyncGenerator[InputDocument]:
    """The lines of a file, each a document of at most `most` bytes."""
    number, size = 0, 0
    held = bytearray()
    rest = b""
    async for piece in pieces:
        data = rest + piece
        # A CR at the end may be half of the line's end.
        rest = b"\r" if data.endswith(b"\r") else b""
        data = data[: len(data) - len(rest)]
        begin = 0
        for end in _END.finditer(data):
            part = data[begin : end.start()]
            held += part[: max(0, most + 1 - len(held))]
            yield _document(file, number, bytes(held), size + len(part), most)
            held.clear()
            number, size, begin = number + 1, 0, end.end()
        part = data[begin:]
        size += len(part)
        held += part[: max(0, most + 1 - len(held))]
    if size or rest:
        yield _document(file, number, bytes(held), size, most)


def _document(file: str, line: int | None, data: bytes, size: int, most: int) -> InputDocument:
    if size > most:
        message = f"Document size exceeds maximum size limit {most} bytes."
        return InputDocument(file=file, line=line, error="DOCUMENT_SIZE_EXCEEDED", message=message)
    try:
        text = data.decode("utf-8-sig" if not line else "utf-8")
    except UnicodeDecodeError:
        message = "The document is not encoded in UTF-8."
        return InputDocument(file=file, line=line, error="UNSUPPORTED_ENCODING", message=message)
    if not text.strip():
        return InputDocument(file=file, line=line, error="EMPTY_DOCUMENT", message="The document has no text.")
    return InputDocument(file=file, line=line, text=text)

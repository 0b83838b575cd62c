"""Plain text, by lines; a long line by sentences. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from marinelayer.engines.language.runs import letters
from marinelayer.ports import BadDocumentError, Run

LONGEST = 4_000
"""Letters of one text, so that no engine works at one for long."""
_WIDE = "\u3002\uff01\uff1f"
"""Full stop, exclamation and question mark of scripts without blanks."""
_SENTENCE = re.compile(rf"(?<=[.!?{_WIDE}])\s+|(?<=[{_WIDE}])")


def texts(document: bytes) -> list[list[Run]]:
    """Lines, with their ends. Raises BadDocumentError: it is not UTF-8."""
    return [[Run(piece)] for line in _decoded(document).splitlines(keepends=True) for piece in _pieces(line)]


def with_texts(document: bytes, new: Sequence[Sequence[Run]]) -> bytes:
    """The texts together, with the mark of byte order that the document had."""
    mark = b"\xef\xbb\xbf" if document.startswith(b"\xef\xbb\xbf") else b""
    return mark + "".join(letters(text) for text in new).encode("utf-8", "replace")


def _decoded(document: bytes) -> str:
    try:
        return document.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadDocumentError("The document is not encoded in UTF-8.") from None


def _pieces(line: str) -> Iterator[str]:
    """The line in pieces of at most LONGEST letters, cut between sentences where there are such."""
    start = cut = 0
    for match in _SENTENCE.finditer(line):
        if match.end() - start > LONGEST and cut > start:
            yield line[start:cut]
            start = cut
        cut = match.end()
    for at in range(start, len(line), LONGEST):
        yield line[at : at + LONGEST]

"""The documents of a custom entity recognizer, read from what the cloud gives piece by piece.

Source: Comprehend Developer Guide, "Preparing entity recognizer training data", and "Guidelines and quotas" (custom
entity recognition, training) for the numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from marinelayer.engines.language.recognition.tags import Span
from marinelayer.engines.language.training_data import Ask, lines_of
from marinelayer.ports import TrainingDataError

LEAST_DOCUMENTS, MOST_DOCUMENTS = 3, 200_000
LARGEST_DOCUMENT = 5_000
LEAST_BYTES, MOST_BYTES = 5_000, 200_000_000
"""Of all documents together."""

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text: the file that it is in, and the number of its line (0 where it is the whole file)."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotated:
    """A text and the entities in it, in its order; none overlaps another."""

    text: str
    spans: Sequence[Span]


def read_documents(ask: Ask, part: str, *, each_line: bool) -> list[Document]:
    """The documents of a part, each a line of a file, or a file. Those without text are left out.

    Raises:
        TrainingDataError: one is too large, or is not UTF-8.
    """
    found: list[Document] = []
    for entry in lines_of(ask, {"names": part}):
        file = str(json.loads(entry))
        data = _whole(ask, part, file)
        texts = enumerate(_LINE_END.split(data)) if each_line else [(0, data)]
        for line, text in texts:
            if text.strip():
                _check_size(text, f"line {line} of {file}" if each_line else file)
                found.append(Document(file=file, line=line, text=text))
        if len(found) > MOST_DOCUMENTS:
            break  # more need not be in memory to be refused
    return found


def _whole(ask: Ask, part: str, file: str) -> str:
    pieces: list[bytes] = []
    size = 0
    while piece := ask({"part": part, "file": file}):
        size += len(piece)
        if size > MOST_BYTES:
            raise TrainingDataError(f"The documents have more than {MOST_BYTES} bytes.")
        pieces.append(piece)
    try:
        return b"".join(pieces).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TrainingDataError(f"The document file {file[:200]} is not UTF-8.") from None


def _check_size(text: str, place: str) -> None:
    size = size_of(text)
    if size > LARGEST_DOCUMENT:
        raise TrainingDataError(
            f"A document must have at most {LARGEST_DOCUMENT} bytes: {place[:300]} has {size} bytes."
        )


def size_of(text: str) -> int:
    """Bytes of UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def check_amount(texts: Iterator[str]) -> None:
    """Look whether documents to learn from are neither too few nor too many. Raises TrainingDataError."""
    count = size = 0
    for text in texts:
        count, size = count + 1, size + size_of(text)
    if not LEAST_DOCUMENTS <= count <= MOST_DOCUMENTS:
        raise TrainingDataError(
            f"There must be {LEAST_DOCUMENTS} to {MOST_DOCUMENTS} training documents: there are "
            f"{'more' if count > MOST_DOCUMENTS else count}."
        )
    if not LEAST_BYTES <= size <= MOST_BYTES:
        raise TrainingDataError(
            f"The training documents must have {LEAST_BYTES} to {MOST_BYTES} bytes together: they have {size}."
        )

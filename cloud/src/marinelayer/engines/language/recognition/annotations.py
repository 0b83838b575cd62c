"""Where in documents entities are, as a CSV file says it.

Source: Comprehend Developer Guide, "Plain-text annotation files": File, Line, Begin Offset, End Offset, Type. Offsets
are in code points, from the beginning of the line or, where each file is a document, of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from marinelayer.engines.language.recognition.documents import Annotated, Document
from marinelayer.engines.language.recognition.table import rows_of
from marinelayer.engines.language.recognition.tags import Span
from marinelayer.engines.language.recognition.tokens import sequences_of
from marinelayer.engines.language.training_data import Ask
from marinelayer.ports import TrainingDataError

NOUN = "the annotations"


def annotated(
    ask: Ask, part: str, documents: Sequence[Document], kinds: Sequence[str], *, each_line: bool
) -> list[Annotated]:
    """The documents with the entities of `kinds` that the file of a part says are in them.

    Raises:
        TrainingDataError: a row is not what it must be, is about no document, or overlaps another.
    """
    places = {(document.file, document.line): document for document in documents}
    spans: dict[tuple[str, int], set[Span]] = {}
    for number, place, span in _spans(ask, part, kinds, each_line=each_line):
        document = places.get(place)
        if document is None:
            raise TrainingDataError(f"Row {number} of {NOUN} is about a document that is not there: {place[0][:200]}.")
        if not 0 <= span.begin < span.end <= len(document.text) or not holds_token(document.text, span):
            raise TrainingDataError(
                f"Row {number} of {NOUN} is about no text of its document: from {span.begin} to {span.end}."
            )
        spans.setdefault(place, set()).add(span)
    return [
        Annotated(text=document.text, spans=in_order(spans.get(place, ()), f"{NOUN} of {place[0][:200]}"))
        for place, document in places.items()
    ]


def _spans(
    ask: Ask, part: str, kinds: Sequence[str], *, each_line: bool
) -> Iterator[tuple[int, tuple[str, int], Span]]:
    columns = ("File", *(["Line"] if each_line else []), "Begin Offset", "End Offset", "Type")
    numbers: Mapping[str, int] = {kind: number for number, kind in enumerate(kinds)}
    for number, row in rows_of(ask, part, NOUN, columns):
        if row["Type"] not in numbers:
            continue
        try:
            line, begin, end = (int(row.get(name, "0")) for name in ("Line", "Begin Offset", "End Offset"))
        except ValueError:
            raise TrainingDataError(f"Row {number} of {NOUN} has a line or an offset that is no number.") from None
        yield number, (row["File"], line), Span(begin, end, numbers[row["Type"]])


def in_order(spans: set[Span] | Sequence[Span], noun: str) -> list[Span]:
    """Entities in their order. Raises TrainingDataError where one overlaps another."""
    found = sorted(spans)
    for one, other in pairwise(found):
        if other.begin < one.end:
            raise TrainingDataError(f"Two of {noun} overlap each other: at {one.begin} and {other.begin}.")
    return found


def holds_token(text: str, span: Span) -> bool:
    """Whether there is more than blanks in an entity."""
    return next(sequences_of(text[span.begin : span.end]), None) is not None

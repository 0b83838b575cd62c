"""A line of runs cut into sentences, for engines that translate one at a time. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from marinelayer.engines.language.runs import Line
from marinelayer.ports import Run

LONGEST = 400
"""Letters of a sentence beyond which it is cut at a blank: engines lose the thread of what is longer."""
_KEPT = "\ufffc"
"""Stands for a letter of what is kept."""
_END = re.compile(r"(?<=[.!?\u2026])[\"'\u00bb\u201d\u2019)\]]*\s+|(?<=[\u3002\uff01\uff1f])")
_SHORTENED = re.compile(
    r"(?:^|[\s(.])(?:\w|Mr|Mrs|Ms|Dr|St|Ave|No|vs|etc|Sr|Sra|Srta|Dra|Ud|Uds|Avda|núm|Hr|Fr|Nr|bzw)\.\s*$",
    re.IGNORECASE,
)
"""What ends in a full stop and ends no sentence."""


def sentences_of(line: Sequence[Run]) -> Iterator[Line]:
    """The sentences of a line, each with the blanks behind it. What is kept is never cut."""
    flat = "".join(_KEPT * len(run.text) if run.kept else run.text for run in line)
    yield from _cut(line, list(_ends(flat)))


def _ends(text: str) -> Iterator[int]:
    start = 0
    for match in _END.finditer(text):
        if not _SHORTENED.search(text, start, match.end()):
            yield from _parts(text, start, match.end())
            start = match.end()
    yield from _parts(text, start, len(text))


def _parts(text: str, start: int, end: int) -> Iterator[int]:
    """Where to cut a sentence that is too long, and its end."""
    while end - start > LONGEST:
        blank = text.rfind(" ", start + 1, start + LONGEST)
        start = blank + 1 if blank > start else start + LONGEST
        yield start
    if end > start:
        yield end


def _cut(line: Sequence[Run], ends: Sequence[int]) -> Iterator[Line]:
    piece: Line = []
    at = 0
    waiting = list(reversed(ends))
    for run in line:
        end = at + len(run.text)
        here = at
        while waiting and waiting[-1] < end and not run.kept:
            cut = max(waiting.pop(), here)
            piece.append(replace(run, text=run.text[here - at : cut - at]))
            yield [one for one in piece if one.text or one.kept]
            piece, here = [], cut
        piece.append(replace(run, text=run.text[here - at :]) if not run.kept else run)
        while waiting and waiting[-1] <= end:
            waiting.pop()
            yield [one for one in piece if one.text or one.kept]
            piece = []
        at = end
    rest = [one for one in piece if one.text or one.kept]
    if rest:
        yield rest

"""Lines of a CSV file as records (RFC 4180), one bad line losing nothing but itself.

A stray quote makes a CSV parser swallow everything up to the next one. Here a record that spans lines counts only if
it has the header's number of fields; otherwise its first line alone is bad, and reading goes on at the second. Where a
stray quote and the next record's own lines can be read as one whole record, they are, and what is left of that next
record is bad: such a file has two meanings, and in neither is a line passed over in silence.
Knows nothing of what the fields mean.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_LINES = 500
"""A record of more lines than this is a stray quote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record: its first line's number (1 is the header), its text with the line's end, and its fields; or, with
    a `problem`, a line that is none."""

    line: int
    text: str
    fields: Sequence[str] = ()
    problem: str = ""


def decoded(content: bytes) -> str:
    """The text; bytes that are not UTF-8 become lone surrogates, which `records` finds in their line."""
    return content.decode("utf-8", errors="surrogateescape").removeprefix("\ufeff")


def records(text: str) -> Iterator[Record]:
    """The records of a file, the header first; blank lines are none. The header's width is every record's."""
    lines = _lines(text)
    width: int | None = None
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        end = _end(lines, at)
        raw = "".join(lines[at:end])
        fields, problem = _fields(raw, width)
        if problem:
            if end - at > 1:
                problem = "a quote in it is not closed where it should be"
            yield Record(line=at + 1, text=lines[at], problem=problem)
            at += 1
            continue
        width = len(fields) if width is None else width
        yield Record(line=at + 1, text=raw, fields=fields)
        at = end


def _lines(text: str) -> list[str]:
    # str.splitlines also splits at U+2028 and its like, which descriptions hold
    return [line + "\n" for line in text.split("\n")[:-1]] + [text.rpartition("\n")[2]]


def _end(lines: Sequence[str], start: int) -> int:
    quotes, end = lines[start].count('"'), start + 1
    while quotes % 2 and end < min(len(lines), start + MAX_LINES):
        quotes += lines[end].count('"')
        end += 1
    return end


def _fields(raw: str, width: int | None) -> tuple[Sequence[str], str]:
    if not raw.isascii() and any("\udc80" <= char <= "\udcff" for char in raw):
        return (), "it is not UTF-8"
    try:
        fields = next(csv.reader([raw], strict=True))
    except csv.Error as error:
        return (), f"it is no CSV: {error}"
    if width is not None and len(fields) != width:
        return (), f"it has {len(fields)} fields where the header has {width}"
    return fields, ""

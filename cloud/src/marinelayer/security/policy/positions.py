"""Where each statement stands in a policy's text, for who has to find it there. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_SCALAR: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s\[\]{},:"]+', re.DOTALL)
_BLANK: Final = re.compile(r"[\s,:]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in a text: line and column, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The places behind a statement's first brace and behind its last one: there AWS's reader stands when it has met
    them, and so its simulations say."""

    start: Position
    end: Position


def statement_spans(text: str) -> tuple[Span, ...]:
    """The spans of a policy's statements, in their order. `text` is a policy that has been read already."""
    found = next((span for name, span in _members(text, _BLANK.match(text, 0)) if name == "Statement"), None)
    if found is None:
        return ()
    start, end = found
    one_only = text[start] == "{"
    inner = [(start, end)] if one_only else list(_items(text, start))
    return tuple(Span(start=_place(text, first + 1), end=_place(text, last)) for first, last in inner)


def _place(text: str, offset: int) -> Position:
    return Position(line=text.count("\n", 0, offset) + 1, column=offset - (text.rfind("\n", 0, offset) + 1) + 1)


def _members(text: str, blank: re.Match[str] | None) -> Iterator[tuple[str, tuple[int, int]]]:
    """Names and spans of the values of the object that begins the text."""
    spans = _items(text, blank.end() if blank else 0)
    for first, last in spans:
        yield json.loads(text[first:last]), next(spans)


def _items(text: str, start: int) -> Iterator[tuple[int, int]]:
    """The spans of what an array holds, or of an object's names and values in turn."""
    at = _skip(text, start + 1)
    while text[at] not in "]}":
        end = _end(text, at)
        yield at, end
        at = _skip(text, end)


def _end(text: str, start: int) -> int:
    """Behind the value that begins at `start`."""
    depth, at = 0, start
    while True:
        scalar = _SCALAR.match(text, at)
        if scalar is not None:
            at = scalar.end()
        else:
            depth += 1 if text[at] in "[{" else -1
            at += 1
        if depth == 0:
            return at
        at = _skip(text, at)


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return at if blank is None else blank.end()

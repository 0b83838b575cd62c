"""The terms of a terminology, found in texts. Pure.

A term is found whatever its capitals are, as a whole word where its language parts words by blanks, the longest first;
of entries that differ in capitals only, the one that is written like the text. The text's capitals tell those of what
stands for it.

Source: https://docs.aws.amazon.com/translate/latest/dg/ct-case-insensitive.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from marinelayer.ports import Run

MOST_APPLIED = 250
"""Terms that an answer names."""
_GAPLESS = frozenset({"ja", "th", "zh", "zh-TW"})
"""Languages that are written without blanks between words."""
_FIRST = re.compile(r"\w+|\S")
_KEPT = "￼"
"""Stands for a kept run: no term goes across it."""


@dataclass(frozen=True, slots=True)
class Term:
    """One entry for one pair of languages."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    term: Term


class Terms:
    """Entries for one source and target language, ready to be looked for."""

    def __init__(self, entries: Iterable[Term], language: str) -> None:
        """`language` is the code of the source."""
        self._gapless = language in _GAPLESS
        self._count = 0
        index: dict[str, dict[str, list[Term]]] = {}
        for entry in entries:
            first = self._first(entry.source.lower(), 0)
            index.setdefault(first, {}).setdefault(entry.source.lower(), []).append(entry)
            self._count += 1
        self._index: Mapping[str, Sequence[tuple[str, Sequence[Term]]]] = {
            first: sorted(named.items(), key=lambda item: -len(item[0])) for first, named in index.items()
        }

    def __len__(self) -> int:
        """How many entries there are."""
        return self._count

    def applied(self, text: Sequence[Run]) -> tuple[list[Run], list[Term]]:
        """The text with a kept run in the place of each term, and the terms in the order of the text."""
        flat = "".join(_KEPT * max(1, len(run.text)) if run.kept else run.text for run in text)
        found = self._find(flat)
        return _replaced(text, found), [one.term for one in found]

    def _first(self, text: str, at: int) -> str:
        """What a term that begins here is looked up by."""
        if self._gapless:
            return text[at : at + 1]
        match = _FIRST.match(text, at)
        return match[0] if match else text[at : at + 1]

    def _find(self, text: str) -> list[_Found]:
        lower = text.lower()
        if len(lower) != len(text):  # a letter whose small form is two: compare as it is
            lower = text
        found: list[_Found] = []
        at = 0
        while at < len(text):
            one = self._at(text, lower, at)
            if one is not None:
                found.append(one)
                at = one.end
            else:
                at = self._next(lower, at)
        return found

    def _at(self, text: str, lower: str, at: int) -> _Found | None:
        for written, entries in self._index.get(self._first(lower, at), ()):
            end = at + len(written)
            if lower.startswith(written, at) and (self._gapless or not _within_word(lower, end)):
                exact = next((entry for entry in entries if entry.source == text[at:end]), entries[0])
                return _Found(at, end, exact)
        return None

    def _next(self, lower: str, at: int) -> int:
        """Where the next term may begin: at the next letter, or behind the word where words are parted."""
        if self._gapless:
            return at + 1
        match = _FIRST.match(lower, at)
        return match.end() if match else at + 1


def _within_word(text: str, end: int) -> bool:
    return end < len(text) and _is_word(text[end - 1]) and _is_word(text[end])


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def capitalised(target: str, matched: str) -> str:
    """The target term with the capitals that the matched text asks for."""
    if matched.islower() or not any(letter.isalpha() for letter in matched):
        return target
    words = matched.split()
    if len(matched) > 1 and matched.isupper():
        return target.upper()
    if all(word[:1].isupper() and word[1:] == word[1:].lower() for word in words):
        return re.sub(r"\b\w", lambda first: first[0].upper(), target)
    return target


def _replaced(text: Sequence[Run], found: Sequence[_Found]) -> list[Run]:
    """Cut the runs at the terms; a term belongs to the run of its first letter."""
    flat = "".join(_KEPT * max(1, len(run.text)) if run.kept else run.text for run in text)
    waiting = list(reversed(found))
    runs: list[Run] = []
    at = skip = 0
    for run in text:
        end = at + (max(1, len(run.text)) if run.kept else len(run.text))
        if run.kept:
            runs.append(run)
            at = end
            continue
        here = max(at, skip)
        while waiting and waiting[-1].start < end:
            one = waiting.pop()
            if one.start > here:
                runs.append(Run(flat[here : one.start], run.mark))
            runs.append(Run(capitalised(one.term.target, flat[one.start : one.end]), run.mark, kept=True))
            here = skip = one.end
        if here < end:
            runs.append(Run(flat[here:end], run.mark))
        at = end
    return runs

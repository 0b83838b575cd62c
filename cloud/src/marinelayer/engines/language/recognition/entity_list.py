"""Entities that are looked for in documents: the list's texts, exactly as they stand there.

Source: Comprehend Developer Guide, "Entity lists (plaintext only)": Text, Type; capitals count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from marinelayer.engines.language.recognition.table import rows_of
from marinelayer.engines.language.recognition.tags import Span
from marinelayer.engines.language.recognition.tokens import Token, sequences_of
from marinelayer.engines.language.training_data import Ask
from marinelayer.ports import TrainingDataError

NOUN = "the entity list"
MOST_ENTRIES = 1_000_000
LONGEST_ENTRY = 5_000


class EntityList:
    """Texts with the numbers of their types."""

    def __init__(self, entries: Mapping[str, int]) -> None:
        self._entries = entries
        sizes: dict[str, set[int]] = {}
        for entry in entries:
            tokens = _tokens(entry)
            if tokens:
                sizes.setdefault(entry[tokens[0].begin : tokens[0].end], set()).add(len(tokens))
        self._sizes = {first: sorted(found, reverse=True) for first, found in sizes.items()}

    def spans(self, text: str) -> list[Span]:
        """Where in a text entries stand, whole words each: the longest of those that begin at a place, and none that
        begins within another."""
        tokens = _tokens(text)
        found: list[Span] = []
        at = 0
        while at < len(tokens):
            span = self._longest(text, tokens, at)
            if span is None:
                at += 1
                continue
            found.append(span)
            while at < len(tokens) and tokens[at].begin < span.end:
                at += 1
        return found

    def _longest(self, text: str, tokens: Sequence[Token], at: int) -> Span | None:
        begin = tokens[at].begin
        for size in self._sizes.get(text[begin : tokens[at].end], ()):
            if at + size <= len(tokens):
                end = tokens[at + size - 1].end
                kind = self._entries.get(text[begin:end])
                if kind is not None and _is_apart(text, begin, end):
                    return Span(begin, end, kind)
        return None


def _tokens(text: str) -> list[Token]:
    return [token for sequence in sequences_of(text) for token in sequence]


def _is_apart(text: str, begin: int, end: int) -> bool:
    """Whether no letter or digit goes on from what stands there."""
    before = begin > 0 and text[begin - 1].isalnum() and text[begin].isalnum()
    after = end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    return not (before or after)


def read_entity_list(ask: Ask, kinds: Sequence[str]) -> EntityList:
    """The entity list, but for types that are none of `kinds`.

    Raises:
        TrainingDataError: a row is not what it must be, there are too many, or one text is of two types.
    """
    entries: dict[str, int] = {}
    for number, text, kind in _entries(ask, kinds):
        if entries.setdefault(text, kind) != kind:
            raise TrainingDataError(f"Row {number} of {NOUN} gives another type to a text that was there before.")
        if len(entries) > MOST_ENTRIES:
            raise TrainingDataError(f"There are more than {MOST_ENTRIES} texts in {NOUN}.")
    if not entries:
        raise TrainingDataError(f"There is no text of any of the entity types in {NOUN}.")
    return EntityList(entries)


def _entries(ask: Ask, kinds: Sequence[str]) -> Iterator[tuple[int, str, int]]:
    numbers: Mapping[str, int] = {kind: number for number, kind in enumerate(kinds)}
    for number, row in rows_of(ask, "list", NOUN, ("Text", "Type")):
        if row["Type"] not in numbers:
            continue
        if not 1 <= len(row["Text"]) <= LONGEST_ENTRY:
            raise TrainingDataError(f"Row {number} of {NOUN} has a text that is empty or longer than {LONGEST_ENTRY}.")
        yield number, row["Text"], numbers[row["Type"]]

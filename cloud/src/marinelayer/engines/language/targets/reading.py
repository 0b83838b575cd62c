"""A parsed text as plain values: its sentences with their words, parts of speech, grammar and names.

What follows works on these and not on spaCy's objects, so that it can be tested on sentences that a test writes down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

MOST_WORDS = 150
"""In one piece of what is no sentence any more: what looks at every word from every word would take too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A named entity: its first word, that after its last, and OntoNotes' label."""

    first: int
    after: int
    label: str


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """The words of a sentence, and for each: where it begins in the text (code points), its universal part of speech,
    its grammatical role (as spaCy's English models name them), the place of its head in the sentence (its own where it
    is the root), and how sure the tagger is of it (0-1)."""

    words: Sequence[str]
    begins: Sequence[int]
    parts: Sequence[str]
    roles: Sequence[str]
    heads: Sequence[int]
    sure: Sequence[float]
    names: Sequence[Name] = ()

    @cached_property
    def plain(self) -> Sequence[str]:
        """The words in lower case, with straight apostrophes."""
        return [word.lower().replace("\u2019", "'") for word in self.words]

    @cached_property
    def children(self) -> Sequence[Sequence[int]]:
        """The places of the words that hang on each word, in order."""
        below: list[list[int]] = [[] for _ in self.words]
        for place, head in enumerate(self.heads):
            if head != place:
                below[head].append(place)
        return below

    def end(self, place: int) -> int:
        """The code point after a word."""
        return self.begins[place] + len(self.words[place])


def sentences(document: Any, sure: Sequence[float]) -> list[Sentence]:
    """The sentences of a document that spaCy has parsed, in pieces of MOST_WORDS where they are longer; `sure` has a
    number for each of its words."""
    found: list[Sentence] = []
    for span in document.sents:
        words = [word for word in span if not word.is_space]
        pieces = (words[begin : begin + MOST_WORDS] for begin in range(0, len(words), MOST_WORDS))
        found += [_sentence(piece, span.ents, sure) for piece in pieces]
    return found


def _sentence(words: Sequence[Any], entities: Sequence[Any], sure: Sequence[float]) -> Sentence:
    places: dict[int, int] = {word.i: place for place, word in enumerate(words)}
    names = (_name(entity, places) for entity in entities)
    return Sentence(
        words=[word.text for word in words],
        begins=[word.idx for word in words],
        parts=[word.pos_ for word in words],
        roles=[word.dep_ for word in words],
        heads=[places.get(word.head.i, place) for place, word in enumerate(words)],
        sure=[sure[int(word.i)] for word in words],
        names=[name for name in names if name is not None],
    )


def _name(entity: Any, places: dict[int, int]) -> Name | None:
    inside = [places[word.i] for word in entity if word.i in places]
    return Name(first=inside[0], after=inside[-1] + 1, label=entity.label_) if inside else None

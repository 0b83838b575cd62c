"""Entities as tags of tokens, and tags as entities. Pure.

Tag 0 is a token outside of all entities; type number `n` has two: `1 + 2n` for the first token of an entity, `2 + 2n`
for those behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from marinelayer.engines.language.recognition.tokens import Token
from marinelayer.engines.learning.chain import Grammar

OUTSIDE = 0


class Span(NamedTuple):
    """An entity: its first code point, that after its last, and the number of its type."""

    begin: int
    end: int
    kind: int


class Stretch(NamedTuple):
    """Tokens that are an entity: the first, that after the last, and the number of its type."""

    first: int
    after: int
    kind: int


def first_tag(kind: int) -> int:
    """Of an entity's first token."""
    return 1 + 2 * kind


def inner_tag(kind: int) -> int:
    """Of an entity's other tokens."""
    return 2 + 2 * kind


def tags_of(stretch: Stretch) -> list[int]:
    """Those of the tokens of an entity."""
    return [first_tag(stretch.kind), *[inner_tag(stretch.kind)] * (stretch.after - stretch.first - 1)]


def grammar_of(kinds: int) -> Grammar:
    """What may stand behind what: an inner token only behind one of the same type."""
    size = 1 + 2 * kinds
    first = np.ones(size, np.bool_)
    following = np.ones((size, size), np.bool_)
    for kind in range(kinds):
        inner = inner_tag(kind)
        first[inner] = False
        following[:, inner] = False
        following[[first_tag(kind), inner], inner] = True
    return Grammar(first=first, following=following)


def tagged(tokens: Sequence[Token], spans: Sequence[Span]) -> list[int]:
    """The tags of tokens in whose text these entities are (in its order, none overlapping another). A token that is
    partly in one is wholly in it."""
    tags = [OUTSIDE] * len(tokens)
    waiting = list(reversed(spans))
    inside = False
    for place, token in enumerate(tokens):
        while waiting and waiting[-1].end <= token.begin:
            waiting.pop()
            inside = False
        if waiting and waiting[-1].begin < token.end:
            kind = waiting[-1].kind
            tags[place] = inner_tag(kind) if inside else first_tag(kind)
            inside = True
    return tags


def stretches_of(tags: Sequence[int]) -> Iterator[Stretch]:
    """The entities that tags stand for."""
    first = 0
    for place, tag in enumerate(tags):
        if tag != OUTSIDE and tag % 2:
            first = place
        onward = tags[place + 1] if place + 1 < len(tags) else OUTSIDE
        if tag != OUTSIDE and (onward == OUTSIDE or onward % 2):
            yield Stretch(first, place + 1, (tag - 1) // 2)

"""Parting pictures into those to learn of and those to be tested by. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)
ONE_OF = 5


def held_back(labels: Iterable[tuple[Name, Collection[str]]]) -> set[Name]:
    """A fifth of the named pictures, with about a fifth of those of each label, and the last picture of none. Always
    the same ones, in whatever order they come."""
    known = sorted(((sorted(of), name) for name, of in labels), key=lambda one: (one[0], str(one[1])))
    left = Counter(label for of, _ in known for label in of)
    chosen: set[Name] = set()
    for of, name in known[ONE_OF // 2 :: ONE_OF]:
        if all(left[label] > 1 for label in of):
            chosen.add(name)
            left.subtract(of)
    return chosen

"""Sentences as spaCy parses them, written down: `word/PART/role/head`, the head being the number of a word from 1."""

from __future__ import annotations

from collections.abc import Sequence

from marinelayer.engines.language.targets.reading import Name, Sentence


def parsed(written: str, *, begin: int = 0, names: Sequence[Name] = ()) -> Sentence:
    """The sentence, its words one blank apart."""
    split = [word.rsplit("/", 3) for word in written.split()]
    begins, at = list[int](), begin
    for word, *_ in split:
        begins.append(at)
        at += len(word) + 1
    return Sentence(
        words=[word for word, *_ in split],
        begins=begins,
        parts=[part for _, part, _, _ in split],
        roles=[role for _, _, role, _ in split],
        heads=[int(head) - 1 for *_, head in split],
        sure=[0.9] * len(split),
        names=names,
    )

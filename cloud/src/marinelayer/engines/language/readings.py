"""Texts that are longer than a model reads at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def parts(pieces: Sequence[int], most: int) -> Iterator[Sequence[int]]:
    """The pieces as they are where they are few enough, else in parts of `most` that overlap by half."""
    last = len(pieces) - most
    for begin in range(0, last, most // 2):
        yield pieces[begin : begin + most]
    yield pieces[max(0, last) :]

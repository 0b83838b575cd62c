"""What is looked at in a token and around it, hashed to columns: the words, their ends, beginnings and shapes. Pure.

Two kinds: what tells *which* word it is, and what tells what it *looks* like and stands beside. A name that was not in
the lesson is told by the second alone.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from marinelayer.engines.language.recognition.tokens import Token

Columns = npt.NDArray[np.int64]
AFFIXES = (1, 2, 3, 4)
MOST_DIGITS = 6
_CHUNK = re.compile(r"\S+")
_RUN = re.compile(r"(.)\1+")
EDGE = "\x02"
"""Stands for what is before the first token and behind the last."""


class Words:
    """The tokens of a sequence, as features want them."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        raw = [text[token.begin : token.end] for token in tokens]
        self.plain = [unicodedata.normalize("NFKC", word).casefold() for word in raw]
        self.shapes = [shape(word) for word in raw]
        chunks = _chunks(text, tokens)
        self.chunks = [_RUN.sub(r"\1", chunk) for chunk in chunks]
        self.glued = [place > 0 and tokens[place - 1].end == token.begin for place, token in enumerate(tokens)]

    def word(self, place: int) -> str:
        """The token at a place, whatever its capitals."""
        return self.plain[place] if 0 <= place < len(self.plain) else EDGE

    def shape(self, place: int) -> str:
        """What it looks like."""
        return self.shapes[place] if 0 <= place < len(self.shapes) else EDGE

    def is_glued(self, place: int) -> bool:
        """Whether nothing parts a token from the one before."""
        return 0 <= place < len(self.glued) and self.glued[place]


def shape(word: str) -> str:
    """`Xx` for a word with a capital, `XX` for capitals, `x` for small letters, `ddd` for three digits; a sign is its
    own shape."""
    if word[0].isdecimal():
        return "d" * min(len(word), MOST_DIGITS)
    if not word[0].isalpha():
        return word
    if word.islower():
        return "x"
    if word.isupper():
        return "X" if len(word) == 1 else "XX"
    return "Xx" if word[0].isupper() and word[1:].islower() else "xX"


def _chunks(text: str, tokens: Sequence[Token]) -> list[str]:
    """For each token the shape of what stands between the blanks around it."""
    begin, end = tokens[0].begin, tokens[-1].end
    chunks = [match.span() for match in _CHUNK.finditer(text, begin, end)]
    shapes: list[str] = []
    at = 0
    for token in tokens:
        while chunks[at][1] <= token.begin:
            at += 1
        first, last = chunks[at]
        shapes.append("".join(map(_letter, text[first:last][:24])))
    return shapes


def _letter(letter: str) -> str:
    if letter.isdecimal():
        return "d"
    if letter.isalpha():
        return "X" if letter.isupper() else "x"
    return letter


def _which(words: Words, at: int) -> Iterator[str]:
    word = words.plain[at]
    yield f"w {word}"
    yield f"wl {words.word(at - 1)} {word}"
    yield f"wr {word} {words.word(at + 1)}"
    for size in AFFIXES:
        if len(word) > size:
            yield f"p {word[:size]}"
            yield f"s {word[-size:]}"


def _around(words: Words, at: int) -> Iterator[str]:
    here, left, right = words.shape(at), words.shape(at - 1), words.shape(at + 1)
    yield "always"
    yield f"h {here}"
    yield f"hl {left} {here}"
    yield f"hr {here} {right}"
    yield f"h3 {left} {here} {right}"
    yield f"h5 {words.shape(at - 2)} {left} {here} {right} {words.shape(at + 2)}"
    yield f"c {words.chunks[at]}"
    yield f"g {words.is_glued(at)} {words.is_glued(at + 1)} {here}"
    for step in (-3, -2, -1, 1, 2, 3):
        yield f"{step} {words.word(at + step)}"
    yield f"ll {words.word(at - 2)} {words.word(at - 1)}"
    yield f"rr {words.word(at + 1)} {words.word(at + 2)}"
    yield f"lr {words.word(at - 1)} {words.word(at + 1)}"
    yield f"-h {words.word(at - 1)} {here}"
    yield f"+h {here} {words.word(at + 1)}"


class Rows(NamedTuple):
    """The columns of some tokens, one token after the other; those of token `n` end before `ends[n]`."""

    columns: Columns
    ends: Columns


def features_of(text: str, tokens: Sequence[Token]) -> Rows:
    """The columns of what is looked at in each token of a sequence: at least one, in no order."""
    words = Words(text, tokens)
    columns: list[int] = []
    ends: list[int] = []
    for at in range(len(tokens)):
        columns += [zlib.crc32(one.encode("utf-8", "replace")) for one in chain(_which(words, at), _around(words, at))]
        ends.append(len(columns))
    return Rows(np.asarray(columns, np.int64), np.asarray(ends, np.int64))


def joined(rows: Sequence[Rows]) -> Rows:
    """The rows of sequences, one sequence after the other."""
    sizes = np.cumsum([len(one.columns) for one in rows])
    begins = np.concatenate(([0], sizes[:-1]))
    return Rows(
        np.concatenate([one.columns for one in rows]),
        np.concatenate([one.ends + begin for one, begin in zip(rows, begins, strict=True)]),
    )


def reordered(rows: Rows, order: Columns) -> Rows:
    """The same rows in another order."""
    sizes = np.diff(rows.ends, prepend=0)
    begins, sizes = (rows.ends - sizes)[order], sizes[order]
    ends = np.cumsum(sizes)
    places = np.repeat(begins - (ends - sizes), sizes) + np.arange(len(rows.columns))
    return Rows(rows.columns[places], ends)

"""Dividing a line of read text into words with corners, by what its reader says of the letters and by the line's ink.

The line's own text says where words end. A reader knows about where the middle of each letter is; between the last
letter of a word and the first of the next the widest gap in the ink parts them. A gap that is as wide as a space where
the reader saw none is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from marinelayer.engines.vision.decoding import Pixels
from marinelayer.engines.vision.ink import Flags, columns, ink, rows
from marinelayer.engines.vision.quads import Quad, part

LEAST_HEIGHT = 0.25
"""Of the line's: a word with a letter or digit is not lower."""
SPACE = 0.35
"""Of the height of a line's ink: a gap between letters that is a space, if it is also
MORE_THAN_OTHERS times as wide as the line's usual gap. (Of 7,488 gaps within words of drawn signs none was.)"""
MORE_THAN_OTHERS = 3.0
LEAST_INK = 16
"""Pixels: of lower ink the gaps are known too roughly."""

BEYOND = 1.2
"""Of the mean distance of two letters: so far from the middle of a line's first or last letter may its ink reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A word or line, with a score (0-1) and corners in any unit."""

    text: str
    score: float
    corners: Quad


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter that was read, its score (0-1), and where its middle is, as a fraction of the line's width."""

    text: str
    score: float
    middle: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that was read: its text and score, its corners from the text's own top left, its letters without spaces,
    and its picture, upright. `letters` may be another text's, if the reader could not say where they are."""

    text: str
    score: float
    corners: Quad
    letters: Sequence[Letter]
    picture: Pixels


@dataclass(frozen=True, slots=True)
class _Box:
    """In fractions of the line's width and height."""

    left: float
    top: float
    right: float
    bottom: float


def words(line: Line) -> tuple[Piece, list[Piece]]:
    """The line about its words, and the words, in order. The line has at least one."""
    letters = _letters(line)
    found = ink(line.picture)
    boxes: list[_Box] = []
    pieces: list[Piece] = []
    for text, own, (left, right) in _spans(line.text.split(), letters, None if found is None else columns(found)):
        top, bottom = _height(text, found, left, right)
        box = _Box(left, top, right, bottom)
        boxes.append(box)
        score = sum(letter.score for letter in own) / len(own)
        pieces.append(Piece(text=text, score=score, corners=part(line.corners, left, top, right, bottom)))
    top, bottom = min(box.top for box in boxes), max(box.bottom for box in boxes)
    corners = part(line.corners, boxes[0].left, top, boxes[-1].right, bottom)
    return Piece(text=line.text, score=line.score, corners=corners), pieces


def with_spaces(line: Line) -> Line:
    """The line with a space wherever its ink has one between two letters that the reader took for one word's."""
    found = ink(line.picture)
    tall = None if found is None else rows(found)
    if found is None or tall is None or "".join(letter.text for letter in line.letters) != "".join(line.text.split()):
        return line
    if tall[1] - tall[0] < LEAST_INK:
        return line
    inked, unit = columns(found), (tall[1] - tall[0]) / found.shape[1]
    gaps = [_wide(_gap(inked, one.middle, other.middle)) / unit for one, other in pairwise(line.letters)]
    least = max(SPACE, MORE_THAN_OTHERS * float(np.median(gaps))) if gaps else 0.0
    text, place = "", 0
    for before, letter in pairwise((" ", *line.text)):
        if not letter.isspace():
            if before.isalpha() and letter.isalpha() and gaps[place - 1] >= least:
                text += " "
            place += 1
        text += letter
    return replace(line, text=text)


def _wide(gap: tuple[float, float]) -> float:
    return gap[1] - gap[0]


def _letters(line: Line) -> Sequence[Letter]:
    """Those of the line's text; spread evenly where the reader's are others."""
    wanted = "".join(line.text.split())
    if "".join(letter.text for letter in line.letters) == wanted:
        return line.letters
    size = len(line.text)
    return [
        Letter(text=text, score=line.score, middle=(n + 0.5) / size)
        for n, text in enumerate(line.text)
        if not text.isspace()
    ]


def _spans(
    texts: Sequence[str], letters: Sequence[Letter], inked: Flags | None
) -> Iterator[tuple[str, Sequence[Letter], tuple[float, float]]]:
    """Each word with its letters, its left and its right, in fractions of the line's width."""
    starts = [0]
    for text in texts:
        starts.append(starts[-1] + len(text))
    middles = [letter.middle for letter in letters]
    wide = (middles[-1] - middles[0]) / (len(middles) - 1) if len(middles) > 1 else 1.0
    ends = [_gap(inked, middles[at - 1], middles[at]) for at in starts[1:-1]]
    first = _edges(inked, middles[0] - BEYOND * wide, middles[0] + wide / 2)[0]
    last = _edges(inked, middles[-1] - wide / 2, middles[-1] + BEYOND * wide)[1]
    lefts = [first, *(right for _, right in ends)]
    rights = [*(left for left, _ in ends), last]
    for text, start, left, right in zip(texts, starts, lefts, rights, strict=False):
        yield text, letters[start : start + len(text)], (left, max(left, right))


def _gap(inked: Flags | None, one: float, other: float) -> tuple[float, float]:
    """The widest gap in the ink between two places, or half way where there is none."""
    start, within = _within(inked, one, other)
    bounds = np.concatenate([[-1], np.flatnonzero(within), [len(within)]])
    gaps = np.diff(bounds) - 1
    widest = int(gaps.argmax())
    if inked is None or gaps[widest] < 1:
        return (one + other) / 2, (one + other) / 2
    return (start + bounds[widest] + 1) / len(inked), (start + bounds[widest + 1]) / len(inked)


def _edges(inked: Flags | None, one: float, other: float) -> tuple[float, float]:
    """Where the ink between two places begins and ends; these where there is none."""
    start, within = _within(inked, one, other)
    here = np.flatnonzero(within)
    if inked is None or not len(here):
        return max(0.0, one), min(1.0, other)
    return (start + here[0]) / len(inked), (start + here[-1] + 1) / len(inked)


def _within(inked: Flags | None, one: float, other: float) -> tuple[int, Flags]:
    """The columns between two fractions of a line, and the number of the first."""
    if inked is None:
        return 0, np.zeros(0, np.bool_)
    start = int(max(0.0, one) * len(inked))
    return start, inked[start : max(start + 1, int(np.ceil(min(1.0, other) * len(inked))))]


def _height(text: str, found: Flags | None, left: float, right: float) -> tuple[float, float]:
    """The word's top and bottom; the line's where its ink does not tell."""
    if found is None:
        return 0.0, 1.0
    high, wide = found.shape
    start = int(left * wide)
    within = rows(found[:, start : max(start + 1, round(right * wide))])
    if within is None:
        return 0.0, 1.0
    top, bottom = within[0] / high, within[1] / high
    if bottom - top < LEAST_HEIGHT and any(letter.isalnum() for letter in text):
        return 0.0, 1.0
    return top, bottom

"""Dividing a line of read text into words with corners, from the pieces that the reader located.

A reader's pieces need not be words: wide letters come apart (`M`, `ON`), narrow gaps are missed. The line's own text
says where words end; the pieces only say where letters are. Pure.

Corners are clockwise from the text's own top left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Letters that belong together, with a score (0-1) and corners in any unit."""

    text: str
    score: float
    corners: Quad


def words(line: Piece, pieces: Sequence[Piece]) -> list[Piece]:
    """The words of a line, in order, at the corners that its pieces give.

    Where the pieces are not the line's letters, the letters are spread evenly over the line.
    """
    letters = [letter for piece in pieces for letter in _letters(piece)]
    if "".join(letter.text for letter in letters) != "".join(line.text.split()):
        letters = [letter for letter in _letters(line) if not letter.text.isspace()]
    found: list[Piece] = []
    start = 0
    for word in line.text.split():
        part = letters[start : start + len(word)]
        start += len(word)
        found.append(_joined(word, part))
    return found


def runs_down(corners: Quad) -> bool:
    """Whether a line with these corners, from the picture's top left, was read downwards: a reader turns lines that
    are half as high again as wide by a quarter."""
    a, b, c, d = corners
    return max(_distance(a, d), _distance(b, c)) >= 1.5 * max(_distance(a, b), _distance(d, c))


def turned(corners: Quad) -> Quad:
    """The corners from the text's own top left, of text that runs downwards."""
    a, b, c, d = corners
    return b, c, d, a


def _letters(piece: Piece) -> list[Piece]:
    size = len(piece.text)
    return [
        Piece(text=letter, score=piece.score, corners=_slice(piece.corners, n / size, (n + 1) / size))
        for n, letter in enumerate(piece.text)
    ]


def _joined(word: str, letters: Sequence[Piece]) -> Piece:
    first, last = letters[0].corners, letters[-1].corners
    score = sum(letter.score for letter in letters) / len(letters)
    return Piece(text=word, score=score, corners=(first[0], last[1], last[2], first[3]))


def _slice(quad: Quad, start: float, end: float) -> Quad:
    a, b, c, d = quad
    return _between(a, b, start), _between(a, b, end), _between(d, c, end), _between(d, c, start)


def _between(one: Point, other: Point, share: float) -> Point:
    return one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share


def _distance(one: Point, other: Point) -> float:
    return ((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5

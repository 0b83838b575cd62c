"""Four corners of a text, clockwise from the text's own top left, in any unit. Pure."""

from __future__ import annotations

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]


def turned(quad: Quad, quarters: int) -> Quad:
    """The corners in the order that begins `quarters` corners later: those of text that stands so many quarters
    clockwise."""
    a, b, c, d = (quad[(n + quarters) % 4] for n in range(4))
    return a, b, c, d


def is_tall(quad: Quad) -> bool:
    """Whether it is half as high again as wide, in whole pixels: PP-OCR takes text in such a one to run downwards."""
    a, b, c, d = quad
    width, height = int(max(_distance(a, b), _distance(c, d))), int(max(_distance(a, d), _distance(b, c)))
    return height >= 1.5 * width


def part(quad: Quad, left: float, top: float, right: float, bottom: float) -> Quad:
    """The corners of a part of it, given in fractions of its width and height."""
    return _at(quad, left, top), _at(quad, right, top), _at(quad, right, bottom), _at(quad, left, bottom)


def _at(quad: Quad, across: float, down: float) -> Point:
    a, b, c, d = quad
    return _between(_between(a, b, across), _between(d, c, across), down)


def _between(one: Point, other: Point, share: float) -> Point:
    return one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share


def _distance(one: Point, other: Point) -> float:
    return ((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5

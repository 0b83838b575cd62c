"""Regions of interest: whether more than half of something lies in one of them.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_RegionOfInterest.html. Pure geometry, in
fractions of the picture's sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from marinelayer.services.rekognition.errors import InvalidParameterException

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

FEWEST_POINTS, MOST_POINTS = 3, 10

Point = tuple[float, float]
Polygon = Sequence[Point]


def read_regions(regions: Sequence[wire.RegionOfInterest]) -> list[Polygon]:
    """The corners of each region.

    Raises:
        InvalidParameterException: one is not either a box or a polygon of 3 to 10 points.
    """
    return [_corners(region) for region in regions]


def in_a_region(shape: Polygon, regions: Sequence[Polygon]) -> bool:
    """Whether more than half of a convex `shape` is in one of the regions; of one without an area, its middle."""
    whole = area(shape)
    if not whole:
        middle = sum(x for x, _ in shape) / len(shape), sum(y for _, y in shape) / len(shape)
        return any(_around(middle, region) for region in regions)
    return any(area(clipped(region, shape)) > whole / 2 for region in regions)


def area(polygon: Polygon) -> float:
    """By the shoelace formula, whichever way it goes round."""
    return abs(_twice_signed(polygon)) / 2


def clipped(polygon: Polygon, window: Polygon) -> list[Point]:
    """What of `polygon` is in the convex `window` (Sutherland and Hodgman, 1974); edges that join parts of it lie on
    the window's rim and have no area."""
    round_left = _twice_signed(window) > 0
    left = list(polygon)
    for (x1, y1), (x2, y2) in zip(window, [*window[1:], window[0]], strict=True):

        def side(point: Point, x1: float = x1, y1: float = y1, x2: float = x2, y2: float = y2) -> float:
            turn = (x2 - x1) * (point[1] - y1) - (y2 - y1) * (point[0] - x1)
            return turn if round_left else -turn

        kept: list[Point] = []
        for before, point in zip([*left[-1:], *left[:-1]], left, strict=True):
            a, b = side(before), side(point)
            if (a < 0) != (b < 0):
                share = a / (a - b)
                kept.append((before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1])))
            if b >= 0:
                kept.append(point)
        left = kept
    return left


def _twice_signed(polygon: Polygon) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True))


def _around(point: Point, polygon: Polygon) -> bool:
    """Whether a ray from the point to the right crosses the polygon's sides an odd number of times."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            inside = not inside
    return inside


def _corners(region: wire.RegionOfInterest) -> Polygon:
    box, polygon = region.get("BoundingBox"), region.get("Polygon")
    if (box is None) == (not polygon):
        raise InvalidParameterException
    if box is None:
        points = [(point.get("X", 0.0), point.get("Y", 0.0)) for point in polygon or ()]
        if not FEWEST_POINTS <= len(points) <= MOST_POINTS:
            raise InvalidParameterException
        return points
    left, top = box.get("Left", 0.0), box.get("Top", 0.0)
    right, bottom = left + box.get("Width", 0.0), top + box.get("Height", 0.0)
    return [(left, top), (right, top), (right, bottom), (left, bottom)]

"""Pictures to learn things from: each as it is, and varied: mirrored, nearer or further, in another light. Only what
leaves a thing what it is; photographed things stand upright, so nothing is turned."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from marinelayer.engines.vision.decoding import Pixels
from marinelayer.engines.vision.located import Thing

ZOOM = 0.3
"""Of the logarithm of how much nearer or further a picture is seen."""
LIGHT, TINT = 0.15, 0.1
LEAST_LEFT = 0.5
"""Of a thing that the edge cuts off, to count."""
_GREY = (124, 116, 104)


def varied(picture: Pixels, things: Sequence[Thing], chance: np.random.Generator) -> tuple[Pixels, list[Thing]]:
    """Another view of a picture, of the same size, and where its things are there."""
    height, width = picture.shape[:2]
    mirrored = chance.random() < 0.5
    scale = float(np.exp(chance.uniform(-ZOOM, ZOOM)))
    left, top = (chance.random() * side * (1 - scale) for side in (width, height))
    across = np.array([[-scale if mirrored else scale, 0, left + (scale * width if mirrored else 0)], [0, scale, top]])
    smaller = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    moved = cv2.warpAffine(picture, across, (width, height), flags=smaller, borderValue=_GREY)
    light = np.exp(chance.uniform(-LIGHT, LIGHT) + chance.uniform(-TINT, TINT, 3))
    lit = (moved * light).clip(0, 255).astype(np.uint8)
    return lit, [seen for thing in things if (seen := _moved(thing, across, width, height)) is not None]


def _moved(
    thing: Thing, across: np.ndarray[tuple[int, int], np.dtype[np.float64]], wide: int, high: int
) -> Thing | None:
    left, top, right, bottom = thing.box
    one, other = across @ (left, top, 1), across @ (right, bottom, 1)
    whole = np.array([*np.minimum(one, other), *np.maximum(one, other)])
    seen = whole.clip(0, (wide, high, wide, high))
    area, left_of_it = ((box[2] - box[0]) * (box[3] - box[1]) for box in (whole, seen))
    if left_of_it < LEAST_LEFT * area:
        return None
    return Thing(label=thing.label, box=(float(seen[0]), float(seen[1]), float(seen[2]), float(seen[3])))

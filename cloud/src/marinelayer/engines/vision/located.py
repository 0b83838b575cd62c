"""Boxes of things in a picture: how much they overlap, and which of several about the same thing is kept. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Boxes = npt.NDArray[np.float64]
"""Left, top, right, bottom of each."""
Floats = npt.NDArray[np.float64]

RIGHT_OVERLAP = 0.5
"""Of a box with the true one, from which on it is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A thing by the number of its label, with left, top, right and bottom."""

    label: int
    box: tuple[float, float, float, float]


def overlaps(some: Boxes, others: Boxes) -> Floats:
    """Intersection over union of each of some with each of others."""
    low = np.maximum(some[:, np.newaxis, :2], others[np.newaxis, :, :2])
    high = np.minimum(some[:, np.newaxis, 2:], others[np.newaxis, :, 2:])
    shared = np.prod((high - low).clip(0), axis=2)
    return shared / (areas(some)[:, np.newaxis] + areas(others)[np.newaxis] - shared + 1e-9)


def areas(boxes: Boxes) -> Floats:
    """Width by height of each."""
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def apart(boxes: Boxes, scores: Floats, most: float) -> list[int]:
    """The numbers of those, best first, that overlap no better one by more than `most`."""
    left = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while left.size:
        best = int(left[0])
        kept.append(best)
        left = left[1:][overlaps(boxes[best : best + 1], boxes[left[1:]])[0] <= most]
    return kept


def rightly(boxes: Boxes, truth: Boxes) -> npt.NDArray[np.bool_]:
    """Of boxes of one label, best first, which are right: each true box is found once."""
    right = np.zeros(len(boxes), np.bool_)
    if not len(boxes) or not len(truth):
        return right
    shared, free = overlaps(boxes, truth), np.ones(len(truth), np.bool_)
    for number in range(len(boxes)):
        best = int(np.argmax(np.where(free, shared[number], -1.0)))
        if free[best] and shared[number, best] >= RIGHT_OVERLAP:
            right[number], free[best] = True, False
    return right

"""What a detector finds, and what detectors of ONNX models have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from marinelayer.engines.vision.decoding import Pixels

LEAST_SCORE = 0.3
"""Below this nearly all is noise; callers ask for more."""

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """One thing: its class number, score (0-1), and left, top, right, bottom as fractions."""

    number: int
    score: float
    box: tuple[float, float, float, float]


class Detector(Protocol):
    """A loaded model that finds things, by the numbers of the classes that it was trained on."""

    def detect(self, picture: Pixels) -> list[Detection]:
        """Everything seen with at least LEAST_SCORE, best first."""
        ...


def detections(boxes: Floats, scores: Floats, classes: Integers, overlap: float) -> list[Detection]:
    """Of all that was seen (boxes as fractions, [n, 4]), what does not overlap a better one of its class by more than
    `overlap` (intersection over union), best first."""
    boxes = boxes.clip(0, 1)
    return [
        Detection(number=int(classes[n]), score=float(scores[n]), box=_four(boxes[n]))
        for n in apart(boxes, scores, classes, overlap)
    ]


def apart(boxes: Floats, scores: Floats, classes: Integers, overlap: float) -> list[int]:
    """Which of the boxes (left, top, right, bottom, 0-1) do not overlap a better one of their class by more than
    `overlap`, best first."""
    moved = boxes + 2 * classes[:, np.newaxis]  # every class has a place of its own
    area = (moved[:, 2] - moved[:, 0]) * (moved[:, 3] - moved[:, 1])
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        width = np.minimum(moved[best, 2], moved[rest, 2]) - np.maximum(moved[best, 0], moved[rest, 0])
        height = np.minimum(moved[best, 3], moved[rest, 3]) - np.maximum(moved[best, 1], moved[rest, 1])
        shared = width.clip(0) * height.clip(0)
        order = rest[shared <= overlap * (area[best] + area[rest] - shared)]
    return kept


def _four(box: Floats) -> tuple[float, float, float, float]:
    left, top, right, bottom = (float(value) for value in box)
    return left, top, right, bottom

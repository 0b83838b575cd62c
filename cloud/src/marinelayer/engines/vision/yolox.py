"""YOLOX-S with 640 pixels, trained on COCO: what is where in a picture.

Ge et al., YOLOX (arXiv:2107.08430). One output, [1, 8400, 85]: for each cell of the strides 8, 16 and 32 the centre,
from the cell's corner and in strides, the logarithms of width and height in strides, whether there is an object, and
which of 80 classes (both already sigmoid). The picture keeps its proportions; grey fills the rest, right or below.
"""

from __future__ import annotations

import cv2
import numpy as np

from marinelayer.engines.sessions import ON_PROCESSOR, Sessions
from marinelayer.engines.vision.decoding import Pixels
from marinelayer.engines.vision.detection import LEAST_SCORE, Detection, Floats, detections

SIDE = 640
STRIDES = (8, 16, 32)
GREY = 114
OVERLAP = 0.5


class YoloX:
    """The loaded model."""

    def __init__(self, model: bytes, sessions: Sessions = ON_PROCESSOR) -> None:
        self._session = sessions.open(model)
        self._input: str = self._session.get_inputs()[0].name
        self._corners, self._strides = _cells()

    def detect(self, picture: Pixels) -> list[Detection]:
        """Everything seen with at least LEAST_SCORE, best first."""
        height, width = picture.shape[:2]
        scale = min(SIDE / height, SIDE / width)
        blob = _fitted(picture, scale).astype(np.float32).transpose(2, 0, 1)[np.newaxis]
        found: Floats = self._session.run(None, {self._input: np.ascontiguousarray(blob)})[0][0]
        scores = found[:, 4:5] * found[:, 5:]
        classes = scores.argmax(axis=1)
        best = scores.max(axis=1)
        cells = np.nonzero(best >= LEAST_SCORE)[0]
        strides = self._strides[cells, np.newaxis]
        centre = (found[cells, :2] + self._corners[cells]) * strides
        half = np.exp(found[cells, 2:4]) * strides / 2
        fitted = np.array([width, height, width, height], np.float32) * scale
        boxes = np.concatenate([centre - half, centre + half], axis=1) / fitted
        return detections(boxes, best[cells], classes[cells], OVERLAP)


def _cells() -> tuple[Floats, Floats]:
    """The corner (x, y) of every cell, in strides, and its stride."""
    corners: list[Floats] = []
    strides: list[Floats] = []
    for stride in STRIDES:
        side = SIDE // stride
        y, x = np.divmod(np.arange(side * side), side)
        corners.append(np.stack([x, y], axis=1).astype(np.float32))
        strides.append(np.full(side * side, stride, np.float32))
    return np.concatenate(corners), np.concatenate(strides)


def _fitted(picture: Pixels, scale: float) -> Pixels:
    height, width = (max(1, int(side * scale)) for side in picture.shape[:2])
    square = np.full((SIDE, SIDE, 3), GREY, np.uint8)
    square[:height, :width] = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
    return square

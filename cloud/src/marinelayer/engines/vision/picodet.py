"""PicoDet-S with 416 pixels, trained on COCO: what is where in a picture.

Yu et al., PP-PicoDet (arXiv:2111.00902). Eight outputs: for the strides 8, 16, 32 and 64 the scores of 80 classes a
cell (already sigmoid), and for the same strides each box's four sides as distributions over 8 distances (Generalized
Focal Loss, arXiv:2006.04388).
"""

from __future__ import annotations

import cv2
import numpy as np

from marinelayer.engines.sessions import ON_PROCESSOR, Sessions
from marinelayer.engines.vision.decoding import Pixels
from marinelayer.engines.vision.detection import LEAST_SCORE, Detection, Floats, detections

SIDE = 416
STRIDES = (8, 16, 32, 64)
BINS = 8
MEAN = np.array([123.675, 116.28, 103.53], np.float32)
DEVIATION = np.array([58.395, 57.12, 57.375], np.float32)
OVERLAP = 0.6


class PicoDet:
    """The loaded model."""

    def __init__(self, model: bytes, sessions: Sessions = ON_PROCESSOR) -> None:
        self._session = sessions.open(model)
        self._input: str = self._session.get_inputs()[0].name

    def detect(self, picture: Pixels) -> list[Detection]:
        """Everything seen with at least LEAST_SCORE, best first."""
        outputs: list[Floats] = self._session.run(None, {self._input: prepared(picture)})
        levels = len(STRIDES)
        scores = np.concatenate([output[0] for output in outputs[:levels]])
        boxes = np.concatenate(
            [_boxes(sides[0], stride) for sides, stride in zip(outputs[levels:], STRIDES, strict=True)]
        )
        cells, classes = np.nonzero(scores >= LEAST_SCORE)
        return detections((boxes[cells] / SIDE).astype(np.float32), scores[cells, classes], classes, OVERLAP)


def prepared(picture: Pixels) -> Floats:
    """The picture as the network takes it."""
    resized = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    return np.ascontiguousarray(((resized - MEAN) / DEVIATION).transpose(2, 0, 1)[np.newaxis], np.float32)


def _boxes(sides: Floats, stride: int) -> Floats:
    """Left, top, right, bottom in pixels of the resized picture, for every cell of one stride."""
    cells = -(-SIDE // stride)
    bins = sides.reshape(-1, 4, BINS)
    weights = np.exp(bins - bins.max(axis=2, keepdims=True))
    distance = (weights @ np.arange(BINS, dtype=np.float32)) / weights.sum(axis=2) * stride
    y, x = np.divmod(np.arange(cells * cells), cells)
    x, y = (x + 0.5) * stride, (y + 0.5) * stride
    corners = np.stack([x - distance[:, 0], y - distance[:, 1], x + distance[:, 2], y + distance[:, 3]], axis=1)
    return corners.astype(np.float32)

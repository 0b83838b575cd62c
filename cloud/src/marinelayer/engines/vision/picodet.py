"""PicoDet-S with 416 pixels, trained on COCO: what is where in a picture.

Yu et al., PP-PicoDet (arXiv:2111.00902). Eight outputs: for the strides 8, 16, 32 and 64 the scores of 80 classes a
cell (already sigmoid), and for the same strides each box's four sides as distributions over 8 distances (Generalized
Focal Loss, arXiv:2006.04388).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from marinelayer.engines.vision.decoding import Pixels

SIDE = 416
STRIDES = (8, 16, 32, 64)
BINS = 8
MEAN = np.array([123.675, 116.28, 103.53], np.float32)
DEVIATION = np.array([58.395, 57.12, 57.375], np.float32)
LEAST_SCORE = 0.3
"""Below this nearly all is noise; callers ask for more."""
OVERLAP = 0.6

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """One thing: its class number, score (0-1), and left, top, right, bottom as fractions."""

    number: int
    score: float
    box: tuple[float, float, float, float]


class PicoDet:
    """The loaded model."""

    def __init__(self, model: bytes) -> None:
        runtime: Any = onnxruntime  # its types are incomplete
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self._session: Any = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._input: str = self._session.get_inputs()[0].name

    def detect(self, picture: Pixels) -> list[Detection]:
        """Everything seen with at least LEAST_SCORE, best first."""
        resized = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR).astype(np.float32)
        blob = ((resized - MEAN) / DEVIATION).transpose(2, 0, 1)[np.newaxis]
        outputs: list[Floats] = self._session.run(None, {self._input: np.ascontiguousarray(blob)})
        levels = len(STRIDES)
        scores = np.concatenate([output[0] for output in outputs[:levels]])
        boxes = np.concatenate(
            [_boxes(sides[0], stride) for sides, stride in zip(outputs[levels:], STRIDES, strict=True)]
        )
        cells, classes = np.nonzero(scores >= LEAST_SCORE)
        kept = _without_overlaps(boxes[cells], scores[cells, classes], classes)
        return [
            Detection(
                number=int(classes[k]), score=float(scores[cells[k], classes[k]]), box=_fractions(boxes[cells[k]])
            )
            for k in kept
        ]


def _boxes(sides: Floats, stride: int) -> Floats:
    """Left, top, right, bottom in pixels of the resized picture, for every cell of one stride."""
    cells = -(-SIDE // stride)
    bins = sides.reshape(-1, 4, BINS)
    weights = np.exp(bins - bins.max(axis=2, keepdims=True))
    distance = (weights @ np.arange(BINS, dtype=np.float32)) / weights.sum(axis=2) * stride
    y, x = np.divmod(np.arange(cells * cells), cells)
    x, y = (x + 0.5) * stride, (y + 0.5) * stride
    corners = np.stack([x - distance[:, 0], y - distance[:, 1], x + distance[:, 2], y + distance[:, 3]], axis=1)
    return corners.clip(0, SIDE).astype(np.float32)


def _without_overlaps(boxes: Floats, scores: Floats, classes: npt.NDArray[np.int64]) -> list[int]:
    """The indices to keep, best first: none overlaps a better one of its class by more than OVERLAP."""
    apart = boxes + (classes * (SIDE + 1.0))[:, np.newaxis]  # moves every class to a place of its own
    area = (apart[:, 2] - apart[:, 0]) * (apart[:, 3] - apart[:, 1])
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        width = np.minimum(apart[best, 2], apart[rest, 2]) - np.maximum(apart[best, 0], apart[rest, 0])
        height = np.minimum(apart[best, 3], apart[rest, 3]) - np.maximum(apart[best, 1], apart[rest, 1])
        shared = width.clip(0) * height.clip(0)
        order = rest[shared <= OVERLAP * (area[best] + area[rest] - shared)]
    return kept


def _fractions(box: Floats) -> tuple[float, float, float, float]:
    left, top, right, bottom = (float(value) / SIDE for value in box)
    return left, top, right, bottom

"""FastestDet with 352 pixels, trained on COCO: what is where in a picture, in a few milliseconds.

https://github.com/dog-qiuqiu/FastestDet. One output, [1, 85, 22, 22]: for each cell whether there is an object (already
sigmoid), the centre from the cell's corner (tanh, in cells), width and height (sigmoid, as fractions of the picture),
and the likelihood of 80 classes (already softmax). Its score weighs both: object ** 0.6 * class ** 0.4.
"""

from __future__ import annotations

import cv2
import numpy as np

from marinelayer.engines.sessions import ON_PROCESSOR, Sessions
from marinelayer.engines.vision.decoding import Pixels
from marinelayer.engines.vision.detection import LEAST_SCORE, Detection, Floats, detections

SIDE = 352
OVERLAP = 0.45


class FastestDet:
    """The loaded model."""

    def __init__(self, model: bytes, sessions: Sessions = ON_PROCESSOR) -> None:
        self._session = sessions.open(model)
        self._input: str = self._session.get_inputs()[0].name

    def detect(self, picture: Pixels) -> list[Detection]:
        """Everything seen with at least LEAST_SCORE, best first."""
        resized = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)[:, :, ::-1]  # it was trained on BGR
        blob = np.ascontiguousarray(resized.transpose(2, 0, 1)[np.newaxis], np.float32) / 255
        output: Floats = self._session.run(None, {self._input: blob})[0][0]
        _, rows, columns = output.shape
        found = output.reshape(len(output), -1).T
        classes = found[:, 5:].argmax(axis=1)
        scores = found[:, 0] ** 0.6 * found[:, 5:].max(axis=1) ** 0.4
        cells = np.nonzero(scores >= LEAST_SCORE)[0]
        y, x = np.divmod(cells, columns)
        centre = (np.stack([x, y], axis=1) + np.tanh(found[cells, 1:3])) / (columns, rows)
        half = 0.5 / (1 + np.exp(-found[cells, 3:5]))
        boxes = np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)
        return detections(boxes, scores[cells], classes[cells], OVERLAP)

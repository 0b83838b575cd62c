"""YuNet and SFace, as OpenCV runs them: where faces are, and what tells them apart.

Wu and others, YuNet (Machine Intelligence Research, 2023): boxes, a score, and five landmarks. Zhong and others, SFace
(IEEE TIP, 2021): 128 numbers of a face that is turned upright by its landmarks; faces of one person have a cosine of at
least 0.363 (99.4 percent of the pairs of LFW are told right so, by the authors' figure).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from marinelayer.engines.vision.decoding import Pixels

LEAST_SCORE = 0.6
OVERLAP = 0.3
MOST_BEFORE = 5000
ROW = 15

LARGEST = 300
"""Pixels: the highest faces that YuNet was trained to see, by its authors. It sees higher ones badly, or parts of them,
so that they are looked for in the picture at half its size, and so on."""
NOT_AGAIN = 120
"""Pixels: lower faces of a halved picture were seen better before."""
ENOUGH = 320
"""Pixels: the longer side from which a picture is halved no more."""

Floats = npt.NDArray[np.float32]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One face in pixels: left, top, width, height; landmarks: the eyes, nose and corners of the mouth, of each pair
    that at the picture's left first, if the face is upright; and the model's own row, by which SFace turns it."""

    box: tuple[float, float, float, float]
    score: float
    landmarks: tuple[Point, Point, Point, Point, Point]
    row: Floats


class YuNet:
    """The loaded detector."""

    def __init__(self, model: bytes) -> None:
        create: Any = cv2.FaceDetectorYN.create
        size = (320, 320)
        self._model: Any = create("onnx", _buffer(model), _buffer(b""), size, LEAST_SCORE, OVERLAP, MOST_BEFORE)

    def detect(self, picture: Pixels) -> list[Found]:
        """Every face, the largest first."""
        found = [_found(row) for row in _distinct(list(self._rows(_bgr(picture))))]
        return sorted(found, key=lambda face: -face.box[2] * face.box[3])

    def _rows(self, picture: Pixels) -> Iterator[Floats]:
        """The model's rows, in pixels of the picture; a face may be in two, from two sizes of the picture."""
        height, width = picture.shape[:2]
        scaled, scale, least = picture, 1, 0
        while True:
            last = max(scaled.shape) <= ENOUGH
            for row in self._seen(scaled):
                if row[3] >= least and (last or row[3] <= LARGEST):
                    yield np.append(row[:-1] * scale, row[-1:])
            if last:
                return
            scale, least = 2 * scale, NOT_AGAIN
            half = (max(1, width // scale), max(1, height // scale))
            scaled = np.asarray(cv2.resize(picture, half, interpolation=cv2.INTER_AREA), np.uint8)

    def _seen(self, picture: Pixels) -> Floats:
        height, width = picture.shape[:2]
        self._model.setInputSize((width, height))
        _, rows = self._model.detect(picture)
        return np.asarray([] if rows is None else rows, np.float32).reshape(-1, ROW)


class SFace:
    """The loaded recogniser."""

    def __init__(self, model: bytes) -> None:
        create: Any = cv2.FaceRecognizerSF.create
        self._model: Any = create("onnx", _buffer(model), _buffer(b""))

    def features(self, picture: Pixels, face: Found) -> Floats:
        """What tells the face from others: numbers of the length 1 in all."""
        upright = self._model.alignCrop(_bgr(picture), face.row)
        numbers = np.asarray(self._model.feature(upright), np.float32).ravel()
        length = float(np.linalg.norm(numbers))
        return numbers / length if length else numbers


def _distinct(rows: Sequence[Floats]) -> list[Floats]:
    """One row a face: the surest of those that overlap."""
    boxes = [[float(value) for value in row[:4]] for row in rows]
    kept: Any = cv2.dnn.NMSBoxes(boxes, [float(row[-1]) for row in rows], LEAST_SCORE, OVERLAP) if rows else ()
    return [rows[int(index)] for index in kept]


def _found(row: Floats) -> Found:
    left, top, width, height = (float(value) for value in row[:4])
    a, b, c, d, e = _points(row[4:14])
    return Found(box=(left, top, width, height), score=float(row[14]), landmarks=(a, b, c, d, e), row=row)


def _points(values: Floats) -> Iterator[Point]:
    for x, y in values.reshape(-1, 2):
        yield float(x), float(y)


def _bgr(picture: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), np.uint8)


def _buffer(data: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8)

"""D-FINE-S with 640 pixels, trained on Objects365: what is where in a picture, of 365 classes.

Peng et al., D-FINE (arXiv:2410.13842), as exported from transformers' `DFineForObjectDetection`. One input,
`pixel_values` (red first, 0 to 1, neither mean nor deviation; the picture is stretched to a square, as in training).
Of the outputs, `logits` [1, queries, 366] are before the sigmoid, each class by itself (focal loss); `pred_boxes`
[1, queries, 4] are centre, width and height as fractions. The dataset numbers its classes from 1, and the model was
trained with these numbers: 0 is none of them. What is assumed here is looked up while it loads, by one run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from marinelayer.engines.sessions import ON_PROCESSOR, Sessions
from marinelayer.engines.vision.decoding import Pixels
from marinelayer.engines.vision.detection import LEAST_SCORE, Detection, Floats, detections
from marinelayer.ports import EngineUnavailableError

SIDE = 640
CLASSES = 366
INPUT, LOGITS, BOXES = "pixel_values", "logits", "pred_boxes"
OVERLAP = 0.6
"""Queries compete and seldom say the same twice; where they do, the surer stays."""
LEAST_LOGIT = float(np.log(LEAST_SCORE / (1 - LEAST_SCORE)))


class DFine:
    """The loaded model. Raises EngineUnavailableError where the file is of another form."""

    def __init__(self, model: bytes, sessions: Sessions = ON_PROCESSOR) -> None:
        self._session = sessions.open(model)
        _expect("its inputs", _names(self._session.get_inputs()), [INPUT])
        _expect(f"the kind of {INPUT}", self._session.get_inputs()[0].type, "tensor(float)")
        _expect(f"the shape of {INPUT}", *_known(self._session.get_inputs()[0].shape, [1, 3, SIDE, SIDE]))
        outputs = _names(self._session.get_outputs())
        _expect("its outputs", [name for name in (LOGITS, BOXES) if name in outputs], [LOGITS, BOXES])
        logits, boxes = self._looked(np.full((SIDE, SIDE, 3), 128, np.uint8))
        _expect(f"the shape of {LOGITS}", list(logits.shape), [len(logits), CLASSES])
        _expect(f"the shape of {BOXES}", list(boxes.shape), [len(logits), 4])
        _expect("what it computes of a grey picture", _finite(logits, boxes), "finite")

    def detect(self, picture: Pixels) -> list[Detection]:
        """Everything seen with at least LEAST_SCORE, best first, by the dataset's numbers (1 to 365)."""
        logits, placed = self._looked(picture)
        queries, classes = np.nonzero(logits[:, 1:] >= LEAST_LOGIT)
        classes += 1
        scores = (1 / (1 + np.exp(-logits[queries, classes]))).astype(np.float32)
        centre, half = placed[queries, :2], placed[queries, 2:] / 2
        boxes = np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)
        return detections(boxes, scores, classes, OVERLAP)

    def _looked(self, picture: Pixels) -> tuple[Floats, Floats]:
        square = np.asarray(Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BILINEAR))
        blob = np.ascontiguousarray(square.transpose(2, 0, 1)[np.newaxis], np.float32) / 255
        logits, boxes = self._session.run([LOGITS, BOXES], {INPUT: blob})
        return logits[0], boxes[0]


def _expect(what: str, found: Any, wanted: Any) -> None:
    if found != wanted:
        raise EngineUnavailableError(f"this is not D-FINE for Objects365 as it is known here: {what}: {found}")


def _names(nodes: Sequence[Any]) -> list[str]:
    return [node.name for node in nodes]


def _known(shape: Sequence[Any], wanted: Sequence[int]) -> tuple[list[Any], list[Any]]:
    """The shape, and what it should be; a side that the file leaves open (it is no number there) may be as it is."""
    if len(shape) != len(wanted):
        return list(shape), list(wanted)
    return list(shape), [side if isinstance(there, int) else there for there, side in zip(shape, wanted, strict=True)]


def _finite(*values: Floats) -> str:
    return "finite" if all(np.isfinite(each).all() for each in values) else "not finite"

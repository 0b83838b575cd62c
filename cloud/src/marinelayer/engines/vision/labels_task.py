"""Naming what a picture shows, in a worker: detectors for boxes, a classifier for scenes and kinds, and one that
reads for what a city is told of; whichever of them are asked for. What several of them see is one label, as sure as
the surest says, and what two detectors see in one place by one name is one instance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from marinelayer.engines import catalogue, sessions
from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.sessions import ON_PROCESSOR, Sessions
from marinelayer.engines.vision import class_names
from marinelayer.engines.vision.choices import CLASSIFIERS, DETECTORS, FURTHER_DETECTORS, READING_CLASSIFIERS
from marinelayer.engines.vision.decoding import Pixels, pixels
from marinelayer.engines.vision.detection import Detector, apart
from marinelayer.engines.vision.dfine import DFine
from marinelayer.engines.vision.fastestdet import FastestDet
from marinelayer.engines.vision.mobilenet import MobileNet
from marinelayer.engines.vision.open_labels import Describing
from marinelayer.engines.vision.picodet import PicoDet
from marinelayer.engines.vision.yolox import YoloX
from marinelayer.ports import EngineUnavailableError

devices = sessions.devices

LONGEST = 1024
LEAST_PROBABILITY = 0.1
OVERLAP = 0.6
"""Boxes of one label that share more (intersection over union) are one thing; no detector's own limit is higher."""

OF_DETECTORS: Mapping[str, Callable[[bytes, Sessions], Detector]] = {
    "YOLOX-S-COCO": YoloX,
    "PicoDet-S-416-COCO": PicoDet,
    "FastestDet-COCO": FastestDet,
    "D-FINE-S-Objects365": DFine,
}

Seen = tuple[str, float, list[float] | None]
"""Label, confidence (0-100), and of a detector's label left, top, width, height (fractions) with confidence."""


class Locating:
    """A detector, in AWS's words."""

    def __init__(self, installed: catalogue.Installed, opened: Sessions) -> None:
        self._model = OF_DETECTORS[installed.model.name](installed.read(installed.model.files[0].name), opened)
        further = installed.model.name in FURTHER_DETECTORS.names
        self._names = class_names.objects365() if further else class_names.coco()

    def look(self, picture: Pixels) -> Iterator[Seen]:
        """Everything located that has a name."""
        for seen in self._model.detect(picture):
            if not self._names[seen.number]:
                continue
            left, top, right, bottom = seen.box
            sure = 100 * seen.score
            yield self._names[seen.number], sure, [left, top, right - left, bottom - top, sure]


class Classifying:
    """MobileNet, in AWS's words."""

    def __init__(self, installed: catalogue.Installed) -> None:
        self._model = MobileNet(installed.read("mobilenet_v2_1.0_224_quant.tflite"))
        self._names = class_names.imagenet(installed.read("imagenet_labels.txt").decode("utf-8"))
        self._sums = class_names.imagenet_sums()

    def look(self, picture: Pixels) -> Iterator[Seen]:
        """Everything that is likely enough; background (0) is no label."""
        probabilities = self._model.classify(picture)
        for number in range(1, len(probabilities)):
            if probabilities[number] >= LEAST_PROBABILITY:
                yield self._names[number], 100 * float(probabilities[number]), None
        for name, members in self._sums.items():
            together = float(sum(probabilities[number] for number in members))
            if together >= LEAST_PROBABILITY:
                yield name, 100 * min(together, 1.0), None


class NameLabels:
    """`models` (names of the catalogue) and a picture in; out `labels`: each with name, confidence and boxes, best
    first. A model is loaded when it is first asked for."""

    def __init__(self, models: Path | None, opened: Sessions = ON_PROCESSOR) -> None:
        self._models = models
        self._sessions = opened
        self._loaded: dict[str, Locating | Classifying | Describing] = {}

    def load(self, name: str) -> Locating | Classifying | Describing:
        """The model, ready. Raises EngineUnavailableError if it is not there, or another."""
        if name not in self._loaded:
            self._loaded[name] = self._opened(catalogue.find(name, self._models))
        return self._loaded[name]

    def _opened(self, installed: catalogue.Installed) -> Locating | Classifying | Describing:
        if installed.model.name in OF_DETECTORS:
            return Locating(installed, self._sessions)
        if installed.model.name in READING_CLASSIFIERS.names:
            return Describing(installed)
        return Classifying(installed)

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Look at one JPEG or PNG picture."""
        picture = pixels(payload, longest=LONGEST)
        boxes: dict[str, list[list[float]]] = {}
        confidence: dict[str, float] = {}
        for model in request["models"]:
            for name, sure, box in self.load(model).look(picture):
                confidence[name] = max(confidence.get(name, 0.0), sure)
                if box is not None:
                    boxes.setdefault(name, []).append(box)
        ranked = sorted(confidence.items(), key=lambda item: (-item[1], item[0]))
        return {
            "labels": [
                {"name": name, "confidence": sure, "boxes": _distinct(boxes.get(name, []))} for name, sure in ranked
            ]
        }


def _distinct(boxes: list[list[float]]) -> list[list[float]]:
    """The boxes of one label (as of `Seen`) without those of a thing that a surer one shows, the surest first."""
    if len(boxes) < 2:
        return boxes
    values = np.array(boxes, np.float32)
    corners = np.concatenate([values[:, :2], values[:, :2] + values[:, 2:4]], axis=1)
    return [boxes[n] for n in apart(corners, values[:, 4], np.zeros(len(boxes), np.int64), OVERLAP)]


def open_task(options: Mapping[str, Any]) -> NameLabels:
    """Load the best of what lies in the folder `options["models"]`.

    Raises:
        EngineUnavailableError: there is nothing.
    """
    cv2.setNumThreads(1)
    folder = Path(options["models"]) if options.get("models") else None
    task, shelf = NameLabels(folder, Sessions(devices(options))), Shelf(folder)
    best = [shelf.best(choice) for choice in (DETECTORS, CLASSIFIERS, FURTHER_DETECTORS, READING_CLASSIFIERS)]
    present = [found.model.name for found in best if found.state == "present"]
    if not present:
        raise EngineUnavailableError(best[0].problem)
    for name in present:
        task.load(name)
    return task

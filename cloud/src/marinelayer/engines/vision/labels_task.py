"""Naming what a picture shows, in a worker: a detector for boxes and a classifier for scenes and kinds, whichever of
them is installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2

from marinelayer.engines import catalogue
from marinelayer.engines.vision import class_names
from marinelayer.engines.vision.decoding import Pixels, pixels
from marinelayer.engines.vision.mobilenet import MobileNet
from marinelayer.engines.vision.picodet import PicoDet
from marinelayer.ports import EngineUnavailableError

DETECTOR = "PicoDet-S-416-COCO"
CLASSIFIER = "MobileNetV2-ImageNet"
LONGEST = 1024
LEAST_PROBABILITY = 0.1


class Detector:
    """PicoDet, in AWS's words."""

    def __init__(self, installed: catalogue.Installed) -> None:
        self._model = PicoDet(installed.read("picodet_s_416_coco.onnx"))
        self._names = class_names.coco()

    def boxes(self, picture: Pixels) -> Iterator[tuple[str, list[float]]]:
        """Label, and left, top, width, height (fractions) with confidence (0-100), of everything located."""
        for seen in self._model.detect(picture):
            left, top, right, bottom = seen.box
            yield self._names[seen.number], [left, top, right - left, bottom - top, 100 * seen.score]


class Classifier:
    """MobileNet, in AWS's words."""

    def __init__(self, installed: catalogue.Installed) -> None:
        self._model = MobileNet(installed.read("mobilenet_v2_1.0_224_quant.tflite"))
        self._names = class_names.imagenet(installed.read("imagenet_labels.txt").decode("utf-8"))
        self._sums = class_names.imagenet_sums()

    def labels(self, picture: Pixels) -> Iterator[tuple[str, float]]:
        """Label and confidence (0-100) of everything that is likely enough; background (0) is no label."""
        probabilities = self._model.classify(picture)
        for number in range(1, len(probabilities)):
            if probabilities[number] >= LEAST_PROBABILITY:
                yield self._names[number], 100 * float(probabilities[number])
        for name, members in self._sums.items():
            together = float(sum(probabilities[number] for number in members))
            if together >= LEAST_PROBABILITY:
                yield name, 100 * min(together, 1.0)


class NameLabels:
    """`{}` and a picture in; out `labels`: each with name, confidence and boxes, best first."""

    def __init__(self, detector: Detector | None, classifier: Classifier | None) -> None:
        self._detector = detector
        self._classifier = classifier

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Look at one JPEG or PNG picture."""
        picture = pixels(payload, longest=LONGEST)
        boxes: dict[str, list[list[float]]] = {}
        confidence: dict[str, float] = {}
        for name, box in self._detector.boxes(picture) if self._detector else ():
            boxes.setdefault(name, []).append(box)
            confidence[name] = max(confidence.get(name, 0.0), box[-1])
        for name, sure in self._classifier.labels(picture) if self._classifier else ():
            confidence[name] = max(confidence.get(name, 0.0), sure)
        ranked = sorted(confidence.items(), key=lambda item: (-item[1], item[0]))
        return {"labels": [{"name": name, "confidence": sure, "boxes": boxes.get(name, [])} for name, sure in ranked]}


def open_task(options: Mapping[str, Any]) -> NameLabels:
    """Load what lies in the folder `options["models"]`. Raises EngineUnavailableError if there is nothing."""
    cv2.setNumThreads(1)
    detector, classifier = (catalogue.find(name, Path(options["models"])) for name in (DETECTOR, CLASSIFIER))
    if "present" not in {detector.state, classifier.state}:
        raise EngineUnavailableError(detector.problem)
    return NameLabels(
        Detector(detector) if detector.state == "present" else None,
        Classifier(classifier) if classifier.state == "present" else None,
    )

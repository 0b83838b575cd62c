"""Finding faces in a picture, and what tells them apart, in a worker."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from marinelayer.engines import catalogue
from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.vision.choices import FACE_DETECTORS, FACE_RECOGNISERS
from marinelayer.engines.vision.decoding import Pixels, pixels
from marinelayer.engines.vision.face_models import Found, SFace, YuNet
from marinelayer.engines.vision.properties import look_of

LONGEST = 1280
MOST_FACES = 100
LANDMARKS = ("eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight")


class ReadFaces:
    """`detector`, `recogniser` (names of the catalogue, the latter "" where no features are wanted) and a picture in;
    out `faces`, the largest first."""

    def __init__(self, models: Path | None) -> None:
        self._models = models
        self._detectors: dict[str, YuNet] = {}
        self._recognisers: dict[str, SFace] = {}

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Look at one JPEG or PNG picture."""
        picture = pixels(payload, longest=LONGEST)
        recogniser = self.recogniser(request["recogniser"]) if request["recogniser"] else None
        found = self.detector(request["detector"]).detect(picture)[:MOST_FACES]
        return {"faces": [_described(picture, face, recogniser) for face in found]}

    def detector(self, name: str) -> YuNet:
        """The model, ready. Raises EngineUnavailableError if it is not there, or another."""
        if name not in self._detectors:
            self._detectors[name] = YuNet(_read(name, self._models))
        return self._detectors[name]

    def recogniser(self, name: str) -> SFace:
        """The model, ready. Raises EngineUnavailableError if it is not there, or another."""
        if name not in self._recognisers:
            self._recognisers[name] = SFace(_read(name, self._models))
        return self._recognisers[name]


def _read(name: str, models: Path | None) -> bytes:
    installed = catalogue.find(name, models)
    return installed.read(installed.model.files[0].name)


def _described(picture: Pixels, face: Found, recogniser: SFace | None) -> dict[str, Any]:
    height, width = picture.shape[:2]
    left, top, across, down = face.box
    brightness, sharpness = look_of(_cut(picture, face))
    numbers = recogniser.features(picture, face).astype("<f4").tobytes() if recogniser else b""
    return {
        "box": [left / width, top / height, across / width, down / height],
        "score": min(1.0, face.score),
        "landmarks": {name: [x / width, y / height] for name, (x, y) in zip(LANDMARKS, face.landmarks, strict=True)},
        "roll": _roll(face),
        "brightness": brightness,
        "sharpness": sharpness,
        "features": base64.b64encode(numbers).decode(),
    }


def _roll(face: Found) -> float:
    """The angle of the line through the eyes: positive where the picture's right eye is the lower one."""
    (x1, y1), (x2, y2), *_ = face.landmarks
    return math.degrees(math.atan2(y2 - y1, x2 - x1))


def _cut(picture: Pixels, face: Found) -> Pixels:
    """The face alone; a box may reach beyond the picture."""
    height, width = picture.shape[:2]
    left, top, across, down = face.box
    x1, y1 = (min(max(0, int(start)), side - 1) for start, side in ((left, width), (top, height)))
    x2, y2 = (max(at + 1, math.ceil(end)) for at, end in ((x1, left + across), (y1, top + down)))
    return np.ascontiguousarray(picture[y1:y2, x1:x2])


def open_task(options: Mapping[str, Any]) -> ReadFaces:
    """Load what is there. Raises EngineUnavailableError if there is no detector."""
    cv2.setNumThreads(1)
    folder = Path(options["models"]) if options.get("models") else None
    task, shelf = ReadFaces(folder), Shelf(folder)
    task.detector(shelf.best(FACE_DETECTORS).model.name)
    recogniser = shelf.best(FACE_RECOGNISERS)
    if recogniser.state == "present":
        task.recogniser(recogniser.model.name)
    return task

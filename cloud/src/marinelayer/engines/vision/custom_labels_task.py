"""Learning labels of pictures and finding them again, in a worker.

    train   asks for each picture, then for the lesson (ports.Lesson), learns, and tells the model
    load    loads the features that models look at
    detect  asks for the picture, and for the model where it is not remembered, and tells how sure it is

Each of these with `-objects` is `custom_objects`' to do: there it is learnt where things are.

A model is a `.npz` of what it weighs (the scaling of features and scores is in the weights).
"""

from __future__ import annotations

import io
import json
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from marinelayer.engines import sessions
from marinelayer.engines.learning.heldout import best_strength, thresholds_of
from marinelayer.engines.learning.logistic import Floats, Head, fit, shares
from marinelayer.engines.sessions import ON_PROCESSOR, Sessions
from marinelayer.engines.vision.custom_objects import CustomObjects
from marinelayer.engines.vision.decoding import pixels
from marinelayer.engines.vision.features import Features, open_features
from marinelayer.ports import BadImageError, EngineUnavailableError, ImageTooLargeError, ImageTooSmallError

devices = sessions.devices

LONGEST = 512
"""Features look at pictures of less than half of it."""
REMEMBERED = 16
PIECE = 1 << 20
ROWS = 500


class Talk(Protocol):
    """The cloud (engines.worker.Talk)."""

    def ask(self, header: Mapping[str, Any]) -> bytes:
        """A picture, a lesson or a model; nothing where there is none."""
        ...

    def tell(self, header: Mapping[str, Any], payload: bytes) -> None:
        """What was found."""
        ...


class CustomLabels:
    """Trains and looks (engines.worker.TalkingTask). `models` is the folder of --models."""

    def __init__(self, models: Path | None, opened: Sessions = ON_PROCESSOR) -> None:
        self._models = models
        self._sessions = opened
        self._features: dict[str, Features] = {}
        self._heads: OrderedDict[str, Head] = OrderedDict()
        self._objects = CustomObjects(models, opened)

    def converse(self, request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        """Do what `do` says."""
        if request["do"].endswith("-objects"):
            return self._objects.converse(request, talk)
        features = self._open(request["features"])
        if request["do"] == "train":
            self._train(features, request["pictures"], talk)
            return {}
        if features.engine.version != request["version"]:
            raise EngineUnavailableError(
                f"the model was trained on {features.engine.name} {request['version']}, and here is "
                f"{features.engine.version}"
            )
        if request["do"] == "detect":
            seen = features.of(pixels(talk.ask({"want": "picture"}), longest=LONGEST))
            head = self._head(request["model"], talk)
            sure = shares(head.logits(seen[np.newaxis].astype(np.float64)), several=head.several)[0]
            talk.tell({"sure": sure.tolist()}, b"")
        return {}

    def _open(self, name: str) -> Features:
        if name not in self._features:
            self._features[name] = open_features(name, self._models, self._sessions)
        return self._features[name]

    def _head(self, name: str, talk: Talk) -> Head:
        if name not in self._heads:
            self._heads[name] = read_model(talk.ask({"want": "model"}))
            while len(self._heads) > REMEMBERED:
                self._heads.popitem(last=False)
        self._heads.move_to_end(name)
        return self._heads[name]

    def _train(self, features: Features, pictures: int, talk: Talk) -> None:
        looked: dict[int, npt.NDArray[np.float32]] = {}
        for number in range(pictures):
            image = talk.ask({"picture": number})
            if image:
                try:
                    looked[number] = features.of(pixels(image, longest=LONGEST))
                except (BadImageError, ImageTooLargeError, ImageTooSmallError):
                    continue
        lesson = talk.ask({"invalid": sorted(set(range(pictures)) - looked.keys())})
        if lesson:
            _learn(json.loads(lesson), looked, talk)


def _learn(lesson: Mapping[str, Any], looked: Mapping[int, npt.NDArray[np.float32]], talk: Talk) -> None:
    several: bool = lesson["several"]
    examples = np.array([looked[number] for number, _ in lesson["training"]], np.float64)
    truth = np.zeros((len(examples), lesson["labels"]))
    for row, (_, labels) in enumerate(lesson["training"]):
        truth[row, labels] = 1.0
    mean, deviation = examples.mean(axis=0), examples.std(axis=0)
    # What hardly varies tells nothing, and must not be blown up.
    deviation = (deviation + 1e-3 * np.abs(examples).mean() + 1e-9) * np.sqrt(examples.shape[1])
    scaled = (examples - mean) / deviation
    strength, scale, scores = best_strength(scaled, truth, several=several)
    head = fit(scaled, truth, several=several, strength=strength)
    weights = scale * head.weights / deviation[:, np.newaxis]
    final = Head(weights=weights, bias=scale * head.bias - mean @ weights, several=several)
    sure = shares(scores, several=several)
    talk.tell({"thresholds": thresholds_of(sure, truth)}, b"")
    _tell_rows("training", sure, talk)
    for start in range(0, len(lesson["testing"]), ROWS):
        tested = np.array([looked[number] for number in lesson["testing"][start : start + ROWS]], np.float64)
        _tell_rows("testing", shares(final.logits(tested), several=several), talk)
    model = written(final)
    for start in range(0, len(model), PIECE):
        talk.tell({}, model[start : start + PIECE])


def _tell_rows(kind: str, sure: Floats, talk: Talk) -> None:
    for start in range(0, len(sure), ROWS):
        talk.tell({kind: sure[start : start + ROWS].round(6).tolist()}, b"")


def written(head: Head) -> bytes:
    """A model as bytes."""
    file = io.BytesIO()
    np.savez_compressed(
        file, weights=head.weights.astype(np.float32), bias=head.bias, several=np.array(head.several, np.uint8)
    )
    return file.getvalue()


def read_model(data: bytes) -> Head:
    """A model from its bytes."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        weights: Floats = file["weights"].astype(np.float64)
        return Head(weights=weights, bias=file["bias"], several=bool(file["several"]))


def open_task(options: Mapping[str, Any]) -> CustomLabels:
    """The task; features are loaded when they are first needed."""
    cv2.setNumThreads(1)
    return CustomLabels(Path(options["models"]) if options.get("models") else None, Sessions(devices(options)))

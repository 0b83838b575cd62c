"""Learning where things are in pictures and finding them again: the part of `custom_labels_task` that is about boxes.

train-objects   asks for each picture, to see that it can be looked at, then for the lesson (ports.ObjectLesson), then
for its pictures one by one, so that few are held at a time; learns, and tells the model
load-objects    loads the network that models look with
detect-objects  asks for the picture, and for the model where it is not remembered, and tells what is where
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from marinelayer.engines.sessions import Sessions
from marinelayer.engines.vision.decoding import Pixels, pixels
from marinelayer.engines.vision.located import Thing
from marinelayer.engines.vision.object_learning import (
    SEED,
    View,
    calibration_of,
    judged,
    learnt,
    mean_f1,
    thresholds_of,
    unseen,
)
from marinelayer.engines.vision.object_model import Calibration, Found, ObjectModel, read_model, written
from marinelayer.engines.vision.object_views import varied
from marinelayer.engines.vision.pyramids import LONGEST, Maps, open_maps
from marinelayer.engines.vision.surroundings import Reduction, reduction_of, sampled
from marinelayer.ports import BadImageError, EngineUnavailableError, ImageTooLargeError, ImageTooSmallError

VIEWS = 3
"""Of each picture, itself and variations; fewer where there are very many pictures."""
MOST_VIEWS = 900
"""Each takes a third of a megabyte; of more pictures, so many are learnt of, and the others looked at like those for
testing."""
REDUCING, SAMPLED = 16, 1000
"""Pictures, and cells of each, that decide how features are reduced."""
REMEMBERED = 16
PIECE = 1 << 20
ROWS = 100


class Talk(Protocol):
    """The cloud (engines.worker.Talk)."""

    def ask(self, header: Mapping[str, Any]) -> bytes:
        """A picture, a lesson or a model; nothing where there is none."""
        ...

    def tell(self, header: Mapping[str, Any], payload: bytes) -> None:
        """What was found."""
        ...


class CustomObjects:
    """Trains and looks. `models` is the folder of --models."""

    def __init__(self, models: Path | None, opened: Sessions) -> None:
        self._models = models
        self._sessions = opened
        self._maps: dict[str, Maps] = {}
        self._known: OrderedDict[str, tuple[ObjectModel, Calibration]] = OrderedDict()

    def converse(self, request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        """Do what `do` says."""
        if request["do"] == "train-objects":
            _train([self._open(name) for name in request["features"]], request["pictures"], talk)
            return {}
        maps = self._open(request["features"])
        if maps.engine.version != request["version"]:
            raise EngineUnavailableError(
                f"the model was trained on {maps.engine.name} {request['version']}, and here is {maps.engine.version}"
            )
        if request["do"] == "detect-objects":
            picture = pixels(talk.ask({"want": "picture"}), longest=LONGEST)
            model, calibration = self._model(request["model"], talk)
            talk.tell({"found": _told(model.find(maps.of(picture), _size(picture)), calibration)}, b"")
        return {}

    def _open(self, name: str) -> Maps:
        if name not in self._maps:
            self._maps[name] = open_maps(name, self._models, self._sessions)
        return self._maps[name]

    def _model(self, name: str, talk: Talk) -> tuple[ObjectModel, Calibration]:
        if name not in self._known:
            self._known[name] = read_model(talk.ask({"want": "model"}))
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(name)
        return self._known[name]


def _train(networks: Sequence[Maps], pictures: int, talk: Talk) -> None:
    invalid = [number for number in range(pictures) if _picture(number, talk) is None]
    lesson = talk.ask({"invalid": invalid})
    if not lesson:
        return
    tried = [_Lesson(maps, json.loads(lesson), talk) for maps in networks]
    for one in tried:
        one.try_out()
    max(tried, key=lambda one: one.f1).learn()


class _Lesson:
    """One lesson, learnt by the maps of one network. `f1` is the mean F1 of the labels in pictures that were held back
    from models that were tried out."""

    def __init__(self, maps: Maps, lesson: Mapping[str, Any], talk: Talk) -> None:
        self._maps = maps
        self._talk = talk
        self._labels: int = lesson["labels"]
        self._training: Sequence[tuple[int, Sequence[tuple[int, Sequence[float]]]]] = lesson["training"]
        self._testing: Sequence[int] = lesson["testing"]
        step = -(-len(self._training) // MOST_VIEWS)
        self._learnt = range(0, len(self._training), step)
        self._chance = np.random.default_rng(SEED)
        self.f1 = 0.0

    def try_out(self) -> None:
        """Learn of some of the pictures to find things in the others: how sure to be, and where to draw the line."""
        self._reduced = self._reduction()
        self._seen = [view for at in self._learnt for view in self._views(at, self._reduced)]
        self._told_so_far()
        self._by_others = unseen(self._seen, self._labels, self._reduced)
        self._told_so_far()
        known = {view.example: view for view in reversed(self._seen)}  # the first view of each is left
        told = [
            each for at, found in self._by_others.items() for each in judged(found, known[at].things, known[at].size)
        ]
        self._calibration = calibration_of(told, self._labels)
        there = [0] * self._labels
        for view in known.values():
            for thing in view.things:
                there[thing.label] += 1
        sure = [(found.label, self._calibration.sure(found), right) for found, right in told]
        self._thresholds = thresholds_of(sure, there)
        self.f1 = mean_f1(sure, there, self._thresholds)

    def learn(self) -> None:
        """Learn of all, and tell what came of it."""
        model = learnt(self._seen, self._labels, self._reduced)
        self._talk.tell({"features": [self._maps.engine.name], "thresholds": self._thresholds}, b"")
        found_in = (
            self._by_others[at] if at in self._by_others else self._looked(number, model)
            for at, (number, _) in enumerate(self._training)
        )
        self._tell_rows("training", found_in)
        self._tell_rows("testing", (self._looked(number, model) for number in self._testing))
        content = written(model, self._calibration)
        for start in range(0, len(content), PIECE):
            self._talk.tell({}, content[start : start + PIECE])

    def _reduction(self) -> Reduction:
        chosen = self._learnt[:: -(-len(self._learnt) // REDUCING)]
        seen = (_picture(self._training[at][0], self._talk) for at in chosen)
        return reduction_of(
            sampled(self._maps.of(picture), self._chance, SAMPLED) for picture in seen if picture is not None
        )

    def _views(self, at: int, reduction: Reduction) -> Iterator[View]:
        number, boxes = self._training[at]
        picture = _picture(number, self._talk)
        if picture is None:  # it was there before
            return
        width, height = _size(picture)
        things = [
            Thing(label=label, box=(left * width, top * height, right * width, bottom * height))
            for label, (left, top, right, bottom) in boxes
        ]
        shown: list[tuple[Pixels, Sequence[Thing]]] = [(picture, things)]
        while len(shown) < min(VIEWS, MOST_VIEWS // len(self._learnt)):
            shown.append(varied(picture, things, self._chance))
        for seen, placed in shown:
            levels = [(level.scale, reduction.of(level.map).astype(np.float16)) for level in self._maps.of(seen)]
            yield View(example=at, size=(width, height), levels=levels, things=placed)

    def _looked(self, number: int, model: ObjectModel) -> list[Found]:
        picture = _picture(number, self._talk)
        return [] if picture is None else model.find(self._maps.of(picture), _size(picture))

    def _told_so_far(self) -> None:
        """A sign of life: the deadline is that of a step."""
        self._talk.tell({}, b"")

    def _tell_rows(self, kind: str, rows: Iterator[list[Found]]) -> None:
        told: list[Any] = []
        for found in rows:
            told.append(_told(found, self._calibration))
            if len(told) == ROWS:
                self._talk.tell({kind: told}, b"")
                told = []
        self._talk.tell({kind: told}, b"")


def _picture(number: int, talk: Talk) -> Pixels | None:
    image = talk.ask({"picture": number})
    if not image:
        return None
    try:
        return pixels(image, longest=LONGEST)
    except (BadImageError, ImageTooLargeError, ImageTooSmallError):
        return None


def _size(picture: Pixels) -> tuple[int, int]:
    return picture.shape[1], picture.shape[0]


def _told(found: Sequence[Found], calibration: Calibration) -> list[Any]:
    """Label, how sure, and box of each, surest first."""
    told = [[one.label, round(calibration.sure(one), 6), [round(side, 6) for side in one.box]] for one in found]
    return sorted(told, key=lambda one: -one[1])

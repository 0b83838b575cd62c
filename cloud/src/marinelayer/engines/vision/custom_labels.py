"""The CustomLabelTrainer and CustomLabelDetector: pictures to `custom_labels_task`'s workers, one kind for training,
which takes minutes, and one for looking."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.supervisor import Limits, Supervisor
from marinelayer.engines.vision.dimensions import Dimensions, decodable
from marinelayer.engines.vision.feature_choice import FEATURES, MAPS, MAPS_REVISION, named
from marinelayer.ports import (
    BadImageError,
    Box,
    Engine,
    FoundObject,
    ImageTooLargeError,
    ImageTooSmallError,
    ObjectLesson,
    ObjectTeacher,
    Taught,
    TaughtObjects,
    Teacher,
)

SHORTEST, LONGEST = 64, 4096
"""Sides of a picture, in pixels, and the most that one may be of the other: Custom Labels' own limits."""
MOST_DRAWN_OUT = 20

TASK = "marinelayer.engines.vision.custom_labels_task"
TRAINING = Limits(queue=64, patience=24 * 3600, deadline=1800, pace=30, tasks=0, memory=0)
"""A worker trains one model, and goes."""
LOOKING = Limits(deadline=20, memory=700 << 20)


def open_custom_labels(shelf: Shelf, *, workers: int, device: str = "auto") -> CustomLabelEngine:
    """The adapter, with supervisors of its own. `device` as for `open_engines`."""
    options = {"models": str(shelf.folder) if shelf.folder else "", "device": device}
    return CustomLabelEngine(
        Supervisor(TASK, options=options, limits=TRAINING),
        Supervisor(TASK, options=options, limits=replace(LOOKING, workers=workers)),
        shelf,
    )


def fit_for_labels(image: bytes) -> Dimensions:
    """What the picture says it is.

    Raises:
        BadImageError: it can not be read.
        ImageTooSmallError: a side is too short, or much shorter than the other.
        ImageTooLargeError: a side is too long.
    """
    found = decodable(image)
    shorter, longer = sorted((found.width, found.height))
    if longer > LONGEST:
        raise ImageTooLargeError(f"{found.width} x {found.height} pixels are too many")
    if shorter < SHORTEST or longer > MOST_DRAWN_OUT * shorter:
        raise ImageTooSmallError(f"{found.width} x {found.height} pixels are too few")
    return found


class CustomLabelEngine:
    """Learns and finds labels, by the features that are on the shelf."""

    def __init__(self, training: Supervisor, looking: Supervisor, shelf: Shelf) -> None:
        self._training = training
        self._looking = looking
        self._shelf = shelf

    @property
    def features(self) -> Engine:
        """See ports.CustomLabelTrainer."""
        return named(self._shelf.best(FEATURES))

    @property
    def maps(self) -> Mapping[str, Engine]:
        """By what it can be learnt here where things are, by their names."""
        here = (self._shelf.find(name) for name in MAPS)
        return {one.model.name: named(one, MAPS_REVISION) for one in here if one.state == "present"}

    async def close(self) -> None:
        """End the workers, and with them what is being learnt."""
        await self._training.close()
        await self._looking.close()

    async def train(self, pictures: int, teacher: Teacher) -> Taught | None:
        """See ports.CustomLabelTrainer."""

        async def answer(ask: Mapping[str, Any]) -> bytes:
            if "picture" in ask:
                return _usable(await teacher.picture(ask["picture"]))
            lesson = await teacher.lesson(ask["invalid"])
            if lesson is None:
                return b""
            members = ("labels", "several", "training", "testing")
            return json.dumps({name: getattr(lesson, name) for name in members}).encode()

        features = self.features
        model, told = await self._learn({"do": "train", "pictures": pictures, "features": features.name}, answer)
        if not model:
            return None
        return Taught(
            model=model,
            features=features,
            thresholds=told["thresholds"],
            training=told["training"],
            testing=told["testing"],
        )

    async def train_objects(self, pictures: int, teacher: ObjectTeacher) -> TaughtObjects | None:
        """See ports.CustomLabelTrainer."""

        async def answer(ask: Mapping[str, Any]) -> bytes:
            if "picture" in ask:
                return _usable(await teacher.picture(ask["picture"]))
            lesson = await teacher.lesson(ask["invalid"])
            return b"" if lesson is None else json.dumps(_told(lesson)).encode()

        maps = self.maps
        model, told = await self._learn({"do": "train-objects", "pictures": pictures, "features": list(maps)}, answer)
        if not model:
            return None
        return TaughtObjects(
            model=model,
            features=maps[told["features"][0]],
            thresholds=told["thresholds"],
            training=[_objects(found) for found in told["training"]],
            testing=[_objects(found) for found in told["testing"]],
        )

    async def _learn(
        self, request: Mapping[str, Any], answer: Callable[[Mapping[str, Any]], Awaitable[bytes]]
    ) -> tuple[bytes, dict[str, list[Any]]]:
        """The model, and what was told of it; no bytes where there was no lesson."""
        told: dict[str, list[Any]] = {"features": [], "thresholds": [], "training": [], "testing": []}
        model = bytearray()
        async with aclosing(self._training.converse(request, answer)) as pieces:
            async for header, piece in pieces:
                for kind, rows in header.items():
                    told[kind] += rows
                model += piece
        return bytes(model), told

    async def ready(self, features: Engine, *, objects: bool) -> None:
        """See ports.CustomLabelDetector."""
        do = "load-objects" if objects else "load"
        await self._ask({"do": do, "features": features.name, "version": features.version}, {})

    async def detect(
        self, image: bytes, name: str, features: Engine, model: Callable[[], Awaitable[bytes]]
    ) -> Sequence[float]:
        """See ports.CustomLabelDetector."""
        return (await self._look("detect", image, name, features, model))["sure"]

    async def detect_objects(
        self, image: bytes, name: str, features: Engine, model: Callable[[], Awaitable[bytes]]
    ) -> Sequence[FoundObject]:
        """See ports.CustomLabelDetector."""
        return _objects((await self._look("detect-objects", image, name, features, model))["found"])

    async def _look(
        self, do: str, image: bytes, name: str, features: Engine, model: Callable[[], Awaitable[bytes]]
    ) -> Mapping[str, Any]:
        fit_for_labels(image)

        async def picture() -> bytes:
            return image

        request = {"do": do, "features": features.name, "version": features.version, "model": name}
        return await self._ask(request, {"picture": picture, "model": model})

    async def _ask(
        self, request: Mapping[str, Any], gives: Mapping[str, Callable[[], Awaitable[bytes]]]
    ) -> Mapping[str, Any]:
        async def answer(ask: Mapping[str, Any]) -> bytes:
            return await gives[ask["want"]]()

        told: dict[str, Any] = {}
        async with aclosing(self._looking.converse(request, answer)) as pieces:
            async for header, _ in pieces:
                told.update(header)
        return told


def _usable(image: bytes | None) -> bytes:
    """The picture, or nothing where it is none that can be learnt of."""
    if image is None:
        return b""
    try:
        fit_for_labels(image)
    except (BadImageError, ImageTooLargeError, ImageTooSmallError):
        return b""
    return image


def _told(lesson: ObjectLesson) -> Mapping[str, Any]:
    """The lesson as the worker reads it: boxes by left, top, right and bottom."""
    return {
        "labels": lesson.labels,
        "training": [
            [
                number,
                [[label, [box.left, box.top, box.left + box.width, box.top + box.height]] for label, box in things],
            ]
            for number, things in lesson.training
        ],
        "testing": list(lesson.testing),
    }


def _objects(found: Sequence[tuple[int, float, Sequence[float]]]) -> Sequence[FoundObject]:
    return [
        FoundObject(label=label, sure=sure, box=Box(left=left, top=top, width=right - left, height=bottom - top))
        for label, sure, (left, top, right, bottom) in found
    ]

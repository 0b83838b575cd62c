"""The LabelDetector: pictures to `labels_task`'s worker, replies to the port's values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marinelayer.engines.catalogue import Installed
from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.supervisor import Supervisor
from marinelayer.engines.vision.choices import CLASSIFIERS, DETECTORS, FURTHER_DETECTORS, READING_CLASSIFIERS
from marinelayer.engines.vision.dimensions import analysable
from marinelayer.ports import Box, EngineUnavailableError, Labels, SeenLabel


class LabelEngine:
    """Names what a picture shows with the best detector of COCO's classes, the one of more classes and the classifiers
    of the shelf, one of them at least."""

    def __init__(self, supervisor: Supervisor, shelf: Shelf) -> None:
        self._supervisor = supervisor
        self._shelf = shelf

    async def labels(self, image: bytes) -> Labels:
        """What is seen in a JPEG or PNG picture; raises as `ports.LabelDetector` says."""
        analysable(image)
        models = await self._models()
        reply = await self._supervisor.run({"models": [found.model.name for found in models]}, image)
        engines = tuple(found.model.engine for found in models)
        return Labels(labels=tuple(_seen(label) for label in reply["labels"]), engines=engines)

    async def _models(self) -> list[Installed]:
        models: list[Installed] = []
        problems: list[str] = []
        for choice in (DETECTORS, CLASSIFIERS):
            try:
                models.append(await self._shelf.have(choice))
            except EngineUnavailableError as error:
                problems.append(str(error))
        # They are large, and no request needs them: they are there once somebody has pulled them.
        more = (self._shelf.best(choice) for choice in (FURTHER_DETECTORS, READING_CLASSIFIERS))
        models += [found for found in more if found.state == "present"]
        if not models:
            raise EngineUnavailableError("; ".join(problems))
        return models


def _seen(label: Mapping[str, Any]) -> SeenLabel:
    boxes = tuple(
        (Box(left=left, top=top, width=width, height=height), confidence)
        for left, top, width, height, confidence in label["boxes"]
    )
    return SeenLabel(name=label["name"], confidence=label["confidence"], boxes=boxes)

"""The LabelDetector: pictures to `labels_task`'s worker, replies to the port's values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marinelayer.engines.catalogue import Installed
from marinelayer.engines.supervisor import Supervisor
from marinelayer.engines.vision.dimensions import analysable
from marinelayer.ports import Box, EngineUnavailableError, Labels, SeenLabel


class LabelEngine:
    """Names what a picture shows with the models that are `installed`; at least one must be."""

    def __init__(self, supervisor: Supervisor, installed: Sequence[Installed]) -> None:
        self._supervisor = supervisor
        self._installed = installed
        self._engines = tuple(found.model.engine for found in installed if found.state == "present")

    async def labels(self, image: bytes) -> Labels:
        """What is seen in a JPEG or PNG picture; raises as `ports.LabelDetector` says."""
        analysable(image)
        if not self._engines:
            raise EngineUnavailableError("; ".join(found.problem for found in self._installed))
        reply = await self._supervisor.run({}, image)
        return Labels(labels=tuple(_seen(label) for label in reply["labels"]), engines=self._engines)


def _seen(label: Mapping[str, Any]) -> SeenLabel:
    boxes = tuple(
        (Box(left=left, top=top, width=width, height=height), confidence)
        for left, top, width, height, confidence in label["boxes"]
    )
    return SeenLabel(name=label["name"], confidence=label["confidence"], boxes=boxes)

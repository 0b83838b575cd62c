"""The PropertyMeter: pictures to `properties_task`'s worker, replies to the port's values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from marinelayer.engines.supervisor import Supervisor
from marinelayer.engines.vision.dimensions import analysable
from marinelayer.ports import Box, DominantColor, Engine, ImageProperties, PartProperties

ENGINE = Engine(name="marinelayer-image-properties", version="1")


class PropertyEngine:
    """Measures how pictures look."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def properties(self, image: bytes, *, boxes: Sequence[Box], colors: int) -> ImageProperties:
        """How a JPEG or PNG picture looks; raises as `ports.PropertyMeter` says."""
        analysable(image)
        sides = [(box.left, box.top, box.width, box.height) for box in boxes]
        reply = await self._supervisor.run({"boxes": sides, "colors": colors}, image)
        return ImageProperties(
            whole=_part(reply["whole"]),
            foreground=_part(reply["foreground"]),
            background=_part(reply["background"]),
            boxes=tuple(_colors(each) for each in reply["boxes"]),
            engine=ENGINE,
        )


def _part(reply: Mapping[str, Any]) -> PartProperties:
    return PartProperties(
        brightness=reply["brightness"],
        contrast=reply["contrast"],
        sharpness=reply["sharpness"],
        colors=_colors(reply["colors"]),
    )


def _colors(reply: Iterable[Mapping[str, Any]]) -> tuple[DominantColor, ...]:
    return tuple(
        DominantColor(rgb=tuple(each["rgb"]), name=each["name"], simplified=each["simplified"], percent=each["percent"])
        for each in reply
    )

"""The ContentModerator: pictures to `moderation_task`'s worker, replies to the port's values."""

from __future__ import annotations

from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.supervisor import Supervisor
from marinelayer.engines.vision.choices import MODERATORS
from marinelayer.engines.vision.dimensions import analysable
from marinelayer.ports import Labels, SeenLabel


class ModerationEngine:
    """Moderates pictures with the model of the shelf."""

    def __init__(self, supervisor: Supervisor, shelf: Shelf) -> None:
        self._supervisor = supervisor
        self._shelf = shelf

    async def moderation(self, image: bytes) -> Labels:
        """What the model can tell of a JPEG or PNG picture; raises as `ports.ContentModerator` says."""
        analysable(image)
        model = (await self._shelf.have(MODERATORS)).model
        reply = await self._supervisor.run({"model": model.name}, image)
        labels = tuple(SeenLabel(name=name, confidence=sure) for name, sure in reply["labels"].items())
        return Labels(labels=labels, engines=(model.engine,))

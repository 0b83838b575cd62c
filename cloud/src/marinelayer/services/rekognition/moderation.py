"""DetectModerationLabels: what of a picture few people want to be shown.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectModerationLabels.html; names and levels
are those of version 7 of AWS's model (https://docs.aws.amazon.com/rekognition/latest/dg/moderation-api.html). A label
is answered only where a model here tells it. None here tells what kind of content (animation, game, sport) a picture
is: ContentTypes is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller, ContentModerator, SeenLabel
from marinelayer.services.operation import need, operation
from marinelayer.services.rekognition.errors import engine_errors
from marinelayer.services.rekognition.images import Images

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

LEAST_CONFIDENCE = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a label stands: its parent ("" at the top) and its level from 1."""

    parent: str
    level: int


TAXONOMY: Mapping[str, Place] = {"Explicit": Place(parent="", level=1)}
"""The labels that models here tell."""


class Moderation:
    """Moderates pictures."""

    def __init__(self, moderator: ContentModerator, images: Images) -> None:
        self._moderator = moderator
        self._images = images

    @operation("DetectModerationLabels", needs=need("rekognition:DetectModerationLabels"))
    async def detect(
        self, caller: Caller, request: wire.DetectModerationLabelsRequest
    ) -> wire.DetectModerationLabelsResponse:
        """The labels that are sure enough, the surest first.

        Raises:
            InvalidParameterException, ImageTooLargeException, InvalidS3ObjectException, InvalidImageFormatException.
            OperationNotImplemented: no engine is installed, or an adapter or a human loop is asked for.
        """
        for member in ("HumanLoopConfig", "ProjectVersion"):
            if member in request:
                raise OperationNotImplemented(f"DetectModerationLabels with {member} is not implemented.")
        image = await self._images.read(caller, request["Image"])
        with engine_errors():
            seen = await self._moderator.moderation(image)
        return {
            "ModerationLabels": moderation_labels(seen.labels, request.get("MinConfidence", LEAST_CONFIDENCE)),
            "ModerationModelVersion": "; ".join(f"{engine.name} {engine.version}" for engine in seen.engines),
            "ContentTypes": [],
        }


def moderation_labels(seen: Iterable[SeenLabel], least: float) -> list[wire.ModerationLabel]:
    """What is at least `least` percent sure, in AWS's shape, the surest first."""
    return [
        {
            "Name": label.name,
            "Confidence": label.confidence,
            "ParentName": TAXONOMY[label.name].parent,
            "TaxonomyLevel": TAXONOMY[label.name].level,
        }
        for label in sorted(seen, key=lambda label: (-label.confidence, label.name))
        if label.confidence >= least
    ]

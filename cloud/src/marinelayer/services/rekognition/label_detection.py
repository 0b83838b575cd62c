"""DetectLabels: what a picture shows, with the ancestors of what it shows.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabels.html: every ancestor is a label of
its own; the default of MinConfidence is 55, that of MaxLabels 1,000.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Box, Caller, LabelDetector, SeenLabel
from marinelayer.services.operation import need, operation
from marinelayer.services.rekognition.errors import engine_errors
from marinelayer.services.rekognition.images import Images
from marinelayer.services.rekognition.taxonomy import entry

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

LEAST_CONFIDENCE = 55.0
MOST_LABELS = 1000


class LabelDetection:
    """Names what pictures show."""

    def __init__(self, detector: LabelDetector, images: Images) -> None:
        self._detector = detector
        self._images = images

    @operation("DetectLabels", needs=need("rekognition:DetectLabels"))
    async def detect(self, caller: Caller, request: wire.DetectLabelsRequest) -> wire.DetectLabelsResponse:
        """The labels that are sure enough and pass the filters, the surest first.

        Raises:
            InvalidParameterException, ImageTooLargeException, InvalidS3ObjectException, InvalidImageFormatException.
            OperationNotImplemented: IMAGE_PROPERTIES are asked for, or no engine is installed.
        """
        if "IMAGE_PROPERTIES" in request.get("Features", ()):
            raise OperationNotImplemented("The feature IMAGE_PROPERTIES of DetectLabels is not implemented here.")
        filters = request.get("Settings", {}).get("GeneralLabels", {})
        image = await self._images.read(caller, request["Image"])
        with engine_errors():
            seen = await self._detector.labels(image)
        least = request.get("MinConfidence", LEAST_CONFIDENCE)
        labels = [label for label in with_ancestors(seen.labels, least) if _wanted(label.name, filters)]
        return {
            "Labels": [_written(label) for label in labels[: min(request.get("MaxLabels", MOST_LABELS), MOST_LABELS)]],
            "LabelModelVersion": "; ".join(f"{engine.name} {engine.version}" for engine in seen.engines),
        }


def with_ancestors(seen: Iterable[SeenLabel], least: float) -> list[SeenLabel]:
    """What is at least `least` percent sure, boxes too, and its ancestors, which are as sure as the surest of what
    they stand for. The surest first; of those that are equally sure, the most special."""
    labels = {label.name: _sure(label, least) for label in seen if label.confidence >= least}
    for label in list(labels.values()):
        for parent in entry(label.name).parents:
            known = labels.get(parent)
            if known is None or known.confidence < label.confidence:
                boxes = known.boxes if known else ()
                labels[parent] = SeenLabel(name=parent, confidence=label.confidence, boxes=boxes)
    return sorted(labels.values(), key=lambda label: (-label.confidence, -len(entry(label.name).parents), label.name))


def _sure(label: SeenLabel, least: float) -> SeenLabel:
    boxes = tuple((box, confidence) for box, confidence in label.boxes if confidence >= least)
    return SeenLabel(name=label.name, confidence=label.confidence, boxes=boxes)


def _wanted(name: str, filters: wire.GeneralLabelsSettings) -> bool:
    """Whether the filters include the label (any label, where they include none by name) and do not exclude it."""
    categories = set(entry(name).categories)
    labels, groups = filters.get("LabelInclusionFilters", ()), filters.get("LabelCategoryInclusionFilters", ())
    if (labels or groups) and name not in labels and categories.isdisjoint(groups):
        return False
    if name in filters.get("LabelExclusionFilters", ()):
        return False
    return categories.isdisjoint(filters.get("LabelCategoryExclusionFilters", ()))


def _written(label: SeenLabel) -> wire.Label:
    known = entry(label.name)
    instances: list[wire.Instance] = [
        {"BoundingBox": _written_box(box), "Confidence": confidence} for box, confidence in label.boxes
    ]
    return {
        "Name": label.name,
        "Confidence": label.confidence,
        "Instances": instances,
        "Parents": _named(known.parents),
        "Aliases": _named(known.aliases),
        "Categories": _named(known.categories),
    }


def _written_box(box: Box) -> wire.BoundingBox:
    return {"Left": box.left, "Top": box.top, "Width": box.width, "Height": box.height}


def _named(names: Sequence[str]) -> list[wire.Parent]:
    return [{"Name": name} for name in names]

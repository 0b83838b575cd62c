"""DetectLabels: what a picture shows, with the ancestors of what it shows, and how it looks.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabels.html: every ancestor is a label of
its own; the default of MinConfidence is 55, that of MaxLabels 1,000. OrientationCorrection is always null: boxes are
those of the upright picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from marinelayer.ports import Box, Caller, DominantColor, LabelDetector, PropertyMeter, SeenLabel
from marinelayer.services.operation import need, operation
from marinelayer.services.rekognition.errors import engine_errors
from marinelayer.services.rekognition.image_properties import MOST_COLORS, written_colors, written_properties
from marinelayer.services.rekognition.images import Images
from marinelayer.services.rekognition.taxonomy import entry

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

LEAST_CONFIDENCE = 55.0
MOST_LABELS = 1000

Colors = Mapping[Box, Sequence[DominantColor]]
"""The dominant colours of the instances; empty where they were not asked for."""


class LabelDetection:
    """Names what pictures show, and measures how they look."""

    def __init__(self, detector: LabelDetector, meter: PropertyMeter, images: Images) -> None:
        self._detector = detector
        self._meter = meter
        self._images = images

    @operation("DetectLabels", needs=need("rekognition:DetectLabels"))
    async def detect(self, caller: Caller, request: wire.DetectLabelsRequest) -> wire.DetectLabelsResponse:
        """The labels that are sure enough and pass the filters, the surest first; and the picture's properties, with
        those of each instance, where they are asked for. Properties alone need no model.

        Raises:
            InvalidParameterException, ImageTooLargeException, InvalidS3ObjectException, InvalidImageFormatException.
            OperationNotImplemented: labels are asked for, and no engine is installed.
        """
        features = request.get("Features") or ("GENERAL_LABELS",)
        image = await self._images.read(caller, request["Image"])
        labels: list[SeenLabel] = []
        engines: list[str] = []
        colors: Colors = {}
        answer: wire.DetectLabelsResponse = {}
        if "GENERAL_LABELS" in features:
            with engine_errors():
                seen = await self._detector.labels(image)
            labels = _chosen(seen.labels, request)
            engines += [f"{engine.name} {engine.version}" for engine in seen.engines]
        if "IMAGE_PROPERTIES" in features:
            boxes = [box for label in labels for box, _ in label.boxes]
            most = request.get("Settings", {}).get("ImageProperties", {}).get("MaxDominantColors", MOST_COLORS)
            with engine_errors():
                found = await self._meter.properties(image, boxes=boxes, colors=most)
            answer["ImageProperties"] = written_properties(found)
            colors = dict(zip(boxes, found.boxes, strict=True))
            engines.append(f"{found.engine.name} {found.engine.version}")
        answer["Labels"] = [
            written_label(label, colors if "IMAGE_PROPERTIES" in features else None) for label in labels
        ]
        answer["LabelModelVersion"] = "; ".join(engines)
        return answer


def _chosen(seen: Iterable[SeenLabel], request: wire.DetectLabelsRequest) -> list[SeenLabel]:
    filters = request.get("Settings", {}).get("GeneralLabels", {})
    most = min(request.get("MaxLabels", MOST_LABELS), MOST_LABELS)
    found = with_ancestors(seen, request.get("MinConfidence", LEAST_CONFIDENCE))
    return [label for label in found if wanted(label.name, filters)][:most]


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


def wanted(name: str, filters: wire.GeneralLabelsSettings) -> bool:
    """Whether the filters include the label (any label, where they include none by name) and do not exclude it."""
    categories = set(entry(name).categories)
    labels, groups = filters.get("LabelInclusionFilters", ()), filters.get("LabelCategoryInclusionFilters", ())
    if (labels or groups) and name not in labels and categories.isdisjoint(groups):
        return False
    if name in filters.get("LabelExclusionFilters", ()):
        return False
    return categories.isdisjoint(filters.get("LabelCategoryExclusionFilters", ()))


def written_label(label: SeenLabel, colors: Colors | None = None) -> wire.Label:
    """The label in AWS's shape, with the colours of its instances where there are any."""
    known = entry(label.name)
    instances: list[wire.Instance] = []
    for box, confidence in label.boxes:
        instances.append({"BoundingBox": _written_box(box), "Confidence": confidence})
        if colors is not None:
            instances[-1]["DominantColors"] = written_colors(colors[box])
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

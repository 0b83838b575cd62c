"""What training came to, for models that find things: a box counts as right where it overlaps one of its label by half
(intersection over union), which no surer box has found. Pure.

The summary is that of labels of pictures without a confusion matrix, which AWS gives for those alone; precision, recall
and F1 are over boxes. A snapshot's line has the true boxes, and those that the model found or should have found, in the
format of Ground Truth.

Source: as `evaluation`; AWS does not say how much a box must overlap.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from marinelayer.ports import Box
from marinelayer.services.rekognition.evaluation import (
    EVALUATION_JOB,
    TRAINING_JOB,
    Metrics,
    details_of,
    summary_file,
    time_of,
)
from marinelayer.services.rekognition.manifests import DETECTION, Entry

RIGHT_OVERLAP = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedObjects:
    """A picture that was looked at, and what the model found in it, surest first: label, how sure (0-1), box."""

    entry: Entry
    found: Sequence[tuple[str, float, Box]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A box that was `found`, or is `there`, or both."""

    label: str
    sure: float
    box: Box
    found: bool
    there: bool


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one.width * one.height + other.width * other.height - shared)


def judged(looked: LookedObjects, thresholds: Mapping[str, float]) -> list[Judged]:
    """What was found with at least its label's threshold, and the true boxes that were missed: each as sure as the box
    that came nearest to finding it, or not at all. Labels that the model does not know are left out."""
    told: list[Judged] = []
    missed = [(label, box) for label, box in looked.entry.boxes if label in thresholds]
    unsure: list[tuple[str, float, Box]] = []
    for label, sure, box in looked.found:
        if sure < thresholds[label]:
            unsure.append((label, sure, box))
            continue
        shared, at = max(
            ((overlap(box, true), at) for at, (of, true) in enumerate(missed) if of == label), default=(0.0, -1)
        )
        right = shared >= RIGHT_OVERLAP
        if right:
            del missed[at]
        told.append(Judged(label=label, sure=sure, box=box, found=True, there=right))
    for label, true in missed:
        near = (sure for of, sure, box in unsure if of == label and overlap(box, true) >= RIGHT_OVERLAP)
        told.append(Judged(label=label, sure=max(near, default=0.0), box=true, found=False, there=True))
    return told


def object_summary_of(
    version_arn: str, ended: datetime, thresholds: Mapping[str, float], trained: int, looked: Sequence[LookedObjects]
) -> dict[str, Any]:
    """The summary file, as `evaluation.summary_of`."""
    told = [one for each in looked for one in judged(each, thresholds)]
    images = {label: sum(any(of == label for of, _ in each.entry.boxes) for each in looked) for label in thresholds}
    tested = {
        label: (_metrics([one for one in told if one.label == label]), count)
        for label, count in images.items()
        if count
    }
    return summary_file(version_arn, ended, thresholds, (trained, len(looked)), tested)


def _metrics(told: Sequence[Judged]) -> Metrics:
    right = sum(one.found and one.there for one in told)
    found, there = sum(one.found for one in told), sum(one.there for one in told)
    return Metrics(
        precision=right / found if found else 0.0,
        recall=right / there if there else 0.0,
        f1=2 * right / (found + there) if found + there else 0.0,
    )


def object_snapshot_line(looked: LookedObjects, thresholds: Mapping[str, float], ended: datetime) -> str:
    """A picture's line in a snapshot."""
    size = _size_in(looked.entry.line)
    told = judged(looked, thresholds)
    truth = [(label, box, {"confidence": 1.0}) for label, box in looked.entry.boxes]
    seen = [
        (one.label, one.box, {"confidence": one.sure, **details_of(found=one.found, there=one.there)}) for one in told
    ]
    members = {
        "source-ref": looked.entry.source_ref,
        **_attribute("rekognition-custom-labels-training-0", truth, size, ended, by_human=True),
        **_attribute("rekognition-custom-labels-evaluation-0", seen, size, ended, by_human=False),
    }
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def _attribute(
    name: str,
    boxes: Sequence[tuple[str, Box, Mapping[str, Any]]],
    size: Mapping[str, Any],
    ended: datetime,
    *,
    by_human: bool,
) -> dict[str, Any]:
    labels = sorted({label for label, _, _ in boxes})
    width, height = size["width"], size["height"]
    return {
        name: {
            "image_size": [size],
            "annotations": [
                {
                    "class_id": labels.index(label),
                    "left": box.left * width,
                    "top": box.top * height,
                    "width": box.width * width,
                    "height": box.height * height,
                }
                for label, box, _ in boxes
            ],
        },
        f"{name}-metadata": {
            "objects": [told for _, _, told in boxes],
            "class-map": {str(number): label for number, label in enumerate(labels)},
            "type": DETECTION,
            "human-annotated": "yes" if by_human else "no",
            "creation-date": time_of(ended),
            "job-name": TRAINING_JOB if by_human else EVALUATION_JOB,
        },
    }


def _size_in(line: str) -> Mapping[str, Any]:
    """The size that a line gives its picture, where it first does."""
    members: Mapping[str, Any] = json.loads(line)
    values = (cast("Mapping[str, Any]", value) for value in members.values() if isinstance(value, dict))
    return next(value["image_size"][0] for value in values if "image_size" in value)

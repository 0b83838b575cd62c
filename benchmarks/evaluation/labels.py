"""Naming what pictures show: mean average precision at IoU .5, and what DetectLabels shows at its default threshold; of
the model whose labels sentences tell, where it is installed, how often the surest of VOC's classes is in the photo.

Data (`labels`): photos of VOC 2007 with boxes of its 20 classes.
"""

from __future__ import annotations

import statistics
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluation.boxes import Seen, True_, average_precision
from evaluation.figures import Family, Figure, Row
from evaluation.measures import Integers, bootstrap, share
from evaluation.running import Bench
from marinelayer.engines.vision.choices import DETECTORS, FURTHER_DETECTORS, READING_CLASSIFIERS
from marinelayer.ports import Labels

VOC = {
    "aeroplane": "Airplane",
    "bicycle": "Bicycle",
    "bird": "Bird",
    "boat": "Boat",
    "bottle": "Bottle",
    "bus": "Bus",
    "car": "Car",
    "cat": "Cat",
    "chair": "Chair",
    "cow": "Cow",
    "diningtable": "Dining Table",
    "dog": "Dog",
    "horse": "Horse",
    "motorbike": "Motorcycle",
    "person": "Person",
    "pottedplant": "Potted Plant",
    "sheep": "Sheep",
    "sofa": "Couch",
    "train": "Train",
    "tvmonitor": "TV",
}
SAID = {"Table": "Dining Table"}
"""Labels of sentences that mean one of VOC's."""
DRAWS = 200


async def measure(bench: Bench) -> AsyncIterator[Row]:
    """All photos."""
    files = sorted((bench.data / "labels" / "images").glob("*.jpg"))[:: bench.step]
    images = [file.read_bytes() for file in files]
    named, timing = await bench.timed(bench.engines.labels.labels, images)
    truth = [objects(bench.data / "labels" / "voc_xml" / f"{file.stem}.xml") for file in files]
    seen = [located(labels) for labels in named]
    asked = [engine.name for engine in named[0].engines]
    detectors = {*DETECTORS.names, *FURTHER_DETECTORS.names}
    boxes = " + ".join(name for name in asked if name in detectors) or asked[0]
    yield Figure(
        engine=boxes,
        language="",
        data="VOC 2007 photos",
        measure="mAP50",
        interval=bootstrap(len(files), lambda numbers: _mean_precision(numbers, seen, truth), DRAWS),
        items=len(files),
        timing=timing,
    )
    wanted = {(n, name) for n, here in enumerate(truth) for name, _, _ in here}
    shown = {(n, label.name) for n, labels in enumerate(named) for label in labels.labels if label.confidence >= 55}
    yield Figure(
        engine=boxes,
        language="",
        data="VOC 2007 photos",
        measure="named at MinConfidence 55",
        interval=share(len(wanted & shown), len(wanted)),
        items=len(wanted),
    )
    for model in READING_CLASSIFIERS.names:
        if model in asked:
            yield await _told(bench, model, images, truth)


async def _told(bench: Bench, model: str, images: Sequence[bytes], truth: Sequence[Sequence[True_]]) -> Figure:
    """What the model says alone."""

    async def ask(image: bytes) -> Mapping[str, Any]:
        return await bench.engines.supervisors["labels"].run({"models": [model]}, image)

    replies, timing = await bench.timed(ask, images)
    right = sum(
        surest(reply["labels"]) in {name for name, _, _ in here} for reply, here in zip(replies, truth, strict=True)
    )
    return Figure(
        engine=model,
        language="",
        data="VOC 2007 photos",
        measure="surest of VOC's 20 is there",
        interval=share(right, len(images)),
        items=len(images),
        timing=timing,
    )


def surest(labels: Sequence[Mapping[str, Any]]) -> str:
    """The first of ranked labels that is one of VOC's; "" where none is."""
    named = (SAID.get(label["name"], label["name"]) for label in labels)
    return next((name for name in named if name in VOC.values()), "")


def objects(file: Path) -> list[True_]:
    """Label, box as fractions, and whether it is marked difficult, of each object of a VOC annotation."""
    root = ET.parse(file).getroot()
    width, height = float(root.findtext("size/width", "1")), float(root.findtext("size/height", "1"))
    found: list[True_] = []
    for each in root.iter("object"):
        left, top, right, bottom = (float(each.findtext(f"bndbox/{k}", "0")) for k in ("xmin", "ymin", "xmax", "ymax"))
        box = (left / width, top / height, right / width, bottom / height)
        found.append((VOC[each.findtext("name", "")], box, each.findtext("difficult") == "1"))
    return found


def located(labels: Labels) -> list[Seen]:
    """Each instance's label, confidence and box."""
    return [
        (label.name, confidence, (box.left, box.top, box.left + box.width, box.top + box.height))
        for label in labels.labels
        for box, confidence in label.boxes
    ]


def _mean_precision(numbers: Integers, seen: Sequence[Sequence[Seen]], truth: Sequence[Sequence[True_]]) -> float:
    found: Mapping[int, Sequence[Seen]] = {place: seen[n] for place, n in enumerate(numbers)}
    true: Mapping[int, Sequence[True_]] = {place: truth[n] for place, n in enumerate(numbers)}
    return statistics.mean(p for name in VOC.values() if (p := average_precision(name, found, true)) is not None)


FAMILY = Family(name="labels", title="Labels", task="labels", folder="labels", measure=measure)

"""Custom labels with boxes: how well things are found in pictures that were not learned from.

Drawn pavements, by the tests' own generator: scooters and mattresses at places and in sizes of their own, among things
that look like them, 20 pictures with each and 20 with both. And people in photos of VOC 2007 (data: `labels`): every
other photo with one is learned from. Labels' thresholds are those that training chose.
"""

from __future__ import annotations

import importlib.util
import io
import statistics
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.boxes import Box as Corners
from evaluation.boxes import Seen, True_, average_precision, overlap
from evaluation.figures import Family, Figure, Row, Skipped
from evaluation.labels import objects
from evaluation.measures import Integers, bootstrap, calibration_error
from evaluation.running import Bench
from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.vision.custom_labels import CustomLabelEngine, open_custom_labels
from marinelayer.ports import Box, FoundObject, ObjectLesson, TaughtObjects

THINGS = ("scooter", "mattress")
SHOWN = (("scooter",), ("mattress",), ("scooter", "mattress"))
LEARNED, ASKED = 60, 120
FIRST_ASKED = 10_000
PERSON = "Person"
DRAWS = 200
RIGHT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture, and what is where in it."""

    image: bytes
    truth: Sequence[True_]


class Lesson:
    """A teacher of pictures (ports.ObjectTeacher): some to learn from, others to be asked about."""

    def __init__(self, labels: Sequence[str], learned: Sequence[Picture], asked: Sequence[Picture]) -> None:
        self.labels = labels
        self.pictures = [*learned, *asked]
        self._learned = len(learned)

    async def picture(self, number: int) -> bytes:
        """The picture of a number."""
        return self.pictures[number].image

    async def lesson(self, invalid: Collection[int]) -> ObjectLesson:
        """What to learn."""
        return ObjectLesson(
            labels=len(self.labels),
            training=[
                (number, [(self.labels.index(label), _box(box)) for label, box, _ in one.truth])
                for number, one in enumerate(self.pictures[: self._learned])
            ],
            testing=range(self._learned, len(self.pictures)),
        )


async def measure(bench: Bench) -> AsyncIterator[Row]:
    """By the best of the maps that are installed, and by those that a package brings."""
    engine = bench.engines.custom_labels
    known: set[tuple[str, str, str]] = set()
    async for row in rows_of(bench, engine):
        yield row
        if isinstance(row, Figure):
            known.add((row.engine, row.data, row.measure))
    bare = open_custom_labels(Shelf(None), workers=1, device="cpu")
    try:
        if len(engine.maps) > 1:
            async for row in rows_of(bench, bare):
                if not isinstance(row, Figure) or (row.engine, row.data, row.measure) not in known:
                    yield row
    finally:
        await bare.close()


async def rows_of(bench: Bench, engine: CustomLabelEngine) -> AsyncIterator[Row]:
    """Things that are drawn, and people."""
    learned, asked = (
        [_drawn(number) for number in range(first, first + count, bench.step)]
        for first, count in ((0, LEARNED), (FIRST_ASKED, ASKED))
    )
    async for row in _rows(bench, engine, f"drawn pavements, {len(learned)} in the lesson", THINGS, learned, asked):
        yield row
    folder = bench.data / "labels"
    if not folder.is_dir():
        yield Skipped(what="people in photos", reason="no data: there is no folder labels")
        return
    photos = [one for file in sorted((folder / "images").glob("*.jpg")) if (one := _photo(folder, file)).truth]
    data = f"VOC 2007 photos, {len(photos[::2])} in the lesson"
    async for row in _rows(bench, engine, data, (PERSON,), photos[::2], photos[1::2]):
        yield row


async def _rows(
    bench: Bench,
    engine: CustomLabelEngine,
    data: str,
    labels: Sequence[str],
    learned: Sequence[Picture],
    asked: Sequence[Picture],
) -> AsyncIterator[Row]:
    lesson = Lesson(labels, learned, asked)
    taught = await engine.train_objects(len(lesson.pictures), lesson)
    if taught is None:
        yield Skipped(what=data, reason="nothing was learned")
        return

    async def model() -> bytes:
        return taught.model

    async def ask(picture: Picture) -> Sequence[FoundObject]:
        return await engine.detect_objects(picture.image, data, taught.features, model)

    told, timing = await bench.timed(ask, asked)
    judged = [_judged(found, picture.truth, labels, taught) for found, picture in zip(told, asked, strict=True)]
    for label in labels:
        counts = np.array([one[label] for one in judged], np.int64)
        yield Figure(
            engine=taught.features.name,
            language="",
            data=f"{label}: {data}",
            measure="F1 at IoU .5",
            interval=bootstrap(len(asked), lambda numbers, counts=counts: _f1(counts, numbers), DRAWS),
            items=int(counts[:, 2].sum()),
            timing=timing if label == labels[0] else None,
        )
    seen, truth = [_seen(found, labels) for found in told], [one.truth for one in asked]
    yield Figure(
        engine=taught.features.name,
        language="",
        data=data,
        measure="mAP50",
        interval=bootstrap(len(asked), lambda numbers: _precision(numbers, seen, truth, labels), DRAWS),
        items=len(asked),
    )
    sure = [
        (one.sure, right)
        for found, picture in zip(told, asked, strict=True)
        for one, right in _right(found, picture.truth, labels)
    ]
    if sure:
        scores, hits = np.array([score for score, _ in sure]), np.array([right for _, right in sure])
        yield Figure(
            engine=taught.features.name,
            language="",
            data=data,
            measure="calibration error",
            interval=bootstrap(
                len(sure),
                lambda numbers: calibration_error(hits[numbers], scores[numbers]),
                DRAWS,
            ),
            items=len(sure),
            percent=False,
        )


def _judged(
    found: Sequence[FoundObject], truth: Sequence[True_], labels: Sequence[str], taught: TaughtObjects
) -> dict[str, tuple[int, int, int]]:
    """Of each label, at its threshold: how many boxes are right, were found, and are there."""
    told = _right([one for one in found if one.sure >= taught.thresholds[one.label]], truth, labels)
    return {
        label: (
            sum(right for one, right in told if labels[one.label] == label),
            sum(labels[one.label] == label for one, _ in told),
            sum(of == label for of, _, _ in truth),
        )
        for label in labels
    }


def _right(
    found: Sequence[FoundObject], truth: Sequence[True_], labels: Sequence[str]
) -> list[tuple[FoundObject, bool]]:
    """What was found, surest first, each with whether it is right: a true box is found once."""
    left = list(truth)
    told: list[tuple[FoundObject, bool]] = []
    for one in found:
        near = [(overlap(_corners(one.box), box), n) for n, (of, box, _) in enumerate(left) if of == labels[one.label]]
        best, at = max(near, default=(0.0, -1))
        told.append((one, best >= RIGHT))
        if best >= RIGHT:
            del left[at]
    return told


def _f1(counts: Integers, numbers: Integers) -> float:
    right, said, there = counts[numbers].sum(axis=0).tolist()
    return 2 * right / (said + there) if said + there else 0.0


def _precision(
    numbers: Integers,
    seen: Sequence[Sequence[Seen]],
    every: Sequence[Sequence[True_]],
    labels: Sequence[str],
) -> float:
    drawn: list[int] = numbers.tolist()
    found: Mapping[int, Sequence[Seen]] = {place: seen[n] for place, n in enumerate(drawn)}
    truth: Mapping[int, Sequence[True_]] = {place: every[n] for place, n in enumerate(drawn)}
    each = [average_precision(label, found, truth) for label in labels]
    return statistics.mean([one for one in each if one is not None] or [0.0])


def _seen(found: Sequence[FoundObject], labels: Sequence[str]) -> list[Seen]:
    return [(labels[one.label], one.sure, _corners(one.box)) for one in found]


def _corners(box: Box) -> Corners:
    return box.left, box.top, box.left + box.width, box.top + box.height


def _box(corners: Corners) -> Box:
    left, top, right, bottom = corners
    return Box(left=left, top=top, width=right - left, height=bottom - top)


def _photo(folder: Path, file: Path) -> Picture:
    """A photo and the people in it, those that are hard to see too."""
    truth = objects(folder / "voc_xml" / f"{file.stem}.xml")
    return Picture(image=file.read_bytes(), truth=[(label, box, False) for label, box, _ in truth if label == PERSON])


def _drawn(number: int) -> Picture:
    picture, placed = _pavements().littered(number, *SHOWN[number % len(SHOWN)])
    wide, high = picture.size
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    truth = [
        (thing, (left / wide, top / high, right / wide, bottom / high), False)
        for thing, (left, top, right, bottom) in placed
    ]
    return Picture(image=file.getvalue(), truth=truth)


def _pavements() -> Any:
    """The module that draws them for the tests, which are no package that could be imported here."""
    file = Path(__file__).resolve().parents[2] / "cloud" / "tests" / "engines" / "pavements.py"
    found = importlib.util.spec_from_file_location("pavements", file)
    if found is None or found.loader is None:
        raise FileNotFoundError(file)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


FAMILY = Family(name="custom-objects", title="Custom labels with boxes", task="", folder="", measure=measure)

"""What a training teaches: the pictures, those to learn of first; then what they show, and what came of it.

Source: as `training`, whose jobs use it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marinelayer.ports import Box, Caller, Lesson, ObjectLesson, Taught, TaughtObjects
from marinelayer.services.rekognition.errors import InvalidS3ObjectException
from marinelayer.services.rekognition.evaluation import Looked, snapshot_line, summary_of
from marinelayer.services.rekognition.images import MOST_STORED
from marinelayer.services.rekognition.manifests import Entry
from marinelayer.services.rekognition.object_evaluation import LookedObjects, object_snapshot_line, object_summary_of
from marinelayer.services.rekognition.stored_objects import StoredObjects
from marinelayer.services.rekognition.training_data import Pictures, check


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of a training: the threshold of each label, the snapshots of both sets of pictures, the summary."""

    thresholds: Mapping[str, float]
    training: str
    testing: str
    summary: Mapping[str, Any]


class Teaching:
    """Gives the pictures of a training, by their numbers (ports.Pictures). `errors` are of both sets together."""

    def __init__(self, objects: StoredObjects, caller: Caller, training: Pictures, testing: Pictures) -> None:
        self._objects = objects
        self._caller = caller
        self._training = training
        self._testing = testing
        self.errors: Sequence[Mapping[str, Any]] = ()

    def stopped(self) -> bool:
        """Whether what is known of the pictures by now is reason enough to stop."""
        self.errors = check(self._training, self._testing)
        return bool(self.errors or self._training.errors or self._testing.errors)

    async def picture(self, number: int) -> bytes | None:
        """The picture of an entry that has labels; None where it can not be read."""
        pictures, at = self._place(number)
        entry = pictures.entries[at]
        if entry is None or not pictures.labels_at(at):
            return None
        bucket, key = entry.place
        try:
            return await self._objects.read(self._caller, {"Bucket": bucket, "Name": key}, MOST_STORED)
        except InvalidS3ObjectException:
            return None

    def goes_on_without(self, invalid: Collection[int]) -> bool:
        """Note the pictures of these numbers as invalid; whether those that are left can be learnt of."""
        for number in invalid:
            pictures, at = self._place(number)
            if pictures.labels_at(at):
                pictures.invalid.add(at)
        return not self.stopped()

    @property
    def labels(self) -> Sequence[str]:
        """The labels of the pictures to learn of, in the order of their numbers."""
        return sorted(self._training.labels)

    @property
    def testing(self) -> Sequence[int]:
        """The numbers of the pictures that it is to be tested by."""
        return [len(self._training.entries) + at for at in self._testing.usable]

    def entries(self, pictures: Pictures) -> list[Entry]:
        """Those that were looked at."""
        return [entry for at in pictures.usable if (entry := pictures.entries[at]) is not None]

    def _place(self, number: int) -> tuple[Pictures, int]:
        count = len(self._training.entries)
        return (self._training, number) if number < count else (self._testing, number - count)


class LabelTeaching(Teaching):
    """Teaches labels of whole pictures (ports.Teacher)."""

    async def lesson(self, invalid: Collection[int]) -> Lesson | None:
        """What is to be learnt of those that are left."""
        if not await asyncio.to_thread(self.goes_on_without, invalid):
            return None
        numbers = {label: number for number, label in enumerate(self.labels)}
        examples = [
            (at, [numbers[label] for label in sorted(self._training.labels_at(at))]) for at in self._training.usable
        ]
        return Lesson(
            labels=len(numbers),
            several=any(len(labels) != 1 for _, labels in examples),
            training=examples,
            testing=self.testing,
        )

    def report(self, taught: Taught, version: str, ended: datetime) -> Report:
        """What came of it."""
        labels = self.labels
        thresholds = dict(zip(labels, taught.thresholds, strict=True))

        def looked(pictures: Pictures, told: Sequence[Sequence[float]]) -> list[Looked]:
            return [
                Looked(
                    source_ref=entry.source_ref,
                    labels=frozenset(entry.labels),
                    sure=dict(zip(labels, sure, strict=True)),
                )
                for entry, sure in zip(self.entries(pictures), told, strict=True)
            ]

        training, testing = looked(self._training, taught.training), looked(self._testing, taught.testing)
        return Report(
            thresholds=thresholds,
            training="".join(f"{snapshot_line(one, thresholds, ended)}\n" for one in training),
            testing="".join(f"{snapshot_line(one, thresholds, ended)}\n" for one in testing),
            summary=summary_of(version, ended, thresholds, len(training), testing),
        )


class ObjectTeaching(Teaching):
    """Teaches where things are (ports.ObjectTeacher)."""

    async def lesson(self, invalid: Collection[int]) -> ObjectLesson | None:
        """What is to be learnt of those that are left."""
        if not await asyncio.to_thread(self.goes_on_without, invalid):
            return None
        numbers = {label: number for number, label in enumerate(self.labels)}
        examples: list[tuple[int, Sequence[tuple[int, Box]]]] = [
            (at, [(numbers[label], box) for label, box in entry.boxes])
            for at, entry in zip(self._training.usable, self.entries(self._training), strict=True)
        ]
        return ObjectLesson(labels=len(numbers), training=examples, testing=self.testing)

    def report(self, taught: TaughtObjects, version: str, ended: datetime) -> Report:
        """What came of it."""
        labels = self.labels
        thresholds = dict(zip(labels, taught.thresholds, strict=True))
        training, testing = (
            [
                LookedObjects(entry=entry, found=[(labels[one.label], one.sure, one.box) for one in found])
                for entry, found in zip(self.entries(pictures), told, strict=True)
            ]
            for pictures, told in ((self._training, taught.training), (self._testing, taught.testing))
        )
        return Report(
            thresholds=thresholds,
            training="".join(f"{object_snapshot_line(one, thresholds, ended)}\n" for one in training),
            testing="".join(f"{object_snapshot_line(one, thresholds, ended)}\n" for one in testing),
            summary=object_summary_of(version, ended, thresholds, len(training), testing),
        )

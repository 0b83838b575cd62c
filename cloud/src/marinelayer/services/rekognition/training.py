"""Training a version: its pictures are read and looked at, a model learns their labels and is tested by pictures that
it has not learnt of, and what came of it is written down, in the tables and in the output bucket.

Everything is done as who asked for it, by what they may then. A job that a kill ended does it all again, and writes the
same documents again. Thresholds come from the training pictures (each judged by models that had not seen it), so that
the F1 that is reported is that of pictures which had no say in anything.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/training-model.html and .../tm-debugging.html
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marinelayer.model.errors import AccessDenied, Refusal, ServiceError
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import (
    Caller,
    Calls,
    Clock,
    CustomLabelTrainer,
    EngineUnavailableError,
    Lesson,
    Mandates,
    Tables,
    Taught,
)
from marinelayer.services.rekognition.custom_label_arns import name_of
from marinelayer.services.rekognition.dataset_rows import AT_ONCE, MICROSECONDS, moment, page_of_entries
from marinelayer.services.rekognition.errors import InvalidS3ObjectException
from marinelayer.services.rekognition.evaluation import Looked, snapshot_line, summary_of
from marinelayer.services.rekognition.images import MOST_STORED
from marinelayer.services.rekognition.manifests import Entry, read_entry
from marinelayer.services.rekognition.splitting import held_back
from marinelayer.services.rekognition.stored_objects import StoredObjects
from marinelayer.services.rekognition.training_data import Pictures, check, manifest_summary, validation_line
from marinelayer.services.rekognition.version_rows import READY_MESSAGE, SQL, set_status, settle_training

TRAIN = "rekognition.version.train"
ATTEMPTS = 3
"""Attempts after which a training that breaks, or breaks its worker, is given up."""
SERVICE_ISSUE = "Amazon Rekognition experienced a service issue."

_logger = logging.getLogger(__name__)


class TrainingFailedError(Exception):
    """There can be no model. The text is AWS's status message."""


@dataclass(slots=True, kw_only=True)
class _Task:
    """One training under way. `keys` are the documents that were written, by their kind."""

    version: str
    name: str
    request: Mapping[str, Any]
    caller: Caller
    begun: int
    training: Pictures
    testing: Pictures
    split: bool
    errors: Sequence[Mapping[str, Any]]
    keys: dict[str, str]


class Training:
    """The jobs that train versions."""

    def __init__(
        self, tables: Tables, clock: Clock, calls: Calls, mandates: Mandates, trainer: CustomLabelTrainer
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._objects = StoredObjects(calls)
        self._mandates = mandates
        self._trainer = trainer

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of job."""
        return {TRAIN: self.train}

    async def train(self, job: Job) -> None:
        """Train one version, or say why it can not be."""
        told: Mapping[str, Any] = json.loads(job.payload)
        arn: str = told["version"]
        row = await self._tables.read(lambda tx: tx.one(SQL.version, arn=arn))
        if row is None or row["status"] != "TRAINING_IN_PROGRESS":
            return
        request: Mapping[str, Any] = json.loads(row["request"])
        try:
            caller = await self._mandates.caller(told["mandate"], job.id)
            training, testing, split = await self._pictures(caller, told, request)
            task = _Task(
                version=arn,
                name=row["name"],
                request=request,
                caller=caller,
                begun=self._clock.now(),
                training=training,
                testing=testing,
                split=split,
                errors=(),
                keys={},
            )
            await self._learn(task)
        except TrainingFailedError as error:
            await self._tables.write(set_status, arn, "TRAINING_FAILED", str(error))
        except (AccessDenied, InvalidS3ObjectException):
            await self._tables.write(set_status, arn, "TRAINING_FAILED", "The S3 bucket permissions are incorrect.")
        except EngineUnavailableError as error:
            message = f"Models can not be trained on this machine: {error}"
            await self._tables.write(set_status, arn, "TRAINING_FAILED", message)
        except Exception:
            if job.attempts < ATTEMPTS:
                raise
            _logger.exception("the training of %s is given up", arn)
            await self._tables.write(set_status, arn, "TRAINING_FAILED", SERVICE_ISSUE)

    # --- the pictures -----------------------------------------------------------------------------------------

    async def _pictures(
        self, caller: Caller, told: Mapping[str, Any], request: Mapping[str, Any]
    ) -> tuple[Pictures, Pictures, bool]:
        """What to train on and to test by, and whether the latter was parted from the former."""
        if "TrainingData" in request:
            training = await self._of_manifests(caller, request["TrainingData"])
            given = request["TestingData"]
            testing = None if given.get("AutoCreate") else await self._of_manifests(caller, given)
        else:
            training = await self._of_dataset(told["TRAIN"])
            testing = await self._of_dataset(told["TEST"]) if "TEST" in told else None
        if not training or testing == []:
            raise TrainingFailedError("The manifest file is empty.")
        if testing is not None:
            return Pictures(entries=training), Pictures(entries=testing), False
        return (*_parted(training), True)

    async def _of_manifests(self, caller: Caller, data: Mapping[str, Any]) -> list[Entry | None]:
        entries: list[Entry | None] = []
        for asset in data.get("Assets", ()):
            place = asset.get("GroundTruthManifest", {}).get("S3Object", {})
            async with aclosing(self._objects.lines(caller, place)) as lines:
                entries += [read_entry(line.decode("utf-8", "replace")) async for line in lines]
        return entries

    async def _of_dataset(self, arn: str) -> list[Entry | None]:
        entries: list[Entry | None] = []
        position = -1
        while page := await self._tables.read(page_of_entries, arn, position, AT_ONCE):
            position = page[-1].number
            entries += [read_entry(one.line) for one in page]
        return entries

    # --- the model --------------------------------------------------------------------------------------------

    async def _learn(self, task: _Task) -> None:
        teacher = _Teacher(self._objects, task)
        if teacher.stopped():
            await self._give_up(task)
            return
        taught = await self._trainer.train(len(task.training.entries) + len(task.testing.entries), teacher)
        if taught is None or teacher.lesson_given is None:
            await self._give_up(task)
            return
        await self._finish(task, teacher, teacher.lesson_given, taught)

    async def _give_up(self, task: _Task) -> None:
        """Say what is wrong with the pictures, in documents too."""
        found = [*task.training.errors, *task.testing.errors, *task.errors]
        await self._write_validation(task)
        result = {"ended": self._clock.now(), "keys": task.keys, "split": task.split}
        message = found[0]["message"] if found else SERVICE_ISSUE
        await self._tables.write(settle_training, task.version, "TRAINING_FAILED", message, result, None)

    async def _finish(self, task: _Task, teacher: _Teacher, lesson: Lesson, taught: Taught) -> None:
        ended = self._clock.now()
        thresholds = dict(zip(teacher.labels, taught.thresholds, strict=True))
        training = teacher.looked([number for number, _ in lesson.training], taught.training)
        testing = teacher.looked(lesson.testing, taught.testing)
        # Off the event loop: there may be very many pictures.
        summary = await asyncio.to_thread(summary_of, task.version, moment(ended), thresholds, len(training), testing)
        await self._write_validation(task)
        for name, looked in (("Training", training), ("Testing", testing)):
            content = await asyncio.to_thread(_snapshot, looked, thresholds, moment(ended))
            await self._write(task, f"{name}GroundTruth", content)
        await self._write(task, "EvaluationResultSummary", json.dumps(summary, ensure_ascii=False))
        result = {
            "ended": ended,
            "seconds": -(-(ended - task.begun) // MICROSECONDS),
            "keys": task.keys,
            "split": task.split,
            "labels": list(thresholds.items()),
            "features": [taught.features.name, taught.features.version],
            "f1": summary["AggregatedEvaluationResults"]["F1Score"],
        }
        await self._tables.write(
            settle_training, task.version, "TRAINING_COMPLETED", READY_MESSAGE, result, taught.model
        )

    async def _write_validation(self, task: _Task) -> None:
        for name, pictures in (("Training", task.training), ("Testing", task.testing)):
            content = await asyncio.to_thread(_validated, pictures)
            await self._write(task, f"{name}ManifestWithValidation", content)
        summary = manifest_summary(task.training, task.testing, task.errors)
        await self._write(task, "ManifestSummary", json.dumps(summary, ensure_ascii=False))

    async def _write(self, task: _Task, kind: str, content: str) -> None:
        output = task.request["OutputConfig"]
        prefix: str = output.get("S3KeyPrefix", "").strip("/")
        name = f"{kind}-{name_of(task.version)}-{task.name}.json"
        key = f"{prefix}/{name}" if prefix else name
        try:
            await self._objects.write(
                task.caller, output.get("S3Bucket", ""), key, content.encode(), task.request.get("KmsKeyId")
            )
        except (AccessDenied, ServiceError, Refusal) as error:
            _logger.warning("the results of %s can not be written: %s", task.version, error)
            raise TrainingFailedError("Unable to write to output S3 bucket.") from None
        task.keys[kind] = key


class _Teacher:
    """Gives the pictures of a training, those to learn of first, and the lesson (ports.Teacher)."""

    def __init__(self, objects: StoredObjects, task: _Task) -> None:
        self._objects = objects
        self._task = task
        self._training = len(task.training.entries)
        self.labels: list[str] = []
        self.lesson_given: Lesson | None = None

    def stopped(self) -> bool:
        """Whether what is known of the pictures by now is reason enough to stop."""
        task = self._task
        task.errors = check(task.training, task.testing)
        if task.training.use_case == "OBJECT_LOCALIZATION":
            raise TrainingFailedError(
                "Models that locate objects (bounding boxes) are not trained here; those of image-level labels are."
            )
        return bool(task.errors or task.training.errors or task.testing.errors)

    async def picture(self, number: int) -> bytes | None:
        """The picture of an entry that has labels; None where it can not be read."""
        pictures, at = self._place(number)
        entry = pictures.entries[at]
        if entry is None or not entry.labels:
            return None
        bucket, key = entry.place
        try:
            return await self._objects.read(self._task.caller, {"Bucket": bucket, "Name": key}, MOST_STORED)
        except InvalidS3ObjectException:
            return None

    async def lesson(self, invalid: Collection[int]) -> Lesson | None:
        """What is to be learnt of those that are left."""
        task = self._task
        for number in invalid:
            pictures, at = self._place(number)
            entry = pictures.entries[at]
            if entry is not None and entry.labels:
                pictures.invalid.add(at)
        if self.stopped():
            return None
        self.labels = sorted(task.training.labels)
        numbers = {label: number for number, label in enumerate(self.labels)}
        examples = [
            (at, [numbers[label] for label in sorted(task.training.labels_at(at))]) for at in task.training.usable
        ]
        self.lesson_given = Lesson(
            labels=len(self.labels),
            several=any(len(labels) != 1 for _, labels in examples),
            training=examples,
            testing=[self._training + at for at in task.testing.usable],
        )
        return self.lesson_given

    def looked(self, numbers: Sequence[int], sure: Sequence[Sequence[float]]) -> list[Looked]:
        """What was found in the pictures of these numbers."""
        found: list[Looked] = []
        for number, answers in zip(numbers, sure, strict=True):
            pictures, at = self._place(number)
            entry = pictures.entries[at]
            if entry is None:
                continue  # no such one is looked at
            found.append(
                Looked(
                    source_ref=entry.source_ref,
                    labels=frozenset(entry.labels),
                    sure=dict(zip(self.labels, answers, strict=True)),
                )
            )
        return found

    def _place(self, number: int) -> tuple[Pictures, int]:
        if number < self._training:
            return self._task.training, number
        return self._task.testing, number - self._training


def _parted(entries: Sequence[Entry | None]) -> tuple[Pictures, Pictures]:
    """Training and testing pictures, of one manifest.

    Raises:
        TrainingFailedError: there are too few.
    """
    named = {at: entry for at, entry in enumerate(entries) if entry is not None and entry.labels}
    chosen = held_back((at, entry.labels.keys()) for at, entry in named.items())
    if not chosen:
        raise TrainingFailedError(
            "The manifest file contains insufficient labeled images per label to perform auto-split."
        )
    return (
        Pictures(entries=[entry for at, entry in enumerate(entries) if at not in chosen]),
        Pictures(entries=[entry for at, entry in enumerate(entries) if at in chosen]),
    )


def _snapshot(looked: Sequence[Looked], thresholds: Mapping[str, float], ended: datetime) -> str:
    return "".join(f"{snapshot_line(one, thresholds, ended)}\n" for one in looked)


def _validated(pictures: Pictures) -> str:
    return "".join(f"{validation_line(pictures, at)}\n" for at in range(len(pictures.entries)))

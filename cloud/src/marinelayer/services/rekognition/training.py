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
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from marinelayer.model.errors import AccessDenied, Refusal, ServiceError
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import (
    Caller,
    Calls,
    Clock,
    CustomLabelTrainer,
    EngineUnavailableError,
    Mandates,
    Tables,
    Taught,
    TaughtObjects,
)
from marinelayer.services.rekognition.custom_label_arns import name_of
from marinelayer.services.rekognition.dataset_rows import AT_ONCE, MICROSECONDS, moment, page_of_entries
from marinelayer.services.rekognition.errors import InvalidS3ObjectException
from marinelayer.services.rekognition.manifests import Entry, read_entry
from marinelayer.services.rekognition.splitting import held_back
from marinelayer.services.rekognition.stored_objects import StoredObjects
from marinelayer.services.rekognition.teaching import LabelTeaching, ObjectTeaching, Report
from marinelayer.services.rekognition.training_data import Pictures, manifest_summary, validation_line
from marinelayer.services.rekognition.version_rows import READY_MESSAGE, SQL, set_status, settle_training

TRAIN = "rekognition.version.train"
ATTEMPTS = 3
"""Attempts after which a training that breaks, or breaks its worker, is given up."""
SERVICE_ISSUE = "Amazon Rekognition experienced a service issue."

_logger = logging.getLogger(__name__)


ReportOf = Callable[[str, datetime], Report]
"""What came of a training of the version of this ARN that ended then."""


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

    @property
    def pictures(self) -> int:
        """How many there are."""
        return len(self.training.entries) + len(self.testing.entries)


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
        located = Pictures(entries=training).use_case == "OBJECT_LOCALIZATION"
        if testing is not None:
            return Pictures(entries=training, located=located), Pictures(entries=testing, located=located), False
        return (*_parted(training, located=located), True)

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
        learnt = await (self._taught_objects(task) if task.training.located else self._taught_labels(task))
        if learnt is None:
            await self._give_up(task)
            return
        taught, report_of = learnt
        ended = self._clock.now()
        # Off the event loop: there may be very many pictures.
        report = await asyncio.to_thread(report_of, task.version, moment(ended))
        await self._finish(task, taught, report, ended)

    async def _taught_labels(self, task: _Task) -> tuple[Taught, ReportOf] | None:
        """A model of labels of pictures, None where what is wrong with these stopped it; and what tells of it."""
        teacher = LabelTeaching(self._objects, task.caller, task.training, task.testing)
        taught = None if teacher.stopped() else await self._trainer.train(task.pictures, teacher)
        task.errors = teacher.errors
        return None if taught is None else (taught, partial(teacher.report, taught))

    async def _taught_objects(self, task: _Task) -> tuple[TaughtObjects, ReportOf] | None:
        """The same for a model of where things are."""
        teacher = ObjectTeaching(self._objects, task.caller, task.training, task.testing)
        taught = None if teacher.stopped() else await self._trainer.train_objects(task.pictures, teacher)
        task.errors = teacher.errors
        return None if taught is None else (taught, partial(teacher.report, taught))

    async def _give_up(self, task: _Task) -> None:
        """Say what is wrong with the pictures, in documents too."""
        found = [*task.training.errors, *task.testing.errors, *task.errors]
        await self._write_validation(task)
        result = {"ended": self._clock.now(), "keys": task.keys, "split": task.split}
        message = found[0]["message"] if found else SERVICE_ISSUE
        await self._tables.write(settle_training, task.version, "TRAINING_FAILED", message, result, None)

    async def _finish(self, task: _Task, taught: Taught | TaughtObjects, report: Report, ended: int) -> None:
        await self._write_validation(task)
        await self._write(task, "TrainingGroundTruth", report.training)
        await self._write(task, "TestingGroundTruth", report.testing)
        await self._write(task, "EvaluationResultSummary", json.dumps(report.summary, ensure_ascii=False))
        result = {
            "ended": ended,
            "seconds": -(-(ended - task.begun) // MICROSECONDS),
            "keys": task.keys,
            "split": task.split,
            "labels": list(report.thresholds.items()),
            "located": task.training.located,
            "features": [taught.features.name, taught.features.version],
            "f1": report.summary["AggregatedEvaluationResults"]["F1Score"],
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


def _parted(entries: Sequence[Entry | None], *, located: bool) -> tuple[Pictures, Pictures]:
    """Training and testing pictures, of one manifest.

    Raises:
        TrainingFailedError: there are too few.
    """
    together = Pictures(entries=entries, located=located)
    chosen = held_back((at, together.labels_at(at)) for at in together.usable)
    if not chosen:
        raise TrainingFailedError(
            "The manifest file contains insufficient labeled images per label to perform auto-split."
        )
    return (
        Pictures(entries=[entry for at, entry in enumerate(entries) if at not in chosen], located=located),
        Pictures(entries=[entry for at, entry in enumerate(entries) if at in chosen], located=located),
    )


def _validated(pictures: Pictures) -> str:
    return "".join(f"{validation_line(pictures, at)}\n" for at in range(len(pictures.entries)))

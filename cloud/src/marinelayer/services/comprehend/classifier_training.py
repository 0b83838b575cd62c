"""Training custom classifiers: outbox jobs that read as the data access role, learn in a worker, and keep what came of
it. A training that a kill ended begins anew; what it wrote to S3 is written again under the same key.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from marinelayer.http import BytesBody
from marinelayer.outbox import Job
from marinelayer.ports import (
    Caller,
    EngineBusyError,
    EngineFailedError,
    TextLesson,
    TrainedClassifier,
    TrainingDataError,
    TrainingStoppedError,
    Transaction,
)
from marinelayer.services.comprehend.archive import packed
from marinelayer.services.comprehend.data_access import NO_READ, DataAccess, Failed, checked_location
from marinelayer.services.comprehend.document_classifiers import learned_metadata
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.model_files import ModelFiles
from marinelayer.services.comprehend.models import begin_training, end_training, remove_forgotten, stopped
from marinelayer.services.comprehend.resources import Resource, find_resource
from marinelayer.services.locations import Location, read_location

TRIES = 3
"""Trainings that an engine breaks on are tried so often."""
LOOK_AGAIN = 0.5
"""Seconds between looks at whether a training is to be stopped."""


class TrainingSource:
    """What a trainer asks for, read as the data access role (ports.Read)."""

    def __init__(self, access: DataAccess, caller: Caller, document: Mapping[str, Any]) -> None:
        self._access = access
        self._caller = caller
        self._places = {"train": _places(document, "TRAIN"), "test": _places(document, "TEST")}
        self._open: dict[str, AsyncGenerator[bytes]] = {}

    async def read(self, asked: Mapping[str, Any]) -> bytes:
        """The next bytes of a part, or of a document that a manifest refers to. Raises Failed."""
        name = asked["reference"] if "reference" in asked else asked["part"]
        if name not in self._open:
            self._open[name] = self._reference(name) if "reference" in asked else self._part(name)
        piece = await anext(self._open[name], b"")
        if not piece:
            await self._open.pop(name).aclose()
        return piece

    async def aclose(self) -> None:
        """Stop reading."""
        for pieces in self._open.values():
            await pieces.aclose()

    async def _part(self, part: str) -> AsyncGenerator[bytes]:
        found = False
        for place in self._places[part]:
            async for stored in self._access.walk(self._caller, place):
                found = True
                async for piece in self._access.read(self._caller, Location(bucket=place.bucket, key=stored.key)):
                    if piece:
                        yield piece
                yield b"\n"  # where a file does not end with one, the next must begin with a line of its own
        if not found:
            raise Failed(f"{NO_READ} There is no object at {self._places[part][0].uri}.")

    async def _reference(self, uri: str) -> AsyncGenerator[bytes]:
        place = read_location(uri)
        if place is None:
            raise Failed(f"The manifest refers to {uri[:200]}, which is no S3 URI.")
        async for piece in self._access.read(self._caller, place):
            if piece:
                yield piece


def _places(document: Mapping[str, Any], split: str) -> Sequence[Location]:
    given: Mapping[str, Any] = document["InputDataConfig"]
    manifests: Sequence[Mapping[str, Any]] = given.get("AugmentedManifests") or ()
    uris = [one["S3Uri"] for one in manifests if one.get("Split", "TRAIN") == split]
    member = "S3Uri" if split == "TRAIN" else "TestS3Uri"
    return [checked_location(uri) for uri in (*uris, *([given[member]] if member in given else ()))]


def lesson_of(document: Mapping[str, Any]) -> TextLesson:
    """How a classifier's data is to be understood."""
    given: Mapping[str, Any] = document["InputDataConfig"]
    manifests: Sequence[Mapping[str, Any]] = given.get("AugmentedManifests") or ()
    names = dict.fromkeys(name for one in manifests for name in one["AttributeNames"])
    return TextLesson(
        form="manifest" if given.get("DataFormat") == "AUGMENTED_MANIFEST" else "csv",
        exclusive=document["Mode"] == "MULTI_CLASS",
        delimiter=given.get("LabelDelimiter", "|"),
        attributes=tuple(names),
        tested=bool(_places(document, "TEST")),
        seed=int(document["Id"], 16),
    )


def metadata_of(trained: TrainedClassifier) -> dict[str, Any]:
    """The ClassifierMetadata of what a training made."""
    names = {
        "Accuracy": "accuracy",
        "Precision": "precision",
        "Recall": "recall",
        "F1Score": "f1",
        "MicroPrecision": "micro_precision",
        "MicroRecall": "micro_recall",
        "MicroF1Score": "micro_f1",
        "HammingLoss": "hamming_loss",
    }
    return {
        "NumberOfLabels": len(trained.labels),
        "NumberOfTrainedDocuments": trained.trained,
        "NumberOfTestDocuments": trained.tested,
        "EvaluationMetrics": {member: trained.measures[name] for member, name in names.items()},
    }


class ClassifierTrainings:
    """Trains classifiers, and removes those that were deleted."""

    def __init__(self, ground: Ground, files: ModelFiles) -> None:
        self._ground = ground
        self._files = files
        self._access = DataAccess(ground.calls, ground.roles)

    async def train(self, job: Job) -> None:
        """Train the classifier of a job, unless that is done already."""
        arn, number = job.payload.decode(), job.id.rpartition("/")[2]
        resource = await self._ground.tables.write(begin_training, arn, number, self._ground.clock.now())
        if resource is None:
            return
        try:
            trained = await self._learn(resource)
            await self._put_output(resource, trained)
        except TrainingStoppedError:
            await self._end(resource, stopped)
            return
        except (Failed, TrainingDataError) as error:
            await self._fail(resource, str(error))
            return
        except EngineBusyError:
            raise
        except EngineFailedError:
            if job.attempts < TRIES:
                raise
            await self._fail(resource, "INTERNAL_SERVER_ERROR: The training took too much time or memory.")
            return
        await self._keep(resource, trained)

    async def forget(self, job: Job) -> None:
        """Remove a deleted model: first its bytes, then its row, so that none are left without one."""
        arn = job.payload.decode()
        resource = await self._ground.tables.read(find_resource, arn)
        if resource is not None and resource.status == "DELETING" and resource.blob_id is not None:
            await self._files.remove(resource.blob_id)
        await self._ground.tables.write(remove_forgotten, arn)

    async def _learn(self, resource: Resource) -> TrainedClassifier:
        caller = await self._access.assume(resource)
        source = TrainingSource(self._access, caller, resource.document)
        clock = asyncio.get_running_loop().time
        looked = clock()

        async def go_on() -> bool:
            nonlocal looked
            if clock() - looked < LOOK_AGAIN:
                return True
            looked = clock()
            return await self._ground.tables.read(_is_wanted, resource.arn)

        try:
            return await self._ground.trainer.train(lesson_of(resource.document), source.read, go_on)
        finally:
            await source.aclose()

    async def _put_output(self, resource: Resource, trained: TrainedClassifier) -> None:
        output = resource.document.get("OutputDataConfig")
        if output is None:
            return
        seconds = self._ground.clock.now() // 1_000_000
        archive = packed({"output/confusion_matrix.json": trained.confusion}, seconds)
        caller = await self._access.assume(resource)
        await self._access.write(caller, checked_location(output["S3Uri"]), BytesBody(archive), output)

    async def _keep(self, resource: Resource, trained: TrainedClassifier) -> None:
        blob_id = await self._files.save(resource, trained.model)
        metadata = metadata_of(trained)
        now = self._ground.clock.now()
        number = resource.document["Id"]

        def end(found: Resource) -> Resource:
            return learned_metadata(found, metadata, blob_id, now)

        if not await self._ground.tables.write(end_training, resource.arn, number, end):
            await self._files.remove(blob_id)

    async def _fail(self, resource: Resource, message: str) -> None:
        def fail(found: Resource, now: int) -> Resource:
            return replace(found, status="IN_ERROR", message=message, ended=now)

        await self._end(resource, fail)

    async def _end(self, resource: Resource, end: Callable[[Resource, int], Resource]) -> None:
        now, number = self._ground.clock.now(), resource.document["Id"]
        await self._ground.tables.write(end_training, resource.arn, number, lambda found: end(found, now))


def _is_wanted(tx: Transaction, arn: str) -> bool:
    resource = find_resource(tx, arn)
    return resource is not None and resource.status == "TRAINING"

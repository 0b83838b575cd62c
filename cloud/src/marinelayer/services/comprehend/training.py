"""Training custom models: outbox jobs that read as the data access role, learn in a worker, and keep what came of it.

What one kind of model has in common with the other is here; `classifier_training` and `recognizer_training` say how
each learns. A training that a kill ended begins anew; what it wrote to S3 is written again under the same key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from marinelayer.http import BytesBody
from marinelayer.outbox import Job
from marinelayer.ports import (
    EngineBusyError,
    EngineFailedError,
    GoOn,
    Read,
    TrainingDataError,
    TrainingStoppedError,
    Transaction,
)
from marinelayer.services.comprehend.archive import packed
from marinelayer.services.comprehend.data_access import DataAccess, Failed, checked_location
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.model_files import ModelFiles
from marinelayer.services.comprehend.models import begin_training, end_training, remove_forgotten, stopped
from marinelayer.services.comprehend.resources import Resource, find_resource
from marinelayer.services.comprehend.training_source import Parts, TrainingSource

TRIES = 3
"""Trainings that an engine breaks on are tried so often."""
LOOK_AGAIN = 0.5
"""Seconds between looks at whether a training is to be stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What came of a training: the model's bytes, what its description tells of it (members of its document), and the
    files of its output, where that is asked for."""

    model: bytes = field(repr=False)
    told: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


class Teaching(Protocol):
    """How one kind of model learns."""

    def parts(self, document: Mapping[str, Any]) -> Parts:
        """Where the data is that a model's document tells of."""
        ...

    async def learn(self, document: Mapping[str, Any], read: Read, go_on: GoOn) -> Learned:
        """Learn from what `read` gives. Raises as the engine."""
        ...


class Trainings:
    """Trains models of one kind."""

    def __init__(self, ground: Ground, files: ModelFiles, teaching: Teaching) -> None:
        self._ground = ground
        self._files = files
        self._teaching = teaching
        self._access = DataAccess(ground.calls, ground.roles)

    async def train(self, job: Job) -> None:
        """Train the model of a job, unless that is done already."""
        arn, number = job.payload.decode(), job.id.rpartition("/")[2]
        resource = await self._ground.tables.write(begin_training, arn, number, self._ground.clock.now())
        if resource is None:
            return
        try:
            learned = await self._learn(resource)
            await self._put_output(resource, learned)
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
        await self._keep(resource, learned)

    async def _learn(self, resource: Resource) -> Learned:
        caller = await self._access.assume(resource)
        source = TrainingSource(self._access, caller, self._teaching.parts(resource.document))
        clock = asyncio.get_running_loop().time
        looked = clock()

        async def go_on() -> bool:
            nonlocal looked
            if clock() - looked < LOOK_AGAIN:
                return True
            looked = clock()
            return await self._ground.tables.read(_is_wanted, resource.arn)

        try:
            return await self._teaching.learn(resource.document, source.read, go_on)
        finally:
            await source.aclose()

    async def _put_output(self, resource: Resource, learned: Learned) -> None:
        output = resource.document.get("OutputDataConfig")
        if output is None:
            return
        seconds = self._ground.clock.now() // 1_000_000
        archive = packed(learned.files, seconds)
        caller = await self._access.assume(resource)
        await self._access.write(caller, checked_location(output["S3Uri"]), BytesBody(archive), output)

    async def _keep(self, resource: Resource, learned: Learned) -> None:
        blob_id = await self._files.save(resource, learned.model)
        now, number = self._ground.clock.now(), resource.document["Id"]

        def end(found: Resource) -> Resource:
            told = found.told(**learned.told, TrainingEndTime=now)
            return replace(told, status="TRAINED", ended=now, blob_id=blob_id)

        if not await self._ground.tables.write(end_training, resource.arn, number, end):
            await self._files.remove(blob_id)

    async def _fail(self, resource: Resource, message: str) -> None:
        def fail(found: Resource, now: int) -> Resource:
            return replace(found, status="IN_ERROR", message=message, ended=now)

        await self._end(resource, fail)

    async def _end(self, resource: Resource, end: Callable[[Resource, int], Resource]) -> None:
        now, number = self._ground.clock.now(), resource.document["Id"]
        await self._ground.tables.write(end_training, resource.arn, number, lambda found: end(found, now))


class ForgottenModels:
    """Removes models that were deleted, of whatever kind."""

    def __init__(self, ground: Ground, files: ModelFiles) -> None:
        self._ground = ground
        self._files = files

    async def forget(self, job: Job) -> None:
        """Remove a deleted model: first its bytes, then its row, so that none are left without one."""
        arn = job.payload.decode()
        resource = await self._ground.tables.read(find_resource, arn)
        if resource is not None and resource.status == "DELETING" and resource.blob_id is not None:
            await self._files.remove(resource.blob_id)
        await self._ground.tables.write(remove_forgotten, arn)


def _is_wanted(tx: Transaction, arn: str) -> bool:
    resource = find_resource(tx, arn)
    return resource is not None and resource.status == "TRAINING"

"""Jobs that tell the entities of the documents at a place in S3.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartEntitiesDetectionJob.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller
from marinelayer.services.comprehend.entities import Entities
from marinelayer.services.comprehend.job_running import Analyse, one_by_one
from marinelayer.services.comprehend.jobs import JobKind, Jobs
from marinelayer.services.comprehend.resources import Resource
from marinelayer.services.operation import operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

KIND = JobKind(kind="entities-detection-job", noun="EntitiesDetectionJob", short="NER", most=1_000_000)


def analysis(entities: Entities) -> Analyse:
    """What is found in each text."""

    async def look(job: Resource, text: str) -> Mapping[str, Any]:
        return await entities.document(text, language=job.document["LanguageCode"])

    return one_by_one(look)


class EntityJobs:
    """Jobs of this kind."""

    def __init__(self, jobs: Jobs, entities: Entities) -> None:
        self._jobs = jobs
        self._entities = entities

    @operation("StartEntitiesDetectionJob", needs=KIND.to_start())
    async def start(
        self, caller: Caller, request: wire.StartEntitiesDetectionJobRequest
    ) -> wire.StartEntitiesDetectionJobResponse:
        """Take a job on.

        Raises:
            OperationNotImplemented: a custom recognizer is named.
            UnsupportedLanguageException: no engine here reads this language.
            InvalidRequestException, TooManyTagsException: as Jobs.start.
        """
        if "EntityRecognizerArn" in request:
            raise OperationNotImplemented("Custom entity recognizers are not implemented here.")
        await self._entities.document("x", language=request["LanguageCode"])
        return await self._jobs.start(caller, request)

    @operation("DescribeEntitiesDetectionJob", needs=KIND.on_job("Describe"))
    async def describe(
        self, caller: Caller, request: wire.DescribeEntitiesDetectionJobRequest
    ) -> wire.DescribeEntitiesDetectionJobResponse:
        """What is known of a job. Raises JobNotFoundException."""
        return await self._jobs.describe(caller, request)

    @operation("ListEntitiesDetectionJobs", needs=KIND.to_list)
    async def list(
        self, caller: Caller, request: wire.ListEntitiesDetectionJobsRequest
    ) -> wire.ListEntitiesDetectionJobsResponse:
        """A page of jobs. Raises InvalidFilterException and InvalidRequestException."""
        return await self._jobs.list(caller, request)

    @operation("StopEntitiesDetectionJob", needs=KIND.on_job("Stop"))
    async def stop(
        self, caller: Caller, request: wire.StopEntitiesDetectionJobRequest
    ) -> wire.StopEntitiesDetectionJobResponse:
        """Have a job end, if it has not yet. Raises JobNotFoundException."""
        return await self._jobs.stop(caller, request)

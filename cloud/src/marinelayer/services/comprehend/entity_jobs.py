"""Jobs that tell the entities of the documents at a place in S3.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartEntitiesDetectionJob.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import Refusal
from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.comprehend.endpoints import require_trained
from marinelayer.services.comprehend.entities import Entities
from marinelayer.services.comprehend.job_running import Analyse, one_by_one
from marinelayer.services.comprehend.jobs import JobKind, Jobs
from marinelayer.services.comprehend.recognition import Recognizing
from marinelayer.services.comprehend.resources import Resource
from marinelayer.services.operation import operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

KIND = JobKind(kind="entities-detection-job", noun="EntitiesDetectionJob", short="NER", most=1_000_000)


def analysis(entities: Entities, recognizing: Recognizing, tables: Tables) -> Analyse:
    """What is found in each text, by the job's recognizer where it has one."""

    async def look(job: Resource, text: str) -> Mapping[str, Any]:
        return await entities.document(text, language=job.document["LanguageCode"])

    by_engine = one_by_one(look)

    async def analyse(job: Resource, texts: Sequence[str]) -> Sequence[Mapping[str, Any] | Refusal]:
        if not job.model:
            return await by_engine(job, texts)
        model = await tables.read(require_trained, job.model)
        return [{"Entities": found} for found in await recognizing.entities(model, texts)]

    return analyse


class EntityJobs:
    """Jobs of this kind."""

    def __init__(self, jobs: Jobs, entities: Entities) -> None:
        self._jobs = jobs
        self._entities = entities

    @operation("StartEntitiesDetectionJob", needs=KIND.to_start("EntityRecognizerArn"))
    async def start(
        self, caller: Caller, request: wire.StartEntitiesDetectionJobRequest
    ) -> wire.StartEntitiesDetectionJobResponse:
        """Take a job on.

        Raises:
            ResourceNotFoundException, ResourceUnavailableException: there is no such recognizer, or it is not trained.
            UnsupportedLanguageException: no engine here reads this language, and no recognizer is named.
            InvalidRequestException, TooManyTagsException: as Jobs.start.
        """
        arn = request.get("EntityRecognizerArn")
        if arn is not None:
            return await self._custom(caller, request, arn)
        await self._entities.document("x", language=request["LanguageCode"])
        return await self._jobs.start(caller, request)

    async def _custom(
        self, caller: Caller, request: wire.StartEntitiesDetectionJobRequest, arn: str
    ) -> wire.StartEntitiesDetectionJobResponse:
        def check(tx: Transaction) -> None:
            require_trained(tx, arn)

        answer: Any = await self._jobs.start(caller, request, model=arn, check=check)
        answer["EntityRecognizerArn"] = arn
        return answer

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

"""Jobs that tell the languages of the documents at a place in S3.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartDominantLanguageDetectionJob.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller
from marinelayer.services.comprehend.job_running import Analyse, one_by_one
from marinelayer.services.comprehend.jobs import JobKind, Jobs
from marinelayer.services.comprehend.languages import Languages
from marinelayer.services.comprehend.resources import Resource
from marinelayer.services.operation import operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

KIND = JobKind(
    kind="dominant-language-detection-job", noun="DominantLanguageDetectionJob", short="LANGUAGE", most=1_000_000
)


def analysis(languages: Languages) -> Analyse:
    """What is found in each text."""

    async def look(_: Resource, text: str) -> Mapping[str, Any]:
        return await languages.document(text)

    return one_by_one(look)


class LanguageJobs:
    """Jobs of this kind."""

    def __init__(self, jobs: Jobs, languages: Languages) -> None:
        self._jobs = jobs
        self._languages = languages

    @operation("StartDominantLanguageDetectionJob", needs=KIND.to_start())
    async def start(
        self, caller: Caller, request: wire.StartDominantLanguageDetectionJobRequest
    ) -> wire.StartDominantLanguageDetectionJobResponse:
        """Take a job on. Raises as Jobs.start; OperationNotImplemented where no engine is installed."""
        await self._languages.document("x")
        return await self._jobs.start(caller, request)

    @operation("DescribeDominantLanguageDetectionJob", needs=KIND.on_job("Describe"))
    async def describe(
        self, caller: Caller, request: wire.DescribeDominantLanguageDetectionJobRequest
    ) -> wire.DescribeDominantLanguageDetectionJobResponse:
        """What is known of a job. Raises JobNotFoundException."""
        return await self._jobs.describe(caller, request)

    @operation("ListDominantLanguageDetectionJobs", needs=KIND.to_list)
    async def list(
        self, caller: Caller, request: wire.ListDominantLanguageDetectionJobsRequest
    ) -> wire.ListDominantLanguageDetectionJobsResponse:
        """A page of jobs. Raises InvalidFilterException and InvalidRequestException."""
        return await self._jobs.list(caller, request)

    @operation("StopDominantLanguageDetectionJob", needs=KIND.on_job("Stop"))
    async def stop(
        self, caller: Caller, request: wire.StopDominantLanguageDetectionJobRequest
    ) -> wire.StopDominantLanguageDetectionJobResponse:
        """Have a job end, if it has not yet. Raises JobNotFoundException."""
        return await self._jobs.stop(caller, request)

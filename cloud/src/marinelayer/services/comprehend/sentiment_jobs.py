"""Jobs that tell the sentiment of the documents at a place in S3.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartSentimentDetectionJob.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller
from marinelayer.services.comprehend.job_running import Analyse, one_by_one
from marinelayer.services.comprehend.jobs import JobKind, Jobs
from marinelayer.services.comprehend.resources import Resource
from marinelayer.services.comprehend.sentiments import Sentiments
from marinelayer.services.operation import operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

KIND = JobKind(kind="sentiment-detection-job", noun="SentimentDetectionJob", short="SENTIMENT", most=5_000)


def analysis(sentiments: Sentiments) -> Analyse:
    """What is found in each text."""

    async def look(job: Resource, text: str) -> Mapping[str, Any]:
        return await sentiments.document(text, language=job.document["LanguageCode"])

    return one_by_one(look)


class SentimentJobs:
    """Jobs of this kind."""

    def __init__(self, jobs: Jobs, sentiments: Sentiments) -> None:
        self._jobs = jobs
        self._sentiments = sentiments

    @operation("StartSentimentDetectionJob", needs=KIND.to_start())
    async def start(
        self, caller: Caller, request: wire.StartSentimentDetectionJobRequest
    ) -> wire.StartSentimentDetectionJobResponse:
        """Take a job on.

        Raises:
            UnsupportedLanguageException: no engine here reads this language.
            InvalidRequestException, TooManyTagsException: as Jobs.start.
        """
        await self._sentiments.document("x", language=request["LanguageCode"])
        return await self._jobs.start(caller, request)

    @operation("DescribeSentimentDetectionJob", needs=KIND.on_job("Describe"))
    async def describe(
        self, caller: Caller, request: wire.DescribeSentimentDetectionJobRequest
    ) -> wire.DescribeSentimentDetectionJobResponse:
        """What is known of a job. Raises JobNotFoundException."""
        return await self._jobs.describe(caller, request)

    @operation("ListSentimentDetectionJobs", needs=KIND.to_list)
    async def list(
        self, caller: Caller, request: wire.ListSentimentDetectionJobsRequest
    ) -> wire.ListSentimentDetectionJobsResponse:
        """A page of jobs. Raises InvalidFilterException and InvalidRequestException."""
        return await self._jobs.list(caller, request)

    @operation("StopSentimentDetectionJob", needs=KIND.on_job("Stop"))
    async def stop(
        self, caller: Caller, request: wire.StopSentimentDetectionJobRequest
    ) -> wire.StopSentimentDetectionJobResponse:
        """Have a job end, if it has not yet. Raises JobNotFoundException."""
        return await self._jobs.stop(caller, request)

"""Jobs that tell the key phrases of the documents at a place in S3.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartKeyPhrasesDetectionJob.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller
from marinelayer.services.comprehend.job_running import Analyse, one_by_one
from marinelayer.services.comprehend.jobs import JobKind, Jobs
from marinelayer.services.comprehend.key_phrases import KeyPhrases
from marinelayer.services.comprehend.resources import Resource
from marinelayer.services.operation import operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

KIND = JobKind(kind="key-phrases-detection-job", noun="KeyPhrasesDetectionJob", short="KP", most=1_000_000)


def analysis(phrases: KeyPhrases) -> Analyse:
    """What is found in each text."""

    async def look(job: Resource, text: str) -> Mapping[str, Any]:
        return await phrases.document(text, language=job.document["LanguageCode"])

    return one_by_one(look)


class KeyPhraseJobs:
    """Jobs of this kind."""

    def __init__(self, jobs: Jobs, phrases: KeyPhrases) -> None:
        self._jobs = jobs
        self._phrases = phrases

    @operation("StartKeyPhrasesDetectionJob", needs=KIND.to_start())
    async def start(
        self, caller: Caller, request: wire.StartKeyPhrasesDetectionJobRequest
    ) -> wire.StartKeyPhrasesDetectionJobResponse:
        """Take a job on.

        Raises:
            UnsupportedLanguageException: no engine here reads this language.
            InvalidRequestException, TooManyTagsException: as Jobs.start.
        """
        await self._phrases.document("x", language=request["LanguageCode"])
        return await self._jobs.start(caller, request)

    @operation("DescribeKeyPhrasesDetectionJob", needs=KIND.on_job("Describe"))
    async def describe(
        self, caller: Caller, request: wire.DescribeKeyPhrasesDetectionJobRequest
    ) -> wire.DescribeKeyPhrasesDetectionJobResponse:
        """What is known of a job. Raises JobNotFoundException."""
        return await self._jobs.describe(caller, request)

    @operation("ListKeyPhrasesDetectionJobs", needs=KIND.to_list)
    async def list(
        self, caller: Caller, request: wire.ListKeyPhrasesDetectionJobsRequest
    ) -> wire.ListKeyPhrasesDetectionJobsResponse:
        """A page of jobs. Raises InvalidFilterException and InvalidRequestException."""
        return await self._jobs.list(caller, request)

    @operation("StopKeyPhrasesDetectionJob", needs=KIND.on_job("Stop"))
    async def stop(
        self, caller: Caller, request: wire.StopKeyPhrasesDetectionJobRequest
    ) -> wire.StopKeyPhrasesDetectionJobResponse:
        """Have a job end, if it has not yet. Raises JobNotFoundException."""
        return await self._jobs.stop(caller, request)

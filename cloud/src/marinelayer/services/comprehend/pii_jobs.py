"""Jobs that tell what identifies people of the documents at a place in S3.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartPiiEntitiesDetectionJob.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller
from marinelayer.services.comprehend.errors import InvalidRequestException
from marinelayer.services.comprehend.job_running import TEXT, Analyse, one_by_one
from marinelayer.services.comprehend.jobs import JobKind, Jobs
from marinelayer.services.comprehend.pii import Pii
from marinelayer.services.comprehend.redaction import redacted
from marinelayer.services.comprehend.resources import Resource
from marinelayer.services.operation import operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

KIND = JobKind(kind="pii-entities-detection-job", noun="PiiEntitiesDetectionJob", short="PII", most=1_000_000)


def analysis(pii: Pii) -> Analyse:
    """Where each text tells who somebody is; or, where that is asked for, the text without it."""

    async def look(job: Resource, text: str) -> Mapping[str, Any]:
        found = await pii.document(text, language=job.document["LanguageCode"])
        if job.document["Mode"] != "ONLY_REDACTION":
            return found
        return {TEXT: redacted(text, found["Entities"], job.document["RedactionConfig"])}

    return one_by_one(look)


class PiiJobs:
    """Jobs of this kind."""

    def __init__(self, jobs: Jobs, pii: Pii) -> None:
        self._jobs = jobs
        self._pii = pii

    @operation("StartPiiEntitiesDetectionJob", needs=KIND.to_start())
    async def start(
        self, caller: Caller, request: wire.StartPiiEntitiesDetectionJobRequest
    ) -> wire.StartPiiEntitiesDetectionJobResponse:
        """Take a job on.

        Raises:
            UnsupportedLanguageException: no engine here reads this language.
            InvalidRequestException: a redaction is asked for without saying how, or how without asking for one; or as
                Jobs.start.
        """
        if (request["Mode"] == "ONLY_REDACTION") != ("RedactionConfig" in request):
            raise InvalidRequestException("RedactionConfig must be given for the mode ONLY_REDACTION, and only for it.")
        config = request.get("RedactionConfig") or {}
        if config.get("MaskMode", "MASK") != "MASK" and "MaskCharacter" in config:
            raise InvalidRequestException("MaskCharacter is given for a MaskMode that does not mask.")
        await self._pii.document("x", language=request["LanguageCode"])
        return await self._jobs.start(caller, request)

    @operation("DescribePiiEntitiesDetectionJob", needs=KIND.on_job("Describe"))
    async def describe(
        self, caller: Caller, request: wire.DescribePiiEntitiesDetectionJobRequest
    ) -> wire.DescribePiiEntitiesDetectionJobResponse:
        """What is known of a job. Raises JobNotFoundException."""
        return await self._jobs.describe(caller, request)

    @operation("ListPiiEntitiesDetectionJobs", needs=KIND.to_list)
    async def list(
        self, caller: Caller, request: wire.ListPiiEntitiesDetectionJobsRequest
    ) -> wire.ListPiiEntitiesDetectionJobsResponse:
        """A page of jobs. Raises InvalidFilterException and InvalidRequestException."""
        return await self._jobs.list(caller, request)

    @operation("StopPiiEntitiesDetectionJob", needs=KIND.on_job("Stop"))
    async def stop(
        self, caller: Caller, request: wire.StopPiiEntitiesDetectionJobRequest
    ) -> wire.StopPiiEntitiesDetectionJobResponse:
        """Have a job end, if it has not yet. Raises JobNotFoundException."""
        return await self._jobs.stop(caller, request)

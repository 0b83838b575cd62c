"""Jobs that tell what identifies people of the documents at a place in S3.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartPiiEntitiesDetectionJob.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from marinelayer.model.errors import Refusal
from marinelayer.services.comprehend.errors import InvalidRequestException
from marinelayer.services.comprehend.job_kinds import DocumentJobs, JobKind, describing, listing, starting, stopping
from marinelayer.services.comprehend.job_running import TEXT
from marinelayer.services.comprehend.patience import one_by_one
from marinelayer.services.comprehend.redaction import redacted
from marinelayer.services.comprehend.resources import Resource


class PiiJobs(DocumentJobs):
    """Jobs of this kind."""

    kind = JobKind(
        kind="pii-entities-detection-job",
        noun="PiiEntitiesDetectionJob",
        short="PII",
        most=1_000_000,
        file_by_file=True,
    )
    start = starting(kind)
    describe = describing(kind)
    list = listing(kind)
    stop = stopping(kind)

    async def check(self, request: Mapping[str, Any]) -> None:
        """Refuse what can not be done.

        Raises:
            InvalidRequestException: a redaction is asked for without saying of what, or of what without asking for one.
            UnsupportedLanguageException: no engine here reads this language.
        """
        if (request["Mode"] == "ONLY_REDACTION") != ("RedactionConfig" in request):
            raise InvalidRequestException("RedactionConfig must be given for the mode ONLY_REDACTION, and only for it.")
        config: Mapping[str, Any] = request.get("RedactionConfig") or {}
        if "RedactionConfig" in request and not config.get("PiiEntityTypes"):
            raise InvalidRequestException("RedactionConfig must have PiiEntityTypes.")
        if config.get("MaskMode", "MASK") != "MASK" and "MaskCharacter" in config:
            raise InvalidRequestException("MaskCharacter is given for a MaskMode that does not mask.")
        await super().check(request)

    async def analyse(self, job: Resource, texts: Sequence[str]) -> Sequence[Mapping[str, Any] | Refusal]:
        """Where each text tells who somebody is; or, where that is asked for, the text without it."""
        if job.document["Mode"] != "ONLY_REDACTION":
            return await super().analyse(job, texts)
        return await one_by_one(partial(self._redacted, job), texts)

    async def _redacted(self, job: Resource, text: str) -> Mapping[str, Any]:
        found = await self.document(text, language=job.document["LanguageCode"])
        return {TEXT: redacted(text, found["Entities"], job.document["RedactionConfig"])}

"""Jobs that tell the languages of the documents at a place in S3.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartDominantLanguageDetectionJob.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marinelayer.model.errors import Refusal
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.job_kinds import JobKind, TextJobs, describing, listing, starting, stopping
from marinelayer.services.comprehend.languages import Languages
from marinelayer.services.comprehend.listing import Lists
from marinelayer.services.comprehend.patience import one_by_one
from marinelayer.services.comprehend.resources import Resource


class LanguageJobs(TextJobs):
    """Jobs of this kind."""

    kind = JobKind(
        kind="dominant-language-detection-job", noun="DominantLanguageDetectionJob", short="LANGUAGE", most=1_000_000
    )
    start = starting(kind)
    describe = describing(kind)
    list = listing(kind)
    stop = stopping(kind)

    def __init__(self, ground: Ground, lists: Lists, languages: Languages) -> None:
        super().__init__(ground, lists)
        self._languages = languages

    async def check(self, request: Mapping[str, Any]) -> None:
        """Raises OperationNotImplemented: no engine is installed."""
        await self._languages.document("x")

    async def analyse(self, job: Resource, texts: Sequence[str]) -> Sequence[Mapping[str, Any] | Refusal]:
        """The languages of each text."""
        return await one_by_one(self._languages.document, texts)

"""Jobs that tell the entities of the documents at a place in S3.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartEntitiesDetectionJob.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marinelayer.model.errors import Refusal
from marinelayer.services.comprehend.endpoints import require_trained
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.job_kinds import (
    Document,
    DocumentJobs,
    JobKind,
    describing,
    listing,
    starting,
    stopping,
)
from marinelayer.services.comprehend.listing import Lists
from marinelayer.services.comprehend.recognition import Recognizing
from marinelayer.services.comprehend.resources import Resource


class EntityJobs(DocumentJobs):
    """Jobs of this kind, by the engine or by a custom recognizer."""

    kind = JobKind(
        kind="entities-detection-job",
        noun="EntitiesDetectionJob",
        short="NER",
        most=1_000_000,
        model="EntityRecognizerArn",
    )
    start = starting(kind)
    describe = describing(kind)
    list = listing(kind)
    stop = stopping(kind)

    def __init__(self, ground: Ground, lists: Lists, document: Document, recognizing: Recognizing) -> None:
        super().__init__(ground, lists, document)
        self._recognizing = recognizing

    async def check(self, request: Mapping[str, Any]) -> None:
        """Raises UnsupportedLanguageException: no engine here reads this language, and no recognizer is named."""
        if "EntityRecognizerArn" not in request:
            await super().check(request)

    async def analyse(self, job: Resource, texts: Sequence[str]) -> Sequence[Mapping[str, Any] | Refusal]:
        """What is found in each text, by the job's recognizer where it has one."""
        if not job.model:
            return await super().analyse(job, texts)
        model = await self.ground.tables.read(require_trained, job.model)
        return [{"Entities": found} for found in await self._recognizing.entities(model, texts)]

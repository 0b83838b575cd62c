"""Jobs that tell the classes of the documents at a place in S3.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartDocumentClassificationJob.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marinelayer.services.comprehend.classification import Classifying
from marinelayer.services.comprehend.endpoints import require_trained
from marinelayer.services.comprehend.errors import InvalidRequestException
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.job_kinds import JobKind, TextJobs, describing, listing, starting
from marinelayer.services.comprehend.listing import Lists
from marinelayer.services.comprehend.resources import Resource


class ClassificationJobs(TextJobs):
    """Jobs of this kind, by a custom classifier. AWS has no operation that stops one."""

    kind = JobKind(
        kind="document-classification-job",
        noun="DocumentClassificationJob",
        short="CLN",
        most=10_000_000,
        model="DocumentClassifierArn",
        output="predictions.jsonl",
        lines_as_text=True,
    )
    start = starting(kind)
    describe = describing(kind)
    list = listing(kind)

    def __init__(self, ground: Ground, lists: Lists, classifying: Classifying) -> None:
        super().__init__(ground, lists)
        self._classifying = classifying

    async def check(self, request: Mapping[str, Any]) -> None:
        """Raises InvalidRequestException: no classifier is named."""
        if "DocumentClassifierArn" not in request:
            raise InvalidRequestException("A DocumentClassifierArn is required.")

    async def analyse(self, job: Resource, texts: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        """The classes or labels of each text."""
        model = await self.ground.tables.read(require_trained, job.model)
        return await self._classifying.classify(model, texts)

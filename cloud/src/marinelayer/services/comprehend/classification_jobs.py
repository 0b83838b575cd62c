"""Jobs that tell the classes of the documents at a place in S3.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartDocumentClassificationJob.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.comprehend.classification import Classifying
from marinelayer.services.comprehend.endpoints import require_trained
from marinelayer.services.comprehend.errors import InvalidRequestException
from marinelayer.services.comprehend.job_running import Analyse
from marinelayer.services.comprehend.jobs import JobKind, Jobs
from marinelayer.services.comprehend.resources import Resource
from marinelayer.services.operation import operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

KIND = JobKind(kind="document-classification-job", noun="DocumentClassificationJob", short="CLN", most=10_000_000)


def analysis(classifying: Classifying, tables: Tables) -> Analyse:
    """The classes or labels of each text."""

    async def analyse(job: Resource, texts: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        model = await tables.read(require_trained, job.model)
        return await classifying.classify(model, texts)

    return analyse


class ClassificationJobs:
    """Jobs of this kind."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    @operation("StartDocumentClassificationJob", needs=KIND.to_start("DocumentClassifierArn"))
    async def start(
        self, caller: Caller, request: wire.StartDocumentClassificationJobRequest
    ) -> wire.StartDocumentClassificationJobResponse:
        """Take a job on.

        Raises:
            InvalidRequestException: no classifier is named, or as Jobs.start.
            ResourceNotFoundException, ResourceUnavailableException: there is no such classifier, or it is not trained.
        """
        arn = request.get("DocumentClassifierArn")
        if arn is None:
            raise InvalidRequestException("A DocumentClassifierArn is required.")

        def check(tx: Transaction) -> None:
            require_trained(tx, arn)

        answer: Any = await self._jobs.start(caller, request, model=arn, check=check)
        answer["DocumentClassifierArn"] = arn
        return answer

    @operation("DescribeDocumentClassificationJob", needs=KIND.on_job("Describe"))
    async def describe(
        self, caller: Caller, request: wire.DescribeDocumentClassificationJobRequest
    ) -> wire.DescribeDocumentClassificationJobResponse:
        """What is known of a job. Raises JobNotFoundException."""
        return await self._jobs.describe(caller, request)

    @operation("ListDocumentClassificationJobs", needs=KIND.to_list)
    async def list(
        self, caller: Caller, request: wire.ListDocumentClassificationJobsRequest
    ) -> wire.ListDocumentClassificationJobsResponse:
        """A page of jobs. Raises InvalidFilterException and InvalidRequestException."""
        return await self._jobs.list(caller, request)

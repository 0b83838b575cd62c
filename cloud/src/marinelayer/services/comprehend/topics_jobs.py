"""Jobs that find out which topics the documents at a place in S3 are about.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartTopicsDetectionJob.html; the files of
output: Comprehend Developer Guide, "Topic modeling"; the limits: "Guidelines and quotas".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from marinelayer.ports import Proportions, Topic, TrainingDataError
from marinelayer.services.comprehend.archive import OutputFiles
from marinelayer.services.comprehend.corpus import Corpus
from marinelayer.services.comprehend.data_access import Failed
from marinelayer.services.comprehend.job_kinds import CorpusJobs, JobKind, describing, listing, starting
from marinelayer.services.comprehend.resources import Resource

LEAST_BYTES, MOST_BYTES = 500, 5_000_000_000
MOST_DOCUMENTS = 1_000_000
USUAL_TOPICS = 10
TERMS, DOCUMENTS = "topic-terms.csv", "doc-topics.csv"


class TopicsJobs(CorpusJobs):
    """Jobs of this kind. AWS has no operation that stops one."""

    kind = JobKind(
        kind="topics-detection-job",
        noun="TopicsDetectionJob",
        short="TOPICS",
        most=100_000_000,
        usual={"NumberOfTopics": USUAL_TOPICS},
    )
    start = starting(kind)
    describe = describing(kind)
    list = listing(kind)

    @property
    def names(self) -> Sequence[str]:
        """The topics, and the documents."""
        return (TERMS, DOCUMENTS)

    async def check(self, request: Mapping[str, Any]) -> None:
        """Every input that AWS's model admits can be taken on."""

    async def study(self, job: Resource, corpus: Corpus, files: OutputFiles) -> None:
        """Write the topics, and what each document is about."""

        async def read(asked: Mapping[str, Any]) -> bytes:
            data = await corpus.read(asked)
            _check_amount(corpus, ended=not data)
            return data

        async def told(some: Sequence[Proportions]) -> None:
            named = [(corpus.name(), proportions) for proportions in some]
            rows = [(name, _number(topic), f"{share:.9g}") for name, shares in named for topic, share in shares]
            await files.write(DOCUMENTS, _csv(rows))

        await files.write(DOCUMENTS, _csv([("docname", "topic", "proportion")]))
        try:
            topics = await self.ground.topics.model(job.document["NumberOfTopics"], read, told)
        except TrainingDataError as error:
            raise Failed(str(error)) from None
        finally:
            await corpus.aclose()
        await files.write(TERMS, _csv([("topic", "term", "weight"), *_rows(topics)]))


def _check_amount(corpus: Corpus, *, ended: bool) -> None:
    """Raises Failed where there is too little or too much."""
    if corpus.size > MOST_BYTES:
        raise Failed(f"The total size of the input files exceeds the maximum of {MOST_BYTES} bytes.")
    if corpus.documents > MOST_DOCUMENTS:
        raise Failed(f"The number of input documents exceeds the maximum of {MOST_DOCUMENTS}.")
    if ended and corpus.size < LEAST_BYTES:
        raise Failed(f"The total size of the input files, {corpus.size} bytes, is below the minimum of {LEAST_BYTES}.")


def _number(topic: int) -> str:
    return f"{topic:03}"


def _rows(topics: Sequence[Topic]) -> Iterable[tuple[str, str, str]]:
    for number, topic in enumerate(topics):
        for one in topic:
            yield _number(number), one.term, f"{one.weight:.6f}"


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()

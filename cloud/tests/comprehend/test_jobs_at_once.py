"""A short job does not wait for a long one: a cloud whose engines, asked for what is long, are at it until the test says
that they are done."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from marinelayer.app import cloud as process
from marinelayer.engines.assembly import Engines, open_engines
from marinelayer.ports import Sentiment, SentimentScorer, Topic, TopicTerm
from marinelayer.testing import LocalCloud, local_cloud

from .office import Office

LONG = "This takes long."
DEADLINE = 60


class Work:
    """What is long: `begun` is set by the engine, `done` by the test."""

    def __init__(self) -> None:
        self.begun, self.done = threading.Event(), threading.Event()

    async def last(self) -> None:
        """Return when the test says so."""
        self.begun.set()
        assert await asyncio.to_thread(self.done.wait, DEADLINE)


class LongTopics:
    def __init__(self, work: Work) -> None:
        self._work = work

    async def model(self, topics: int, read: Any, told: Any) -> Sequence[Topic]:
        await self._work.last()
        return [[TopicTerm(term="word", weight=1.0)]]


class LongSentiments:
    def __init__(self, work: Work, scorer: SentimentScorer) -> None:
        self._work = work
        self._scorer = scorer

    async def score(self, text: str, language: str) -> Sentiment:
        if text == LONG:
            await self._work.last()
        return await self._scorer.score(text, language)


@pytest.fixture
def work() -> Iterator[Work]:
    work = Work()
    yield work
    work.done.set()


@pytest.fixture
def cloud(work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalCloud]:
    def opened(*arguments: Any, **named: Any) -> Engines:
        engines = open_engines(*arguments, **named)
        held: dict[str, Any] = {
            "topics": LongTopics(work),
            "sentiments": LongSentiments(work, engines.sentiments),
        }
        return replace(engines, **held)

    monkeypatch.setattr(process, "open_engines", opened)
    with local_cloud(account="111122223333", models=tmp_path) as running:
        yield running


@pytest.mark.parametrize(
    ("noun", "further"), [("topics_detection", {}), ("sentiment_detection", {"LanguageCode": "en"})]
)
def test_a_short_job_completes_while_a_long_one_is_under_way(
    office: Office, work: Work, noun: str, further: dict[str, Any]
) -> None:
    long = office.start(noun, files={"a": LONG.encode()}, **further)
    assert work.begun.wait(DEADLINE)
    lines = office.lines("sentiment_detection", files={"a": b"This is fine."}, LanguageCode="en")
    assert [line["File"] for line in lines] == ["a"]
    described = getattr(office.desk.comprehend, f"describe_{noun}_job")(JobId=long)
    assert next(value for name, value in described.items() if name.endswith("Properties"))["JobStatus"] == "IN_PROGRESS"
    work.done.set()
    assert office.ended(noun, long)["JobStatus"] == "COMPLETED"


def test_long_jobs_over_all_documents_do_not_take_the_places_of_short_ones(office: Office, work: Work) -> None:
    long = [office.start("topics_detection", files={"a": LONG.encode()}) for _ in range(5)]
    assert work.begun.wait(DEADLINE)
    assert office.lines("sentiment_detection", files={"a": b"This is fine."}, LanguageCode="en")
    work.done.set()
    assert {office.ended("topics_detection", one)["JobStatus"] for one in long} == {"COMPLETED"}

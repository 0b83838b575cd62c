"""The SentimentScorer: texts to `sentiments_task`'s worker, replies to the port's values."""

from __future__ import annotations

from collections.abc import Sequence

from marinelayer.engines.catalogue import Installed
from marinelayer.engines.models.shelf import Choice, Shelf, only
from marinelayer.engines.supervisor import Supervisor
from marinelayer.ports import EngineUnavailableError, Sentiment

ROBERTA = "twitter-roberta-base-sentiment"
SENTIMENT = (
    Choice(names=(ROBERTA, "marinelayer-sentiment-en"), default="marinelayer-sentiment-en"),
    only("marinelayer-sentiment-7"),
)
"""The heads are the cloud's own, so that RoBERTa is never downloaded unless somebody pulls it."""


class SentimentEngine:
    """Tells sentiments in the languages of the models that the shelf has."""

    def __init__(self, supervisor: Supervisor, shelf: Shelf) -> None:
        self._supervisor = supervisor
        self._shelf = shelf

    @property
    def languages(self) -> frozenset[str]:
        """The AWS codes of the languages that can be scored."""
        present = (found.model for found in self._best() if found.state == "present")
        return frozenset(language for model in present for language in model.languages)

    async def score(self, text: str, language: str) -> Sentiment:
        """Raises EngineUnavailableError for a language that no engine here knows, and EngineFailedError."""
        found = next((found for found in self._best() if language in found.model.languages), None)
        if found is None or found.state != "present":
            lacking = found.problem if found else f"no engine here tells the sentiment of {language}: translate first"
            raise EngineUnavailableError(lacking)
        reply = await self._supervisor.run({"text": text, "language": language, "engine": found.model.name})
        return Sentiment(
            positive=reply["positive"],
            negative=reply["negative"],
            neutral=reply["neutral"],
            mixed=reply["mixed"],
            engine=found.model.engine,
        )

    def _best(self) -> Sequence[Installed]:
        return [self._shelf.best(choice) for choice in SENTIMENT]

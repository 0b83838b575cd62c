"""The SentimentScorer: texts to `sentiments_task`'s worker, replies to the port's values."""

from __future__ import annotations

from collections.abc import Sequence

from marinelayer.engines.catalogue import Installed, catalogue
from marinelayer.engines.supervisor import Supervisor
from marinelayer.ports import EngineUnavailableError, Sentiment


class SentimentEngine:
    """Tells sentiments in the languages of the models that are `installed`."""

    def __init__(self, supervisor: Supervisor, installed: Sequence[Installed]) -> None:
        self._supervisor = supervisor
        self._installed = installed

    @property
    def languages(self) -> frozenset[str]:
        """The AWS codes of the languages that can be scored."""
        present = (found.model for found in self._installed if found.state == "present")
        return frozenset(language for model in present for language in model.languages)

    async def score(self, text: str, language: str) -> Sentiment:
        """Raises EngineUnavailableError for a language that no engine here knows, and EngineFailedError."""
        if language not in self.languages:
            lacking = [found.problem for found in self._installed if language in found.model.languages]
            raise EngineUnavailableError(
                "; ".join(lacking) or f"no engine here tells the sentiment of {language}: translate first"
            )
        reply = await self._supervisor.run({"text": text, "language": language})
        return Sentiment(
            positive=reply["positive"],
            negative=reply["negative"],
            neutral=reply["neutral"],
            mixed=reply["mixed"],
            engine=catalogue()[reply["engine"]].engine,
        )

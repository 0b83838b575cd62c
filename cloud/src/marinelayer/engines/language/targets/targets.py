"""The TargetReader: texts to `targets_task`'s worker, with spaCy's English model where it is installed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marinelayer.engines.catalogue import catalogue
from marinelayer.engines.language.grammar import GRAMMAR, LANGUAGE
from marinelayer.engines.language.targets.targets_task import HEAD
from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.supervisor import Supervisor
from marinelayer.ports import EngineUnavailableError, Sentiment, TargetGroup, TargetMention


class TargetEngine:
    """Finds what an English text speaks of, and how it speaks of each."""

    def __init__(self, supervisor: Supervisor, shelf: Shelf) -> None:
        self._supervisor = supervisor
        self._shelf = shelf

    async def targets(self, text: str, language: str) -> tuple[TargetGroup, ...]:
        """In the order of their first mentions. Raises as `ports.TargetReader` says."""
        model = await self._model(language)
        reply = await self._supervisor.run({"text": text, "model": model})
        return tuple(
            TargetGroup(mentions=tuple(_mention(one) for one in group["mentions"]), best=tuple(group["best"]))
            for group in reply["groups"]
        )

    async def towards(self, text: str, begin: int, end: int) -> Sentiment | None:
        """How an English text speaks of the passage from `begin` to `end` (code points); None where there is no word.
        For measuring: raises as `targets`."""
        request = {"text": text, "model": await self._model(LANGUAGE), "begin": begin, "end": end}
        shares = (await self._supervisor.run(request))["shares"]
        return None if shares is None else _sentiment(shares)

    async def _model(self, language: str) -> str:
        if language != LANGUAGE:
            raise EngineUnavailableError("targeted sentiment is told of en: translate first")
        return (await self._shelf.have(GRAMMAR)).model.name


def _mention(told: Mapping[str, Any]) -> TargetMention:
    return TargetMention(
        begin=told["begin"],
        end=told["end"],
        kind=told["kind"],
        score=told["score"],
        group_score=told["group"],
        sentiment=_sentiment(told),
    )


def _sentiment(shares: Mapping[str, float]) -> Sentiment:
    return Sentiment(
        positive=shares["positive"],
        negative=shares["negative"],
        neutral=shares["neutral"],
        mixed=shares["mixed"],
        engine=catalogue()[HEAD].engine,
    )

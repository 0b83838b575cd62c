"""Engines that read texts. Ports only: nothing here does anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from marinelayer.ports.engines import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentiment:
    """Shares of the four sentiments, summing to 1."""

    positive: float
    negative: float
    neutral: float
    mixed: float
    engine: Engine


class LanguageDetector(Protocol):
    """Tells the language of a text."""

    async def languages(self, text: str) -> tuple[tuple[str, float], ...]:
        """AWS language codes with their share (0-1), most likely first, never empty."""
        ...


class SentimentScorer(Protocol):
    """Tells the sentiment of a text."""

    async def score(self, text: str, language: str) -> Sentiment:
        """Raises EngineUnavailableError for a language that no engine here knows."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Toxicity:
    """How toxic a text is (0-1), and in which of AWS's ways: those that the engine knows, each for itself (0-1)."""

    overall: float
    labels: Mapping[str, float]
    engine: Engine


class ToxicityScorer(Protocol):
    """Tells how toxic an English text is."""

    async def toxicity(self, text: str) -> Toxicity:
        """Raises EngineUnavailableError, saying what to install, and EngineFailedError."""
        ...


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a text that is treated alike.

    `mark` is what the caller knows it by (a tag, a formatting), 0 where it has none: a translation gives its mark to
    the words that stand for it. What is `kept` comes out as it is, at the place in the sentence that it gets; where its
    text is empty it stands for no word.
    """

    text: str
    mark: int = 0
    kept: bool = False


Text = Sequence[Run]
"""A text in its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """Translated texts, in the order of the texts; who translated them, and through which languages in between."""

    texts: Sequence[Text]
    engines: Sequence[Engine]
    via: Sequence[str] = ()


class Translator(Protocol):
    """Translates texts."""

    @property
    def languages(self) -> Collection[str]:
        """AWS codes of the languages that can be translated from or into at least one other."""
        ...

    def route(self, source: str, target: str) -> Sequence[str]:
        """The languages through which a text goes, from `source` to `target` (AWS codes, which differ). Raises
        EngineUnavailableError where there is no way, saying what to install."""
        ...

    async def translate(self, texts: Sequence[Text], source: str, target: str) -> Translated:
        """Translate each text by itself; every kept run comes out once. Raises as `route`, and EngineFailedError."""
        ...

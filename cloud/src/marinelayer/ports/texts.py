"""Engines that read texts. Ports only: nothing here does anything."""

from __future__ import annotations

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


class Translator(Protocol):
    """Translates a text."""

    async def translate(self, text: str, source: str, target: str) -> tuple[str, Engine]:
        """`source` and `target` are AWS language codes and differ. Raises EngineUnavailableError for a pair that no
        engine here knows."""
        ...

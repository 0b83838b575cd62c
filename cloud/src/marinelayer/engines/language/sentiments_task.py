"""Telling the sentiment of a text, in a worker: our linear heads where they are installed, VADER for English anyway.

The heads know three classes, and so does VADER's compound score. MIXED comes from VADER's shares of positive and
negative words, in English only: how evenly they balance, times how far the text is from neutral. No labelled data
measured it; elsewhere it is 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from marinelayer.engines import catalogue
from marinelayer.engines.language.linear_head import LinearHead
from marinelayer.ports import EngineUnavailableError

ENGLISH_HEAD = "marinelayer-sentiment-en"
OTHER_HEAD = "marinelayer-sentiment-7"
LEXICON = "VADER"
SCALES = {ENGLISH_HEAD: 0.006, OTHER_HEAD: 0.008}
"""Least calibration error (.03 and .07) on TweetEval's and XLM-T's development sets."""
NEUTRAL_BELOW = 0.05
"""Of the compound score; VADER's own threshold."""
STEEPNESS = 1.8
"""Least log loss of VADER's classes on TweetEval's development set."""
MIXED_WEIGHT = 0.6


class TellSentiment:
    """`text` and `language` in; out the four shares and `engine`, the model's name in the catalogue."""

    def __init__(self, models: Path | None) -> None:
        library: Any = SentimentIntensityAnalyzer
        catalogue.find(LEXICON, None).checked("vader_lexicon.txt")
        self._vader = library()
        self._installed = {name: catalogue.find(name, models) for name in (ENGLISH_HEAD, OTHER_HEAD)}
        self._heads: dict[str, LinearHead] = {}

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Score one text."""
        text, language = str(request["text"]), str(request["language"])
        if language == "en":
            return self._english(text)
        head = self._head(OTHER_HEAD)
        if head is None or language not in self._installed[OTHER_HEAD].model.languages:
            raise EngineUnavailableError(f"no engine here tells the sentiment of {language}")
        negative, neutral, positive = head.shares(text)
        return _reply(OTHER_HEAD, negative, neutral, positive, 0.0)

    def _english(self, text: str) -> Mapping[str, Any]:
        seen: Mapping[str, float] = self._vader.polarity_scores(text)
        head = self._head(ENGLISH_HEAD)
        if head is None:
            name, (negative, neutral, positive) = LEXICON, _by_compound(seen["compound"])
        else:
            name, (negative, neutral, positive) = ENGLISH_HEAD, head.shares(text, _values(seen))
        return _reply(name, negative, neutral, positive, _balance(seen) * (1 - neutral) * MIXED_WEIGHT)

    def _head(self, name: str) -> LinearHead | None:
        found = self._installed[name]
        if name not in self._heads and found.state == "present":
            self._heads[name] = LinearHead(found.read(found.model.files[0].name), SCALES[name])
        return self._heads.get(name)


def _values(seen: Mapping[str, float]) -> tuple[float, ...]:
    compound = seen["compound"]
    return seen["pos"], seen["neg"], max(compound, 0.0), max(-compound, 0.0), float(abs(compound) < NEUTRAL_BELOW)


def _by_compound(compound: float) -> tuple[float, float, float]:
    powers = [math.exp(STEEPNESS * value) for value in (-compound - NEUTRAL_BELOW, 0.0, compound - NEUTRAL_BELOW)]
    negative, neutral, positive = (power / sum(powers) for power in powers)
    return negative, neutral, positive


def _balance(seen: Mapping[str, float]) -> float:
    """1 where positive and negative words weigh the same, 0 where there are only one kind or none."""
    both = seen["pos"] + seen["neg"]
    return 2 * min(seen["pos"], seen["neg"]) / both if both else 0.0


def _reply(engine: str, negative: float, neutral: float, positive: float, mixed: float) -> Mapping[str, Any]:
    rest = 1 - mixed
    return {
        "engine": engine,
        "negative": negative * rest,
        "neutral": neutral * rest,
        "positive": positive * rest,
        "mixed": mixed,
    }


def open_task(options: Mapping[str, Any]) -> TellSentiment:
    """Load VADER; the heads are loaded when they are first needed."""
    return TellSentiment(Path(options["models"]) if options.get("models") else None)

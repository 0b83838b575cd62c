"""Telling the sentiment of a text, in a worker: our linear heads, which the cloud brings, or Cardiff's RoBERTa where it
is installed.

All know three classes. MIXED comes from the same model, asked of each clause by itself (`mixed`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from marinelayer.engines import catalogue
from marinelayer.engines.language.idioms import plainly
from marinelayer.engines.language.linear_head import LinearHead, normalised, vader_values
from marinelayer.engines.language.mixed import Shares, clauses, mixed
from marinelayer.engines.language.polarity import polarity
from marinelayer.engines.language.sentiments import ROBERTA
from marinelayer.engines.language.twitter_roberta import TwitterRoberta
from marinelayer.engines.language.vader import vader

MOST_CLAUSES = 40
"""Clauses beyond are not looked at by themselves: a text of 5 KB has more than one tone anyway."""

Scorer = Callable[[str, str], Shares]
"""Of a text in a language."""


class TellSentiment:
    """`text`, `language` and `engine` (the model's name in the catalogue) in; out the four shares."""

    def __init__(self, models: Path | None) -> None:
        self._models = models
        self._scorers: dict[str, Scorer] = {}

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Score one text. Raises EngineUnavailableError: the model is not here."""
        text, language = str(request["text"]), str(request["language"])
        shares = self._scorer(str(request["engine"]))
        negative, neutral, positive = shares(text, language)
        both = mixed([shares(clause, language) for clause in clauses(text, language)[:MOST_CLAUSES]])
        rest = 1 - both
        return {"negative": negative * rest, "neutral": neutral * rest, "positive": positive * rest, "mixed": both}

    def _scorer(self, name: str) -> Scorer:
        if name not in self._scorers:
            found = catalogue.find(name, self._models)
            files = [found.read(file.name) for file in found.model.files]
            self._scorers[name] = _roberta(files) if name == ROBERTA else _head(files)
        return self._scorers[name]


def _roberta(files: list[bytes]) -> Scorer:
    model, vocabulary, merges = files
    roberta = TwitterRoberta(model, vocabulary, merges)
    return lambda text, _: roberta.shares(text)


def _head(files: list[bytes]) -> Scorer:
    (weights,) = files
    head = LinearHead(weights)

    def shares(text: str, language: str) -> Shares:
        text = plainly(text, language)
        if language == "en":
            return head.shares(text, language, vader_values(vader().polarity_scores(text)))
        return head.shares(text, language, polarity(normalised(text), language))

    return shares


def open_task(options: Mapping[str, Any]) -> TellSentiment:
    """Nothing yet: a model is loaded when it is first needed."""
    return TellSentiment(Path(options["models"]) if options.get("models") else None)

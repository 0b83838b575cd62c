"""Telling the sentiment of a text, in a worker: our linear heads, which the cloud brings.

The heads know three classes. MIXED comes from the same heads, asked of each clause by itself (`mixed`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marinelayer.engines import catalogue
from marinelayer.engines.language.linear_head import LinearHead, normalised, vader_values
from marinelayer.engines.language.mixed import Shares, clauses, mixed
from marinelayer.engines.language.polarity import polarity
from marinelayer.engines.language.vader import vader
from marinelayer.ports import EngineUnavailableError

HEADS = ("marinelayer-sentiment-en", "marinelayer-sentiment-7")
MOST_CLAUSES = 40
"""Clauses beyond are not looked at by themselves: a text of 5 KB has more than one tone anyway."""


class TellSentiment:
    """`text` and `language` in; out the four shares and `engine`, the model's name in the catalogue."""

    def __init__(self) -> None:
        self._installed = {name: catalogue.find(name, None) for name in HEADS}
        self._heads: dict[str, LinearHead] = {}

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Score one text."""
        text, language = str(request["text"]), str(request["language"])
        name = next((name for name in HEADS if language in self._installed[name].model.languages), None)
        if name is None:
            raise EngineUnavailableError(f"no engine here tells the sentiment of {language}")
        head = self._head(name)
        negative, neutral, positive = _shares(head, text, language)
        parts = [_shares(head, clause, language) for clause in clauses(text, language)[:MOST_CLAUSES]]
        both = mixed(parts)
        rest = 1 - both
        return {
            "engine": name,
            "negative": negative * rest,
            "neutral": neutral * rest,
            "positive": positive * rest,
            "mixed": both,
        }

    def _head(self, name: str) -> LinearHead:
        if name not in self._heads:
            found = self._installed[name]
            self._heads[name] = LinearHead(found.read(found.model.files[0].name))
        return self._heads[name]


def _shares(head: LinearHead, text: str, language: str) -> Shares:
    if language == "en":
        return head.shares(text, language, vader_values(vader().polarity_scores(text)))
    return head.shares(text, language, polarity(normalised(text), language))


def open_task(_options: Mapping[str, Any]) -> TellSentiment:
    """Nothing yet: a head is loaded when it is first needed."""
    return TellSentiment()

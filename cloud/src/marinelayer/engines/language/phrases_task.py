"""Finding key phrases, in a worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marinelayer.engines.language.phrases.finding import phrases


class FindPhrases:
    """`text` and `language` in; out `passages`, each its begin, end, score and an empty kind."""

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """The phrases of one text."""
        found = phrases(str(request["text"]), str(request["language"]))
        return {"passages": [[each.begin, each.end, each.score, ""] for each in found]}


def open_task(_options: Mapping[str, Any]) -> FindPhrases:
    """Nothing is to be loaded but lists of words, at the first text."""
    return FindPhrases()

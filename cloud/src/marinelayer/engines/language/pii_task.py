"""Finding what identifies people, in a worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marinelayer.engines.language.pii.finding import findings


class FindPii:
    """`text` and `language` in; out `passages`, each its begin, end, score and AWS's type."""

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """What identifies people in one text."""
        found = findings(str(request["text"]), str(request["language"]))
        return {"passages": [[each.begin, each.end, each.score, each.kind] for each in found]}


def open_task(_options: Mapping[str, Any]) -> FindPii:
    """Nothing is to be loaded but rules, at the first text."""
    return FindPii()

"""Engines that find passages in texts. Ports only: nothing here does anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A part of a text: its first code point and that after its last, how sure or important it is (0-1), and AWS's
    name of its kind ("" where there is only one)."""

    begin: int
    end: int
    score: float
    kind: str = ""


class PassageFinder(Protocol):
    """Finds passages of one sort in a text."""

    async def passages(self, text: str, language: str) -> tuple[Passage, ...]:
        """In the text's order; none overlaps another. Raises EngineUnavailableError for a language that no engine here
        knows, and EngineFailedError."""
        ...

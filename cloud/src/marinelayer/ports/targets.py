"""What a text speaks of, and how it speaks of each. Ports only: nothing here does anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from marinelayer.ports.texts import Sentiment


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetMention:
    """A passage (code points) that names something: its type as AWS calls it, how sure it is to be one (0-1), how sure
    it is to mean what its group means (0-1), and how its sentence speaks of it."""

    begin: int
    end: int
    kind: str
    score: float
    group_score: float
    sentiment: Sentiment


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroup:
    """Mentions of one thing in the text's order, and the places among them of those that name it best."""

    mentions: Sequence[TargetMention]
    best: Sequence[int]


class TargetReader(Protocol):
    """Finds what an English text speaks of."""

    async def targets(self, text: str, language: str) -> Sequence[TargetGroup]:
        """In the order of their first mentions. Raises EngineUnavailableError for a language that is not read here, or
        where a model is not installed, saying what to install; and EngineFailedError."""
        ...

"""Engines that find out what a collection of documents is about. Ports only: nothing here does anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from marinelayer.ports.learning import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicTerm:
    """A word of a topic, and its share of the topic's words (0-1)."""

    term: str
    weight: float


Topic = Sequence[TopicTerm]
"""A topic's heaviest terms, the one first that sets it apart most from the other topics."""
Proportions = Sequence[tuple[int, float]]
"""What a document is about: numbers of topics with the share of the document (0-1), the greatest first. Empty where it
has no word of any topic."""
ToldProportions = Callable[[Sequence[Proportions]], Awaitable[None]]
"""Takes what the next documents are about, in the order in which they were read."""


class TopicModeller(Protocol):
    """Finds topics in documents, which it learns from these documents alone."""

    async def model(self, topics: int, read: Read, told: ToldProportions) -> Sequence[Topic]:
        """At most `topics` topics, the one with the most words first; `told` hears what each document is about.

        `read` is asked for `{"pass": NUMBER}` until it gives nothing more, for several numbers one after the other.
        Each time it gives the same documents from the first on, some at a time, as a JSON list of `[text, whole]`: a
        document may come in several pieces, of which the last is `whole`. A piece does not end within a word.

        Raises:
            TrainingDataError: there are no words to learn from.
            EngineFailedError: the engine broke, or it took too much time or memory. Whatever `read` and `told` raise.
        """
        ...

"""ports.TopicModeller: documents to a worker that finds out what they are about."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

from marinelayer.engines.supervisor import Supervisor
from marinelayer.ports import Read, ToldProportions, Topic, TopicTerm


class TopicEngine:
    """Finds topics. `supervisor` runs `topics_task`."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def model(self, topics: int, read: Read, told: ToldProportions) -> Sequence[Topic]:
        """See ports.TopicModeller."""
        found: list[Topic] = []
        async with aclosing(self._supervisor.converse({"topics": topics}, read)) as said:
            async for header, _ in said:
                rows: Sequence[Any] = header.get("topics", ())
                found += [[TopicTerm(term=term, weight=weight) for term, weight in row] for row in rows]
                if "proportions" in header:
                    await told([[(number, share) for number, share in row] for row in header["proportions"]])
        return found

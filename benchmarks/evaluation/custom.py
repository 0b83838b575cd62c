"""Models that learn from a user's documents: how well they do on documents that they did not learn from."""

from __future__ import annotations

from collections.abc import AsyncIterator

from evaluation import custom_classes, custom_entities
from evaluation.city import NAME
from evaluation.figures import Family, Row, Skipped
from evaluation.running import Bench


async def measure(bench: Bench) -> AsyncIterator[Row]:
    """Classifiers, and recognizers of entities."""
    if not (bench.data.parent / NAME).exists():
        yield Skipped(what="custom models", reason=f"no data: there is no {NAME} beside the folder of data")
        return
    async for row in custom_classes.rows(bench):
        yield row
    async for row in custom_entities.rows(bench):
        yield row


FAMILY = Family(name="custom", title="Custom models", task="", folder="", measure=measure)

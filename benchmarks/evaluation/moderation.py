"""Moderating pictures: how often harmless photos raise a false alarm. What is found of what should be is not measured:
nobody here keeps such pictures.

Data (`labels`): photos of VOC 2007, of streets, rooms, animals and people, none of which should be moderated.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from evaluation.figures import Family, Figure, Row
from evaluation.measures import share
from evaluation.running import Bench

THRESHOLDS = (50, 20, 5)
"""The first is what DetectModerationLabels takes where it is not told otherwise; in percent."""


async def measure(bench: Bench) -> AsyncIterator[Row]:
    """All photos."""
    files = sorted((bench.data / "labels" / "images").glob("*.jpg"))[:: bench.step]
    told, timing = await bench.timed(bench.engines.moderator.moderation, [file.read_bytes() for file in files])
    surest = [max(label.confidence for label in labels.labels) for labels in told]
    for least in THRESHOLDS:
        yield Figure(
            engine=told[0].engines[0].name,
            language="",
            data="VOC 2007 photos",
            measure=f"false alarms at MinConfidence {least}",
            interval=share(sum(sure >= least for sure in surest), len(surest)),
            items=len(surest),
            timing=timing if least == THRESHOLDS[0] else None,
        )


FAMILY = Family(name="moderation", title="Moderation", task="moderation", folder="labels", measure=measure)

"""ports.ClassifierTrainer and ports.Classifier: texts to workers that learn to classify, and that do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from marinelayer.engines.supervisor import Supervisor
from marinelayer.ports import GoOn, Read, TextLesson, TrainedClassifier, TrainingStoppedError, Weights

PIECE = 4 << 20
TOGETHER = 1 << 20
"""Letters of texts that are looked at together, but for a text that has more."""


class TrainingEngine:
    """Learns to classify. `supervisor` runs `classifier_training_task`."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def train(self, lesson: TextLesson, read: Read, go_on: GoOn) -> TrainedClassifier:
        """See ports.ClassifierTrainer."""
        parts: dict[str, list[bytes]] = {"model": [], "confusion": []}
        result: Mapping[str, Any] = {}
        async with aclosing(self._supervisor.converse(asdict(lesson), read)) as told:
            async for header, payload in told:
                if not await go_on():
                    raise TrainingStoppedError
                for name, pieces in parts.items():
                    if name in header:
                        pieces.append(payload)
                result = header.get("learned", result)
        return TrainedClassifier(
            model=b"".join(parts["model"]),
            labels=tuple(result["labels"]),
            trained=result["trained"],
            tested=result["tested"],
            measures=result["measures"],
            confusion=b"".join(parts["confusion"]),
        )


def groups_of(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts, as many together as a frame has room for."""
    group: list[str] = []
    size = 0
    for text in texts:
        if group and size + len(text) > TOGETHER:
            yield group
            group, size = [], 0
        group.append(text)
        size += len(text)
    if group:
        yield group


def pieces_of(weights: Weights) -> Read:
    """What gives a worker the model that it asks for, by `offset`. The bytes are fetched once, if at all."""
    data: bytes | None = None

    async def give(asked: Mapping[str, Any]) -> bytes:
        nonlocal data
        if data is None:
            data = await weights()
        begin = int(asked["offset"])
        return data[begin : begin + PIECE]

    return give


class ClassificationEngine:
    """Classifies. `supervisor` runs `classification_task`."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def classify(self, model: str, weights: Weights, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        """See ports.Classifier."""
        found: list[list[tuple[str, float]]] = []
        for some in groups_of(texts):
            request = {"model": model, "texts": some}
            async with aclosing(self._supervisor.converse(request, pieces_of(weights))) as told:
                async for header, _ in told:
                    rows: Sequence[Any] = header["classes"]
                    found += [[(str(label), float(score)) for label, score in row] for row in rows]
        return found

"""ports.RecognizerTrainer and ports.EntityRecognizer: texts to workers that learn to find entities, and that do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from marinelayer.engines.language.classification import groups_of, pieces_of
from marinelayer.engines.supervisor import Supervisor
from marinelayer.ports import (
    EntityLesson,
    EntityMeasures,
    GoOn,
    Passage,
    Read,
    TrainedRecognizer,
    TrainingStoppedError,
    Weights,
)


class RecognizerTrainingEngine:
    """Learns to find entities. `supervisor` runs `training_task`."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def train(self, lesson: EntityLesson, read: Read, go_on: GoOn) -> TrainedRecognizer:
        """See ports.RecognizerTrainer."""
        model: list[bytes] = []
        result: Mapping[str, Any] = {}
        async with aclosing(self._supervisor.converse(asdict(lesson), read)) as told:
            async for header, payload in told:
                if not await go_on():
                    raise TrainingStoppedError
                if "model" in header:
                    model.append(payload)
                result = header.get("learned", result)
        return TrainedRecognizer(
            model=b"".join(model),
            trained=result["trained"],
            tested=result["tested"],
            measures=EntityMeasures(**result["measures"]),
            of_kinds={kind: EntityMeasures(**one) for kind, one in result["of_kinds"].items()},
            mentions=result["mentions"],
        )


class RecognitionEngine:
    """Finds entities. `supervisor` runs `recognition_task`."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def recognize(self, model: str, weights: Weights, texts: Sequence[str]) -> list[list[Passage]]:
        """See ports.EntityRecognizer."""
        found: list[list[Passage]] = []
        for some in groups_of(texts):
            found += await self._recognize(model, weights, some)
        return found

    async def _recognize(self, model: str, weights: Weights, texts: Sequence[str]) -> list[list[Passage]]:
        found: list[list[Passage]] = [[] for _ in texts]
        request = {"model": model, "texts": texts}
        async with aclosing(self._supervisor.converse(request, pieces_of(weights))) as told:
            async for header, _ in told:
                entities: Sequence[Any] = header["entities"]
                found[int(header["text"])] += [
                    Passage(begin=begin, end=end, score=score, kind=kind) for begin, end, score, kind in entities
                ]
        return found

"""Engines that learn to find entities, and find them. Ports only: nothing here does anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from marinelayer.ports.learning import GoOn, Read, Weights
from marinelayer.ports.passages import Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityLesson:
    """How data is to be understood.

    `form` is `annotations` (documents, and a CSV file of where in them entities are), `list` (documents, and a CSV file
    of entities to be looked for in them) or `manifest` (a JSON object a line: `source` or `source-ref`, and the
    entities in `attributes`). Only entities of `kinds` count. `each_line` says that each line of a file is a document,
    else each file. `tested` says that there are documents to test with; else a tenth is held back, chosen by `seed`.
    """

    form: str
    kinds: Sequence[str]
    attributes: Sequence[str] = ()
    each_line: bool = True
    tested: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityMeasures:
    """How well entities were found: shares from 0 to 1 of those that were told to be there and are, of those that are
    there and were told, and the harmonic mean of both."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedRecognizer:
    """What came of it: the model's bytes, how many documents it learned from and was tested with, how well it did in
    that test, over all and by type, and how many entities of each type it learned from."""

    model: bytes = field(repr=False)
    trained: int
    tested: int
    measures: EntityMeasures
    of_kinds: Mapping[str, EntityMeasures]
    mentions: Mapping[str, int]


class RecognizerTrainer(Protocol):
    """Learns to find entities."""

    async def train(self, lesson: EntityLesson, read: Read, go_on: GoOn) -> TrainedRecognizer:
        """Learn from the data that `read` gives.

        It is asked for `{"names": PART}` (the names of a part's files, one a line, as JSON), `{"part": PART, "file":
        NAME}` (such a file), `{"part": PART}` (all of them, each from a new line on) and `{"reference": URI}` (a
        document that a manifest refers to). The parts are `train` and `test` (documents or manifests), `annotations`,
        `test-annotations` and `list`.

        Raises:
            TrainingDataError: it can not be learned from.
            TrainingStoppedError: `go_on` said no.
            EngineFailedError: the engine broke, or it took too much time or memory. Whatever `read` raises.
        """
        ...


class EntityRecognizer(Protocol):
    """Finds entities with models that a RecognizerTrainer made."""

    async def recognize(self, model: str, weights: Weights, texts: Sequence[str]) -> list[list[Passage]]:
        """For each text the entities that the model of that name finds, in the text's order, with their probabilities.
        `weights` gives the model's bytes where the engine has not kept them.

        Raises:
            EngineBusyError, EngineFailedError
        """
        ...

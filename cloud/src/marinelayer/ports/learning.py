"""Engines that learn from examples. Ports only: nothing here does anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Read = Callable[[Mapping[str, Any]], Awaitable[bytes]]
"""Gives the next bytes of a part of the data that a learner asks for, none at its end."""
GoOn = Callable[[], Awaitable[bool]]
"""Whether learning is to go on; asked at every step."""
Weights = Callable[[], Awaitable[bytes]]
"""Gives a model's bytes, for an engine that does not have it at hand."""


class TrainingDataError(Exception):
    """The data can not be learned from. The text says why."""


class TrainingStoppedError(Exception):
    """Learning was told not to go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLesson:
    """How data is to be understood.

    `form` is `csv` (a row a document: label, text) or `manifest` (a JSON object a line: `source` or `source-ref`, and
    the label in one of `attributes`). With `exclusive` a document has one label, else as many as `delimiter` parts in
    the csv. `tested` says that there is data to test with; else a tenth is held back, chosen by `seed`.
    """

    form: str
    exclusive: bool
    delimiter: str = "|"
    attributes: Sequence[str] = ()
    tested: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedClassifier:
    """What came of it: the model's bytes, its labels, how many documents it learned from and was tested with, the
    measures of that test, and the confusion matrix as JSON."""

    model: bytes = field(repr=False)
    labels: tuple[str, ...]
    trained: int
    tested: int
    measures: Mapping[str, float]
    confusion: bytes = field(repr=False)


class ClassifierTrainer(Protocol):
    """Learns to classify texts."""

    async def train(self, lesson: TextLesson, read: Read, go_on: GoOn) -> TrainedClassifier:
        """Learn from the data that `read` gives for `{"part": "train"}`, `{"part": "test"}` (one file after the other,
        each from a new line on) and `{"reference": URI}` (a document that a manifest refers to).

        Raises:
            TrainingDataError: it can not be learned from.
            TrainingStoppedError: `go_on` said no.
            EngineFailedError: the engine broke, or it took too much time or memory. Whatever `read` raises.
        """
        ...


class Classifier(Protocol):
    """Classifies texts with models that a ClassifierTrainer made."""

    async def classify(self, model: str, weights: Weights, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        """For each text every label of the model of that name with its probability, the likeliest first. `weights`
        gives the model's bytes where the engine has not kept them.

        Raises:
            EngineBusyError, EngineFailedError
        """
        ...

"""Engines that are taught labels by pictures. Ports only: nothing here does anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from marinelayer.ports.engines import Engine
from marinelayer.ports.pictures import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What is to be learnt of pictures that are known by their numbers.

    `training` are pictures with the numbers of the labels, 0 to `labels` - 1, that are theirs; `testing` are pictures
    that only are to be looked at afterwards. With `several`, a picture may have any number of the labels, else it has
    exactly one.
    """

    labels: int
    several: bool
    training: Sequence[tuple[int, Sequence[int]]]
    testing: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLesson:
    """What is to be learnt of pictures with things in them, each by its label's number and the box around it. All else
    is as in a Lesson."""

    labels: int
    training: Sequence[tuple[int, Sequence[tuple[int, Box]]]]
    testing: Sequence[int]


class Pictures(Protocol):
    """Who gives the pictures."""

    async def picture(self, number: int) -> bytes | None:
        """The picture of a number; None where it can not be had."""
        ...


class Teacher(Pictures, Protocol):
    """Who also says what they show."""

    async def lesson(self, invalid: Collection[int]) -> Lesson | None:
        """What to learn, once it is known which of the pictures can not be looked at; None for nothing."""
        ...


class ObjectTeacher(Pictures, Protocol):
    """Who also says what is where in them. A picture is asked for twice: to be checked, and to be learnt of."""

    async def lesson(self, invalid: Collection[int]) -> ObjectLesson | None:
        """As a Teacher's."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What was learnt: `model`, to be given to a `CustomLabelDetector`; the features that it looks at, and the
    threshold (0-1) of each label above which it is best taken to be there.

    `training` and `testing` are how sure (0-1) it is of each label in each picture of the lesson, in its order; those
    of training come from models that had not seen the picture."""

    model: bytes
    features: Engine
    thresholds: Sequence[float]
    training: Sequence[Sequence[float]]
    testing: Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundObject:
    """A thing in a picture: its label's number, how sure (0-1) it is that one of this label is in about this box."""

    label: int
    sure: float
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtObjects:
    """What was learnt, as in Taught; `training` and `testing` are what is found in each picture of the lesson, surest
    first, whatever the thresholds."""

    model: bytes
    features: Engine
    thresholds: Sequence[float]
    training: Sequence[Sequence[FoundObject]]
    testing: Sequence[Sequence[FoundObject]]


class CustomLabelTrainer(Protocol):
    """Learns labels. Raises EngineUnavailableError, EngineFailedError."""

    @property
    def features(self) -> Engine:
        """What of pictures would be looked at here."""
        ...

    async def train(self, pictures: int, teacher: Teacher) -> Taught | None:
        """Look at so many pictures and learn the teacher's lesson; None where it gave none."""
        ...

    async def train_objects(self, pictures: int, teacher: ObjectTeacher) -> TaughtObjects | None:
        """The same for things and where they are."""
        ...


class CustomLabelDetector(Protocol):
    """Finds what was learnt. Raises BadImageError, ImageTooLargeError, ImageTooSmallError, EngineUnavailableError,
    EngineFailedError."""

    async def ready(self, features: Engine, *, objects: bool) -> None:
        """Load what models of these features need, those that find `objects` or others. Raises EngineUnavailableError
        where they are not here."""
        ...

    async def detect(
        self, image: bytes, name: str, features: Engine, model: Callable[[], Awaitable[bytes]]
    ) -> Sequence[float]:
        """How sure (0-1) the model is of each label in a JPEG or PNG picture. `name` is the model's own, `model` gives
        its bytes where the engine does not remember them."""
        ...

    async def detect_objects(
        self, image: bytes, name: str, features: Engine, model: Callable[[], Awaitable[bytes]]
    ) -> Sequence[FoundObject]:
        """What is where in a picture, surest first, by a model that `train_objects` made; all else as `detect`."""
        ...

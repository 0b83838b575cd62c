"""Labels are learnt of drawn pavements, and found again on others."""

import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from marinelayer.engines import catalogue
from marinelayer.engines.learning.heldout import f1
from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.vision.activations import with_outputs
from marinelayer.engines.vision.custom_labels import CustomLabelEngine, open_custom_labels
from marinelayer.engines.vision.feature_choice import CLASSIFIER, TEXT_DETECTOR
from marinelayer.ports import (
    Engine,
    EngineFailedError,
    EngineUnavailableError,
    ImageTooLargeError,
    ImageTooSmallError,
    Lesson,
    Taught,
)

from .conftest import saved_as
from .pavements import jpeg, pavement

PER_LABEL = 20
COMBINED = (("scooter",), ("mattress",), ("scooter", "mattress"), ())


def pictures(*things: str, count: int = PER_LABEL, first: int = 0) -> list[bytes]:
    """So many pavements with things on them; those of another `first` are others."""
    return [jpeg(pavement(first + number, *things)) for number in range(count)]


class Class:
    """A teacher of pictures with labels: what comes first is learnt, the rest is for testing."""

    def __init__(self, shown: Sequence[bytes | None], labels: Sequence[Sequence[int]]) -> None:
        self.shown = shown
        self.labels = labels
        self.invalid: Collection[int] = ()

    async def picture(self, number: int) -> bytes | None:
        return self.shown[number]

    async def lesson(self, invalid: Collection[int]) -> Lesson | None:
        self.invalid = invalid
        usable = [number for number in range(len(self.shown)) if number not in invalid]
        known = [(number, self.labels[number]) for number in usable if number < len(self.labels)]
        return Lesson(
            labels=1 + max(label for _, labels in known for label in labels),
            several=any(len(labels) != 1 for _, labels in known),
            training=known,
            testing=[number for number in usable if number >= len(self.labels)],
        )


@pytest.fixture
async def engine() -> AsyncIterator[CustomLabelEngine]:
    opened = open_custom_labels(Shelf(None), workers=1)
    yield opened
    await opened.close()


@pytest.fixture
async def with_models(shared_models: Path) -> AsyncIterator[CustomLabelEngine]:
    opened = open_custom_labels(Shelf(shared_models), workers=1)
    yield opened
    await opened.close()


def model_of(taught: Taught) -> Callable[[], Awaitable[bytes]]:
    async def model() -> bytes:
        return taught.model

    return model


async def test_without_any_model_file_a_scooter_on_the_pavement_is_learnt(engine: CustomLabelEngine) -> None:
    assert engine.features.name == TEXT_DETECTOR
    shown = [*pictures("scooter"), *pictures(first=100), *pictures("scooter", first=200), *pictures(first=300)]
    taught = await engine.train(len(shown), Class(shown, [[0]] * PER_LABEL + [[1]] * PER_LABEL))
    assert taught is not None
    assert taught.features == engine.features
    there = [True] * PER_LABEL + [False] * PER_LABEL
    assert f1([sure[0] >= taught.thresholds[0] for sure in taught.testing], there) >= 0.9
    assert all(abs(sum(sure) - 1) < 1e-3 for sure in taught.testing)
    # What the trainer says of a picture is what the detector says of it.
    for number in (0, PER_LABEL, 2 * PER_LABEL - 1):
        found = await engine.detect(shown[2 * PER_LABEL + number], "m", taught.features, model_of(taught))
        assert found == pytest.approx(taught.testing[number], abs=1e-3)


async def test_with_an_image_model_it_is_learnt_by_that(with_models: CustomLabelEngine) -> None:
    assert with_models.features.name == CLASSIFIER
    shown = [*pictures("mattress"), *pictures(first=100), *pictures("mattress", first=200), *pictures(first=300)]
    taught = await with_models.train(len(shown), Class(shown, [[0]] * PER_LABEL + [[1]] * PER_LABEL))
    assert taught is not None
    there = [True] * PER_LABEL + [False] * PER_LABEL
    assert f1([sure[0] >= taught.thresholds[0] for sure in taught.testing], there) >= 0.9


async def test_a_picture_can_have_several_labels_or_none_of_them(engine: CustomLabelEngine) -> None:
    count = 12
    shown = [
        *(one for number, things in enumerate(COMBINED) for one in pictures(*things, count=count, first=100 * number)),
        *(one for number, things in enumerate(COMBINED) for one in pictures(*things, count=5, first=900 + 9 * number)),
    ]
    taught = await engine.train(len(shown), Class(shown, [of for of in ([0], [1], [0, 1], []) for _ in range(count)]))
    assert taught is not None
    for label, of in enumerate(([True, False, True, False], [False, True, True, False])):
        found = [sure[label] >= taught.thresholds[label] for sure in taught.testing]
        assert f1(found, [there for there in of for _ in range(5)]) >= 0.75
    assert any(sum(sure) > 1.2 for sure in taught.testing)


async def test_pictures_that_can_not_be_looked_at_are_named_before_the_lesson(engine: CustomLabelEngine) -> None:
    whole = pictures("scooter", count=4) + pictures(count=4, first=100)
    tiny = saved_as(Image.new("RGB", (63, 200)))
    taught_by = Class([*whole, None, b"no picture", tiny, whole[0][:600]], [[0]] * 4 + [[1]] * 4)
    assert await engine.train(len(taught_by.shown), taught_by) is not None
    assert list(taught_by.invalid) == [8, 9, 10, 11]


async def test_without_a_lesson_there_is_no_model(engine: CustomLabelEngine) -> None:
    class Silent(Class):
        async def lesson(self, invalid: Collection[int]) -> Lesson | None:
            return None

    assert await engine.train(1, Silent(pictures(count=1), [[0]])) is None


async def test_a_worker_that_is_killed_fails_its_training_and_the_next_one_succeeds(engine: CustomLabelEngine) -> None:
    shown = [*pictures("scooter", count=4), *pictures(count=4, first=100)]

    class Killing(Class):
        async def lesson(self, invalid: Collection[int]) -> Lesson | None:
            for worker in _children():
                os.kill(worker, signal.SIGKILL)
            return await super().lesson(invalid)

    labels = [[0]] * 4 + [[1]] * 4
    with pytest.raises(EngineFailedError):
        await engine.train(len(shown), Killing(shown, labels))
    assert await engine.train(len(shown), Class(shown, labels)) is not None


def _children() -> list[int]:
    """The engines' workers of this process, whose children others are too: a PostgreSQL, for one."""
    mine = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    if not mine.exists():
        pytest.skip("this system does not tell which processes are ours")
    numbers = [int(number) for number in mine.read_text("ascii").split()]
    return [
        number for number in numbers if b"marinelayer.engines.worker" in Path(f"/proc/{number}/cmdline").read_bytes()
    ]


async def test_a_model_of_features_that_are_not_here_says_what_to_install(engine: CustomLabelEngine) -> None:
    async def model() -> bytes:
        raise AssertionError("it can not be of use")

    missing = Engine(name=CLASSIFIER, version="1.0 224 quant, features 1")
    with pytest.raises(EngineUnavailableError, match="MobileNetV2"):
        await engine.ready(missing, objects=False)
    with pytest.raises(EngineUnavailableError, match="MobileNetV2"):
        await engine.detect(pictures(count=1)[0], "m", missing, model)
    with pytest.raises(EngineUnavailableError, match="was trained on"):
        await engine.ready(replace(engine.features, version="another"), objects=False)
    await engine.ready(engine.features, objects=False)


async def test_pictures_are_of_the_sizes_that_custom_labels_take(engine: CustomLabelEngine) -> None:
    async def model() -> bytes:
        raise AssertionError("it is refused before")

    for size, refused in (
        ((63, 100), ImageTooSmallError),
        ((64, 1300), ImageTooSmallError),
        ((4097, 500), ImageTooLargeError),
    ):
        with pytest.raises(refused):
            await engine.detect(saved_as(Image.new("RGB", size)), "m", engine.features, model)


def test_a_network_tells_what_it_has_in_the_middle() -> None:
    installed = catalogue.find(TEXT_DETECTOR, None)
    plain = installed.read("models/PP-OCRv6_det_small.onnx")
    middle = "p2o.pd_op.add.14.0"
    blob = {"x": np.zeros((1, 3, 64, 64), np.float32)}
    runtime: Any = onnxruntime.InferenceSession
    before = runtime(plain, providers=["CPUExecutionProvider"]).run(None, blob)
    both = runtime(with_outputs(plain, [middle]), providers=["CPUExecutionProvider"])
    assert [one.name for one in both.get_outputs()][1:] == [middle]
    after: Any = both.run(None, blob)
    assert np.allclose(before[0], after[0])
    assert after[1].ndim == 4

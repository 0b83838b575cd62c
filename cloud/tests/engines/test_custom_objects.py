"""Learning where things are: its parts by themselves, and a worker that does it. How well drawn things are found is
tested through boto3 (rekognition/test_custom_objects.py)."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from marinelayer.engines.learning.perceptron import beginning, learn
from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.vision.custom_labels import CustomLabelEngine, open_custom_labels
from marinelayer.engines.vision.feature_choice import DETECTOR, TEXT_DETECTOR
from marinelayer.engines.vision.located import Thing, apart, overlaps, rightly
from marinelayer.engines.vision.object_learning import (
    NEITHER,
    NOTHING,
    calibration_of,
    mean_f1,
    thresholds_of,
    wanted_of,
)
from marinelayer.engines.vision.object_model import (
    Calibration,
    Found,
    ObjectModel,
    boxes_of,
    read_model,
    told_of,
    written,
)
from marinelayer.engines.vision.object_views import varied
from marinelayer.engines.vision.surroundings import INPUTS, KEPT, Reduction, Surroundings
from marinelayer.ports import Box, Engine, EngineUnavailableError, ImageTooSmallError, ObjectLesson

from .conftest import saved_as
from .pavements import jpeg, moved

CHANCE = np.random.default_rng(5)
BOX = (0.0, 0.0, 1.0, 1.0)


def found(score: float, label: int = 0, box: tuple[float, float, float, float] = BOX) -> Found:
    return Found(label=label, score=score, box=box)


# --- a worker -------------------------------------------------------------------------------------------------


class Class:
    """A teacher of pavements with one mattress each: the first are learnt, the last is for testing."""

    def __init__(self, shown: Sequence[bytes | None], boxes: Sequence[Box]) -> None:
        self.shown = shown
        self.boxes = boxes
        self.asked: list[int] = []
        self.invalid: Collection[int] = ()

    async def picture(self, number: int) -> bytes | None:
        self.asked.append(number)
        return self.shown[number]

    async def lesson(self, invalid: Collection[int]) -> ObjectLesson | None:
        self.invalid = invalid
        usable = [number for number in range(len(self.shown)) if number not in invalid]
        return ObjectLesson(
            labels=1, training=[(number, [(0, self.boxes[number])]) for number in usable[:-1]], testing=usable[-1:]
        )


def drawn(count: int) -> Class:
    shown: list[bytes | None] = []
    boxes: list[Box] = []
    for number in range(count):
        picture, ((_, (left, top, right, bottom)),) = moved(number, "mattress", [(0.3 + 0.1 * (number % 5), 0.5)])
        wide, high = picture.size
        shown.append(jpeg(picture))
        boxes.append(Box(left=left / wide, top=top / high, width=(right - left) / wide, height=(bottom - top) / high))
    return Class(shown, boxes)


@pytest.fixture
async def engine() -> AsyncIterator[CustomLabelEngine]:
    opened = open_custom_labels(Shelf(None), workers=1)
    yield opened
    await opened.close()


@pytest.mark.timeout(600)
async def test_what_the_trainer_says_of_a_picture_the_detector_says_too(engine: CustomLabelEngine) -> None:
    teacher = drawn(5)
    teacher.shown = [*teacher.shown[:2], b"no picture", *teacher.shown[3:]]
    taught = await engine.train_objects(5, teacher)
    assert taught is not None
    assert list(teacher.invalid) == [2]
    assert (len(taught.thresholds), len(taught.training), len(taught.testing)) == (1, 3, 1)

    async def model() -> bytes:
        return taught.model

    told = await engine.detect_objects(teacher.shown[4] or b"", "m", taught.features, model)
    assert len(told) == len(taught.testing[0])
    assert [one.sure for one in told] == pytest.approx([one.sure for one in taught.testing[0]], abs=1e-3)
    tiny = saved_as(Image.new("RGB", (63, 100)))
    with pytest.raises(ImageTooSmallError):
        await engine.detect_objects(tiny, "m", taught.features, model)
    other = replace(taught.features, version="another")
    with pytest.raises(EngineUnavailableError, match="was trained on"):
        await engine.ready(other, objects=True)
    with pytest.raises(EngineUnavailableError, match="nothing here"):
        await engine.ready(Engine(name="no such", version="1"), objects=True)
    await engine.ready(taught.features, objects=True)


@pytest.mark.timeout(600)
async def test_of_several_networks_the_one_is_taken_that_finds_most_in_pictures_held_back(shared_models: Path) -> None:
    opened = open_custom_labels(Shelf(shared_models), workers=1)
    assert list(opened.maps) == [DETECTOR, TEXT_DETECTOR]
    teacher = drawn(10)
    taught = await opened.train_objects(10, teacher)
    assert taught is not None
    assert taught.features in opened.maps.values()

    async def model() -> bytes:
        return taught.model

    best = (await opened.detect_objects(teacher.shown[9] or b"", "m", taught.features, model))[0]
    await opened.ready(opened.maps[DETECTOR], objects=True)
    await opened.close()
    there = teacher.boxes[9]
    corners = [np.array([[b.left, b.top, b.left + b.width, b.top + b.height]]) for b in (best.box, there)]
    assert overlaps(*corners)[0, 0] >= 0.5


async def test_without_a_lesson_there_is_no_model(engine: CustomLabelEngine) -> None:
    class Silent(Class):
        async def lesson(self, invalid: Collection[int]) -> ObjectLesson | None:
            return None

    assert await engine.train_objects(1, Silent(drawn(1).shown, ())) is None


# --- boxes ----------------------------------------------------------------------------------------------------

corner = st.floats(0, 90)
side = st.floats(5, 60)


@given(st.lists(st.tuples(corner, corner, side, side), min_size=1, max_size=8))
def test_cells_tell_any_box_that_they_were_told(rectangles: list[tuple[float, float, float, float]]) -> None:
    boxes = np.array([(x, y, x + wide, y + high) for x, y, wide, high in rectangles])
    rows, columns = np.arange(len(boxes)), np.arange(len(boxes))[::-1].copy()
    told = told_of(boxes, rows, columns).astype(np.float64)
    assert boxes_of(told, rows, columns, (1.0, 1.0)) == pytest.approx(boxes, abs=1e-3)
    assert boxes_of(told, rows, columns, (2.0, 4.0)) == pytest.approx(boxes / (2, 4, 2, 4), abs=1e-3)
    shared = overlaps(boxes, boxes)
    assert np.diag(shared) == pytest.approx(np.ones(len(boxes)), abs=1e-6)
    assert shared == pytest.approx(shared.T)


def test_of_boxes_about_one_thing_the_surest_is_kept() -> None:
    boxes = np.array([(0, 0, 10, 10), (1, 0, 11, 10), (20, 0, 30, 10), (0, 0, 4, 4)], float)
    assert apart(boxes, np.array([0.5, 0.9, 0.1, 0.4]), 0.5) == [1, 3, 2]


def test_a_true_box_is_found_once_and_only_by_half_an_overlap() -> None:
    truth = np.array([(0, 0, 10, 10), (20, 0, 30, 10)], float)
    boxes = np.array([(0, 0, 10, 9), (0, 0, 10, 10), (26, 0, 36, 10), (20, 0, 30, 6)], float)
    assert rightly(boxes, truth).tolist() == [True, False, False, True]
    assert rightly(boxes, truth[:0]).tolist() == [False] * 4


def test_a_thing_is_learnt_where_it_has_a_middling_size() -> None:
    thing = Thing(label=3, box=(40.0, 40.0, 140.0, 100.0))
    wanted, boxes = wanted_of([thing], (16, 24), (1.0, 1.0), 0)
    middle = wanted == 3
    assert wanted[8, 11] == 3
    assert (boxes[middle] == thing.box).all()
    assert wanted[0, 0] == NOTHING
    smaller, _ = wanted_of([thing], (8, 12), (0.5, 0.5), 1)
    assert smaller[4, 5] == 3
    larger, _ = wanted_of([thing], (64, 96), (4.0, 4.0), 1)
    assert set(np.unique(larger)) == {NOTHING}
    nearly, _ = wanted_of([thing], (24, 32), (1.3, 1.3), 0)
    assert set(np.unique(nearly)) == {NOTHING, NEITHER}


@given(st.integers(0, 2**32 - 1))
def test_in_every_view_a_thing_is_where_its_box_is(seed: int) -> None:
    picture = np.full((96, 128, 3), 90, np.uint8)
    picture[30:60, 40:90] = 255
    seen, things = varied(picture, [Thing(label=1, box=(40.0, 30.0, 90.0, 60.0))], np.random.default_rng(seed))
    assert seen.shape == picture.shape
    bright = seen.min(axis=2) > 170
    if not things:
        assert bright.mean() < 0.12
        return
    rows, columns = np.nonzero(bright)
    edges = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert things[0].box == pytest.approx(edges, abs=2.5)


# --- what is learnt -------------------------------------------------------------------------------------------


def test_all_cells_at_once_say_what_each_says() -> None:
    reduced = CHANCE.normal(size=(9, 13, KEPT)).astype(np.float32)
    around = Surroundings(reduced)
    weights, bias = CHANCE.normal(size=(INPUTS, 4)).astype(np.float32), np.ones(4, np.float32)
    rows, columns = (one.ravel() for one in np.mgrid[0:9, 0:13])
    each = around.at(rows, columns) @ weights + bias
    assert around.weighed(weights, bias).reshape(-1, 4) == pytest.approx(each, abs=1e-2)
    assert each.shape == (117, 4)


def test_a_perceptron_learns_what_no_line_parts() -> None:
    inputs = CHANCE.uniform(-1, 1, (2000, 2)).astype(np.float32)
    truth = (inputs[:, 0] * inputs[:, 1] > 0).astype(np.float32)[:, np.newaxis]

    def slope(outputs: Any, numbers: Any) -> Any:
        return (1 / (1 + np.exp(-outputs)) - truth[numbers]).astype(np.float32)

    head = learn(beginning(2, 32, 1, 0), inputs, slope, epochs=60, seed=0)
    said = head.outputs(inputs @ head.hidden + head.hidden_bias) > 0
    assert (said == (truth > 0)).mean() > 0.93


def test_confidence_is_how_often_a_score_is_right() -> None:
    right = [(found(score), CHANCE.random() < 1 / (1 + np.exp(3 - score))) for score in CHANCE.uniform(-3, 6, 4000)]
    calibration = calibration_of(right, 2)
    for score in (0.0, 3.0, 5.0):
        assert calibration.sure(found(score)) == pytest.approx(1 / (1 + np.exp(3 - score)), abs=0.05)
    # A label of which nothing is known is taken to be like the others.
    assert calibration.sure(found(3.0, 1)) == pytest.approx(calibration.sure(found(3.0)), abs=0.02)


def test_a_threshold_has_the_best_f1_and_missed_things_count() -> None:
    sure = [(0, 0.9, True), (0, 0.8, True), (0, 0.6, False), (0, 0.5, True), (0, 0.2, False), (1, 0.9, False)]
    assert thresholds_of(sure, [3, 1]) == [pytest.approx(0.35), 0.5]
    assert thresholds_of(sure[:3], [2, 0]) == [pytest.approx(0.7), 0.5]
    assert mean_f1(sure, [3, 1], [0.35, 0.95]) == pytest.approx(0.5 * 6 / 7)
    assert mean_f1(sure, [3, 1], [0.35, 0.5]) == pytest.approx(0.5 * 6 / 7)
    assert mean_f1(sure, [3, 1], [0.7, 0.5]) == pytest.approx(0.5 * 4 / 5)


def test_a_model_is_the_same_when_it_is_read() -> None:
    model = ObjectModel(
        labels=2,
        reduction=Reduction(weights=CHANCE.normal(size=(5, KEPT)).astype(np.float32), bias=np.zeros(KEPT, np.float32)),
        head=beginning(INPUTS, 8, 6, 1),
    )
    calibration = Calibration(slopes=np.array([1.0, 2.0]), biases=np.array([0.0, -1.0]))
    again, scaled = read_model(written(model, calibration))
    levels = [((1.0, 1.0), CHANCE.normal(size=(12, 16, KEPT)).astype(np.float32))]
    assert again.find_in(levels, (128, 96)) == model.find_in(levels, (128, 96))
    assert scaled.sure(found(0.5, 1)) == calibration.sure(found(0.5, 1)) == pytest.approx(0.5)

"""Learning to classify texts: sparse products, the least value of a function, the measures of a test, and workers."""

import asyncio
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.engines.assembly import Engines, open_engines
from marinelayer.engines.language.text_classifier import TextClassifier
from marinelayer.engines.learning.evaluation import confusion, confusions, evaluate
from marinelayer.engines.learning.logistic import shares
from marinelayer.engines.learning.minimising import minimise
from marinelayer.engines.learning.sparse import SparseExamples
from marinelayer.engines.learning.sparse_logistic import learn
from marinelayer.ports import TextLesson, TrainingDataError, TrainingStoppedError


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 9), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_sparse_rows_give_the_products_that_dense_ones_give(seed: int, count: int, width: int, classes: int) -> None:
    chance = np.random.default_rng(seed)
    rows = chance.random((count, width)) * (chance.random((count, width)) < 0.4)  # some rows and columns are empty
    places, columns = np.nonzero(rows)
    ends = np.cumsum(np.bincount(places, minlength=count))
    sparse = SparseExamples(columns, rows[places, columns], ends, width)
    weights, errors = chance.normal(size=(width, classes)), chance.normal(size=(count, classes))
    assert np.allclose(sparse.times(weights), rows @ weights, atol=1e-5)
    assert np.allclose(sparse.back(errors), rows.T @ errors, atol=1e-5)


def test_products_are_the_same_when_they_are_made_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(1)
    rows = chance.random((50, 30)) * (chance.random((50, 30)) < 0.3)
    places, columns = np.nonzero(rows)
    ends = np.cumsum(np.bincount(places, minlength=50))
    sparse, weights = SparseExamples(columns, rows[places, columns], ends, 30), chance.normal(size=(30, 3))
    whole = sparse.times(weights)
    monkeypatch.setattr("marinelayer.engines.learning.sparse.AT_ONCE", 20)
    assert np.array_equal(sparse.times(weights), whole)


def test_the_least_value_of_a_bent_valley_is_found() -> None:
    def valley(point: Any) -> tuple[float, Any]:
        x, y = point
        slope = np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2, slope

    found = minimise(valley, np.array([-1.2, 1.0]), tolerance=1e-8)
    assert np.allclose(found, [1, 1], atol=1e-4)


def test_learning_tells_classes_apart_and_stops_when_it_is_told_to() -> None:
    chance = np.random.default_rng(3)
    truth = np.eye(3)[chance.integers(0, 3, 300)]
    rows = truth @ np.array([[3, 0], [0, 3], [-3, -3]]) + chance.normal(size=(300, 2))
    examples = SparseExamples(np.tile([0, 1], 300), rows.ravel(), np.arange(2, 602, 2), 2)
    scores = learn(examples, truth, several=False, strength=1.0).logits(rows)
    assert (scores.argmax(axis=1) == truth.argmax(axis=1)).mean() > 0.95
    assert np.allclose(shares(scores, several=False).sum(axis=1), 1)

    def stop(step: int) -> None:
        if step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(examples, truth, several=False, strength=1.0, each_step=stop)


def test_measures_are_means_over_classes_and_shares_of_all_decisions() -> None:
    truth, predicted = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 0, 2])
    known, said = np.eye(3, dtype=bool)[truth], np.eye(3, dtype=bool)[predicted]
    found = evaluate(known, said, exclusive=True)
    assert found.accuracy == found.micro_f1 == found.micro_precision == found.micro_recall == pytest.approx(4 / 6)
    assert found.hamming_loss == pytest.approx(2 / 6)
    assert found.precision == found.recall == found.f1 == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert confusion(known, said).tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 1]]


def test_measures_of_labels_that_do_not_exclude_each_other() -> None:
    known = np.array([[1, 1], [1, 0], [0, 1], [0, 0]], bool)
    said = np.array([[1, 0], [1, 0], [1, 1], [0, 0]], bool)
    found = evaluate(known, said, exclusive=False)
    assert (found.micro_precision, found.micro_recall) == (pytest.approx(3 / 4), pytest.approx(3 / 4))
    assert found.hamming_loss == pytest.approx(2 / 8)
    assert confusions(known, said).tolist() == [[[1, 1], [0, 2]], [[2, 0], [1, 1]]]


@pytest.fixture
async def engines() -> Any:
    opened = open_engines(None)
    yield opened
    await opened.close()


ROWS = "".join(f"hole,a pothole in the road {n}\npaint,graffiti on a wall {n}\n" for n in range(30)).encode()


async def taught(engines: Engines, data: bytes, go_on: bool = True, **lesson: Any) -> Any:
    pieces = [data[at : at + 100] for at in range(0, len(data), 100)]

    async def read(asked: Mapping[str, Any]) -> bytes:
        assert asked == {"part": "train"}
        return pieces.pop(0) if pieces else b""

    async def ask() -> bool:
        return go_on

    return await engines.training.train(TextLesson(**({"form": "csv", "exclusive": True} | lesson)), read, ask)


async def test_a_worker_learns_to_classify_and_another_classifies_by_what_it_learned(engines: Engines) -> None:
    trained = await taught(engines, ROWS)
    assert (trained.labels, trained.trained, trained.tested) == (("hole", "paint"), 54, 6)
    asked = 0

    async def weights() -> bytes:
        nonlocal asked
        asked += 1
        return trained.model

    for _ in range(2):
        answers = await engines.classification.classify("m", weights, ["the road has a hole", "the wall has graffiti"])
        assert [answer[0][0] for answer in answers] == ["hole", "paint"]
    assert asked == 1  # the worker keeps it


async def test_learning_that_is_stopped_ends_its_worker_and_the_next_one_learns(engines: Engines) -> None:
    with pytest.raises(TrainingStoppedError):
        await taught(engines, ROWS, go_on=False)
    assert (await taught(engines, ROWS)).labels == ("hole", "paint")


async def test_data_that_can_not_be_learned_is_refused_and_what_reading_raises_is_raised(engines: Engines) -> None:
    with pytest.raises(TrainingDataError, match="3 columns"):
        await taught(engines, b"a,b,c\n")

    async def read(asked: Mapping[str, Any]) -> bytes:
        raise PermissionError

    async def go_on() -> bool:
        return True

    async with asyncio.timeout(30):
        with pytest.raises(PermissionError):
            await engines.training.train(TextLesson(form="csv", exclusive=True), read, go_on)


async def test_the_same_seed_holds_the_same_documents_back(engines: Engines) -> None:
    one, same, other = [await taught(engines, ROWS, seed=seed) for seed in (1, 1, 2)]
    assert one.model == same.model != other.model


async def test_a_models_file_is_read_back_and_no_other(engines: Engines) -> None:
    trained = await taught(engines, ROWS)
    model = TextClassifier.of_bytes(trained.model)
    assert model.classify(["graffiti"])[0][0][0] == "paint"
    assert model.classify([""])[0][0][1] == pytest.approx(0.5, abs=0.2)
    with pytest.raises(ValueError, match=r".+"):
        TextClassifier.of_bytes(b"no file of ours")

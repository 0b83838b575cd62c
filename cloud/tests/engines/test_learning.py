"""Linear models, and what is concluded from their answers about examples that they have not seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.engines.learning.heldout import best_strength, f1, folds_of, loss, thresholds_of, unseen
from marinelayer.engines.learning.logistic import Floats, fit, shares


def clouds(count: int, *, labels: int, apart: float, seed: int = 0) -> tuple[Floats, Floats]:
    """Points around as many centres as there are labels, and their labels."""
    chance = np.random.default_rng(seed)
    of = np.arange(count) % labels
    return chance.normal(size=(count, 6)) + apart * np.eye(labels, 6)[of], np.eye(labels)[of]


def right(scores: Floats, truth: Floats) -> float:
    return float((scores.argmax(axis=1) == truth.argmax(axis=1)).mean())


@pytest.mark.parametrize("several", [False, True])
def test_what_lies_apart_is_told_apart(several: bool) -> None:
    features, truth = clouds(90, labels=3, apart=4.0)
    others, of_others = clouds(300, labels=3, apart=4.0, seed=1)
    head = fit(features, truth, several=several, strength=30.0)
    assert right(head.logits(others), of_others) > 0.95


def test_swapped_labels_swap_the_answers() -> None:
    features, truth = clouds(60, labels=2, apart=4.0)
    one = fit(features, truth, several=False, strength=30.0).logits(features)
    other = fit(features, truth[:, ::-1], several=False, strength=30.0).logits(features)
    assert np.allclose(one, other[:, ::-1], atol=0.05)


def test_the_gradient_of_the_loss_is_nought_where_the_fit_ends() -> None:
    features, truth = clouds(60, labels=3, apart=1.0)
    head = fit(features, truth, several=False, strength=3.0)
    error = shares(head.logits(features), several=False) - truth
    slope = features.T @ error / 60 + head.weights / (3.0 * 60)
    assert float(np.abs(slope).max()) < 1e-3
    assert float(np.abs(error.mean(axis=0)).max()) < 1e-3


def test_a_rare_label_is_not_drowned_by_a_frequent_one() -> None:
    features, truth = clouds(200, labels=2, apart=3.0)
    kept = np.concatenate([np.flatnonzero(truth[:, 0])[:6], np.flatnonzero(truth[:, 1])])
    head = fit(features[kept], truth[kept], several=False, strength=30.0)
    others, of_others = clouds(200, labels=2, apart=3.0, seed=1)
    rare = of_others[:, 0] == 1
    assert right(head.logits(others[rare]), of_others[rare]) > 0.8


def test_every_fold_has_its_share_of_every_label() -> None:
    _, truth = clouds(53, labels=3, apart=0.0)
    folds = folds_of(truth)
    assert len(folds) == 5
    assert np.array_equal(sum(fold.astype(int) for fold in folds), np.ones(53, int))
    assert all(3 <= truth[fold, label].sum() <= 4 for fold in folds for label in range(3))


def test_noise_is_not_told_from_noise() -> None:
    """Scores of examples that a model has learnt would be right; those of examples that it has not seen are chance."""
    chance = np.random.default_rng(0)
    features, truth = chance.normal(size=(80, 200)), np.eye(2)[np.arange(80) % 2]
    assert right(fit(features, truth, several=False, strength=300.0).logits(features), truth) == 1.0
    assert 0.3 < right(unseen(features, truth, several=False, strength=300.0), truth) < 0.7


@pytest.mark.parametrize("apart", [1.0, 2.0, 3.0])
def test_answers_are_as_sure_as_they_are_right(apart: float) -> None:
    features, truth = clouds(200, labels=2, apart=apart)
    strength, scale, _ = best_strength(features, truth, several=False)
    head = fit(features, truth, several=False, strength=strength)
    others, of_others = clouds(4000, labels=2, apart=apart, seed=1)
    sure = shares(scale * head.logits(others), several=False)
    confidence, hit = sure.max(axis=1), sure.argmax(axis=1) == of_others.argmax(axis=1)
    bins = [(confidence >= low) & (confidence < low + 0.1) for low in np.arange(0.5, 1.0, 0.1)]
    error = sum(chosen.sum() * abs(confidence[chosen].mean() - hit[chosen].mean()) for chosen in bins if chosen.any())
    assert error / len(others) < 0.05


def test_nothing_is_certain_after_few_examples() -> None:
    features, truth = clouds(8, labels=2, apart=50.0)
    _, _, scores = best_strength(features, truth, several=False)
    assert float(shares(scores, several=False).max()) < 0.95


def test_a_wrong_scale_loses_more() -> None:
    features, truth = clouds(200, labels=2, apart=1.0)
    _, _, scores = best_strength(features, truth, several=True)
    assert loss(scores, truth, several=True) < loss(scores * 8, truth, several=True)
    assert loss(scores, truth, several=True) < loss(scores / 8, truth, several=True)


answers = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30)


@given(answers)
def test_no_threshold_has_a_better_f1_than_the_one_chosen(told: list[tuple[float, bool]]) -> None:
    sure, truth = [one for one, _ in told], [one for _, one in told]
    (chosen,) = thresholds_of(np.array([sure]).T, np.array([truth], float).T)
    assert 0.0 <= chosen <= 1.0
    if any(truth) and not all(truth):
        best = max(f1([one >= threshold for one in sure], truth) for threshold in sure)
        assert f1([one >= chosen for one in sure], truth) == pytest.approx(best)


def test_a_threshold_lies_in_the_middle_of_its_gap() -> None:
    sure, truth = np.array([[0.9, 0.8, 0.3, 0.1]]).T, np.array([[1.0, 1.0, 0.0, 0.0]]).T
    assert thresholds_of(sure, truth) == [pytest.approx(0.55)]
    assert thresholds_of(sure, np.zeros_like(truth)) == [0.5]

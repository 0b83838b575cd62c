"""What models say of examples that they have not seen: how strongly to fit, how sure to be, and where to draw the line.

All examples are divided into folds, alike in their labels; a model of the others looks at each fold. From its answers
follow the strength of the final model, the scale of its scores (the temperature of Guo et al., arXiv:1706.04599), and
for each label the threshold of the best F1.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from marinelayer.engines.learning.logistic import Floats, fit, shares

Chosen = npt.NDArray[np.bool_]
"""Whether each example is one of some."""

FOLDS = 5
STRENGTHS = (3.0, 30.0, 300.0)
SCALES = tuple(float(scale) for scale in 2.0 ** np.arange(-4, 3.5, 0.25))
USUAL_THRESHOLD = 0.5
MOST_TESTED = 10_000

Example = TypeVar("Example")


def held_back(examples: Sequence[Example], seed: int) -> tuple[list[Example], list[Example]]:
    """The examples to learn from, and a tenth to test with, chosen by chance (the same at every try)."""
    order = list(range(len(examples)))
    random.Random(seed).shuffle(order)  # noqa: S311 - nobody gains by guessing it
    border = min(MOST_TESTED, max(1, round(len(order) / 10)))
    return [examples[n] for n in sorted(order[border:])], [examples[n] for n in sorted(order[:border])]


def folds_of(truth: Floats) -> list[Chosen]:
    """The fold of each example's number: as many as FOLDS, fewer where there are fewer examples. Examples with the
    same labels are dealt out in turn."""
    count = min(FOLDS, len(truth))
    order = np.lexsort(truth.T)
    fold = np.empty(len(truth), np.int64)
    fold[order] = np.arange(len(truth)) % count
    return [fold == number for number in range(count)]


def unseen(features: Floats, truth: Floats, *, several: bool, strength: float) -> Floats:
    """The scores of each example by a model of the other folds."""
    scores = np.zeros_like(truth)
    for fold in folds_of(truth):
        if fold.all():  # a single example: nothing can be learnt without it
            return scores
        head = fit(features[~fold], truth[~fold], several=several, strength=strength)
        scores[fold] = head.logits(features[fold])
    return scores


def loss(scores: Floats, truth: Floats, *, several: bool) -> float:
    """The mean cross entropy, each label weighing the same. What is asked for is a little less than certain, as far as
    so many examples can tell (n + 1/2 of n + 1, as Jeffreys has it), so that no answer may be certain."""
    sure = shares(scores, several=several).clip(1e-12, 1 - 1e-12)
    present, absent = truth.sum(axis=0), (1 - truth).sum(axis=0)
    if several:
        wanted = truth * (present + 0.5) / (present + 1) + (1 - truth) * 0.5 / (absent + 1)
        entropy = -(wanted * np.log(sure) + (1 - wanted) * np.log(1 - sure))
    else:
        kept = ((present + 0.5) / (present + 1))[np.newaxis]
        others = (1 - truth) * (1 - (truth * kept).sum(axis=1, keepdims=True)) / max(truth.shape[1] - 1, 1)
        entropy = -((truth * kept + others) * np.log(sure))
    return float(entropy.sum(axis=1).mean())


def best_strength(features: Floats, truth: Floats, *, several: bool) -> tuple[float, float, Floats]:
    """The strength that tells most about unseen examples, the scale by which its scores are as sure as they are right,
    and those scores, scaled."""
    found: list[tuple[float, float, float, Floats]] = []
    for strength in STRENGTHS:
        scores = unseen(features, truth, several=several, strength=strength)
        lost, scale = min((loss(scores * scale, truth, several=several), scale) for scale in SCALES)
        found.append((lost, strength, scale, scores * scale))
    _, strength, scale, scores = min(found, key=lambda one: one[0])
    return strength, scale, scores


def thresholds_of(sure: Floats, truth: Floats) -> list[float]:
    """For each label the threshold at or above which taking it as present has the best F1; where a gap between two
    answers is as good throughout, its middle."""
    return [_threshold(sure[:, label], truth[:, label]) for label in range(truth.shape[1])]


def _threshold(sure: Floats, truth: Floats) -> float:
    if not truth.any() or truth.all():
        return USUAL_THRESHOLD
    order = np.argsort(-sure, kind="stable")
    ranked, right = sure[order], np.cumsum(truth[order])
    taken = np.arange(1, len(ranked) + 1)
    score = 2 * right / (taken + truth.sum())
    last_of_its_value = np.append(ranked[:-1] > ranked[1:], True)
    best = int(np.argmax(np.where(last_of_its_value, score, -1.0)))
    below = float(ranked[best + 1]) if best + 1 < len(ranked) else 0.0
    return 0.5 * (float(ranked[best]) + below)


def f1(sure: Sequence[bool], truth: Sequence[bool]) -> float:
    """Twice what was rightly taken, to all that was taken or is there; 0 where there is nothing of either."""
    right = sum(one and other for one, other in zip(sure, truth, strict=True))
    both = sum(sure) + sum(truth)
    return 2 * right / both if both else 0.0

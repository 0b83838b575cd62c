"""Logistic regression on sparse examples, by L-BFGS: for many features and many examples, which `logistic` would take
long for. Here every example counts the same, whatever its label.

Of classes that exclude each other one is right (softmax); `several` labels are each right or wrong (sigmoid). Both
minimise the log loss of the examples plus half the squared weights over `strength`, so that the smaller `strength`
is, the less the weights believe single examples. Biases are not held back.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from marinelayer.engines.learning.logistic import Floats, Head, shares
from marinelayer.engines.learning.minimising import minimise
from marinelayer.engines.learning.sparse import SparseExamples


def learn(
    examples: SparseExamples,
    truth: Floats,
    *,
    several: bool,
    strength: float,
    steps: int = 200,
    each_step: Callable[[int], None] = lambda _: None,
) -> Head:
    """A head for the classes of `truth` (count x classes, 1 where an example is of a class, else 0).

    `several` says that an example may be of more than one, or of none. `each_step` is called before each step of at
    most `steps`; what it raises ends the learning.
    """
    classes = truth.shape[1]
    count, size = examples.count, examples.width * classes
    loss = _sigmoid_loss if several else _softmax_loss

    def function(point: Floats) -> tuple[float, Floats]:
        weights, bias = point[:size].reshape(examples.width, classes), point[size:]
        value, errors = loss(examples.times(weights) + bias, truth)
        slope = np.empty_like(point)
        slope[:size] = (examples.back(errors) + weights / strength).ravel()
        slope[size:] = errors.sum(axis=0)
        penalty = float(point[:size] @ point[:size]) / (2 * strength)
        return (value + penalty) / count, slope / count

    start = np.zeros(examples.width * classes + classes, np.float64)
    found = minimise(function, start, steps=steps, each_step=each_step)
    return Head(weights=found[:size].reshape(examples.width, classes), bias=found[size:], several=several)


def _softmax_loss(scores: Floats, truth: Floats) -> tuple[float, Floats]:
    scores = scores - scores.max(axis=1, keepdims=True)
    totals = np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return float((totals - scores)[truth > 0].sum()), np.exp(scores - totals) - truth


def _sigmoid_loss(scores: Floats, truth: Floats) -> tuple[float, Floats]:
    # log(1 + e^s) - s t, without powers that overflow
    value = np.logaddexp(0, scores) - scores * truth
    return float(value.sum()), shares(scores, several=True) - truth

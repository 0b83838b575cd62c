"""Logistic regression with a quadratic penalty, by accelerated gradient descent (Nesterov, with restarts: O'Donoghue
and Candès, arXiv:1204.3982).

Two kinds: `several` labels at once, each by its own sigmoid; or exactly one, by a softmax over all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

STEPS = 400
TOLERANCE = 1e-4
"""Of the gradient's length, against which more steps change no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A trained model: `weights` of features x labels, a `bias` for each label."""

    weights: Floats
    bias: Floats
    several: bool

    def logits(self, features: Floats) -> Floats:
        """The unnormalised scores, of examples x labels."""
        return features @ self.weights + self.bias


def shares(logits: Floats, *, several: bool) -> Floats:
    """The probabilities that scores stand for."""
    if several:
        return 0.5 * (1.0 + np.tanh(0.5 * logits))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def fit(features: Floats, truth: Floats, *, several: bool, strength: float) -> Head:
    """A model of examples x features with `truth` (0 or 1) of examples x labels.

    `strength` is how little the weights are held back: their squares are counted 1 / (2 x strength x examples) beside
    the mean loss. Each label weighs the same, however few examples it has.
    """
    count = len(features)
    penalty = 1.0 / (strength * count)
    importance = _balanced(truth, several=several)
    rate = 1.0 / (_largest(features) * (0.25 if several else 0.5) * importance.max() / count + penalty + 1e-12)
    rate_of_bias = 1.0 / (0.5 * importance.max())
    weights, bias = np.zeros((features.shape[1], truth.shape[1])), np.zeros(truth.shape[1])
    ahead, ahead_bias, momentum = weights, bias, 1.0
    for _ in range(STEPS):
        error = importance * (shares(features @ ahead + ahead_bias, several=several) - truth) / count
        slope, slope_of_bias = features.T @ error + penalty * ahead, error.sum(axis=0)
        if np.sqrt((slope**2).sum() + (slope_of_bias**2).sum()) < TOLERANCE:
            break
        stepped, stepped_bias = ahead - rate * slope, ahead_bias - rate_of_bias * slope_of_bias
        if (slope * (stepped - weights)).sum() > 0:  # it leads uphill: start anew from here
            momentum = 1.0
        following = 0.5 * (1.0 + np.sqrt(1.0 + 4.0 * momentum**2))
        share = (momentum - 1.0) / following
        ahead, ahead_bias = stepped + share * (stepped - weights), stepped_bias + share * (stepped_bias - bias)
        weights, bias, momentum = stepped, stepped_bias, following
    return Head(weights=weights, bias=bias, several=several)


def _balanced(truth: Floats, *, several: bool) -> Floats:
    """What each example counts for each label, one in the mean."""
    present = truth.sum(axis=0)
    if not several:
        of_label = len(truth) / (truth.shape[1] * np.maximum(present, 1.0))
        return (truth @ of_label)[:, np.newaxis]
    absent = len(truth) - present
    of_present, of_absent = (0.5 * len(truth) / np.maximum(count, 1.0) for count in (present, absent))
    return truth * of_present + (1.0 - truth) * of_absent


def _largest(features: Floats) -> float:
    """The square of the largest singular value, about, from above."""
    vector = np.ones(features.shape[1])
    size = 1.0
    for _ in range(30):
        vector = features.T @ (features @ vector)
        size = float(np.linalg.norm(vector))
        if size == 0.0:
            return 1.0
        vector /= size
    return 1.05 * size

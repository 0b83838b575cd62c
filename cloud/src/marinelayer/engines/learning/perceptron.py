"""A perceptron with one hidden layer, learnt by Adam with decoupled weight decay (arXiv:1412.6980, arXiv:1711.05101)
and dropout, on numpy. What its outputs mean, and how wrong they are, is for whoever trains it to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
Slope = Callable[[Floats, Integers], Floats]
"""Given outputs for the examples of these numbers, how the loss of each changes with its outputs."""

BATCH = 256
RATE = 2e-3
LEAST_RATE = 1e-5
DECAY = 2e-2
DROPPED = np.float32(0.2)
FIRST, SECOND = 0.9, 0.99
"""How slowly Adam forgets slopes and their squares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Perceptron:
    """`hidden` of inputs x units and `outer` of units x outputs, with the bias of each."""

    hidden: Floats
    hidden_bias: Floats
    outer: Floats
    outer_bias: Floats

    def outputs(self, sums: Floats) -> Floats:
        """The outputs for what reaches the hidden units (inputs @ hidden + hidden_bias)."""
        return np.maximum(sums, 0) @ self.outer + self.outer_bias


def beginning(inputs: int, units: int, outputs: int, seed: int) -> Perceptron:
    """One that has learnt nothing: weights by chance (He et al., arXiv:1502.01852), outputs near 0."""
    chance = np.random.default_rng(seed)
    return Perceptron(
        hidden=chance.normal(0, np.sqrt(2 / inputs), (inputs, units)).astype(np.float32),
        hidden_bias=np.zeros(units, np.float32),
        outer=chance.normal(0, 0.1 * np.sqrt(2 / units), (units, outputs)).astype(np.float32),
        outer_bias=np.zeros(outputs, np.float32),
    )


def learn(start: Perceptron, examples: Floats, slope: Slope, *, epochs: int, seed: int) -> Perceptron:
    """One that has seen all examples so many times, `start` before them. The rate of learning falls as a cosine."""
    chance = np.random.default_rng(seed)
    parts = [part.copy() for part in (start.hidden, start.hidden_bias, start.outer, start.outer_bias)]
    means, squares = ([np.zeros_like(part) for part in parts] for _ in range(2))
    steps, step = epochs * -(-len(examples) // BATCH), 0
    for _ in range(epochs):
        order = chance.permutation(len(examples))
        for begin in range(0, len(order), BATCH):
            numbers = order[begin : begin + BATCH]
            rate = np.float32(LEAST_RATE + RATE * 0.5 * (1 + np.cos(np.pi * step / steps)))
            step += 1
            slopes = _slopes(parts, examples[numbers], numbers, slope, chance)
            for number, moved in enumerate(slopes):
                means[number] += (1 - FIRST) * (moved - means[number])
                squares[number] += (1 - SECOND) * (moved * moved - squares[number])
                usual = np.sqrt(squares[number] / np.float32(1 - SECOND**step)) + np.float32(1e-8)
                decay = np.float32(DECAY if parts[number].ndim > 1 else 0.0)
                parts[number] *= 1 - rate * decay
                parts[number] -= rate * (means[number] / np.float32(1 - FIRST**step)) / usual
    return Perceptron(hidden=parts[0], hidden_bias=parts[1], outer=parts[2], outer_bias=parts[3])


def _slopes(
    parts: list[Floats], inputs: Floats, numbers: Integers, slope: Slope, chance: np.random.Generator
) -> list[Floats]:
    """How the mean loss of a batch changes with each part."""
    hidden, hidden_bias, outer, outer_bias = parts
    units = np.maximum(inputs @ hidden + hidden_bias, 0)
    units *= (chance.random(units.shape, dtype=np.float32) > DROPPED) / (1 - DROPPED)
    wrong = slope(units @ outer + outer_bias, numbers) / np.float32(BATCH)
    back = (wrong @ outer.T) * (units > 0) / (1 - DROPPED)
    return [inputs.T @ back, back.sum(axis=0), units.T @ wrong, wrong.sum(axis=0)]

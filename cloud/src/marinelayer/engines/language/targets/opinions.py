"""Our head for targets: how a sentence speaks of one of them, from the numbers that `surroundings` gives.

A file (`.npz`, written by `training/targets.py`) holds `Q`, int8 weights of 3 classes x 2^18 hashed features; `scale`,
what a step of them is worth; `v`, weights of the further values; `b`, 3 biases; and `calibration`, by which the logits
are multiplied, so that shares are what comes true. The classes are negative, neutral and positive.
"""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from marinelayer.engines.language.linear_head import LinearHead, vader_values
from marinelayer.engines.language.mixed import Shares, clauses, mixed
from marinelayer.engines.language.targets.surroundings import Surroundings, Target
from marinelayer.engines.language.vader import vader

LEAST = 1e-4
"""Added to a share before its logarithm is taken."""
MOST_PARTS = 12
KEPT = 256
"""Texts whose shares are remembered."""


class TextHead:
    """Our English sentiment head, asked of some words of a sentence."""

    def __init__(self, head: LinearHead) -> None:
        self._head = head
        self._vader = vader()
        # The targets of a clause ask the same of it.
        self.shares = lru_cache(maxsize=KEPT)(self._shares)

    @property
    def valences(self) -> dict[str, float]:
        """VADER's lexicon."""
        return self._vader.lexicon

    def _shares(self, text: str) -> Shares:
        """Of negative, neutral and positive."""
        return self._head.shares(text, "en", vader_values(self._vader.polarity_scores(text)))

    def logits(self, text: str) -> list[float]:
        """Logarithms of the shares, around 0; zeros for no words."""
        if not text.strip():
            return [0.0, 0.0, 0.0]
        logs = np.log(np.asarray(self.shares(text)) + LEAST)
        return (logs - logs.mean()).tolist()


class TargetHead:
    """One loaded classifier."""

    def __init__(self, data: bytes) -> None:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            self._weights: npt.NDArray[np.int8] = file["Q"]
            self._scale = float(file["scale"])
            self._further: npt.NDArray[np.float32] = file["v"]
            self._bias: npt.NDArray[np.float64] = file["b"]
            self._factor = float(file["calibration"])

    def shares(self, surroundings: Surroundings, target: Target) -> Shares:
        """The probabilities of negative, neutral and positive."""
        features = surroundings.features(target)
        columns, values = [number for number, _ in features], np.array([value for _, value in features])
        sums = self._weights[:, columns].astype(np.float64) @ values
        logits = sums * self._scale + self._further @ np.asarray(surroundings.values(target)) + self._bias
        powers = np.exp((logits - logits.max()) * self._factor)
        negative, neutral, positive = (float(share) for share in powers / powers.sum())
        return negative, neutral, positive


def both(text_head: TextHead, surroundings: Surroundings, target: Target) -> float:
    """The share of MIXED (0-1): whether one part of the target's clause praises and another blames."""
    words = surroundings.sentence.words
    clause = " ".join(words[place] for place in surroundings.clause(target))
    return mixed([text_head.shares(part) for part in clauses(clause, "en")[:MOST_PARTS]])

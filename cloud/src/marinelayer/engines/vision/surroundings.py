"""What a cell of a map is told by: its own features, reduced to those that vary most, and those of cells around it, the
further away the more blurred."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from marinelayer.engines.vision.pyramids import Pyramid

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

KEPT = 32
"""Features of a cell, after they were reduced."""
RINGS = {1: 0, 2: 0, 4: 3, 7: 5}
"""Distances, in cells, at which is looked in eight directions; with how many cells wide is blurred there."""
PLACES: Sequence[tuple[int, int, int]] = (
    (0, 0, 0),
    *(
        (down * far, across * far, blurred)
        for far, blurred in RINGS.items()
        for down in (-1, 0, 1)
        for across in (-1, 0, 1)
        if down or across
    ),
)
"""Rows down, columns across, and the blur, of each cell that is looked at."""
INPUTS = len(PLACES) * (KEPT + 1)
BORDER = max(RINGS)
_STRONGEST = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """From all features of a cell to KEPT of about the same spread, the principal components of what was learnt of."""

    weights: Floats
    bias: Floats

    def of(self, features: Floats) -> Floats:
        """The reduced map."""
        return np.clip(features @ self.weights + self.bias, -_STRONGEST, _STRONGEST)


def sampled(pyramid: Pyramid, chance: np.random.Generator, cells: int) -> Floats:
    """The features of so many cells of a picture, by chance."""
    everything = np.concatenate([level.map.reshape(-1, level.map.shape[2]) for level in pyramid])
    return everything[chance.choice(len(everything), min(cells, len(everything)), replace=False)]


def reduction_of(samples: Iterable[Floats]) -> Reduction:
    """The reduction that loses least of these cells' features, each counted in its own spread."""
    cells = np.concatenate(list(samples)).astype(np.float64)
    mean, spread = cells.mean(axis=0), cells.std(axis=0) + 1e-3
    scaled = (cells - mean) / spread
    sizes, directions = np.linalg.eigh(scaled.T @ scaled / len(scaled))
    chosen = np.argsort(-sizes)[:KEPT]
    weights = directions[:, chosen] / np.sqrt(sizes[chosen] + 1e-2 * sizes.max()) / spread[:, np.newaxis]
    return Reduction(weights=weights.astype(np.float32), bias=(-(mean @ weights)).astype(np.float32))


class Surroundings:
    """A reduced map, to be looked at around its cells. Beyond its border everything is 0, and so is a last feature
    that is 1 within."""

    def __init__(self, reduced: Floats) -> None:
        self.rows, self.columns = reduced.shape[:2]
        within = np.ones((self.rows, self.columns, 1), np.float32)
        plain = np.asarray(reduced, np.float32)
        self._maps: dict[int, Floats] = {}
        for blur in {0, *RINGS.values()}:
            blurred = cv2.blur(plain, (blur, blur), borderType=cv2.BORDER_REPLICATE) if blur else plain
            whole = np.concatenate([np.asarray(blurred, np.float32).reshape(*plain.shape), within], axis=2)
            self._maps[blur] = np.pad(whole, ((BORDER, BORDER), (BORDER, BORDER), (0, 0)))

    def at(self, rows: Integers, columns: Integers) -> Floats:
        """INPUTS numbers for each of these cells."""
        return np.concatenate(
            [self._maps[blur][rows + BORDER + down, columns + BORDER + across] for down, across, blur in PLACES], axis=1
        )

    def weighed(self, weights: Floats, bias: Floats) -> Floats:
        """For all cells, rows x columns x units: what is `at` them, by weights of INPUTS x units, and the bias."""
        sums = np.tile(bias, (self.rows, self.columns, 1))
        for number, (down, across, blur) in enumerate(PLACES):
            part = self._maps[blur][
                BORDER + down : BORDER + down + self.rows, BORDER + across : BORDER + across + self.columns
            ]
            sums += part @ weights[number * (KEPT + 1) : (number + 1) * (KEPT + 1)]
        return sums

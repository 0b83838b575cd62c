"""Models that find things: every cell of a picture's maps says how much it looks like the middle of a thing of each
label, and where the thing's box would be (as FCOS does, arXiv:1904.01355). What several cells say of one thing is put
together, and how sure they are is scaled to how often they are right.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from marinelayer.engines.learning.logistic import shares
from marinelayer.engines.learning.perceptron import Floats, Integers, Perceptron
from marinelayer.engines.vision.located import Boxes, apart, overlaps
from marinelayer.engines.vision.located import Floats as Scores
from marinelayer.engines.vision.pyramids import STRIDE, Pyramid
from marinelayer.engines.vision.surroundings import Reduction, Surroundings

LEAST = -3.0
"""Score of a cell from which on it counts (before it is scaled): 0.05."""
MOST_CELLS = 600
MOST_FOUND = 100
SAME, ALIKE = 0.5, 0.6
"""Overlaps: two boxes of a label that overlap more than SAME are of one thing; those that overlap more than ALIKE are
put together."""
UNIT = 32.0
"""Pixels in which a box's middle is told from its cell's; its sides are told in twice that."""
_STEEPEST = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A thing that was found: its label's number, its score (before it is scaled: the logit of a sigmoid), and left,
    top, right and bottom as fractions of the picture."""

    label: int
    score: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How scores become how sure the model is: slope and bias of each label."""

    slopes: Scores
    biases: Scores

    def sure(self, found: Found) -> float:
        """From 0 to 1."""
        logit = self.slopes[found.label] * found.score + self.biases[found.label]
        return float(shares(np.array([[logit]]), several=True)[0, 0])


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectModel:
    """What finds things of so many labels."""

    labels: int
    reduction: Reduction
    head: Perceptron

    def find(self, pyramid: Pyramid, size: tuple[int, int]) -> list[Found]:
        """What is in a picture of this width and height, best first."""
        reduced = [(level.scale, self.reduction.of(level.map)) for level in pyramid]
        return self.find_in(reduced, size)

    def find_in(self, levels: Sequence[tuple[tuple[float, float], Floats]], size: tuple[int, int]) -> list[Found]:
        """The same for maps that are reduced already, each with its scale."""
        looked = [self._look(scale, reduced) for scale, reduced in levels]
        scores = np.concatenate([score for score, _ in looked])
        boxes = np.concatenate([box for _, box in looked])
        boxes = (boxes / np.array([*size, *size], np.float64)).clip(0, 1)
        found: list[Found] = []
        for label in range(self.labels):
            found += _together(label, scores[:, label], boxes)
        return sorted(found, key=lambda one: -one.score)[:MOST_FOUND]

    def scores(self, around: Surroundings) -> Floats:
        """What all cells of a map say: rows x columns x (labels + 4)."""
        return self.head.outputs(around.weighed(self.head.hidden, self.head.hidden_bias))

    def _look(self, scale: tuple[float, float], reduced: Floats) -> tuple[Scores, Boxes]:
        said = self.scores(Surroundings(reduced))
        rows, columns = np.nonzero(said[..., : self.labels].max(axis=-1) > LEAST)
        chosen = said[rows, columns].astype(np.float64)
        return chosen[:, : self.labels], boxes_of(chosen[:, self.labels :], rows, columns, scale)


def _together(label: int, scores: Scores, boxes: Boxes) -> list[Found]:
    """The things of one label: boxes that are alike become their mean, each weighing as much as it is sure."""
    order = np.argsort(-scores, kind="stable")[:MOST_CELLS]
    order = order[(scores[order] > LEAST) & (np.minimum(*_sides(boxes[order])) > 0)]
    scores, boxes = scores[order], boxes[order]
    weights = shares(scores[:, np.newaxis], several=True)
    found: list[Found] = []
    for best in apart(boxes, scores, SAME):
        alike = overlaps(boxes[best : best + 1], boxes)[0] > ALIKE
        left, top, right, bottom = (float(side) for side in np.average(boxes[alike], axis=0, weights=weights[alike, 0]))
        found.append(Found(label=label, score=float(scores[best]), box=(left, top, right, bottom)))
    return found


def _sides(boxes: Boxes) -> tuple[Scores, Scores]:
    return boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]


def boxes_of(told: Scores, rows: Integers, columns: Integers, scale: tuple[float, float]) -> Boxes:
    """Boxes, in the picture's pixels, from what cells tell of them."""
    middle = np.stack([(columns + 0.5) * STRIDE, (rows + 0.5) * STRIDE], axis=1) + told[:, :2] * UNIT
    half = UNIT * np.exp(np.clip(told[:, 2:], -_STEEPEST, _STEEPEST))
    across = np.array(scale)
    return np.concatenate([(middle - half) / across, (middle + half) / across], axis=1)


def told_of(boxes: Boxes, rows: Integers, columns: Integers) -> Floats:
    """What cells should tell of boxes, which are in the pixels of their map's picture."""
    middle = 0.5 * (boxes[:, :2] + boxes[:, 2:])
    cell = np.stack([(columns + 0.5) * STRIDE, (rows + 0.5) * STRIDE], axis=1)
    half = 0.5 * (boxes[:, 2:] - boxes[:, :2])
    return np.concatenate([(middle - cell) / UNIT, np.log(half / UNIT)], axis=1).astype(np.float32)


def written(model: ObjectModel, calibration: Calibration) -> bytes:
    """A model as bytes (`.npz`)."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        kind=np.array("objects"),
        labels=np.array(model.labels),
        reducing=model.reduction.weights,
        reducing_bias=model.reduction.bias,
        hidden=model.head.hidden,
        hidden_bias=model.head.hidden_bias,
        outer=model.head.outer,
        outer_bias=model.head.outer_bias,
        slopes=calibration.slopes,
        biases=calibration.biases,
    )
    return file.getvalue()


def read_model(data: bytes) -> tuple[ObjectModel, Calibration]:
    """A model from its bytes."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        model = ObjectModel(
            labels=int(file["labels"]),
            reduction=Reduction(weights=file["reducing"], bias=file["reducing_bias"]),
            head=Perceptron(
                hidden=file["hidden"],
                hidden_bias=file["hidden_bias"],
                outer=file["outer"],
                outer_bias=file["outer_bias"],
            ),
        )
        return model, Calibration(slopes=file["slopes"], biases=file["biases"])

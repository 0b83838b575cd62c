"""Learning to find things: cells in the middle of a thing are examples of it, others are not; of these, after a first
look, those that were taken for a thing (hard negatives).

How sure to be and where to draw the line follow from pictures that were looked at by models of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from marinelayer.engines.learning.logistic import shares
from marinelayer.engines.learning.minimising import minimise
from marinelayer.engines.learning.perceptron import Floats, Integers, beginning, learn
from marinelayer.engines.vision.located import Boxes, Thing, rightly
from marinelayer.engines.vision.located import Floats as Scores
from marinelayer.engines.vision.object_model import LEAST, Calibration, Found, ObjectModel, told_of
from marinelayer.engines.vision.pyramids import LEVELS, STRIDE
from marinelayer.engines.vision.surroundings import INPUTS, Reduction, Surroundings

Halves = npt.NDArray[np.float16]

UNITS = 64
EPOCHS = 5
ROUNDS = 2
"""Of looking for hard negatives."""
SMALLEST, LARGEST = 40.0, 112.0
"""Longer sides of things, in pixels of a level, that are learnt there: smaller ones on a larger level, where there is
one, larger ones on a smaller one. Some are learnt on two."""
NEAR = 1.5
"""How far beyond that a thing is neither an example nor none."""
MIDDLE, LEAST_MIDDLE, RIM = 0.22, 6.0, 1.6
"""Of a thing's sides from its middle, that its middle is; at least so many pixels; and how far around it is neither."""
AT_FIRST, HARD = (160, 80, 40, 20), (60, 30, 15, 8)
"""Cells of each level that are taken as examples of nothing: at first by chance, then the worst."""
MOST_ROWS = 100_000
"""Examples in all; with very many pictures fewer are taken of each."""
HEAVIEST = 8.0
FOLDS = 3
SEED = 20261127
USUAL_THRESHOLD = 0.5
NOTHING, NEITHER = -1, -2
"""Of a cell: no thing's middle is there, or it does not matter."""
POOLED = 5.0
"""Examples' worth of belief that a label's scores mean what those of all labels do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A picture, or a variation of it: of which example it is one, its width and height, its reduced maps with their
    scales, and its things in pixels. The first view of an example is the picture as it is."""

    example: int
    size: tuple[int, int]
    levels: Sequence[tuple[tuple[float, float], Halves]]
    things: Sequence[Thing]

    @property
    def looked(self) -> list[tuple[tuple[float, float], Floats]]:
        """The maps in full precision."""
        return [(scale, reduced.astype(np.float32)) for scale, reduced in self.levels]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Cells to learn from: what is at them, their label's number (-1 for nothing), what they should tell of its box."""

    inputs: Floats
    labels: Integers
    told: Floats


def learnt(views: Sequence[View], labels: int, reduction: Reduction) -> ObjectModel:
    """A model of what these views show."""
    chance = np.random.default_rng(SEED)
    share = min(1.0, MOST_ROWS / (len(views) * (sum(AT_FIRST) + ROUNDS * sum(HARD) + 20)))
    rows = [_first_rows(view, chance, share) for view in views]
    model = ObjectModel(labels=labels, reduction=reduction, head=beginning(INPUTS, UNITS, labels + 4, SEED))
    for number in range(ROUNDS + 1):
        every = _Rows(
            inputs=np.concatenate([one.inputs for one in rows]),
            labels=np.concatenate([one.labels for one in rows]),
            told=np.concatenate([one.told for one in rows]),
        )
        head = learn(model.head, every.inputs, _Loss(every, labels), epochs=EPOCHS, seed=SEED + number)
        model = ObjectModel(labels=labels, reduction=reduction, head=head)
        del every  # it is as large as all rows, and the next one is made beside them
        if number < ROUNDS:
            rows += [_hard_rows(view, model, share) for view in views]
    return model


class _Loss:
    """Cross entropy of the labels; of the boxes, where there are some, Huber's. Middles of things, which are few,
    weigh about as much as all else."""

    def __init__(self, rows: _Rows, labels: int) -> None:
        self._labels = labels
        there = rows.labels >= 0
        self._truth = np.zeros((len(rows.labels), labels), np.float32)
        self._truth[np.flatnonzero(there), rows.labels[there]] = 1
        self._told, self._there = rows.told, there.astype(np.float32)
        share = float(there.mean()) if there.any() else 1.0
        weights = np.where(there, 0.5 / share, 0.5 / max(1 - share, 1e-3))
        self._weights = np.minimum(weights, HEAVIEST).astype(np.float32)[:, np.newaxis]

    def __call__(self, outputs: Floats, numbers: Integers) -> Floats:
        """The slopes of the examples of these numbers."""
        said = shares(outputs[:, : self._labels], several=True)  # pyright: ignore[reportArgumentType]  # any floats
        wrong = said - self._truth[numbers]
        apart = np.clip(outputs[:, self._labels :] - self._told[numbers], -1, 1) * self._there[numbers, np.newaxis]
        return (np.concatenate([wrong, 2 * apart], axis=1) * self._weights[numbers]).astype(np.float32)


def _first_rows(view: View, chance: np.random.Generator, share: float) -> _Rows:
    parts: list[_Rows] = []
    for level, (scale, reduced) in enumerate(view.looked):
        wanted, boxes = wanted_of(view.things, reduced.shape[:2], scale, level)
        there, nothing = np.flatnonzero(wanted >= 0), np.flatnonzero(wanted == NOTHING)
        taken = chance.permutation(nothing)[: max(1, round(AT_FIRST[level] * share))]
        parts.append(_rows(Surroundings(reduced), np.concatenate([there, taken]), wanted, boxes))
    return _joined(parts)


def _hard_rows(view: View, model: ObjectModel, share: float) -> _Rows:
    parts: list[_Rows] = []
    for level, (scale, reduced) in enumerate(view.looked):
        wanted, boxes = wanted_of(view.things, reduced.shape[:2], scale, level)
        around = Surroundings(reduced)
        said = np.where(wanted == NOTHING, model.scores(around)[..., : model.labels].max(axis=-1), -np.inf).ravel()
        worst = np.argsort(-said, kind="stable")[: max(1, round(HARD[level] * share))]
        parts.append(_rows(around, worst[said[worst] > LEAST], wanted, boxes))
    return _joined(parts)


def wanted_of(
    things: Sequence[Thing], shape: tuple[int, ...], scale: tuple[float, float], level: int
) -> tuple[Integers, Boxes]:
    """What each cell of a level should say: the number of the label in whose thing's middle it is, NOTHING, or NEITHER
    where it does not matter; and that thing's box in the level's pixels. Of several things it is the smallest."""
    rows, columns = shape[:2]
    wanted, boxes = np.full((rows, columns), NOTHING, np.int64), np.zeros((rows, columns, 4))
    down, across = ((np.arange(count) + 0.5) * STRIDE for count in (rows, columns))
    scaled = [(thing.label, np.array(thing.box) * (*scale, *scale)) for thing in things]
    ordered = sorted(scaled, key=lambda one: -float(np.prod(one[1][2:] - one[1][:2])))
    for label, box in ordered:
        middle, sides = 0.5 * (box[:2] + box[2:]), box[2:] - box[:2]
        longer = float(sides.max())
        here = (level == 0 or longer >= SMALLEST) and (level == LEVELS - 1 or longer <= LARGEST)
        reach = np.maximum(MIDDLE * sides, LEAST_MIDDLE)
        away = np.maximum(
            np.abs(down - middle[1])[:, np.newaxis] / reach[1], np.abs(across - middle[0])[np.newaxis] / reach[0]
        )
        if here:
            wanted[(away <= RIM) & (wanted == NOTHING)] = NEITHER
            wanted[away <= 1], boxes[away <= 1] = label, box
        elif SMALLEST / NEAR <= longer <= LARGEST * NEAR:
            wanted[(away <= 1) & (wanted == NOTHING)] = NEITHER
    return wanted, boxes


def _rows(around: Surroundings, cells: Integers, wanted: Integers, boxes: Boxes) -> _Rows:
    rows, columns = np.divmod(cells, around.columns)
    labels = wanted[rows, columns]
    told = np.zeros((len(cells), 4), np.float32)
    there = labels >= 0
    told[there] = told_of(boxes[rows, columns][there], rows[there], columns[there])
    return _Rows(inputs=around.at(rows, columns), labels=labels, told=told)


def _joined(parts: Sequence[_Rows]) -> _Rows:
    return _Rows(
        inputs=np.concatenate([one.inputs for one in parts]),
        labels=np.concatenate([one.labels for one in parts]),
        told=np.concatenate([one.told for one in parts]),
    )


# --- what is said of pictures that were not learnt of ------------------------------------------------------------


def unseen(views: Sequence[View], labels: int, reduction: Reduction) -> dict[int, list[Found]]:
    """What is found in each example by a model of others; nothing where there is no other."""
    examples = list(dict.fromkeys(view.example for view in views))
    folds = min(FOLDS, len(examples))
    found: dict[int, list[Found]] = {example: [] for example in examples}
    if folds < 2:
        return found
    for fold in range(folds):
        held = set(examples[fold::folds])
        model = learnt([view for view in views if view.example not in held], labels, reduction)
        for example in held:
            plain = next(view for view in views if view.example == example)
            found[example] = model.find_in(plain.looked, plain.size)
    return found


def judged(found: Sequence[Found], things: Sequence[Thing], size: tuple[int, int]) -> list[tuple[Found, bool]]:
    """What was found in a picture of this size, best first, each with whether it is right."""
    told: list[tuple[Found, bool]] = []
    for label in {one.label for one in found}:
        ranked = sorted((one for one in found if one.label == label), key=lambda one: -one.score)
        truth = np.array([thing.box for thing in things if thing.label == label], np.float64).reshape(-1, 4)
        right = rightly(np.array([one.box for one in ranked]), truth / np.array([*size, *size]))
        told += zip(ranked, right.tolist(), strict=True)
    return told


def calibration_of(told: Sequence[tuple[Found, bool]], labels: int) -> Calibration:
    """What scores mean, by how often they were right: of each label for itself, as far as there is enough of it, and
    as of all labels otherwise (Platt's scaling, with Jeffreys' targets as in `learning.heldout`)."""
    pooled = _scaled([(one.score, right) for one, right in told], np.array([1.0, 0.0]), 1.0)
    each = [
        _scaled([(one.score, right) for one, right in told if one.label == label], pooled, POOLED)
        for label in range(labels)
    ]
    return Calibration(slopes=np.array([one[0] for one in each]), biases=np.array([one[1] for one in each]))


def _scaled(told: Sequence[tuple[float, bool]], start: Scores, belief: float) -> Scores:
    if not told:
        return start
    scores, right = np.array([score for score, _ in told]), np.array([hit for _, hit in told], np.float64)
    count = right.sum(), (1 - right).sum()
    targets = right * (count[0] + 0.5) / (count[0] + 1) + (1 - right) * 0.5 / (count[1] + 1)

    def lost(point: Scores) -> tuple[float, Scores]:
        logits = point[0] * scores + point[1]
        wrong = 0.5 * (1 + np.tanh(0.5 * logits)) - targets
        entropy = float((np.logaddexp(0, logits) - targets * logits).sum())
        away = point - start
        slope = np.array([float(wrong @ scores), float(wrong.sum())]) + belief * away
        return entropy + 0.5 * belief * float(away @ away), slope

    return minimise(lost, start)


def thresholds_of(sure: Sequence[tuple[int, float, bool]], truth: Sequence[int]) -> list[float]:
    """For each label the threshold with the best F1 of what was found (label, how sure, whether it is right), where so
    many are true."""
    return [
        _threshold([(how, right) for of, how, right in sure if of == label], there) for label, there in enumerate(truth)
    ]


def mean_f1(sure: Sequence[tuple[int, float, bool]], truth: Sequence[int], thresholds: Sequence[float]) -> float:
    """The mean over the labels of F1 at these thresholds."""
    both = list(truth)
    right = [0] * len(truth)
    for label, how, hit in sure:
        if how >= thresholds[label]:
            both[label] += 1
            right[label] += hit
    return sum(2 * one / whole for one, whole in zip(right, both, strict=True) if whole) / max(len(truth), 1)


def _threshold(sure: Sequence[tuple[float, bool]], there: int) -> float:
    if not any(right for _, right in sure):
        return USUAL_THRESHOLD
    ranked = sorted(sure, key=lambda one: -one[0])
    right, best, threshold = 0, 0.0, USUAL_THRESHOLD
    for number, (how, hit) in enumerate(ranked, start=1):
        right += hit
        following = ranked[number][0] if number < len(ranked) else 0.0
        f1 = 2 * right / (number + there)
        if f1 > best and following < how:
            best, threshold = f1, 0.5 * (how + following)
    return threshold

"""Figures and their intervals. Pure.

A share of items has Wilson's interval. A figure that is no share of items (macro recall, F1, chrF, mAP) has a
bootstrap's: the items are drawn again with replacement, a fixed number of times from a fixed seed, and the 2.5th and
97.5th percentiles are its bounds.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from evaluation.figures import Interval

Z = 1.96
DRAWS = 1000
SEED = 20261127

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def share(part: int, whole: int) -> Interval:
    """A share of items, with Wilson's interval."""
    p = part / whole
    centre = p + Z * Z / (2 * whole)
    spread = Z * math.sqrt(p * (1 - p) / whole + Z * Z / (4 * whole * whole))
    low, high = ((centre + sign * spread) / (1 + Z * Z / whole) for sign in (-1, 1))
    return Interval(value=p, low=low, high=high, method="Wilson")


def bootstrap(
    items: int, figure: Callable[[Integers], float], draws: int = DRAWS, *, centred: bool = False
) -> Interval:
    """The figure over all items, which it is given by their numbers, with the interval of its bootstrap; `centred`
    around it, where a figure rises by the mere fact that items are drawn twice."""
    random = np.random.default_rng(SEED)
    drawn = [figure(random.integers(0, items, items)) for _ in range(draws)]
    value = figure(np.arange(items))
    low, high = np.percentile(drawn, (2.5, 97.5)) + (value - np.mean(drawn) if centred else 0.0)
    return Interval(value=value, low=float(low), high=float(high), method="bootstrap")


def mean_interval(groups: Sequence[tuple[int, Callable[[Integers], float]]]) -> Interval:
    """The mean of a figure over groups of items (languages), each drawn again by itself."""
    random = np.random.default_rng(SEED)
    drawn = [
        statistics.mean(figure(random.integers(0, items, items)) for items, figure in groups) for _ in range(DRAWS)
    ]
    low, high = np.percentile(drawn, (2.5, 97.5))
    value = statistics.mean(figure(np.arange(items)) for items, figure in groups)
    return Interval(value=value, low=float(low), high=float(high), method="bootstrap")


def macro_recall(labels: Integers, told: Integers, classes: int = 3) -> float:
    """The mean over the classes of the share of a class's items that are told to be of it."""
    table = _confusion(labels, told, classes)
    return float(np.mean(np.diag(table) / np.maximum(table.sum(1), 1)))


def macro_f1(labels: Integers, told: Integers, classes: int = 3) -> float:
    """The mean over the classes of F1."""
    table = _confusion(labels, told, classes)
    return float(np.mean(2 * np.diag(table) / np.maximum(table.sum(1) + table.sum(0), 1)))


def _confusion(labels: Integers, told: Integers, classes: int) -> Integers:
    counts = np.bincount(labels * classes + told, minlength=classes * classes)
    return counts.reshape(classes, classes)


def mutual_information(labels: Integers, told: Integers) -> float:
    """How much what is told says of the labels, between 0 and 1: their mutual information over the mean of their
    entropies. Which number stands for which label does not matter."""
    table = _confusion_of(labels, told)
    joint = table / table.sum()
    rows, columns = joint.sum(1), joint.sum(0)
    both = joint[joint > 0]
    shared = float((both * np.log(both / np.outer(rows, columns)[joint > 0])).sum())
    entropies = [-float((part[part > 0] * np.log(part[part > 0])).sum()) for part in (rows, columns)]
    return 2 * shared / sum(entropies) if sum(entropies) else 1.0


def purity(labels: Integers, told: Integers) -> float:
    """The share of items that have the most frequent label of all that are told the same."""
    return float(_confusion_of(labels, told).max(0).sum() / len(labels))


def _confusion_of(labels: Integers, told: Integers) -> Integers:
    classes = int(max(labels.max(), told.max())) + 1
    return _confusion(labels, told, classes)


def coherence(topics: Sequence[Sequence[str]], documents: Sequence[frozenset[str]]) -> Floats:
    """For each topic the mean over pairs of its terms of their normalised pointwise mutual information (-1 to 1): how
    much more often than by chance a document has both. Bouma 2009; Aletras and Stevenson 2013."""
    wanted = {term for topic in topics for term in topic}
    present = {term: np.array([term in document for document in documents]) for term in wanted}
    return np.array(
        [np.mean([_npmi(present[one], present[other]) for one, other in combinations(topic, 2)]) for topic in topics]
    )


def _npmi(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float:
    both = float((one & other).mean())
    if not both:
        return -1.0
    return math.log(both / (one.mean() * other.mean())) / -math.log(both) if both < 1 else 1.0


def calibration_error(right: npt.ArrayLike, sure: npt.ArrayLike, bins: int = 10) -> float:
    """Expected calibration error: how far the share of right answers is from what their scores said, in bins of equal
    width, weighed by how many answers are in them."""
    hits, scores = np.asarray(right, float), np.asarray(sure, float)
    number = np.minimum((scores * bins).astype(int), bins - 1)
    return float(sum(abs((hits - scores)[number == each].sum()) for each in range(bins)) / len(hits))


def chrf_counts(text: str, reference: str) -> Floats:
    """For n = 1 to 6: n-grams of characters that both have, that the text has, that the reference has; 18 numbers."""
    numbers: list[int] = []
    for n in range(1, 7):
        one, other = _grams(text, n), _grams(reference, n)
        numbers += [(one & other).total(), one.total(), other.total()]
    return np.array(numbers, float)


def chrf(counts: Floats) -> float:
    """Popovic 2015: the F-score (beta 2) of character n-grams, counted over the whole set, averaged over n = 1 to 6.
    `counts` is a row of `chrf_counts` for each text."""
    common, ours, theirs = counts.sum(0).reshape(6, 3).T
    precision, recall = float(np.mean(common / np.maximum(ours, 1))), float(np.mean(common / np.maximum(theirs, 1)))
    return 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0


def _grams(text: str, n: int) -> Counter[str]:
    plain = "".join(text.split())
    return Counter(plain[start : start + n] for start in range(len(plain) - n + 1))

"""How well predictions fit the truth, in the measures that AWS reports.

Source: Comprehend Developer Guide, "Custom classifier metrics": macro measures are means over the classes, micro ones
are over all decisions together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Measures from 0 to 1. `hamming_loss` is the share of labels that are wrong, the others are better the higher."""

    accuracy: float
    precision: float
    recall: float
    f1: float
    micro_precision: float
    micro_recall: float
    micro_f1: float
    hamming_loss: float


def evaluate(truth: Flags, predicted: Flags, *, exclusive: bool) -> Evaluation:
    """Compare what examples are with what was predicted (both count x classes; True where an example is of a class).

    A class that is neither in the truth nor predicted counts for nothing in the means.
    """
    right = (truth & predicted).sum(axis=0).astype(float)
    said, true = predicted.sum(axis=0).astype(float), truth.sum(axis=0).astype(float)
    seen = (said + true) > 0
    precision, recall = _ratio(right, said)[seen], _ratio(right, true)[seen]
    f1 = _ratio(2 * right, said + true)[seen]
    wrong = (truth != predicted).sum()
    # Of classes that exclude each other, one wrong answer is wrong twice over all classes, and once over all examples.
    decisions = 2 * len(truth) if exclusive else truth.size
    return Evaluation(
        accuracy=_share(right.sum(), true.sum()),
        precision=float(precision.mean()) if seen.any() else 0.0,
        recall=float(recall.mean()) if seen.any() else 0.0,
        f1=float(f1.mean()) if seen.any() else 0.0,
        micro_precision=_share(right.sum(), said.sum()),
        micro_recall=_share(right.sum(), true.sum()),
        micro_f1=_share(2 * right.sum(), said.sum() + true.sum()),
        hamming_loss=_share(float(wrong), decisions),
    )


def _ratio(part: npt.NDArray[np.float64], whole: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _share(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else 0.0


def confusion(truth: Flags, predicted: Flags) -> npt.NDArray[np.int64]:
    """How often examples of a class (row) were taken for a class (column), where classes exclude each other."""
    return truth.T.astype(np.int64) @ predicted.astype(np.int64)


def confusions(truth: Flags, predicted: Flags) -> npt.NDArray[np.int64]:
    """For each label a matrix of its own: row 0 for examples that do not have it, 1 for those that do; column 0 for
    those that were said not to have it, 1 for those that were."""
    both = (truth & predicted).sum(axis=0)
    neither = (~truth & ~predicted).sum(axis=0)
    said, missed = (~truth & predicted).sum(axis=0), (truth & ~predicted).sum(axis=0)
    return np.stack([np.stack([neither, said], axis=1), np.stack([missed, both], axis=1)], axis=1).astype(np.int64)

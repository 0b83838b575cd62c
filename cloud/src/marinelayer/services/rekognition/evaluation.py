"""What training came to: the figures of a model on the pictures that it was tested by, and the documents that say so.
Pure.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/im-metrics-use.html (precision, recall and F1 of
a label at its assumed threshold; those of all are the means), .../im-summary-file-api.html (the summary; its confusion
matrix has the share of the pictures of one label in which another was found) and
.../im-evaluation-manifest-snapshot-api.html.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marinelayer.services.rekognition.manifests import CLASSIFICATION

TRAINING_JOB, EVALUATION_JOB = "rekognition-custom-labels-training-job", "rekognition-custom-labels-evaluation-job"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A picture that was looked at: its labels, and how sure (0-1) the model is of each label that it knows."""

    source_ref: str
    labels: frozenset[str]
    sure: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Figures of one label, or the means of those of several."""

    precision: float
    recall: float
    f1: float


def metrics_of(label: str, threshold: float, looked: Sequence[Looked]) -> Metrics:
    """How well a label is found; 0 where nothing was to be found or was."""
    found = sum(one.sure[label] >= threshold for one in looked)
    there = sum(label in one.labels for one in looked)
    right = sum(label in one.labels and one.sure[label] >= threshold for one in looked)
    return Metrics(
        precision=right / found if found else 0.0,
        recall=right / there if there else 0.0,
        f1=2 * right / (found + there) if found + there else 0.0,
    )


def mean_of(metrics: Sequence[Metrics]) -> Metrics:
    """The means of several labels' figures."""
    count = len(metrics) or 1
    return Metrics(
        precision=sum(one.precision for one in metrics) / count,
        recall=sum(one.recall for one in metrics) / count,
        f1=sum(one.f1 for one in metrics) / count,
    )


def tested_labels(thresholds: Mapping[str, float], looked: Sequence[Looked]) -> list[str]:
    """The labels that a model knows and that some picture has: others can not be tested by these pictures."""
    return [label for label in thresholds if any(label in one.labels for one in looked)]


def summary_of(
    version_arn: str, ended: datetime, thresholds: Mapping[str, float], trained: int, looked: Sequence[Looked]
) -> dict[str, Any]:
    """The summary file: `trained` pictures were learnt of, and `looked` are those that it was tested by."""
    labels = tested_labels(thresholds, looked)
    tested = {
        label: (metrics_of(label, thresholds[label], looked), sum(label in one.labels for one in looked))
        for label in labels
    }
    summary = summary_file(version_arn, ended, thresholds, (trained, len(looked)), tested)
    summary["AggregatedEvaluationResults"]["ConfusionMatrix"] = _confusion(labels, thresholds, looked)
    return summary


def summary_file(
    version_arn: str,
    ended: datetime,
    thresholds: Mapping[str, float],
    pictures: tuple[int, int],
    tested: Mapping[str, tuple[Metrics, int]],
) -> dict[str, Any]:
    """What every summary has: of so many pictures that were learnt of and that it was tested by, each label that was
    tested, with its figures and the pictures that have it."""
    ranked = sorted(tested, key=lambda label: (-tested[label][0].f1, label))
    return {
        "Version": 1,
        "AggregatedEvaluationResults": shown(mean_of([metrics for metrics, _ in tested.values()])),
        "EvaluationDetails": {
            "EvaluationEndTimestamp": time_of(ended),
            "Labels": list(thresholds),
            "NumberOfTestingImages": pictures[1],
            "NumberOfTrainingImages": pictures[0],
            "ProjectVersionArn": version_arn,
        },
        "LabelEvaluationResults": [
            {
                "Label": label,
                "Metrics": {**shown(tested[label][0]), "Threshold": thresholds[label]},
                "NumberOfTestingImages": tested[label][1],
            }
            for label in ranked
        ],
    }


def snapshot_line(looked: Looked, thresholds: Mapping[str, float], ended: datetime) -> str:
    """A picture's line in a snapshot: its labels, and each label that the model found or should have found."""
    members: dict[str, Any] = {"source-ref": looked.source_ref}
    for number, label in enumerate(sorted(looked.labels)):
        members |= _attribute(f"rekognition-custom-labels-training-{number}", label, 1.0, ended, by_human=True)
    predicted = [label for label in thresholds if looked.sure[label] >= thresholds[label] or label in looked.labels]
    for number, label in enumerate(predicted):
        name, sure = f"rekognition-custom-labels-evaluation-{number}", looked.sure[label]
        members |= _attribute(name, label, sure, ended, by_human=False)
        found, there = sure >= thresholds[label], label in looked.labels
        members[f"{name}-metadata"] |= details_of(found=found, there=there)
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def details_of(*, found: bool, there: bool) -> dict[str, Any]:
    """What a snapshot says of something that was or was not found, and that is or is not there."""
    return {
        "rekognition-custom-labels-evaluation-details": {
            "version": 1,
            "ground-truth-labelling-jobs": [TRAINING_JOB],
            "is-true-positive": found and there,
            "is-true-negative": not found and not there,
            "is-false-positive": found and not there,
            "is-false-negative": there and not found,
            "is-present-in-ground-truth": there,
        }
    }


def _attribute(name: str, label: str, confidence: float, ended: datetime, *, by_human: bool) -> dict[str, Any]:
    return {
        name: 1,
        f"{name}-metadata": {
            "confidence": confidence,
            "job-name": TRAINING_JOB if by_human else EVALUATION_JOB,
            "class-name": label,
            "human-annotated": "yes" if by_human else "no",
            "creation-date": time_of(ended),
            "type": CLASSIFICATION,
        },
    }


def _confusion(
    labels: Sequence[str], thresholds: Mapping[str, float], looked: Sequence[Looked]
) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = []
    for truth in labels:
        of_it = [one for one in looked if truth in one.labels]
        for label in labels:
            found = sum(one.sure[label] >= thresholds[label] for one in of_it)
            cells.append({"GroundTruthLabel": truth, "PredictedLabel": label, "Value": found / len(of_it)})
    return cells


def shown(metrics: Metrics) -> dict[str, float]:
    """Figures as a summary has them."""
    return {"F1Score": metrics.f1, "Precision": metrics.precision, "Recall": metrics.recall}


def time_of(moment: datetime) -> str:
    """A time as manifests have it."""
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds")

"""A locating model's figures and its snapshots, and which lines of a manifest it is taught by."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from marinelayer.ports import Box
from marinelayer.services.rekognition.manifests import read_entry
from marinelayer.services.rekognition.object_evaluation import (
    LookedObjects,
    judged,
    object_snapshot_line,
    object_summary_of,
)
from marinelayer.services.rekognition.training_data import Pictures, check

from .test_manifests import box, boxes, image_label, read

ENDED = datetime(2026, 11, 27, 3, 4, 5, 678, UTC)
THRESHOLDS = {"Echo": 0.5, "Echo Dot": 0.8}
THERE = Box(left=86 / 640, top=65 / 480, width=220 / 640, height=334 / 480)
SHIFTED = Box(left=THERE.left + 0.05, top=THERE.top, width=THERE.width, height=THERE.height)
ELSEWHERE = Box(left=0.6, top=0.1, width=0.2, height=0.2)


def looked(*found: tuple[str, float, Box], **line: Any) -> LookedObjects:
    return LookedObjects(entry=read(line or boxes(box(0))), found=found)


def kinds(seen: LookedObjects) -> list[tuple[str, float, bool, bool]]:
    return [(one.label, one.sure, one.found, one.there) for one in judged(seen, THRESHOLDS)]


def test_a_box_is_right_by_half_an_overlap_and_only_once() -> None:
    assert kinds(looked(("Echo", 0.9, SHIFTED))) == [("Echo", 0.9, True, True)]
    assert kinds(looked(("Echo", 0.9, THERE), ("Echo", 0.7, SHIFTED))) == [
        ("Echo", 0.9, True, True),
        ("Echo", 0.7, True, False),
    ]
    assert kinds(looked(("Echo", 0.9, ELSEWHERE))) == [("Echo", 0.9, True, False), ("Echo", 0.0, False, True)]
    assert kinds(looked(("Echo Dot", 0.9, THERE))) == [("Echo Dot", 0.9, True, False), ("Echo", 0.0, False, True)]


def test_what_was_seen_but_not_surely_enough_was_missed() -> None:
    assert kinds(looked(("Echo", 0.49, SHIFTED), ("Echo", 0.3, ELSEWHERE))) == [("Echo", 0.49, False, True)]


def test_precision_recall_and_f1_are_over_boxes() -> None:
    two = boxes(box(0), box(0, left=400, width=200))
    seen = [
        looked(("Echo", 0.9, THERE), **two),
        looked(("Echo", 0.9, THERE), ("Echo", 0.8, ELSEWHERE)),
        looked(("Echo Dot", 0.7, THERE), **boxes(box(1))),
    ]
    summary = object_summary_of("arn:v", ENDED, {**THRESHOLDS, "unseen": 0.5}, 40, seen)
    echo, dot = summary["LabelEvaluationResults"]
    assert echo["Label"] == "Echo"
    assert echo["Metrics"] == {
        "Precision": pytest.approx(2 / 3),
        "Recall": pytest.approx(2 / 3),
        "F1Score": pytest.approx(2 / 3),
        "Threshold": 0.5,
    }
    assert (echo["NumberOfTestingImages"], dot["NumberOfTestingImages"]) == (2, 1)
    assert dot["Metrics"]["F1Score"] == 0.0
    assert summary["AggregatedEvaluationResults"] == {
        "Precision": pytest.approx(1 / 3),
        "Recall": pytest.approx(1 / 3),
        "F1Score": pytest.approx(1 / 3),
    }
    assert summary["EvaluationDetails"]["NumberOfTestingImages"] == 3


def test_a_snapshot_is_a_manifest_of_boxes() -> None:
    line = object_snapshot_line(looked(("Echo", 0.9, SHIFTED), ("Echo Dot", 0.9, ELSEWHERE)), THRESHOLDS, ENDED)
    entry = read_entry(line)
    assert entry is not None
    assert (entry.labels, entry.has_errors) == ({"Echo": True, "Echo Dot": True}, False)
    assert [label for label, _ in entry.boxes] == ["Echo", "Echo", "Echo Dot"]
    assert entry.boxes[0][1] == THERE
    told = json.loads(line)
    assert told["rekognition-custom-labels-training-0"]["image_size"] == [{"width": 640, "height": 480, "depth": 3}]
    details = [
        one["rekognition-custom-labels-evaluation-details"]
        for one in told["rekognition-custom-labels-evaluation-0-metadata"]["objects"]
    ]
    assert [(one["is-true-positive"], one["is-false-positive"]) for one in details] == [(True, False), (False, True)]


def test_boxes_are_fractions_of_the_size_that_the_line_gives() -> None:
    entry = read(boxes(box(1, left=64, top=48, width=320, height=240), box(0, left=-1)))
    assert entry.boxes == [("Echo Dot", Box(left=0.1, top=0.1, width=0.5, height=0.5))]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999"])
def test_a_side_that_is_no_number_is_off_the_frame(value: str) -> None:
    line = json.dumps(boxes(box(0), box(1))).replace('"left": 86', f'"left": {value}', 1)
    entry = read_entry(line)
    assert entry is not None
    assert [label for label, _ in entry.boxes] == ["Echo Dot"]
    assert "ERROR_INVALID_BOUNDING_BOX" in entry.line


def test_where_most_lines_have_boxes_one_label_is_enough_and_other_lines_do_not_count() -> None:
    boxed = [read(boxes(box(0))) for _ in range(3)]
    plain = [read({"source-ref": "s3://bucket/k", "x": 0, "x-metadata": image_label()})]
    pictures = Pictures(entries=[*boxed, *plain], located=True)
    assert pictures.use_case == "OBJECT_LOCALIZATION"
    assert (pictures.labels, pictures.usable, pictures.unusable) == ({"Echo"}, [0, 1, 2], [])
    assert check(pictures, Pictures(entries=boxed, located=True)) == []
    assert pictures.errors == []
    # Testing pictures without boxes tell nothing of a model that locates.
    testing = Pictures(entries=plain, located=True)
    assert [error["code"] for error in check(pictures, testing)] == ["ERROR_INSUFFICIENT_LABEL_OVERLAP"]
    assert [error["code"] for error in testing.errors] == ["ERROR_MANIFEST_TOO_FEW_LABELS"]

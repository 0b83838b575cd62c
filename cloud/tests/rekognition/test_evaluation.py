"""A model's figures, its documents, and the pictures that are held back to make them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.services.rekognition.evaluation import Looked, metrics_of, snapshot_line, summary_of
from marinelayer.services.rekognition.manifests import Entry, read_entry
from marinelayer.services.rekognition.splitting import held_back
from marinelayer.services.rekognition.training_data import Pictures, check, manifest_summary, validation_line

ENDED = datetime(2026, 11, 27, 3, 4, 5, 678, UTC)
THRESHOLDS = {"cap": 0.5, "watch": 0.8, "shoe": 0.5}


def looked(*labels: str, cap: float = 0.0, watch: float = 0.0) -> Looked:
    sure = {"cap": cap, "watch": watch, "shoe": 0.0}
    return Looked(source_ref="s3://b/k", labels=frozenset(labels), sure=sure)


SEEN = [
    looked("cap", cap=0.9),
    looked("cap", cap=0.5, watch=0.9),
    looked("cap", cap=0.4),
    looked("watch", watch=0.8, cap=0.1),
    looked("watch", watch=0.79),
]


def test_precision_recall_and_f1_are_at_the_labels_own_threshold() -> None:
    cap, watch = (metrics_of(label, THRESHOLDS[label], SEEN) for label in ("cap", "watch"))
    assert (cap.precision, cap.recall, cap.f1) == (1.0, 2 / 3, pytest.approx(0.8))
    assert (watch.precision, watch.recall, watch.f1) == (0.5, 0.5, 0.5)


def test_the_summary_has_means_a_confusion_matrix_and_each_label_by_its_f1() -> None:
    summary = summary_of("arn:v", ENDED, THRESHOLDS, 40, SEEN)
    together = summary["AggregatedEvaluationResults"]
    assert (together["Precision"], together["Recall"], together["F1Score"]) == (
        0.75,
        pytest.approx((2 / 3 + 0.5) / 2),
        pytest.approx(0.65),
    )
    cells = {(one["GroundTruthLabel"], one["PredictedLabel"]): one["Value"] for one in together["ConfusionMatrix"]}
    assert cells == {
        ("cap", "cap"): 2 / 3,
        ("cap", "watch"): 1 / 3,
        ("watch", "cap"): 0.0,
        ("watch", "watch"): 0.5,
    }
    assert summary["EvaluationDetails"] == {
        "EvaluationEndTimestamp": "2026-11-27T03:04:05.000678",
        "Labels": ["cap", "watch", "shoe"],
        "NumberOfTestingImages": 5,
        "NumberOfTrainingImages": 40,
        "ProjectVersionArn": "arn:v",
    }
    # A label that no testing picture has is not tested.
    assert [one["Label"] for one in summary["LabelEvaluationResults"]] == ["cap", "watch"]
    assert summary["LabelEvaluationResults"][1]["Metrics"]["Threshold"] == 0.8
    assert summary["LabelEvaluationResults"][1]["NumberOfTestingImages"] == 2


def test_a_snapshot_tells_of_each_label_whether_it_was_rightly_found() -> None:
    line = json.loads(snapshot_line(SEEN[1], THRESHOLDS, ENDED))
    assert line["rekognition-custom-labels-training-0-metadata"]["class-name"] == "cap"
    assert line["rekognition-custom-labels-training-0-metadata"]["human-annotated"] == "yes"
    told = [line[f"rekognition-custom-labels-evaluation-{number}-metadata"] for number in (0, 1)]
    assert [(one["class-name"], one["confidence"], one["human-annotated"]) for one in told] == [
        ("cap", 0.5, "no"),
        ("watch", 0.9, "no"),
    ]
    kinds = [one["rekognition-custom-labels-evaluation-details"] for one in told]
    assert [(one["is-true-positive"], one["is-false-positive"]) for one in kinds] == [(True, False), (False, True)]
    missed = json.loads(snapshot_line(SEEN[2], THRESHOLDS, ENDED))["rekognition-custom-labels-evaluation-0-metadata"]
    details = missed["rekognition-custom-labels-evaluation-details"]
    assert (details["is-false-negative"], details["is-present-in-ground-truth"]) == (True, True)


def test_a_snapshot_is_a_manifest_itself() -> None:
    entry = read_entry(snapshot_line(SEEN[0], THRESHOLDS, ENDED))
    assert entry is not None
    assert (entry.labels, entry.has_errors) == ({"cap": False}, False)


labelled = st.lists(st.frozensets(st.sampled_from("abcd"), min_size=1), max_size=60)


@given(labelled, st.randoms(use_true_random=False))
def test_about_a_fifth_is_held_back_and_no_label_is_lost(labels: list[frozenset[str]], chance: Any) -> None:
    named = list(enumerate(labels))
    chosen = held_back(named)
    shuffled = list(named)
    chance.shuffle(shuffled)
    assert held_back(shuffled) == chosen
    assert len(chosen) <= (len(labels) + 2) // 5
    left = {label for number, of in named if number not in chosen for label in of}
    assert left == {label for of in labels for label in of}


def test_each_label_has_its_fifth_held_back() -> None:
    chosen = held_back((number, {"ab"[number % 2]}) for number in range(40))
    assert sorted(number % 2 for number in chosen) == [0] * 4 + [1] * 4


def entry(label: str, bucket: str = "b", key: str = "k") -> Entry:
    return Entry(source_ref=f"s3://{bucket}/{key}", line="{}", labels={label: False}, has_errors=False)


def unlabelled() -> Entry:
    return Entry(source_ref="s3://b/k", line='{"cl-errors":[]}', labels={}, has_errors=True)


TWO = [entry("cap"), entry("watch")]


@pytest.mark.parametrize(
    ("training", "testing", "codes"),
    [
        (TWO, TWO, ([], [], [])),
        (TWO[:1], TWO[:1], (["ERROR_MANIFEST_TOO_FEW_LABELS"], ["ERROR_MANIFEST_TOO_FEW_LABELS"], [])),
        (
            [*TWO, entry("cap", "other")],
            TWO,
            (["ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS"], [], []),
        ),
        ([*TWO, None], TWO, (["ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST"], [], [])),
        ([*TWO, *TWO, unlabelled()], TWO, ([], [], [])),
        (
            [*TWO, unlabelled()],
            TWO,
            (["ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST"], [], []),
        ),
        (TWO, [entry("shoe"), entry("hat")], ([], [], ["ERROR_INSUFFICIENT_LABEL_OVERLAP"])),
        (TWO, [entry("cap"), entry("hat")], ([], [], [])),
        (
            [entry(str(number)) for number in range(251)],
            [entry(str(number)) for number in range(250)],
            (["ERROR_MANIFEST_TOO_MANY_LABELS"], [], []),
        ),
    ],
)
def test_what_stops_training_is_found_in_either_manifest_or_in_both(
    training: list[Entry | None], testing: list[Entry | None], codes: tuple[list[str], list[str], list[str]]
) -> None:
    one, other = Pictures(entries=training), Pictures(entries=testing)
    both = check(one, other)
    found = tuple([error["code"] for error in errors] for errors in (one.errors, other.errors, both))
    assert found == codes
    summary = manifest_summary(one, other, both)
    assert summary["errors"] == both
    assert summary["statistics"]["training"]["errors"] == one.errors
    counted = summary["statistics"]["training"]
    parts = ("valid_json_lines", "invalid_json_lines", "ignored_json_lines")
    assert sum(counted[part] for part in parts) == counted["total_json_lines"] == len(training)


def test_a_picture_that_can_not_be_used_is_named_in_the_validated_manifest() -> None:
    pictures = Pictures(entries=[entry("cap"), None, entry("watch")])
    pictures.invalid.add(0)
    lines = [json.loads(validation_line(pictures, at)) for at in range(3)]
    assert [[error["code"] for error in line.get("cl-errors", ())] for line in lines] == [
        ["ERROR_INVALID_IMAGE"],
        ["ERROR_INVALID_JSON_LINE"],
        [],
    ]
    assert pictures.unusable == [0, 1]

"""Lines of manifests: labels of pictures, boxes with theirs, and what is wrong with a line."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.services.rekognition.manifests import Entry, entries_of, read_entry

REF = "s3://bucket/images/one.png"


def image_label(name: str = "Sunrise", **changed: Any) -> dict[str, Any]:
    told = {
        "confidence": 1,
        "job-name": "labeling-job/x",
        "class-name": name,
        "human-annotated": "yes",
        "creation-date": "2020-03-06T17:46:39.176",
        "type": "groundtruth/image-classification",
    }
    return {key: value for key, value in {**told, **changed}.items() if value is not None}


def boxes(*annotations: Any, **changed: Any) -> dict[str, Any]:
    told = {
        "objects": [{"confidence": 1}] * len(annotations),
        "class-map": {"0": "Echo", "1": "Echo Dot"},
        "type": "groundtruth/object-detection",
        "human-annotated": "yes",
        "creation-date": "2013-11-18T02:53:27",
    }
    return {
        "source-ref": REF,
        "bb": {"image_size": [{"width": 640, "height": 480, "depth": 3}], "annotations": list(annotations)},
        "bb-metadata": {**told, **changed},
    }


def box(number: int = 0, **changed: Any) -> dict[str, Any]:
    return {"class_id": number, "left": 86, "top": 65, "width": 220, "height": 334, **changed}


def read(members: Any) -> Entry:
    entry = read_entry(json.dumps(members))
    assert entry is not None
    return entry


def codes(entry: Entry) -> list[str]:
    """Every error that is written anywhere into a line, in its order."""

    def within(value: Any) -> list[str]:
        if isinstance(value, list):
            return [code for one in value for code in within(one)]
        if not isinstance(value, dict):
            return []
        return [
            code
            for key, one in value.items()
            for code in ([error["code"] for error in one] if key == "cl-errors" else within(one))
        ]

    return within(json.loads(entry.line))


def test_a_picture_has_the_label_whatever_number_stands_there() -> None:
    for number in (0, 1, 7):
        entry = read({"source-ref": REF, "x": number, "x-metadata": image_label()})
        assert (entry.labels, entry.has_errors) == ({"Sunrise": False}, False)
    assert entry.place == ("bucket", "images/one.png")
    assert json.loads(entry.line)["cl-metadata"] == {"is_labeled": True}


def test_a_picture_can_have_several_labels() -> None:
    line = {"source-ref": REF, "a": 0, "a-metadata": image_label("football"), "b": 1, "b-metadata": image_label("ball")}
    assert read(line).labels == {"football": False, "ball": False}


def test_boxes_give_their_labels() -> None:
    entry = read(boxes(box(0), box(1), box(1, left=0)))
    assert (entry.labels, codes(entry)) == ({"Echo": True, "Echo Dot": True}, [])


@pytest.mark.parametrize(
    "line",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        '{"source-ref": 5}',
        '{"source-ref": "https://bucket/key"}',
        '{"source-ref": "s3://bucket"}',
        '{"source-ref": "s3://bucket/k", "x": "' + 100_000 * "x" + '"}',
    ],
)
def test_a_line_that_names_no_picture_is_left_out(line: str) -> None:
    assert read_entry(line) is None


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, ["ERROR_NO_LABEL_ATTRIBUTES"]),
        ({"x": 0}, ["ERROR_NO_LABEL_ATTRIBUTES"]),
        ({"x-metadata": image_label()}, ["ERROR_NO_LABEL_ATTRIBUTES"]),
        (
            {"x": 0, "x-metadata": 5},
            ["ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", "ERROR_NO_VALID_LABEL_ATTRIBUTES"],
        ),
        *(
            (
                {"x": 0, "x-metadata": image_label(**{member: None})},
                ["ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", "ERROR_NO_VALID_LABEL_ATTRIBUTES"],
            )
            for member in ("confidence", "class-name", "human-annotated", "creation-date")
        ),
        (
            {"x": 0, "x-metadata": image_label(type="groundtruth/image-classification-multilabel")},
            ["ERROR_UNSUPPORTED_USE_CASE_TYPE", "ERROR_NO_VALID_LABEL_ATTRIBUTES"],
        ),
        (
            {"x": "0", "x-metadata": image_label()},
            ["ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", "ERROR_NO_VALID_LABEL_ATTRIBUTES"],
        ),
        (
            {"x": 0, "x-metadata": image_label("n" * 256)},
            ["ERROR_INVALID_LABEL_NAME_LENGTH", "ERROR_NO_VALID_LABEL_ATTRIBUTES"],
        ),
    ],
)
def test_what_is_wrong_with_labels_is_written_into_the_line(members: dict[str, Any], expected: list[str]) -> None:
    entry = read({"source-ref": REF, **members})
    assert (codes(entry), entry.has_errors, entry.labels) == (expected, True, {})
    assert json.loads(entry.line)["cl-metadata"] == {"is_labeled": False}


@pytest.mark.parametrize(
    ("line", "expected", "labels"),
    [
        (boxes(box(left=-1), box(1)), ["ERROR_INVALID_BOUNDING_BOX"], {"Echo Dot": True}),
        (boxes(box(width=600), box(1)), ["ERROR_INVALID_BOUNDING_BOX"], {"Echo Dot": True}),
        (boxes(box(width=1, height=1), box(1)), ["ERROR_BOUNDING_BOX_TOO_SMALL"], {"Echo Dot": True}),
        (boxes(box(7), box(1)), ["ERROR_MISSING_CLASS_MAP_ID"], {"Echo Dot": True}),
        (boxes(), ["WARNING_NO_ANNOTATIONS"], {}),
        (
            boxes(box(), objects=[]),
            ["ERROR_MISSING_BOUNDING_BOX_CONFIDENCE", "ERROR_NO_VALID_LABEL_ATTRIBUTES"],
            {},
        ),
        (
            boxes(*[box()] * 51),
            ["ERROR_TOO_MANY_BOUNDING_BOXES", "ERROR_NO_VALID_LABEL_ATTRIBUTES"],
            {},
        ),
        (
            boxes(box(left=-1)),
            ["ERROR_INVALID_BOUNDING_BOX", "ERROR_NO_VALID_ANNOTATIONS", "ERROR_NO_VALID_LABEL_ATTRIBUTES"],
            {},
        ),
    ],
)
def test_what_is_wrong_with_boxes_is_written_beside_them(
    line: dict[str, Any], expected: list[str], labels: dict[str, bool]
) -> None:
    entry = read(line)
    assert (codes(entry), entry.labels) == (expected, labels)


def test_errors_of_an_earlier_reading_are_not_kept() -> None:
    line = boxes(box(left=-1), box(1))
    mended = json.loads(read(line).line)
    mended["bb"]["annotations"][0]["left"] = 1
    entry = read(mended)
    assert (codes(entry), entry.labels) == ([], {"Echo": True, "Echo Dot": True})


def test_a_manifest_is_read_line_by_line_and_letters_that_look_like_ends_are_none() -> None:
    line = json.dumps({"source-ref": REF, "x": 0, "x-metadata": image_label("a\u2028b")}, ensure_ascii=False)
    found = list(entries_of(f"{line}\n\n{line}\n"))
    assert [None if one is None else dict(one.labels) for one in found] == [
        {"a\u2028b": False},
        None,
        {"a\u2028b": False},
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 900) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*box(), *image_label()]), inner),
    max_leaves=8,
)
kinds = st.sampled_from(["groundtruth/image-classification", "groundtruth/object-detection", "other"])


@given(json_values, st.dictionaries(st.sampled_from([*image_label(), "objects", "class-map"]), json_values), kinds)
def test_no_line_breaks_the_reading_and_reading_again_says_the_same(
    value: Any, told: dict[str, Any], kind: str
) -> None:
    plain = {"human-annotated": "yes", "creation-date": "now", "type": kind}
    entry = read({"source-ref": REF, "x": value, "x-metadata": {**told, **plain}})
    assert bool(entry.labels) == json.loads(entry.line)["cl-metadata"]["is_labeled"]
    assert read_entry(entry.line) == entry

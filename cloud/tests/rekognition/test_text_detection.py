"""DetectText: lines first, then their words, with AWS's geometry and filters."""

from typing import Any

import pytest

from marinelayer.services.rekognition.errors import InvalidParameterException

from .conftest import Ask, Eyes, text

ZONE = text("ZONE", 0.1, 0.6, 0.2, 0.1, text("ZONE", 0.1, 0.6, 0.2, 0.1, sure=70.0), sure=75.0)
TOW = text(
    "TOW AWAY", 0.1, 0.2, 0.5, 0.1, text("TOW", 0.1, 0.2, 0.2, 0.1), text("AWAY", 0.4, 0.2, 0.2, 0.05, sure=85.0)
)


def said(answer: dict[str, Any]) -> list[str]:
    return [found["DetectedText"] for found in answer["TextDetections"]]


async def test_lines_come_first_and_words_name_their_line(ask: Ask, eyes: Eyes) -> None:
    eyes.lines = [TOW, ZONE]
    answer = await ask("DetectText")
    assert [
        (found["Id"], found["Type"], found.get("ParentId"), found["DetectedText"]) for found in answer["TextDetections"]
    ] == [
        (0, "LINE", None, "TOW AWAY"),
        (1, "LINE", None, "ZONE"),
        (2, "WORD", 0, "TOW"),
        (3, "WORD", 0, "AWAY"),
        (4, "WORD", 1, "ZONE"),
    ]
    assert answer["TextModelVersion"] == "Eyes 1"


async def test_a_detection_says_where_it_is(ask: Ask, eyes: Eyes) -> None:
    eyes.lines = [ZONE]
    line = (await ask("DetectText"))["TextDetections"][0]
    assert line["Confidence"] == 75.0
    assert line["Geometry"]["BoundingBox"] == pytest.approx({"Left": 0.1, "Top": 0.6, "Width": 0.2, "Height": 0.1})
    assert line["Geometry"]["Polygon"] == [
        pytest.approx({"X": x, "Y": y}) for x, y in ((0.1, 0.6), (0.3, 0.6), (0.3, 0.7), (0.1, 0.7))
    ]


async def test_at_most_a_hundred_words_are_told(ask: Ask, eyes: Eyes) -> None:
    words = [text(f"W{n}", 0.1, 0.1, 0.1, 0.1) for n in range(30)]
    eyes.lines = [text("", 0.1, 0.1, 0.1, 0.1, *words) for _ in range(5)]
    found = (await ask("DetectText"))["TextDetections"]
    assert [one["Type"] for one in found] == ["LINE"] * 4 + ["WORD"] * 100
    assert [one["ParentId"] for one in found[4:]] == [0] * 30 + [1] * 30 + [2] * 30 + [3] * 10


async def test_a_picture_without_text_has_no_detections(ask: Ask) -> None:
    assert (await ask("DetectText"))["TextDetections"] == []


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({}, ["TOW AWAY", "ZONE", "TOW", "AWAY", "ZONE"]),
        ({"WordFilter": {}}, ["TOW AWAY", "TOW", "AWAY"]),
        ({"WordFilter": {"MinConfidence": 0}}, ["TOW AWAY", "ZONE", "TOW", "AWAY", "ZONE"]),
        ({"WordFilter": {"MinConfidence": 90}}, ["TOW AWAY", "TOW"]),
        ({"WordFilter": {"MinBoundingBoxHeight": 0.08}}, ["TOW AWAY", "TOW"]),
        ({"WordFilter": {"MinBoundingBoxWidth": 0.3}}, []),
        (
            {"RegionsOfInterest": [{"BoundingBox": {"Left": 0, "Top": 0.5, "Width": 1, "Height": 0.5}}]},
            ["ZONE", "ZONE"],
        ),
        (
            {"RegionsOfInterest": [{"Polygon": [{"X": 0, "Y": 0}, {"X": 0.35, "Y": 0}, {"X": 0, "Y": 0.9}]}]},
            ["TOW AWAY", "TOW"],
        ),
    ],
)
async def test_filters_leave_words_out_and_lines_without_words(
    ask: Ask, eyes: Eyes, filters: dict[str, Any], left: list[str]
) -> None:
    eyes.lines = [TOW, ZONE]
    answer = await ask("DetectText", Filters=filters)
    assert said(answer) == left
    assert [found["Id"] for found in answer["TextDetections"]] == list(range(len(left)))


async def test_a_region_is_a_box_or_a_polygon(ask: Ask) -> None:
    for region in ({}, {"BoundingBox": {"Left": 0}, "Polygon": [{"X": 0, "Y": 0}]}):
        with pytest.raises(InvalidParameterException):
            await ask("DetectText", Filters={"RegionsOfInterest": [region]})

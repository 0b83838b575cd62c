"""DetectLabels: ancestors, thresholds, filters, and the shape that AWS documents."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.ports import ImageTooSmallError
from marinelayer.services.rekognition.errors import InvalidParameterException
from marinelayer.services.rekognition.label_detection import with_ancestors
from marinelayer.services.rekognition.taxonomy import taxonomy

from .conftest import Ask, Eyes, label

CAT = label("Cat", 97.0, (0.6, 0.1, 0.2, 0.3, 97.0), (0.1, 0.1, 0.2, 0.3, 60.0), (0.0, 0.1, 0.1, 0.1, 40.0))


def names(answer: dict[str, Any]) -> list[str]:
    return [found["Name"] for found in answer["Labels"]]


async def test_a_cat_is_a_pet_a_mammal_and_an_animal(ask: Ask, eyes: Eyes) -> None:
    eyes.seen = [CAT]
    answer = await ask("DetectLabels")
    assert names(answer) == ["Cat", "Mammal", "Pet", "Animal"]
    cat, *ancestors = answer["Labels"]
    assert cat["Parents"] == [{"Name": "Pet"}, {"Name": "Mammal"}, {"Name": "Animal"}]
    assert cat["Categories"] == [{"Name": "Animals and Pets"}]
    assert cat["Aliases"] == []
    assert all(ancestor["Confidence"] == 97.0 and ancestor["Instances"] == [] for ancestor in ancestors)
    assert answer["LabelModelVersion"] == "Eyes 1; More 2"


async def test_instances_are_those_that_are_sure_enough(ask: Ask, eyes: Eyes) -> None:
    eyes.seen = [CAT]
    cat = (await ask("DetectLabels"))["Labels"][0]
    assert cat["Instances"] == [
        {"BoundingBox": {"Left": 0.6, "Top": 0.1, "Width": 0.2, "Height": 0.3}, "Confidence": 97.0},
        {"BoundingBox": {"Left": 0.1, "Top": 0.1, "Width": 0.2, "Height": 0.3}, "Confidence": 60.0},
    ]


async def test_one_label_is_the_most_special_of_the_surest(ask: Ask, eyes: Eyes) -> None:
    eyes.seen = [label("Chair", 60.0), CAT]
    assert names(await ask("DetectLabels", MaxLabels=1)) == ["Cat"]


async def test_labels_below_the_threshold_are_left_out(ask: Ask, eyes: Eyes) -> None:
    eyes.seen = [label("Moped", 54.9), label("Manhole", 55.0)]
    assert names(await ask("DetectLabels")) == ["Manhole"]
    assert names(await ask("DetectLabels", MinConfidence=54.0)) == [
        "Manhole",
        "Moped",
        "Motorcycle",
        "Vehicle",
        "Transportation",
    ]
    assert names(await ask("DetectLabels", MinConfidence=99.0)) == []


async def test_a_car_has_its_alias_and_its_category(ask: Ask, eyes: Eyes) -> None:
    eyes.seen = [label("Car", 90.0)]
    car = (await ask("DetectLabels"))["Labels"][0]
    assert car["Aliases"] == [{"Name": "Automobile"}]
    assert car["Parents"] == [{"Name": "Vehicle"}, {"Name": "Transportation"}]
    assert car["Categories"] == [{"Name": "Vehicles and Automotive"}]


async def test_a_label_that_the_taxonomy_lacks_stands_alone(ask: Ask, eyes: Eyes) -> None:
    eyes.seen = [label("Croquet Ball", 90.0)]
    (found,) = (await ask("DetectLabels"))["Labels"]
    assert (found["Parents"], found["Aliases"], found["Categories"], found["Instances"]) == ([], [], [], [])


@pytest.mark.parametrize(
    ("settings", "left"),
    [
        ({"LabelInclusionFilters": ["Cat"]}, ["Cat"]),
        ({"LabelExclusionFilters": ["Cat", "Pet"]}, ["Mammal", "Animal", "Chair", "Furniture"]),
        ({"LabelCategoryInclusionFilters": ["Furniture and Furnishings"]}, ["Chair", "Furniture"]),
        ({"LabelCategoryExclusionFilters": ["Animals and Pets"]}, ["Chair", "Furniture"]),
        ({"LabelInclusionFilters": ["Cat"], "LabelCategoryExclusionFilters": ["Animals and Pets"]}, []),
    ],
)
async def test_filters_by_label_and_category(ask: Ask, eyes: Eyes, settings: dict[str, Any], left: list[str]) -> None:
    eyes.seen = [CAT, label("Chair", 60.0)]
    assert names(await ask("DetectLabels", Settings={"GeneralLabels": settings})) == left


DARK_SLATE_GREY = {
    "Red": 47,
    "Green": 79,
    "Blue": 79,
    "HexCode": "#2f4f4f",
    "CSSColor": "darkslategrey",
    "SimplifiedColor": "grey",
    "PixelPercent": 39.453125,
}


async def test_properties_alone_need_no_detector(ask: Ask, eyes: Eyes) -> None:
    eyes.seen = [CAT]
    answer = await ask("DetectLabels", Features=["IMAGE_PROPERTIES"])
    assert answer == {
        "ImageProperties": {
            "Quality": {"Brightness": 59.0, "Sharpness": 40.0, "Contrast": 24.0},
            "DominantColors": [DARK_SLATE_GREY],
            "Foreground": {"Quality": {"Brightness": 44.0, "Sharpness": 40.0}, "DominantColors": [DARK_SLATE_GREY]},
            "Background": {"Quality": {"Brightness": 63.0, "Sharpness": 40.0}, "DominantColors": [DARK_SLATE_GREY]},
        },
        "Labels": [],
        "LabelModelVersion": "Meter 1",
    }
    assert eyes.measured == [([], 10)]


async def test_labels_alone_are_not_measured(ask: Ask, eyes: Eyes) -> None:
    eyes.seen = [CAT]
    answer = await ask("DetectLabels", Features=["GENERAL_LABELS"])
    assert "ImageProperties" not in answer
    assert eyes.measured == []


async def test_both_features_tell_the_colours_of_each_instance(ask: Ask, eyes: Eyes) -> None:
    eyes.seen = [CAT, label("Chair", 60.0)]
    answer = await ask("DetectLabels", Features=["GENERAL_LABELS", "IMAGE_PROPERTIES"])
    first, second = answer["Labels"][0]["Instances"]
    assert first["DominantColors"] == []
    assert [color["CSSColor"] for color in second["DominantColors"]] == ["red"]
    assert answer["LabelModelVersion"] == "Eyes 1; More 2; Meter 1"
    ((boxes, _),) = eyes.measured
    assert [box.left for box in boxes] == [0.6, 0.1], "of the instances that are told, and of no others"


async def test_settings_bound_the_colours_and_filters_do_not_touch_them(ask: Ask, eyes: Eyes) -> None:
    eyes.seen = [CAT]
    settings = {
        "ImageProperties": {"MaxDominantColors": 3},
        "GeneralLabels": {"LabelExclusionFilters": ["Cat"]},
    }
    answer = await ask("DetectLabels", Features=["GENERAL_LABELS", "IMAGE_PROPERTIES"], Settings=settings)
    assert eyes.measured == [([], 3)]
    assert names(answer) == ["Mammal", "Pet", "Animal"]
    assert answer["ImageProperties"]["DominantColors"] == [DARK_SLATE_GREY]


@pytest.mark.parametrize("features", [["GENERAL_LABELS"], ["IMAGE_PROPERTIES"]])
async def test_a_picture_that_is_too_small_is_an_invalid_parameter(ask: Ask, eyes: Eyes, features: list[str]) -> None:
    eyes.error = ImageTooSmallError("16 x 16")
    with pytest.raises(InvalidParameterException) as refused:
        await ask("DetectLabels", Features=features)
    assert str(refused.value) == "Request has invalid parameters"


def test_every_ancestor_is_in_the_taxonomy_with_its_own_ancestors() -> None:
    entries = taxonomy()
    for name, entry in entries.items():
        for parent in entry.parents:
            assert set(entries[parent].parents) <= set(entry.parents), f"{name}: {parent}"


@given(st.dictionaries(st.sampled_from(sorted(taxonomy())), st.floats(0, 100), max_size=8), st.floats(0, 100))
def test_an_ancestor_is_as_sure_as_the_surest_of_its_kind(seen: dict[str, float], least: float) -> None:
    found = with_ancestors([label(name, sure) for name, sure in seen.items()], least)
    sure = {each.name: each.confidence for each in found}
    assert len(sure) == len(found)
    assert all(confidence >= least for confidence in sure.values())
    for name, confidence in sure.items():
        for parent in taxonomy()[name].parents:
            assert sure[parent] >= confidence
    assert [each.confidence for each in found] == sorted(sure.values(), reverse=True)

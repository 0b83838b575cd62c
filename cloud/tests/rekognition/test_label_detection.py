"""DetectLabels: ancestors, thresholds, filters, and the shape that AWS documents."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.model.errors import OperationNotImplemented
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


async def test_image_properties_are_not_pretended(ask: Ask, eyes: Eyes) -> None:
    with pytest.raises(OperationNotImplemented, match="IMAGE_PROPERTIES"):
        await ask("DetectLabels", Features=["GENERAL_LABELS", "IMAGE_PROPERTIES"])
    assert eyes.looked_at == []


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

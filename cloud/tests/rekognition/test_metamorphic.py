"""What is changed in a picture changes the answer accordingly: boto3 against a whole cloud with the models of ../shared."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from PIL import Image, ImageDraw, ImageFont

from marinelayer.testing import local_cloud

SHARED = Path(__file__).resolve().parents[4] / "shared"


@pytest.fixture(scope="module")
def rekognition() -> Iterator[Any]:
    """A client of a cloud that has the models."""
    if not (SHARED / "models").is_dir():
        pytest.skip(f"no model files: {SHARED / 'models'} is not there")
    with local_cloud(models=SHARED / "models") as cloud:
        client = cast("Any", boto3).client("rekognition", **cloud.client_arguments())
        yield client
        client.close()


@pytest.fixture(scope="module")
def bus() -> Image.Image:
    """A photo with one bus."""
    photo = SHARED / "data" / "engines" / "labels" / "images" / "2007_000648.jpg"
    if not photo.is_file():
        pytest.skip(f"no photos: {photo} is not there")
    return Image.open(photo).convert("RGB")


def jpeg(picture: Image.Image) -> dict[str, bytes]:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=95)
    return {"Bytes": buffer.getvalue()}


def placed(first: Image.Image | None, second: Image.Image | None) -> Image.Image:
    """A grey picture of 1000 x 800 pixels with the first in its top left, the second in its bottom right quarter."""
    canvas = Image.new("RGB", (1000, 800), "grey")
    for picture, corner in ((first, (0, 0)), (second, (500, 400))):
        if picture is not None:
            canvas.paste(picture, corner)
    return canvas


def buses(rekognition: Any, picture: Image.Image) -> list[dict[str, float]]:
    """The boxes of buses, from left to right."""
    labels = {label["Name"]: label for label in rekognition.detect_labels(Image=jpeg(picture))["Labels"]}
    instances = labels["Bus"]["Instances"] if "Bus" in labels else []
    return sorted((each["BoundingBox"] for each in instances), key=lambda box: box["Left"])


def test_a_second_bus_adds_an_instance(rekognition: Any, bus: Image.Image) -> None:
    assert buses(rekognition, placed(None, None)) == []
    assert len(buses(rekognition, placed(bus, None))) == 1
    assert len(buses(rekognition, placed(bus, bus))) == 2


def test_a_bus_that_moves_moves_its_box(rekognition: Any, bus: Image.Image) -> None:
    (before,), (after,) = buses(rekognition, placed(bus, None)), buses(rekognition, placed(None, bus))
    assert after["Left"] - before["Left"] == pytest.approx(0.5, abs=0.05)
    assert after["Top"] - before["Top"] == pytest.approx(0.5, abs=0.05)
    assert after["Height"] == pytest.approx(before["Height"], abs=0.05)


def test_a_filter_takes_the_bus_away_and_leaves_what_else_there_is(rekognition: Any, bus: Image.Image) -> None:
    everything = {label["Name"] for label in rekognition.detect_labels(Image=jpeg(bus))["Labels"]}
    settings = {"GeneralLabels": {"LabelExclusionFilters": ["Bus"]}}
    rest = {label["Name"] for label in rekognition.detect_labels(Image=jpeg(bus), Settings=settings)["Labels"]}
    assert rest == everything - {"Bus"}
    assert {"Bus", "Vehicle", "Transportation"} <= everything


def sign(text: str, at: tuple[int, int] = (60, 60), colour: str = "black") -> Image.Image:
    picture = Image.new("RGB", (640, 400), "white")
    ImageDraw.Draw(picture).text(at, text, fill=colour, font=ImageFont.load_default(52))
    return picture


def words(rekognition: Any, picture: Image.Image, **more: Any) -> dict[str, dict[str, float]]:
    """The boxes of words."""
    found = rekognition.detect_text(Image=jpeg(picture), **more)["TextDetections"]
    return {each["DetectedText"]: each["Geometry"]["BoundingBox"] for each in found if each["Type"] == "WORD"}


def test_text_that_moves_moves_its_box(rekognition: Any) -> None:
    before, after = words(rekognition, sign("STOP")), words(rekognition, sign("STOP", at=(260, 260)))
    assert after["STOP"]["Left"] - before["STOP"]["Left"] == pytest.approx(200 / 640, abs=0.02)
    assert after["STOP"]["Top"] - before["STOP"]["Top"] == pytest.approx(200 / 400, abs=0.02)


def test_another_word_is_read_as_another_word(rekognition: Any) -> None:
    assert set(words(rekognition, sign("NO PARKING"))) == {"NO", "PARKING"}
    assert set(words(rekognition, sign("NO STOPPING"))) == {"NO", "STOPPING"}


def test_a_region_that_moves_away_from_a_word_loses_it(rekognition: Any) -> None:
    def region(top: float) -> dict[str, Any]:
        return {"RegionsOfInterest": [{"BoundingBox": {"Left": 0.0, "Top": top, "Width": 1.0, "Height": 0.5}}]}

    assert set(words(rekognition, sign("STOP"), Filters=region(0.0))) == {"STOP"}
    assert words(rekognition, sign("STOP"), Filters=region(0.5)) == {}


def test_a_bus_on_its_side_is_where_its_exif_orientation_puts_it(rekognition: Any, bus: Image.Image) -> None:
    buffer, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    bus.rotate(90, expand=True).save(buffer, "JPEG", quality=95, exif=exif)
    answer = rekognition.detect_labels(Image={"Bytes": buffer.getvalue()})
    turned = next(label for label in answer["Labels"] if label["Name"] == "Bus")["Instances"][0]["BoundingBox"]
    (upright,) = buses(rekognition, bus)
    assert turned == pytest.approx(upright, abs=0.05)
    assert "OrientationCorrection" not in answer


def test_a_painted_ground_changes_the_dominant_colour(rekognition: Any) -> None:
    def dominant(colour: str) -> str:
        image = jpeg(Image.new("RGB", (320, 200), colour))
        answer = rekognition.detect_labels(Image=image, Features=["IMAGE_PROPERTIES"])
        return answer["ImageProperties"]["DominantColors"][0]["SimplifiedColor"]

    assert [dominant(colour) for colour in ("red", "navy", "yellow")] == ["red", "blue", "yellow"]


def test_a_repainted_thing_changes_the_colours_of_its_instance(rekognition: Any, bus: Image.Image) -> None:
    def colours(picture: Image.Image) -> dict[str, float]:
        features = ["GENERAL_LABELS", "IMAGE_PROPERTIES"]
        labels = rekognition.detect_labels(Image=jpeg(picture), Features=features)["Labels"]
        (found,) = next(label for label in labels if label["Name"] == "Bus")["Instances"]
        return {colour["SimplifiedColor"]: colour["PixelPercent"] for colour in found["DominantColors"]}

    dark = bus.point([value // 4 for value in range(256)] * 3)
    assert colours(dark).get("black", 0) > colours(bus).get("black", 0) + 20

"""Text that is read the right way up however it stands in the picture, and located as closely as its ink."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from marinelayer.engines.vision.quads import Point
from marinelayer.engines.vision.text_lines import BATCH, without_pictograms
from marinelayer.engines.vision.texts_task import ReadText, open_task
from marinelayer.engines.vision.words import Line

from .conftest import saved_as, sign

SIDES = (640, 400)


@pytest.fixture(scope="module")
def reader() -> ReadText:
    return open_task({})


def lines(reader: ReadText, picture: Image.Image) -> list[tuple[str, list[Point]]]:
    """The text of each line, with its corners in pixels."""
    found = reader.run({"model": "PP-OCRv6-small"}, saved_as(picture))["lines"]
    return [(line["text"], [(x * picture.width, y * picture.height) for x, y in line["corners"]]) for line in found]


def upright(*text: str) -> Image.Image:
    return Image.open(io.BytesIO(sign(*text, size=SIDES))).convert("RGB")


@pytest.mark.parametrize("degrees", [90, 180, 270, 25, -40])
def test_turned_text_is_read_and_its_corners_begin_at_its_own_top_left(reader: ReadText, degrees: int) -> None:
    picture = upright("TOW AWAY ZONE")
    ((text, before),) = lines(reader, picture)
    turned = picture.rotate(degrees, expand=True, fillcolor="white")
    ((again, after),) = lines(reader, turned)
    assert text == again == "TOW AWAY ZONE"
    angle = np.radians(-degrees)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle, there = np.array(picture.size) / 2, np.array(turned.size) / 2
    expected = [rotation @ (np.array(corner) - middle) + there for corner in before]
    assert np.abs(np.array(after) - expected).max() < 8, "pixels"


def page(lines: int) -> Image.Image:
    paper = Image.new("RGB", (700, 36 * lines + 40), "white")
    for n in range(lines):
        ImageDraw.Draw(paper).text(
            (30, 20 + 36 * n), f"Line {n} of a page", fill="black", font=ImageFont.load_default(24)
        )
    return paper


def test_a_page_on_its_head_is_read_from_the_line_that_is_uppermost(reader: ReadText) -> None:
    count = BATCH + 6
    texts = [text for text, _ in lines(reader, page(count).rotate(180))]
    assert texts == [f"Line {n} of a page" for n in reversed(range(count))]


def test_no_further_lines_are_read_once_there_are_enough_words(reader: ReadText) -> None:
    picture = saved_as(page(BATCH + 6))
    request = {"model": "PP-OCRv6-small"}
    assert len(reader.run(request, picture)["lines"]) == BATCH + 6
    assert len(reader.run(request | {"enough": 6 * BATCH}, picture)["lines"]) == BATCH + 6
    few = reader.run(request | {"enough": 20}, picture)["lines"]
    assert [line["text"] for line in few] == [f"Line {n} of a page" for n in range(BATCH)]


def test_boxes_are_those_of_the_ink(reader: ReadText) -> None:
    paper = Image.new("RGB", SIDES, (30, 90, 60))
    font = ImageFont.load_default(60)
    both = paper.copy()
    inked: list[tuple[int, int, int, int]] = []
    for word, at in (("Main", 60.0), ("Street", 60 + font.getlength("Main "))):
        alone = paper.copy()
        for picture in (alone, both):
            ImageDraw.Draw(picture).text((at, 150), word, fill="white", font=font)
        inked.append(ImageChops.difference(alone, paper).getbbox() or (0, 0, 0, 0))
    (line,) = reader.run({"model": "PP-OCRv6-small"}, saved_as(both))["lines"]
    assert line["text"] == "Main Street"
    for (left, top, right, bottom), found in zip(inked, line["words"], strict=True):
        corners = np.array(found["corners"]) * SIDES
        assert (*corners[0], *corners[2]) == pytest.approx((left, top, right, bottom), abs=4)


@pytest.mark.parametrize("text", ["A", "7", "1"])
def test_a_single_letter_is_read_upright(reader: ReadText, text: str) -> None:
    found = lines(reader, upright(text))
    assert [line for line, _ in found] == [text]


@pytest.mark.parametrize(
    ("read", "kept"),
    [
        ((("Musée", 0.97), ("穴", 0.86), ("穴", 0.52)), ("Musée",)),
        ((("Musée", 0.97), ("山", 0.99)), ("Musée", "山")),
        ((("出口", 0.97), ("穴", 0.6), ("EXIT", 0.99)), ("出口", "穴", "EXIT")),
        ((("穴", 0.6), ("口", 0.6)), ("穴", "口")),
        ((("A", 0.6), ("5", 0.6)), ("A", "5")),
        ((), ()),
    ],
)
def test_a_lone_doubtful_ideograph_among_other_writing_is_a_pictogram(
    read: tuple[tuple[str, float], ...], kept: tuple[str, ...]
) -> None:
    corners, paper = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)), np.zeros((4, 4, 3), np.uint8)
    given = [Line(text=text, score=score, corners=corners, letters=(), picture=paper) for text, score in read]
    assert tuple(line.text for line in without_pictograms(given)) == kept

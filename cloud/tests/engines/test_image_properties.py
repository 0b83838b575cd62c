"""How pictures look: what is painted is measured, and what is changed in a picture changes what is measured of it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image, ImageDraw, ImageFilter

from marinelayer.engines.assembly import Engines, open_engines
from marinelayer.ports import BadImageError, Box, ImageProperties, ImageTooSmallError, PartProperties

from .conftest import saved_as


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engines() -> AsyncIterator[Engines]:
    engines = open_engines(None, workers=1)
    yield engines
    await engines.close()


pytestmark = pytest.mark.asyncio(loop_scope="module")


def disc(ground: str = "white", color: str = "red", size: int = 400) -> Image.Image:
    """A disc in the middle of a ground."""
    picture = Image.new("RGB", (size, size), ground)
    ImageDraw.Draw(picture).ellipse((size // 4, size // 4, size * 3 // 4, size * 3 // 4), fill=color)
    return picture


def textured(seed: int = 1) -> Image.Image:
    """Blocks of random colours, of 4 pixels."""
    random = np.random.default_rng(seed)
    return Image.fromarray(random.integers(0, 256, (75, 100, 3), np.uint8)).resize((400, 300), Image.Resampling.NEAREST)


async def measure(engines: Engines, picture: Image.Image, *boxes: Box, colors: int = 10) -> ImageProperties:
    return await engines.properties.properties(saved_as(picture), boxes=boxes, colors=colors)


def names(part: PartProperties) -> list[str]:
    return [color.name for color in part.colors]


async def test_ground_and_disc_are_told_apart_with_their_colours(engines: Engines) -> None:
    found = await measure(engines, disc("white", "red"))
    assert names(found.whole) == ["white", "red"]
    assert names(found.foreground) == ["red"]
    assert names(found.background) == ["white"]
    assert found.whole.colors[0].percent == pytest.approx(80, abs=3)
    assert found.whole.colors[1].percent == pytest.approx(100 * np.pi / 16, abs=3)
    assert found.foreground.brightness < found.whole.brightness < found.background.brightness


async def test_a_changed_colour_changes_the_dominant_colour(engines: Engines) -> None:
    for color, name, simplified in (
        ("#fe0302", "red", "red"),
        ("#0203f0", "blue", "blue"),
        ("#8b4510", "saddlebrown", "brown"),
        ("#30504f", "darkslategrey", "grey"),
        ("#00fefd", "cyan", "cyan"),
    ):
        (seen,) = (await measure(engines, disc("white", color))).foreground.colors
        assert (seen.name, seen.simplified) == (name, simplified)
        ground = (await measure(engines, disc(color, "white"))).background.colors[0]
        assert ground.name == name


async def test_so_many_colours_as_are_asked_for_and_none_that_are_rare(engines: Engines) -> None:
    stripes = Image.new("RGB", (200, 200), "white")
    for n, (color, width) in enumerate((("red", 60), ("blue", 50), ("lime", 40), ("black", 30), ("orange", 15))):
        left = (0, 60, 110, 150, 180)[n]
        stripes.paste(color, (left, 0, left + width, 200))
    found = await measure(engines, stripes)
    assert names(found.whole) == ["red", "blue", "lime", "black"], "orange and white have less than a tenth"
    assert [color.percent for color in found.whole.colors] == pytest.approx([30, 25, 20, 15], abs=1)
    assert names((await measure(engines, stripes, colors=2)).whole) == ["red", "blue"]
    assert names((await measure(engines, stripes, colors=0)).whole) == []


async def test_each_box_has_the_colours_that_are_in_it(engines: Engines) -> None:
    disc_box = Box(left=0.4, top=0.4, width=0.2, height=0.2)
    corner = Box(left=0.0, top=0.0, width=0.1, height=0.1)
    speck = Box(left=0.999, top=0.999, width=0.0005, height=0.0005)
    found = await measure(engines, disc("lime", "navy"), disc_box, corner, speck)
    assert [[color.name for color in colors] for colors in found.boxes] == [["navy"], ["lime"], ["lime"]]
    assert found.boxes[0][0].percent == 100


async def test_light_is_bright_and_dark_is_not(engines: Engines) -> None:
    values = [(await measure(engines, Image.new("RGB", (100, 100), (v, v, v)))).whole.brightness for v in (0, 51, 255)]
    assert values == pytest.approx([0, 20, 100])


async def test_contrast_grows_with_the_distance_of_light_and_dark(engines: Engines) -> None:
    flat = (await measure(engines, Image.new("RGB", (100, 100), "grey"))).whole
    assert (flat.contrast, flat.sharpness) == (0, 0)
    mild, strong = [(await measure(engines, disc(ground, "black"))).whole.contrast for ground in ("#404040", "white")]
    assert 0 < mild < strong <= 100
    half = Image.new("RGB", (200, 200), "black")
    half.paste("white", (0, 0, 100, 200))
    assert (await measure(engines, half)).whole.contrast == pytest.approx(100)


async def test_a_blurred_picture_is_less_sharp_and_the_more_it_is_blurred(engines: Engines) -> None:
    sharp = textured()
    values = [
        (await measure(engines, sharp.filter(ImageFilter.GaussianBlur(radius)) if radius else sharp)).whole.sharpness
        for radius in (0, 1, 2, 4)
    ]
    assert values == sorted(values, reverse=True)
    assert values[0] > 60
    assert values[-1] < values[0] / 2


async def test_a_picture_that_moved_is_blurred_though_only_in_one_direction(engines: Engines) -> None:
    sharp = np.asarray(textured(), np.float32)
    moved = np.mean([np.roll(sharp, n, axis=1) for n in range(15)], axis=0)
    found = await measure(engines, Image.fromarray(moved.astype(np.uint8)))
    still = await measure(engines, textured())
    assert found.whole.sharpness < still.whole.sharpness - 20


async def test_the_same_picture_always_looks_the_same(engines: Engines) -> None:
    picture = textured(2)
    picture.paste(disc("lime", "navy").resize((150, 150)), (120, 80))
    first = await measure(engines, picture)
    await measure(engines, textured(3))
    assert await measure(engines, picture) == first


async def test_an_exif_orientation_turns_the_boxes_too(engines: Engines) -> None:
    picture = Image.new("RGB", (200, 100), "white")
    picture.paste("red", (0, 0, 20, 100))  # stored at the left: shown on top
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = saved_as(picture, "JPEG", exif=exif, quality=95)
    top = Box(left=0.0, top=0.0, width=1.0, height=0.05)
    found = await engines.properties.properties(stored, boxes=[top], colors=10)
    assert [color.name for color in found.boxes[0]] == ["red"]


async def test_bad_pictures_are_refused(engines: Engines) -> None:
    for data, error in ((b"hello", BadImageError), (saved_as(Image.new("RGB", (400, 79))), ImageTooSmallError)):
        with pytest.raises(error):
            await engines.properties.properties(data, boxes=[], colors=10)


async def test_a_darker_photo_is_darker(engines: Engines, evaluation: Path) -> None:
    photo = Image.open(io.BytesIO((evaluation / "labels" / "images" / "2007_000063.jpg").read_bytes())).convert("RGB")
    light, dark = await measure(engines, photo), await measure(engines, Image.fromarray(np.asarray(photo) // 2))
    assert dark.whole.brightness == pytest.approx(light.whole.brightness / 2, abs=1)
    assert dark.whole.contrast == pytest.approx(light.whole.contrast / 2, abs=1)
    assert dark.whole.sharpness == pytest.approx(light.whole.sharpness, abs=5)

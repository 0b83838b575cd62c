"""Only whole JPEG and PNG pictures of a bearable size are decoded, and they come out upright and opaque."""

import contextlib
import struct
import time
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from marinelayer.engines.vision.decoding import pixels
from marinelayer.engines.vision.dimensions import decodable
from marinelayer.ports import BadImageError, ImageTooLargeError

from .conftest import saved_as, sign

HALVES = Image.new("RGB", (60, 40), "red")
HALVES.paste((0, 0, 255), (30, 0, 60, 40))


def png_header(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_dimensions_are_read_from_the_header(kind: str) -> None:
    found = decodable(saved_as(HALVES, kind))
    assert (found.kind, found.width, found.height) == (kind.lower(), 60, 40)


def test_a_progressive_jpeg_with_metadata_before_its_frame_is_measured() -> None:
    exif = Image.Exif()
    exif[0x010E] = "x" * 5000
    found = decodable(saved_as(HALVES, "JPEG", progressive=True, exif=exif, comment=b"hello"))
    assert (found.width, found.height) == (60, 40)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP"])
def test_other_kinds_of_pictures_are_refused(kind: str) -> None:
    with pytest.raises(BadImageError):
        decodable(saved_as(HALVES, kind))


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x89PNG", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\xff\xff", png_header(0, 5)]
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(BadImageError):
        decodable(data)


@pytest.mark.parametrize("filler", [b"\xff", b"\xff\x01", b"\xff\xe0\x00\x02", b"\xff\xe0\x00\x00"])
def test_a_jpeg_of_nothing_but_markers_is_refused_at_once(filler: bytes) -> None:
    began = time.perf_counter()
    with pytest.raises(BadImageError):
        decodable(b"\xff\xd8\xff\xe0\x00\x02" + filler * 2_000_000)
    assert time.perf_counter() - began < 0.1


@pytest.mark.parametrize(("width", "height"), [(10_001, 1), (1, 10_001), (9_000, 9_000), (2**31, 2**31)])
def test_a_bomb_is_refused_by_its_header(width: int, height: int) -> None:
    with pytest.raises(ImageTooLargeError):
        decodable(png_header(width, height))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_that_is_cut_off_is_refused(kind: str) -> None:
    whole = sign("STOP", kind=kind)
    with pytest.raises(BadImageError):
        pixels(whole[: len(whole) // 2], longest=2000)


@given(st.data())
def test_a_damaged_picture_is_decoded_or_refused_but_never_breaks(data: st.DataObject) -> None:
    whole = bytearray(sign("STOP", kind=data.draw(st.sampled_from(["PNG", "JPEG"])), size=(120, 80)))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BadImageError, ImageTooLargeError):
        pixels(bytes(whole), longest=400)


def test_an_exif_orientation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    decoded = pixels(saved_as(HALVES, "JPEG", exif=exif, quality=95), longest=2000)
    assert decoded.shape == (60, 40, 3)
    assert decoded[5, 20, 0] > 200, "what was left is on top"
    assert decoded[55, 20, 2] > 200


def test_transparent_parts_are_white() -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert pixels(saved_as(clear), longest=100).min() == 255
    palette = clear.quantize()
    palette.info["transparency"] = 0
    assert pixels(saved_as(palette, transparency=0), longest=100).shape == (20, 20, 3)


def test_sixteen_bits_a_sample_are_scaled_not_cut() -> None:
    grey = Image.fromarray(np.full((10, 10), 0x8000, np.uint16))
    assert abs(int(pixels(saved_as(grey), longest=100)[0, 0, 0]) - 128) <= 1


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "CMYK"])
def test_every_colour_mode_comes_out_as_three_channels(mode: str) -> None:
    picture = HALVES.convert("L").convert("LA") if mode == "LA" else HALVES.convert(mode)
    assert pixels(saved_as(picture, "JPEG" if mode == "CMYK" else "PNG"), longest=100).shape == (40, 60, 3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_large_picture_is_scaled_down(kind: str) -> None:
    large = Image.new("RGB", (3000, 1500), "green")
    assert pixels(saved_as(large, kind), longest=1000).shape == (500, 1000, 3)

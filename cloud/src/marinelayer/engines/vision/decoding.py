"""Decoding a picture to pixels, in a worker: upright, without transparency, and no larger than needed."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from marinelayer.engines.vision.dimensions import decodable
from marinelayer.ports import BadImageError

Pixels = npt.NDArray[np.uint8]
"""Height x width x (red, green, blue)."""

_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)
"""What Pillow raises for pictures that are cut off or damaged."""


def pixels(image: bytes, *, longest: int) -> Pixels:
    """The picture as it is meant to be seen, scaled down where a side is longer than `longest`: transparent parts are
    white, and the EXIF orientation of a JPEG is applied (that of a PNG is not, as in Rekognition).

    Raises:
        BadImageError: it is no whole JPEG or PNG picture.
        ImageTooLargeError: it has more pixels than may be decoded.
    """
    decodable(image)
    try:
        with Image.open(io.BytesIO(image), formats=("JPEG", "PNG")) as opened:
            opened.draft("RGB", (longest, longest))  # a JPEG is decoded at 1/2, 1/4 or 1/8 where that is enough
            opened.load()
            upright = ImageOps.exif_transpose(opened) if opened.format == "JPEG" else opened
    except _BROKEN as error:
        raise BadImageError("the picture is cut off or damaged") from error
    plain = _opaque(upright)
    plain.thumbnail((longest, longest), Image.Resampling.BICUBIC)
    return np.asarray(plain)


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a sample: Pillow would cut, not scale
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).clip(0, 255).astype(np.uint8))
    if not image.has_transparency_data:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")

"""A picture's kind and size from its first bytes, so that nothing is decoded that is too large to be.

Only JPEG (ITU-T T.81) and PNG (ISO/IEC 15948) are pictures here, as in Rekognition; the magic bytes decide, never a
name. Pure: no imaging library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from marinelayer.ports import BadImageError, ImageTooLargeError, ImageTooSmallError

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
MAX_SIDE = 10_000
"""Rekognition's own limit for labels and text, in pixels."""
LEAST_SIDE = 80
"""Rekognition's own limit, in pixels."""
MAX_PIXELS = 50_000_000
"""What a worker decodes within its memory."""

# Start of frame: C0-CF but for DHT (C4), JPG (C8) and DAC (CC); T.81 table B.1.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MOST_MARKERS = 4096  # a stranger's file must not keep the event loop counting
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # TEM and RSTn have no length


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimensions:
    """Width and height in pixels, as stored (an EXIF orientation is not applied)."""

    kind: Literal["jpeg", "png"]
    width: int
    height: int


def decodable(image: bytes) -> Dimensions:
    """What the picture says it is.

    Raises:
        BadImageError: it is neither JPEG nor PNG, or ends before it says its size.
        ImageTooLargeError: it has more pixels than may be decoded.
    """
    if image.startswith(PNG):
        found = _png(image)
    elif image.startswith(JPEG):
        found = _jpeg(image)
    else:
        raise BadImageError("only JPEG and PNG pictures can be read")
    if found is None or found.width == 0 or found.height == 0:
        raise BadImageError("the picture's header can not be read")
    if max(found.width, found.height) > MAX_SIDE or found.width * found.height > MAX_PIXELS:
        raise ImageTooLargeError(f"{found.width} x {found.height} pixels are too many")
    return found


def analysable(image: bytes) -> Dimensions:
    """What the picture says it is, if that is neither more nor less than Rekognition looks at.

    Raises:
        BadImageError, ImageTooLargeError: as `decodable`.
        ImageTooSmallError: a side is shorter than LEAST_SIDE.
    """
    found = decodable(image)
    if min(found.width, found.height) < LEAST_SIDE:
        raise ImageTooSmallError(f"{found.width} x {found.height} pixels are too few: {LEAST_SIDE} a side are needed")
    return found


def _png(image: bytes) -> Dimensions | None:
    if image[12:16] != b"IHDR" or len(image) < 33:
        return None
    return Dimensions(kind="png", width=int.from_bytes(image[16:20], "big"), height=int.from_bytes(image[20:24], "big"))


def _jpeg(image: bytes) -> Dimensions | None:
    at = 2
    for _ in range(_MOST_MARKERS):
        if at + 9 > len(image) or image[at] != 0xFF:
            return None
        marker = image[at + 1]
        length = int.from_bytes(image[at + 2 : at + 4], "big")
        if marker == 0xFF:  # a fill byte
            at += 1
        elif marker in _ALONE:
            at += 2
        elif length < 2:
            return None
        elif marker in _FRAMES:
            height = int.from_bytes(image[at + 5 : at + 7], "big")
            return Dimensions(kind="jpeg", width=int.from_bytes(image[at + 7 : at + 9], "big"), height=height)
        else:
            at += 2 + length
    return None

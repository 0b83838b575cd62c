"""How a picture looks: brightness, contrast, sharpness and dominant colours, also of its foreground and background.

Computed, without a model:

- Brightness is the mean luma (ITU-R BT.601), contrast its standard deviation, both in percent of the greatest possible.
- Sharpness is how much of the change from pixel to pixel is lost when the picture is blurred once more: nothing is
  lost of a blurred one (Crété-Roffet and others, The blur effect, 2007; there 1 is blurred, here 100 is sharp).
- Foreground is what GrabCut (Rother and others, 2004) parts from the picture's rim, a twentieth of a side wide. Where
  nothing stands out from it, it is the middle, half as wide and half as high as the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from marinelayer.engines.vision.colors import NamedColor, dominant, nearest
from marinelayer.engines.vision.decoding import Pixels

COLORS_SIDE = 128
"""The longest side, in pixels, of what colours are counted in and the foreground is found in."""
RIM = 20
ROUNDS = 3
LEAST_PART = 0.02
BLUR = 9
GREATEST_DEVIATION = 127.5
"""Of values from 0 to 255: half of them each."""

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Fractions = tuple[float, float, float, float]
"""Left, top, width, height of a box, as fractions of the picture's sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a part of a picture looks: values from 0 to 100, and its dominant colours with their percentages."""

    brightness: float
    contrast: float
    sharpness: float
    colors: list[tuple[NamedColor, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How a picture looks, and the dominant colours of the boxes that were asked for."""

    whole: Look
    foreground: Look
    background: Look
    boxes: list[list[tuple[NamedColor, float]]]


def looks(picture: Pixels, boxes: Sequence[Fractions], most_colors: int) -> Looks:
    """Measure a picture."""
    small = _shrunk(picture)
    mask = foreground(small)
    indices = nearest(small)
    luma = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)
    large_mask = cv2.resize(mask.astype(np.uint8), luma.shape[::-1], interpolation=cv2.INTER_NEAREST).astype(bool)
    changes = _changes(luma)

    def look(small_part: Mask, part: Mask) -> Look:
        values = luma[part]
        return Look(
            brightness=100 * float(values.mean()) / 255,
            contrast=min(100.0, 100 * float(values.std()) / GREATEST_DEVIATION),
            sharpness=_sharpness(changes, part),
            colors=dominant(indices[small_part], most_colors),
        )

    return Looks(
        whole=look(np.ones_like(mask), np.ones_like(large_mask)),
        foreground=look(mask, large_mask),
        background=look(~mask, ~large_mask),
        boxes=[dominant(_cut(indices, box), most_colors) for box in boxes],
    )


def look_of(picture: Pixels) -> tuple[float, float]:
    """Brightness and sharpness of all of it, as `looks` measures them."""
    luma = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)
    return 100 * float(luma.mean()) / 255, _sharpness(_changes(luma), np.ones(luma.shape, bool))


def foreground(picture: Pixels) -> Mask:
    """Which pixels stand out from the rim; some do and some do not, in every picture."""
    height, width = picture.shape[:2]
    rim_x, rim_y = max(1, width // RIM), max(1, height // RIM)
    mask = np.zeros((height, width), np.uint8)
    if min(height, width) > 2 * max(rim_x, rim_y):
        cv2.setRNGSeed(1)  # GrabCut begins with random centres: the same picture must give the same answer
        inner = (rim_x, rim_y, width - 2 * rim_x, height - 2 * rim_y)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), mask, inner, *models, ROUNDS, cv2.GC_INIT_WITH_RECT)
    stands_out = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD))
    if LEAST_PART <= stands_out.mean() <= 1 - LEAST_PART:
        return stands_out
    middle = np.zeros((height, width), bool)
    middle[height // 4 : height - height // 4, width // 4 : width - width // 4] = True
    return middle


def _shrunk(picture: Pixels) -> Pixels:
    height, width = picture.shape[:2]
    scale = min(1.0, COLORS_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _changes(luma: Floats) -> list[tuple[Floats, Floats]]:
    """For each direction: how much each pixel differs from the one before it, and how much of that a blur takes."""
    found: list[tuple[Floats, Floats]] = []
    for axis, kernel in ((0, (1, BLUR)), (1, (BLUR, 1))):
        blurred = np.asarray(cv2.blur(luma, kernel, borderType=cv2.BORDER_REPLICATE), np.float32)
        before, after = (np.abs(np.diff(each, axis=axis, prepend=_first(each, axis))) for each in (luma, blurred))
        found.append((before, np.maximum(before - after, 0)))
    return found


def _first(values: Floats, axis: int) -> Floats:
    return values[:1] if axis == 0 else values[:, :1]


def _sharpness(changes: list[tuple[Floats, Floats]], part: Mask) -> float:
    """The lesser of both directions, since a picture that was moved is blurred in one."""
    sharp: list[float] = []
    for change, lost in changes:
        total = float(change[part].sum())
        sharp.append(float(lost[part].sum()) / total if total else 0.0)
    return 100 * min(sharp)


def _cut(indices: npt.NDArray[np.intp], box: Fractions) -> npt.NDArray[np.intp]:
    height, width = indices.shape
    left, top = (min(int(start * side), side - 1) for start, side in zip(box[:2], (width, height), strict=True))
    right, bottom = (
        max(at + 1, round((start + size) * side))
        for at, start, size, side in zip((left, top), box[:2], box[2:], (width, height), strict=True)
    )
    return indices[top:bottom, left:right]

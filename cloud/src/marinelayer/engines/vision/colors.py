"""The dominant colours of pixels, as CSS names them (`css_colors.toml`).

Every pixel counts for the named colour that is nearest to it in CIELAB (CIE 1976, where distance is about what an eye
sees). Those that at least LEAST_SHARE of the pixels count for are dominant: Rekognition's answers have a colour with
10.3 percent, and leave out all that have less.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from marinelayer.engines.vision.decoding import Pixels

LEAST_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedColor:
    """A colour of CSS, with the one of twelve simple colours that it is a kind of."""

    name: str
    simplified: str
    rgb: tuple[int, int, int]


@cache
def named_colors() -> tuple[NamedColor, ...]:
    """All 138 of them, each once."""
    data = tomllib.loads(Path(__file__).with_name("css_colors.toml").read_text("utf-8"))
    return tuple(
        NamedColor(name=name, simplified=simplified, rgb=(int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)))
        for simplified, group in data.items()
        for name, code in group.items()
    )


def nearest(pixels: Pixels) -> npt.NDArray[np.intp]:
    """For each pixel the index of its named colour; the shape is the picture's."""
    height, width = pixels.shape[:2]
    # |p - c|^2 = |p|^2 - 2pc + |c|^2, and |p|^2 is the same for all c.
    palette = _palette()
    distances = (palette**2).sum(axis=1) - 2 * _lab(pixels).reshape(-1, 3) @ palette.T
    return distances.argmin(axis=1).reshape(height, width)


def dominant(indices: npt.NDArray[np.intp], most: int) -> list[tuple[NamedColor, float]]:
    """The dominant colours among indices that `nearest` gave, with their percentages, largest first."""
    if not indices.size:
        return []
    shares = np.bincount(indices.ravel(), minlength=len(named_colors())) / indices.size
    ranked = np.argsort(-shares, kind="stable")[:most]
    return [(named_colors()[n], 100 * float(shares[n])) for n in ranked if shares[n] >= LEAST_SHARE]


@cache
def _palette() -> npt.NDArray[np.float32]:
    return _lab(np.array([[color.rgb for color in named_colors()]], np.uint8)).reshape(-1, 3)


def _lab(pixels: Pixels) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2Lab), np.float32)

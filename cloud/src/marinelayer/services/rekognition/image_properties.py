"""The ImageProperties of DetectLabels: what was measured, in AWS's shape.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabelsImageProperties.html. Contrast is
told of the whole picture only.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from marinelayer.ports import DominantColor, ImageProperties, PartProperties

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

MOST_COLORS = 10
"""How many dominant colours are told where MaxDominantColors does not say."""


def written_properties(found: ImageProperties) -> wire.DetectLabelsImageProperties:
    """The picture's quality and colours, and those of its foreground and background."""
    return {
        "Quality": {**_quality(found.whole), "Contrast": found.whole.contrast},
        "DominantColors": written_colors(found.whole.colors),
        "Foreground": {
            "Quality": _quality(found.foreground),
            "DominantColors": written_colors(found.foreground.colors),
        },
        "Background": {
            "Quality": _quality(found.background),
            "DominantColors": written_colors(found.background.colors),
        },
    }


def written_colors(colors: Iterable[DominantColor]) -> list[wire.DominantColor]:
    """Each colour by its numbers and its names."""
    return [_color(color) for color in colors]


def _quality(part: PartProperties) -> wire.DetectLabelsImageQuality:
    return {"Brightness": part.brightness, "Sharpness": part.sharpness}


def _color(color: DominantColor) -> wire.DominantColor:
    red, green, blue = color.rgb
    return {
        "Red": red,
        "Green": green,
        "Blue": blue,
        "HexCode": f"#{red:02x}{green:02x}{blue:02x}",
        "CSSColor": color.name,
        "SimplifiedColor": color.simplified,
        "PixelPercent": color.percent,
    }

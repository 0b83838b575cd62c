"""Measuring how a picture looks, in a worker. Needs no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2

from marinelayer.engines.vision.colors import NamedColor
from marinelayer.engines.vision.decoding import pixels
from marinelayer.engines.vision.properties import Look, looks

LONGEST = 1024


class MeasureLooks:
    """`boxes` (left, top, width, height as fractions), `colors` (how many at most) and a picture in; out `whole`,
    `foreground`, `background` and the colours of the `boxes`."""

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Measure one JPEG or PNG picture."""
        boxes = [
            (float(left), float(top), float(width), float(height)) for left, top, width, height in request["boxes"]
        ]
        measured = looks(pixels(payload, longest=LONGEST), boxes, int(request["colors"]))
        return {
            "whole": _json(measured.whole),
            "foreground": _json(measured.foreground),
            "background": _json(measured.background),
            "boxes": [_colors(each) for each in measured.boxes],
        }


def _json(look: Look) -> dict[str, Any]:
    return {
        "brightness": look.brightness,
        "contrast": look.contrast,
        "sharpness": look.sharpness,
        "colors": _colors(look.colors),
    }


def _colors(colors: Sequence[tuple[NamedColor, float]]) -> list[dict[str, Any]]:
    return [
        {"rgb": color.rgb, "name": color.name, "simplified": color.simplified, "percent": percent}
        for color, percent in colors
    ]


def open_task(_options: Mapping[str, Any]) -> MeasureLooks:
    """Nothing is loaded."""
    cv2.setNumThreads(1)
    return MeasureLooks()

"""Yahoo's open_nsfw, a thin ResNet-50: how likely a picture is pornographic, which is all that it was trained to tell.

Mahadeokar and Pesavento, Open Sourcing a Deep Learning Solution for Detecting NSFW Images (Yahoo Engineering, 2016).
Its input is the middle 224 x 224 of 256 x 256, blue first and without the mean; its output, a softmax over safe and
not. It learned from pictures that had been written as JPEG at that size: without it, scores are some percent off.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from marinelayer.engines.sessions import ON_PROCESSOR, Sessions
from marinelayer.engines.vision.decoding import Pixels

SIDE, CROPPED = 256, 224
QUALITY = 75
MEAN = np.array([104, 117, 123], np.float32)
"""Blue, green, red."""


class OpenNsfw:
    """The loaded model."""

    def __init__(self, model: bytes, sessions: Sessions = ON_PROCESSOR) -> None:
        self._session = sessions.open(model)
        self._input: str = self._session.get_inputs()[0].name

    def explicit(self, picture: Pixels) -> float:
        """The probability (0-1) that the picture is pornographic."""
        edge = (SIDE - CROPPED) // 2
        middle = _as_jpeg(picture)[edge : edge + CROPPED, edge : edge + CROPPED, ::-1]
        blob = middle.astype(np.float32) - MEAN
        return float(self._session.run(None, {self._input: np.ascontiguousarray(blob[np.newaxis])})[0][0][1])


def _as_jpeg(picture: Pixels) -> Pixels:
    buffer = io.BytesIO()
    small = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    small.save(buffer, "JPEG", quality=QUALITY)
    return np.asarray(Image.open(buffer))

"""What is looked at to find where things are: maps of features all over a picture, at several scales.

They are what PicoDet has of a picture before it says what is where, where it is installed; else the first three stages
of PP-OCR's text detector, which a package brings, and the colours. Each cell of a map is a square of eight pixels.
Things larger than what one cell sees of its surroundings are found where the picture is smaller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from marinelayer.engines import catalogue
from marinelayer.engines.sessions import ON_PROCESSOR, Sessions
from marinelayer.engines.vision import picodet
from marinelayer.engines.vision.activations import with_outputs
from marinelayer.engines.vision.decoding import Pixels
from marinelayer.engines.vision.feature_choice import DETECTOR, MAPS_REVISION, TEXT_DETECTOR, named
from marinelayer.engines.vision.picodet import prepared
from marinelayer.engines.vision.text_detector_stages import TextDetectorStages, scaled
from marinelayer.ports import Engine, EngineUnavailableError

Floats = npt.NDArray[np.float32]

LONGEST = 512
"""The longer side of the largest picture that is looked at; each further one has half of it."""
LEVELS = 4
STRIDE = 8
_WHOLE = 32
"""Sides that the network takes are multiples of it."""
_CHANNELS = 96
"""As many as OpenCV resizes at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One scale: how many of its pixels one of the picture's is, across and down, and a map of rows x columns x
    features, in which each cell is STRIDE pixels wide."""

    scale: tuple[float, float]
    map: Floats


Pyramid = list[Level]


class Maps(Protocol):
    """A loaded network. `engine` names it, so that a model can say what it was trained on."""

    @property
    def engine(self) -> Engine:
        """Its name, and its version."""
        ...

    def of(self, picture: Pixels) -> Pyramid:
        """The maps of a picture, the largest first, LEVELS in all; in each as many features."""
        ...


class DetectorMaps:
    """PicoDet: the four maps of its neck, of which its heads tell what is where. Each has half of the cells of the one
    before, as if the picture were half as large."""

    NECK = ("hardswish_14.tmp_0", "hardswish_22.tmp_0", "hardswish_30.tmp_0", "tmp_0")

    def __init__(self, installed: catalogue.Installed, sessions: Sessions) -> None:
        self.engine = named(installed, MAPS_REVISION)
        self._network: Any = sessions.open(with_outputs(installed.read("picodet_s_416_coco.onnx"), self.NECK))
        self._input: str = self._network.get_inputs()[0].name

    def of(self, picture: Pixels) -> Pyramid:
        """See Maps."""
        height, width = picture.shape[:2]
        maps: list[Floats] = self._network.run(list(self.NECK), {self._input: prepared(picture)})
        scale = picodet.SIDE / width, picodet.SIDE / height
        return [
            Level(scale=(scale[0] / 2**number, scale[1] / 2**number), map=one[0].transpose(1, 2, 0))
            for number, one in enumerate(maps)
        ]


class TextDetectorMaps:
    """PP-OCR's detector: its first three stages, of the picture in four sizes, and the colours."""

    def __init__(self, installed: catalogue.Installed, sessions: Sessions) -> None:
        self.engine = named(installed, MAPS_REVISION)
        self._stages = TextDetectorStages(installed, sessions, 3)

    def of(self, picture: Pixels) -> Pyramid:
        """See Maps."""
        height, width = picture.shape[:2]
        levels: Pyramid = []
        for number in range(LEVELS):
            scale = LONGEST / max(height, width) / 2**number
            wide, high = (max(_WHOLE, round(side * scale)) for side in (width, height))
            how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            resized = np.asarray(cv2.resize(picture, (wide, high), interpolation=how), np.uint8)
            levels.append(Level(scale=(wide / width, high / height), map=self._map(resized)))
        return levels

    def _map(self, picture: Pixels) -> Floats:
        high, wide = picture.shape[:2]
        whole_high, whole_wide = (-(-side // _WHOLE) * _WHOLE for side in (high, wide))
        rows, columns = whole_high // STRIDE, whole_wide // STRIDE
        below, beside = whole_high - high, whole_wide - wide
        padded = np.asarray(cv2.copyMakeBorder(picture, 0, below, 0, beside, cv2.BORDER_REPLICATE), np.uint8)
        taken = scaled(padded)
        first, second, third = (stage[0].transpose(1, 2, 0) for stage in self._stages.of(taken))
        fine = first.reshape(rows, 2, columns, 2, -1)
        colours = taken[0].transpose(1, 2, 0).reshape(rows, STRIDE, columns, STRIDE, 3).mean(axis=(1, 3))
        parts = [fine.mean(axis=(1, 3)), fine.max(axis=(1, 3)), second, *_resized(third, rows, columns), colours]
        return np.concatenate(parts, axis=2)[: -(-high // STRIDE), : -(-wide // STRIDE)]


def _resized(stage: Floats, rows: int, columns: int) -> list[Floats]:
    return [
        cv2.resize(np.ascontiguousarray(stage[:, :, at : at + _CHANNELS]), (columns, rows)).astype(np.float32)
        for at in range(0, stage.shape[2], _CHANNELS)
    ]


OF: Mapping[str, type[DetectorMaps | TextDetectorMaps]] = {
    DETECTOR: DetectorMaps,
    TEXT_DETECTOR: TextDetectorMaps,
}


def open_maps(name: str, models: Path | None, sessions: Sessions = ON_PROCESSOR) -> Maps:
    """Load the network of this name.

    Raises:
        EngineUnavailableError: it is not here; the text says what to install.
    """
    if name not in OF:
        raise EngineUnavailableError(f"nothing here is known as {name}")
    return OF[name](catalogue.require(name, models), sessions)

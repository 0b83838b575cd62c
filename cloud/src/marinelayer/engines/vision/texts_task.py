"""Reading the text in a picture, in a worker: RapidOCR with the models of its own package or larger ones, on
onnxruntime.

Configured so that it neither downloads nor logs. The side of 960 pixels for finding text, without the turning of
lines by 180 degrees, measured best on drawn signs and street photos.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rapidocr import RapidOCR

from marinelayer.engines import catalogue, sessions
from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.sessions import ON_PROCESSOR, Sessions
from marinelayer.engines.vision.choices import READERS
from marinelayer.engines.vision.decoding import Pixels, pixels
from marinelayer.engines.vision.text_lines import read_lines
from marinelayer.engines.vision.words import Piece, words

devices = sessions.devices

LONGEST = 2000
"""The reader scales larger pictures down to this by itself."""


class ReadText:
    """`model` (a name of the catalogue) and a picture in; out `lines`, each with text, score (0-1), corners in
    fractions of the picture's width and height, and words. A model is loaded when it is first asked for."""

    def __init__(self, models: Path | None, opened: Sessions = ON_PROCESSOR) -> None:
        self._models = models
        self._sessions = opened
        self._loaded: dict[str, RapidOCR] = {}

    def load(self, name: str) -> RapidOCR:
        """The model, ready. Raises EngineUnavailableError if it is not there, or another."""
        if name not in self._loaded:
            self._loaded[name] = _reader(catalogue.find(name, self._models), self._sessions)
        return self._loaded[name]

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Read one JPEG or PNG picture."""
        picture = pixels(payload, longest=LONGEST)
        height, width = picture.shape[:2]
        lines: list[dict[str, Any]] = []
        for read in read_lines(self.load(request["model"]), _bgr(picture), request.get("enough")):
            line, inside = words(read)
            lines.append({**_json(line, width, height), "words": [_json(word, width, height) for word in inside]})
        return {"lines": lines}


def _bgr(picture: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), np.uint8)


def _json(piece: Piece, width: int, height: int) -> dict[str, Any]:
    corners = [[min(max(x / width, 0.0), 1.0), min(max(y / height, 0.0), 1.0)] for x, y in piece.corners]
    return {"text": piece.text, "score": piece.score, "corners": corners}


def _reader(installed: catalogue.Installed, opened: Sessions) -> Any:
    finding, reading = (str(installed.checked(file.name)) for file in installed.model.files)
    reader: Any = RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Global.return_word_box": True,
            # With a path of our own it downloads nothing.
            "Det.model_path": finding,
            "Rec.model_path": reading,
            "Det.limit_type": "max",
            "Det.limit_side_len": 960,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    _try(reader)  # it loads a model when it first needs it; a worker is ready when loaded
    if opened.accelerated:
        # It opens no sessions but of its own kind, and can not be given ours before it has them.
        for part, path in ((reader.text_det, finding), (reader.text_rec, reading)):
            part.session.session = opened.open(path)
        _try(reader)
    return reader


def _try(reader: Any) -> None:
    blank = np.full((64, 64, 3), 255, np.uint8)
    reader(blank, use_det=True, use_rec=False)
    reader(blank, use_det=False, use_rec=True)


def open_task(options: Mapping[str, Any]) -> ReadText:
    """Load the best model that is there. Raises EngineUnavailableError if it is not the catalogue's."""
    cv2.setNumThreads(1)
    folder = Path(options["models"]) if options.get("models") else None
    task = ReadText(folder, Sessions(devices(options)))
    task.load(Shelf(folder).best(READERS).model.name)
    return task

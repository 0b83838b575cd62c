"""The first stages of PP-OCR's text detector: edges, textures and colours, which a package brings.

They know nothing of texts yet, so that labels and things can be learnt of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from marinelayer.engines import catalogue
from marinelayer.engines.sessions import Sessions
from marinelayer.engines.vision.activations import with_outputs
from marinelayer.engines.vision.decoding import Pixels

Floats = npt.NDArray[np.float32]

_STAGES = ("p2o.pd_op.add.14.0", "p2o.pd_op.add.27.0", "p2o.pd_op.add.50.0")
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


class TextDetectorStages:
    """The loaded network, as far as its first `count` stages, 3 at most."""

    def __init__(self, installed: catalogue.Installed, sessions: Sessions, count: int) -> None:
        self._stages = _STAGES[:count]
        self._network: Any = sessions.open(with_outputs(installed.read("models/PP-OCRv6_det_small.onnx"), self._stages))

    def of(self, scaled: Floats) -> list[Floats]:
        """The stages of one picture as `scaled` gives it, each 1 x features x rows x columns."""
        return self._network.run(list(self._stages), {"x": np.ascontiguousarray(scaled)})


def scaled(picture: Pixels) -> Floats:
    """The picture as the network takes it: 1 x 3 x rows x columns, its colours about their means."""
    about: Floats = (picture[:, :, ::-1].astype(np.float32) / np.float32(255) - _MEAN) / _DEVIATION
    return about.transpose(2, 0, 1)[np.newaxis]

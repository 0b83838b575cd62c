"""MobileNetV2, quantised to 8 bits, trained on ImageNet: which of 1,000 classes a picture shows.

Sandler et al., MobileNetV2 (arXiv:1801.04381). Its input is 224 x 224 RGB; its output, a softmax over 1,001 classes
(0 is background), comes in steps of 1/256.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from marinelayer.engines.vision.decoding import Pixels

SIDE = 224


class MobileNet:
    """The loaded model."""

    def __init__(self, model: bytes) -> None:
        self._interpreter: Any = Interpreter(model_content=model, num_threads=1)
        self._interpreter.allocate_tensors()
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        self._output: int = self._interpreter.get_output_details()[0]["index"]

    def classify(self, picture: Pixels) -> npt.NDArray[np.float64]:
        """The probability of each class number."""
        resized = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        self._interpreter.set_tensor(self._input, resized[np.newaxis])
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)[0] / 256.0

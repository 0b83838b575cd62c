"""What of a picture is looked at to learn labels: the activations of a network that was trained on something else.

What CLIP has seen before it says so, and MobileNetV2's last feature maps, know things; the first two stages of PP-
OCR's text detector know edges, textures and colours. What they are worth is in docs/decisions/0008-engines.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from marinelayer.engines import catalogue
from marinelayer.engines.sessions import ON_PROCESSOR, Sessions
from marinelayer.engines.vision.decoding import Pixels
from marinelayer.engines.vision.feature_choice import CLASSIFIER, DESCRIBER, TEXT_DETECTOR, named
from marinelayer.engines.vision.open_labels import image_tower
from marinelayer.engines.vision.text_detector_stages import TextDetectorStages, scaled
from marinelayer.ports import Engine, EngineUnavailableError

Vector = npt.NDArray[np.float32]

SIDE = 224


class Features(Protocol):
    """A loaded network. `engine` names it, so that a model can say what it was trained on."""

    @property
    def engine(self) -> Engine:
        """Its name, and its version."""
        ...

    def of(self, picture: Pixels) -> Vector:
        """The features of a picture: always as many."""
        ...


class DescriberFeatures:
    """CLIP: the 768 numbers of a picture before they are projected to where texts are, which are best to learn from
    (arXiv:2103.00020, appendix A.3)."""

    def __init__(self, installed: catalogue.Installed, sessions: Sessions) -> None:
        self.engine = named(installed)
        self._tower = image_tower(installed)

    def of(self, picture: Pixels) -> Vector:
        """See Features."""
        return self._tower.seen(picture)


class ClassifierFeatures:
    """MobileNetV2: the mean and the highest value of each of its 1,280 last feature maps."""

    def __init__(self, installed: catalogue.Installed, sessions: Sessions) -> None:
        library: Any = Interpreter
        self.engine = named(installed)
        self._network: Any = library(
            model_content=installed.read("mobilenet_v2_1.0_224_quant.tflite"),
            num_threads=1,
            experimental_preserve_all_tensors=True,
        )
        self._network.allocate_tensors()
        self._input: int = self._network.get_input_details()[0]["index"]
        maps = [one for one in self._network.get_tensor_details() if tuple(one["shape"]) == (1, 7, 7, 1280)]
        self._maps: int = maps[-1]["index"]
        self._step: float = maps[-1]["quantization"][0]

    def of(self, picture: Pixels) -> Vector:
        """See Features."""
        resized = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        self._network.set_tensor(self._input, resized[np.newaxis])
        self._network.invoke()
        maps: npt.NDArray[np.uint8] = self._network.get_tensor(self._maps)[0]
        seen = maps.astype(np.float32) * np.float32(self._step)
        return np.concatenate([seen.mean(axis=(0, 1)), seen.max(axis=(0, 1))])


class TextDetectorFeatures:
    """PP-OCR's detector: mean, deviation and highest value of each feature map of its first two stages."""

    def __init__(self, installed: catalogue.Installed, sessions: Sessions) -> None:
        self.engine = named(installed)
        self._stages = TextDetectorStages(installed, sessions, 2)

    def of(self, picture: Pixels) -> Vector:
        """See Features."""
        resized = np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)
        stages = self._stages.of(scaled(resized))
        return np.concatenate([pooled(maps[0], axis=(1, 2)) for maps in stages for pooled in (np.mean, np.std, np.max)])


OF: Mapping[str, type[DescriberFeatures | ClassifierFeatures | TextDetectorFeatures]] = {
    DESCRIBER: DescriberFeatures,
    CLASSIFIER: ClassifierFeatures,
    TEXT_DETECTOR: TextDetectorFeatures,
}


def open_features(name: str, models: Path | None, sessions: Sessions = ON_PROCESSOR) -> Features:
    """Load the features of this name.

    Raises:
        EngineUnavailableError: they are not here; the text says what to install.
    """
    if name not in OF:
        raise EngineUnavailableError(f"nothing here is known as {name}")
    return OF[name](catalogue.require(name, models), sessions)

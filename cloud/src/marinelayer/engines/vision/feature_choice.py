"""Which features labels are learnt by on this machine, and how models name them. Loads nothing.

What CLIP has seen of a picture when it is done, where it is installed; else MobileNetV2, as an ImageNet classifier has
it; else the first stages of PP-OCR's text detector,
which a package brings, so that labels can be learnt on any machine.
"""

from __future__ import annotations

from marinelayer.engines.catalogue import Installed
from marinelayer.engines.models.shelf import Choice
from marinelayer.ports import Engine

DESCRIBER = "CLIP-ViT-B-32"
CLASSIFIER = "MobileNetV2-ImageNet"
TEXT_DETECTOR = "PP-OCRv6-small"
FEATURES = Choice(names=(DESCRIBER, CLASSIFIER, TEXT_DETECTOR), default=TEXT_DETECTOR)
DETECTOR = "PicoDet-S-416-COCO"
MAPS = (DETECTOR, TEXT_DETECTOR)
"""By which it is learnt where things are: of those that are here, the one that finds most in pictures that were held
back. A detector of other things knows photographs, a detector of text what is drawn."""
REVISION = "features 1"
"""Of the way in which activations become features: models of another one do not fit."""
MAPS_REVISION = "maps 1"
"""The same of maps of features (`pyramids`)."""


def named(installed: Installed, revision: str = REVISION) -> Engine:
    """How a model says what it was trained on."""
    return Engine(name=installed.model.name, version=f"{installed.model.version}, {revision}")

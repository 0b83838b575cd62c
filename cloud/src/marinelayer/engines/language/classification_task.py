"""Classifying texts with trained models, in a worker that keeps the models it used last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marinelayer.engines.language.kept_models import KeptModels
from marinelayer.engines.language.text_classifier import TextClassifier
from marinelayer.engines.worker import Talk


class Classify:
    """`model` (a name) and `texts` in; `classes` is told: for each text its labels with their probabilities. A model
    that is not at hand is asked for, piece by piece, by `offset`."""

    def __init__(self) -> None:
        self._models = KeptModels(TextClassifier.of_bytes)

    def converse(self, request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        """Classify some texts."""
        classes = self._models.get(str(request["model"]), talk).classify(request["texts"])
        talk.tell({"classes": classes}, b"")
        return {}


def open_task(_options: Mapping[str, Any]) -> Classify:
    """Nothing is loaded before it is asked for."""
    return Classify()

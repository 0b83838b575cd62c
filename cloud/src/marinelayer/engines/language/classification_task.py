"""Classifying texts with trained models, in a worker that keeps the models it used last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from marinelayer.engines.language.text_classifier import TextClassifier
from marinelayer.engines.worker import Talk

KEPT = 8


class Classify:
    """`model` (a name) and `texts` in; `classes` is told: for each text its labels with their probabilities. A model
    that is not at hand is asked for, piece by piece, by `offset`."""

    def __init__(self) -> None:
        self._models: OrderedDict[str, TextClassifier] = OrderedDict()

    def converse(self, request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        """Classify some texts."""
        classes = self._model(str(request["model"]), talk).classify(request["texts"])
        talk.tell({"classes": classes}, b"")
        return {}

    def _model(self, name: str, talk: Talk) -> TextClassifier:
        found = self._models.pop(name, None)
        if found is None:
            pieces: list[bytes] = []
            while piece := talk.ask({"offset": sum(map(len, pieces))}):
                pieces.append(piece)
            found = TextClassifier.of_bytes(b"".join(pieces))
        self._models[name] = found
        while len(self._models) > KEPT:
            self._models.popitem(last=False)
        return found


def open_task(_options: Mapping[str, Any]) -> Classify:
    """Nothing is loaded before it is asked for."""
    return Classify()

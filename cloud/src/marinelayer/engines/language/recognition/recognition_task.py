"""Finding entities with trained models, in a worker that keeps the models it used last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marinelayer.engines.language.kept_models import KeptModels
from marinelayer.engines.language.recognition.entity_recognizer import EntityRecognizer
from marinelayer.engines.worker import Talk


class Recognize:
    """`model` (a name) and `texts` in; `entities` is told: for each text its entities. A model that is not at hand is
    asked for, piece by piece, by `offset`."""

    def __init__(self) -> None:
        self._models = KeptModels(EntityRecognizer.of_bytes)

    def converse(self, request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        """Look at some texts."""
        model = self._models.get(str(request["model"]), talk)
        for text in request["texts"]:
            talk.tell({"entities": model.entities(text)}, b"")
        return {}


def open_task(_options: Mapping[str, Any]) -> Recognize:
    """Nothing is loaded before it is asked for."""
    return Recognize()

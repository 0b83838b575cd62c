"""Finding entities with trained models, in a worker that keeps the models it used last."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from marinelayer.engines.language.kept_models import KeptModels
from marinelayer.engines.language.recognition.entity_recognizer import EntityRecognizer
from marinelayer.engines.language.recognition.tokens import sequences_of
from marinelayer.engines.worker import Talk

SOME = 20
"""Sequences that are looked at between two words to the cloud, since a text may be long."""


class Recognize:
    """`model` (a name) and `texts` in; `entities` are told, some at a time, with the number of their `text`. A model
    that is not at hand is asked for, piece by piece, by `offset`."""

    def __init__(self) -> None:
        self._models = KeptModels(EntityRecognizer.of_bytes)

    def converse(self, request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        """Look at some texts."""
        model = self._models.get(str(request["model"]), talk)
        for number, text in enumerate(request["texts"]):
            sequences = sequences_of(text)
            while some := list(islice(sequences, SOME)):
                found = [entity for tokens in some for entity in model.among(text, tokens)]
                talk.tell({"text": number, "entities": found}, b"")
        return {}


def open_task(_options: Mapping[str, Any]) -> Recognize:
    """Nothing is loaded before it is asked for."""
    return Recognize()

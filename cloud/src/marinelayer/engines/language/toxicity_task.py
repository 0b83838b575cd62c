"""Telling toxic content, in a worker."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from marinelayer.engines import catalogue
from marinelayer.engines.language.toxic_minilm import ToxicMiniLM
from marinelayer.engines.language.toxicity import MODEL

NAMES = {
    "PROFANITY": "obscene",
    "HATE_SPEECH": "identity_hate",
    "INSULT": "insult",
    "VIOLENCE_OR_THREAT": "threat",
}
"""AWS's names that a head of the model stands for. GRAPHIC, SEXUAL and HARASSMENT_OR_ABUSE have none."""


class TellToxicity:
    """`text` in; out `toxicity` and `labels`: AWS's names with their probability (0-1)."""

    def __init__(self, model: ToxicMiniLM) -> None:
        self._model = model

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Read one text."""
        heads = self._model.heads(str(request["text"]))
        return {"toxicity": heads["toxic"], "labels": {name: heads[head] for name, head in NAMES.items()}}


def open_task(options: Mapping[str, Any]) -> TellToxicity:
    """Load the model. Raises EngineUnavailableError if it is not the catalogue's, or not there."""
    found = catalogue.find(MODEL, Path(options["models"]) if options.get("models") else None)
    model, vocabulary = (found.read(file.name) for file in found.model.files)
    return TellToxicity(ToxicMiniLM(model, vocabulary))

"""Translating by neural models of the catalogue, in a worker: CTranslate2 with SentencePiece, the last two used loaded.

The archive of a model is read once and loaded from its bytes, after its sha256 was found to be the catalogue's.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marinelayer.engines import catalogue
from marinelayer.engines.language.neural import INSTALL, can_run
from marinelayer.engines.language.runs import (
    Line,
    from_json,
    has_words,
    joined,
    lines_of,
    to_json,
    without_blanks,
)
from marinelayer.engines.language.sentences import sentences_of
from marinelayer.ports import EngineUnavailableError

if TYPE_CHECKING:
    from marinelayer.engines.language.neural_model import NeuralModel

KEPT = 2


class Translate:
    """`texts` (runs, as JSON) and the catalogue's name of a `model` in; `texts` out."""

    def __init__(self, models: Path | None, device: str = "cpu") -> None:
        self._models = models
        self._device = device
        self._loaded: OrderedDict[str, NeuralModel] = OrderedDict()

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Translate each text, all their sentences as one batch; line ends and outer blanks stay as they are."""
        model = self._model(str(request["model"]))
        texts = [_parts(from_json(text)) for text in request["texts"]]
        waiting = [words for text in texts for words, translatable in text if translatable]
        done = iter(model.translate(waiting))
        written = [
            joined(run for words, translatable in text for run in (next(done) if translatable else words))
            for text in texts
        ]
        return {"texts": [to_json(text) for text in written]}

    def _model(self, name: str) -> NeuralModel:
        from marinelayer.engines.language.neural_model import NeuralModel  # noqa: PLC0415 - takes a second to load

        if name in self._loaded:
            self._loaded.move_to_end(name)
            return self._loaded[name]
        installed = catalogue.find(name, self._models)
        package = installed.read(installed.model.files[0].name)
        self._loaded[name] = NeuralModel(package, device=self._device)
        if len(self._loaded) > KEPT:
            self._loaded.popitem(last=False)
        return self._loaded[name]


def _parts(text: Line) -> list[tuple[Line, bool]]:
    """The text as sentences that are to be translated, and what stands between them."""
    parts: list[tuple[Line, bool]] = []
    for line in lines_of(text):
        for sentence in sentences_of(line):
            before, words, after = without_blanks(sentence)
            parts += [(before, False), (words, has_words(words)), (after, False)]
    return parts


def devices(options: Mapping[str, Any]) -> list[str]:
    """What is tried before the processor (engines.worker)."""
    if options.get("device") != "auto" or not can_run():
        return []
    from marinelayer.engines.language.neural_model import graphics_processors  # noqa: PLC0415 - takes a second to load

    return ["CUDA"] if graphics_processors() else []


def open_task(options: Mapping[str, Any]) -> Translate:
    """Nothing is loaded before its first text. Raises EngineUnavailableError: the packages are not installed."""
    if not can_run():
        raise EngineUnavailableError(f"translation models need packages that are not installed: {INSTALL}")
    folder = options.get("models")
    return Translate(Path(folder) if folder else None, options.get("device", "cpu"))

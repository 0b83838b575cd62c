"""Trained models in a worker's memory: those that it used last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from marinelayer.engines.worker import Talk

Model = TypeVar("Model")
KEPT = 8


class KeptModels(Generic[Model]):
    """Models by their names; `read` makes one of its bytes."""

    def __init__(self, read: Callable[[bytes], Model]) -> None:
        self._read = read
        self._models: OrderedDict[str, Model] = OrderedDict()

    def get(self, name: str, talk: Talk) -> Model:
        """The model of a name. One that is not at hand is asked for, piece by piece, by `offset`."""
        found = self._models.pop(name, None)
        if found is None:
            pieces: list[bytes] = []
            while piece := talk.ask({"offset": sum(map(len, pieces))}):
                pieces.append(piece)
            found = self._read(b"".join(pieces))
        self._models[name] = found
        while len(self._models) > KEPT:
            self._models.popitem(last=False)
        return found

"""Telling what few people want to be shown, in a worker."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from marinelayer.engines import catalogue, sessions
from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.sessions import ON_PROCESSOR, Sessions
from marinelayer.engines.vision.choices import MODERATORS
from marinelayer.engines.vision.decoding import pixels
from marinelayer.engines.vision.open_nsfw import OpenNsfw

devices = sessions.devices

LONGEST = 1024


class Moderate:
    """`model` (a name of the catalogue) and a picture in; out `labels`: AWS's names, with how sure each is in
    percent."""

    def __init__(self, models: Path | None, opened: Sessions = ON_PROCESSOR) -> None:
        self._models = models
        self._sessions = opened
        self._loaded: dict[str, OpenNsfw] = {}

    def load(self, name: str) -> OpenNsfw:
        """The model, ready. Raises EngineUnavailableError if it is not there, or another."""
        if name not in self._loaded:
            found = catalogue.find(name, self._models)
            self._loaded[name] = OpenNsfw(found.read(found.model.files[0].name), self._sessions)
        return self._loaded[name]

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Look at one JPEG or PNG picture."""
        picture = pixels(payload, longest=LONGEST)
        return {"labels": {"Explicit": 100 * self.load(request["model"]).explicit(picture)}}


def open_task(options: Mapping[str, Any]) -> Moderate:
    """Load what is there. Raises EngineUnavailableError if there is nothing."""
    folder = Path(options["models"]) if options.get("models") else None
    task = Moderate(folder, Sessions(devices(options)))
    task.load(Shelf(folder).best(MODERATORS).model.name)
    return task

"""The TextReader: pictures to `texts_task`'s worker, replies to the port's values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marinelayer.engines.models.shelf import Shelf
from marinelayer.engines.supervisor import Supervisor
from marinelayer.engines.vision.choices import READERS
from marinelayer.engines.vision.dimensions import analysable
from marinelayer.ports import SeenText, Texts


class TextEngine:
    """Reads text with the best OCR model of the shelf."""

    def __init__(self, supervisor: Supervisor, shelf: Shelf) -> None:
        self._supervisor = supervisor
        self._shelf = shelf

    async def read(self, image: bytes, *, enough: int | None = None) -> Texts:
        """The lines of a JPEG or PNG picture, and raises, as `ports.TextReader` says."""
        analysable(image)
        found = await self._shelf.have(READERS)
        reply = await self._supervisor.run({"model": found.model.name, "enough": enough}, image)
        return Texts(lines=tuple(_seen(line) for line in reply["lines"]), engine=found.model.engine)


def _seen(piece: Mapping[str, Any]) -> SeenText:
    a, b, c, d = ((float(x), float(y)) for x, y in piece["corners"])
    words = tuple(_seen(word) for word in piece.get("words", ()))
    return SeenText(text=piece["text"], confidence=min(100.0, 100 * piece["score"]), corners=(a, b, c, d), words=words)

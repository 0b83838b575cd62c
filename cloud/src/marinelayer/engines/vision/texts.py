"""The TextReader: pictures to `texts_task`'s worker, replies to the port's values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marinelayer.engines.catalogue import Installed
from marinelayer.engines.supervisor import Supervisor
from marinelayer.engines.vision.dimensions import analysable
from marinelayer.ports import EngineUnavailableError, SeenText, Texts


class TextEngine:
    """Reads text with the catalogue's OCR model."""

    def __init__(self, supervisor: Supervisor, installed: Installed) -> None:
        self._supervisor = supervisor
        self._installed = installed

    async def read(self, image: bytes) -> Texts:
        """Every line of a JPEG or PNG picture; raises as `ports.TextReader` says."""
        analysable(image)
        if self._installed.state != "present":
            raise EngineUnavailableError(self._installed.problem)
        reply = await self._supervisor.run({}, image)
        return Texts(lines=tuple(_seen(line) for line in reply["lines"]), engine=self._installed.model.engine)


def _seen(piece: Mapping[str, Any]) -> SeenText:
    a, b, c, d = ((float(x), float(y)) for x, y in piece["corners"])
    words = tuple(_seen(word) for word in piece.get("words", ()))
    return SeenText(text=piece["text"], confidence=min(100.0, 100 * piece["score"]), corners=(a, b, c, d), words=words)

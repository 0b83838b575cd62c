"""The LanguageDetector: texts to `languages_task`'s worker."""

from __future__ import annotations

from marinelayer.engines.catalogue import Installed
from marinelayer.engines.supervisor import Supervisor
from marinelayer.ports import EngineUnavailableError


class LanguageEngine:
    """Tells languages with the catalogue's identifier."""

    def __init__(self, supervisor: Supervisor, installed: Installed) -> None:
        self._supervisor = supervisor
        self._installed = installed

    async def languages(self, text: str) -> tuple[tuple[str, float], ...]:
        """The ten likeliest AWS language codes with their shares (0-1), most likely first.

        Raises EngineUnavailableError and EngineFailedError.
        """
        if self._installed.state != "present":
            raise EngineUnavailableError(self._installed.problem)
        reply = await self._supervisor.run({"text": text})
        return tuple((code, share) for code, share in reply["languages"])

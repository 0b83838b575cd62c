"""A task that runs in the cloud's own process: workers know the real catalogue only, and tests have tiny models."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping
from typing import Any

from marinelayer.engines.supervisor import Supervisor


def nearby(name: str) -> type[Supervisor]:
    """Supervisors, of which those of the task module `name` run it in a thread."""

    class Nearby(Supervisor):
        def __init__(self, module: str, **arguments: Any) -> None:
            super().__init__(module, **arguments)
            self._nearby, self._given = module, arguments["options"]

        async def run(self, request: Mapping[str, Any], payload: bytes = b"") -> Mapping[str, Any]:
            if not self._nearby.endswith(name):
                return await super().run(request, payload)
            task = importlib.import_module(self._nearby).open_task(self._given)
            return await asyncio.to_thread(task.run, request, payload)

    return Nearby

"""A cloud whose catalogue has tiny models in place of real ones. Their task runs in the cloud's own process, since
workers know the real catalogue only."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from marinelayer.engines import assembly, catalogue
from marinelayer.engines.supervisor import Supervisor
from marinelayer.testing import LocalCloud, local_cloud


@contextmanager
def cloud_with(models: Mapping[str, Sequence[bytes]], folder: Path, task: str) -> Generator[LocalCloud]:
    """A cloud in which the catalogue's `models` are these files, put into `folder`, and the task module `task` runs
    nearby."""
    known = dict(catalogue.catalogue())
    for name, contents in models.items():
        files = [
            replace(file, size=len(data), sha256=hashlib.sha256(data).hexdigest())
            for file, data in zip(known[name].files, contents, strict=True)
        ]
        known[name] = replace(known[name], files=tuple(files))
        for file, data in zip(files, contents, strict=True):
            (folder / file.name).write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "catalogue", lambda: known)
        patch.setattr(assembly, "Supervisor", nearby(task))
        with local_cloud(models=folder) as running:
            yield running


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

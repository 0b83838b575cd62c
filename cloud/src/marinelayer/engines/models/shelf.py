"""The models of a running cloud: those that are on this machine, and, where the settings allow it, those that are
downloaded when they are first needed.

Rule 1: nothing is downloaded unless `pulling`. Rule 2: one model at a time, in a thread; whoever needs the same one
waits for the same download, and whoever goes away does not end it. Rule 3: a download that failed is not tried again
within PATIENCE seconds; its reason is told meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

import structlog

from marinelayer.engines import catalogue
from marinelayer.engines.catalogue import Installed, ModelFile
from marinelayer.engines.models.fetching import PullError
from marinelayer.engines.models.installing import pull
from marinelayer.ports import EngineUnavailableError

LOG = structlog.get_logger()
PATIENCE = 60.0
LOOK_AGAIN = 1.0
"""Seconds after which a folder is searched again for a model that it lacked: a search may have to read large files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Models that do the same: their names, the best first, and the one to get where none is here."""

    names: tuple[str, ...]
    default: str


def only(name: str) -> Choice:
    """No choice: one model."""
    return Choice(names=(name,), default=name)


class Shelf:
    """Where engines look for their models."""

    def __init__(self, folder: Path | None, *, pulling: bool = False) -> None:
        self.folder = folder
        self._pulling = folder if pulling else None
        self._seen: dict[str, tuple[Installed, float]] = {}
        self._pulls: dict[str, asyncio.Task[Installed]] = {}
        self._failed: dict[str, tuple[float, str]] = {}
        self._one = asyncio.Lock()
        self._closed = False

    def find(self, name: str) -> Installed:
        """The model as it is now, or was LOOK_AGAIN seconds ago. What was found once is there from then on; its bytes
        are checked when it is loaded."""
        found, looked = self._seen.get(name, (None, 0.0))
        if found is None or (found.state != "present" and time.monotonic() >= looked + LOOK_AGAIN):
            found = catalogue.find(name, self.folder)
            self._seen[name] = found, time.monotonic()
        return found

    def at_hand(self, name: str) -> bool:
        """Whether the model is here, or would be downloaded when it is needed."""
        found = self.find(name)
        return found.state == "present" or (self._pulling is not None and found.model.downloadable)

    def best(self, choice: Choice) -> Installed:
        """The best of the models that are here, else the default as it is (not here)."""
        found = (self.find(name) for name in choice.names)
        return next((one for one in found if one.state == "present"), self.find(choice.default))

    async def have(self, choice: Choice) -> Installed:
        """The best of the models that are here. Where none is and the settings allow it, the default is downloaded
        first, which may take minutes.

        Raises:
            EngineUnavailableError: none is here, with what to install or why it could not be downloaded.
        """
        found = self.best(choice)
        if found.state != "present" and self._pulling is not None and found.model.downloadable:
            found = await self._pulled(found.model.name)
        if found.state != "present":
            raise EngineUnavailableError(found.problem)
        return found

    async def close(self) -> None:
        """Break off what is being downloaded; the next pull goes on there."""
        self._closed = True
        for task in list(self._pulls.values()):
            with contextlib.suppress(EngineUnavailableError):
                await task

    async def _pulled(self, name: str) -> Installed:
        since, reason = self._failed.get(name, (0.0, ""))
        if reason and time.monotonic() < since + PATIENCE:
            raise EngineUnavailableError(reason)
        task = self._pulls.get(name)
        if task is None:
            task = self._pulls[name] = asyncio.create_task(self._pull(name))
            task.add_done_callback(lambda done: self._done(name, done))
        return await asyncio.shield(task)

    async def _pull(self, name: str) -> Installed:
        async with self._one:
            LOG.info("model is downloaded", model=name)
            try:
                found = await asyncio.to_thread(pull, name, self._pulling or Path(), self._still_wanted)
            except PullError as error:
                LOG.warning("model can not be downloaded", model=name, reason=str(error))
                raise EngineUnavailableError(f"{name} is not installed and can not be downloaded: {error}") from None
            self._seen[name] = found, time.monotonic()
            LOG.info("model is installed", model=name)
            return found

    def _still_wanted(self, file: ModelFile, have: int, total: int | None) -> None:
        """Told of each piece, in the thread."""
        if self._closed:
            raise PullError("the cloud is stopping")

    def _done(self, name: str, task: asyncio.Task[Installed]) -> None:
        del self._pulls[name]
        error = None if task.cancelled() else task.exception()
        if error is None:
            self._failed.pop(name, None)
        else:
            self._failed[name] = (time.monotonic(), str(error))

"""What all engines have in common: their names, and how they fail. Ports only: nothing here does anything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Which engine answered: `name` and `version`."""

    name: str
    version: str


class EngineUnavailableError(Exception):
    """No engine here can do what is asked. The text says what to install."""


class EngineFailedError(Exception):
    """An engine broke or ran out of time on this input."""


class EngineBusyError(EngineFailedError):
    """Too many tasks wait for this engine already; a later attempt may succeed."""

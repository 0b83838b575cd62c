"""What every epoch of one process stands on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marinelayer.config import Settings
from marinelayer.engines.assembly import Engines
from marinelayer.pipeline.trace import Trace
from marinelayer.ports import Clock, Ids, Keyring
from marinelayer.protocol.addresses import Hosts
from marinelayer.security.web_identity import IssuerKeys
from marinelayer.services.s3 import Days

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Adapters and settings that outlive a reset. `describe` makes the health document; without `reset` nobody may."""

    settings: Settings
    clock: Clock
    ids: Ids
    keyring: Keyring
    issuers: IssuerKeys
    engines: Engines
    hosts: Hosts
    base_url: Callable[[], str]
    log: Callable[[Trace], None]
    describe: Callable[[], Mapping[str, Any]]
    reset: Callable[[], Awaitable[None]] | None

    @property
    def days(self) -> Days:
        """The days that lifecycles and restores count."""
        return Days(round(self.settings.lifecycle_day * MICROSECONDS))

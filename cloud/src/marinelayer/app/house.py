"""One epoch of the data folder, wired: its services behind the request's path, its outbox, and what it writes down now
and then. After a reset a new one is made on the new epoch.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from marinelayer.app.access_log import AccessLogging
from marinelayer.app.ground import Ground
from marinelayer.app.jobs import bind_jobs
from marinelayer.app.routes import own_routes
from marinelayer.app.services import services_of
from marinelayer.app.shared import Shared, shared_parts
from marinelayer.console.confirmation import Confirmation
from marinelayer.pipeline import Pipeline
from marinelayer.pipeline.authorise import Enforcement
from marinelayer.pipeline.own import OwnRoute
from marinelayer.pipeline.trace import Trace
from marinelayer.services.comprehend import named
from marinelayer.services.iam import used_by
from marinelayer.services.operation import ServiceTable
from marinelayer.services.translate import TerminologyLinks
from marinelayer.storage.files import sweep
from marinelayer.storage.folder import Epoch

_logger = logging.getLogger(__name__)
KEY_USES_INTERVAL = 60
"""Seconds after which it is written down when access keys were used."""


class House:
    """One epoch's services, outbox and pipeline."""

    def __init__(self, epoch: Epoch, ground: Ground) -> None:
        enforcement = Enforcement(explained=ground.settings.explain_denials, soft=ground.settings.enforce == "soft")
        services: dict[str, ServiceTable] = {}
        shared = shared_parts(epoch, ground, services, enforcement)
        services |= services_of(shared, ground)
        bind_jobs(shared, ground, services["s3"])
        self.identities, self.inbox = shared.identities, shared.inbox
        self.pipeline = Pipeline(
            services=services,
            identities=shared.identities,
            clock=ground.clock,
            hosts=ground.hosts,
            base_url=ground.base_url,
            own=_own_routes(shared, ground),
            log=_logging(shared, ground),
            enforcement=enforcement,
        )
        self._shared = shared
        self._interval = ground.settings.access_log_interval
        self._running: list[asyncio.Task[Any]] = []

    def open(self) -> None:
        """Start doing what was left to be done later, and removing bytes that a kill left without a row."""
        self._running = [
            asyncio.create_task(self._shared.outbox.run()),
            asyncio.create_task(sweep(self._shared.epoch.blobs, self._named)),
            asyncio.create_task(self._deliver_access_logs()),
            asyncio.create_task(self._write_key_uses()),
        ]

    async def close(self) -> None:
        """Finish the jobs under way; the rest waits on disk."""
        await self._shared.outbox.stop()
        for task in self._running:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._shared.access_logs.flush()
        await self._shared.key_uses.flush()

    async def _named(self, blob_ids: Sequence[str]) -> Collection[str]:
        """Which of the stored blobs a row names, of whatever service."""
        return {*await self._shared.s3_blobs.named(blob_ids), *await named(self._shared.epoch.tables, blob_ids)}

    async def _write_key_uses(self) -> None:
        """Write down at intervals when access keys were used."""
        while True:
            await asyncio.sleep(KEY_USES_INTERVAL)
            try:
                await self._shared.key_uses.flush()
            except Exception:
                _logger.exception("uses of access keys can not be written; it is tried again")

    async def _deliver_access_logs(self) -> None:
        """Hand over at intervals what was logged."""
        await self._shared.access_logs.refresh()
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self._shared.access_logs.flush()
            except Exception:
                _logger.exception("access logs can not be handed over; it is tried again")


def _own_routes(shared: Shared, ground: Ground) -> Mapping[tuple[str, str], OwnRoute]:
    return own_routes(
        inbox=shared.inbox,
        confirmation=Confirmation(shared.calls),
        terminologies=TerminologyLinks(shared.epoch.tables, ground.keyring, ground.clock),
        describe=ground.describe,
        reset=ground.reset,
    )


def _logging(shared: Shared, ground: Ground) -> Callable[[Trace], None]:
    """What is told of every answered request: the process's log, access logs, and when keys were used."""
    access_logging = AccessLogging(shared.access_logs, ground.hosts, ground.clock)

    def log(trace: Trace) -> None:
        ground.log(trace)
        access_logging(trace)
        used = used_by(trace.identity)
        if used and trace.service is not None:
            shared.key_uses.note(used, trace.service.signing_name, trace.region)

    return log

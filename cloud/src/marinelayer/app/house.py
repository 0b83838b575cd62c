"""Everything that lives in one epoch of the data folder: its services on its tables, and the request's path to them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from marinelayer.app.access_log import AccessLogging
from marinelayer.app.routes import own_routes
from marinelayer.config import Settings
from marinelayer.console.confirmation import Confirmation
from marinelayer.delivery.inbox import Inbox
from marinelayer.delivery.sms import SmsRelay
from marinelayer.delivery.smtp import SmtpRelay
from marinelayer.engines.assembly import Engines
from marinelayer.outbox import Outbox, Retry
from marinelayer.pipeline import Pipeline, PipelineCalls
from marinelayer.pipeline.authorise import Enforcement
from marinelayer.pipeline.mandates import RememberedCallers
from marinelayer.pipeline.service_roles import AssumedByServices
from marinelayer.pipeline.trace import Trace
from marinelayer.ports import Channel, Clock, Ids, Keyring, Relay
from marinelayer.protocol.addresses import Hosts
from marinelayer.security.web_identity import IssuerKeys
from marinelayer.services.comprehend import AT_ONCE as COMPREHEND_AT_ONCE
from marinelayer.services.comprehend import Ground as ComprehendGround
from marinelayer.services.comprehend import comprehend_jobs, comprehend_service, named
from marinelayer.services.iam import IamSessions, KeyUses, RoleAccess, iam_service, used_by
from marinelayer.services.iam.identities import IamIdentities
from marinelayer.services.operation import ServiceTable
from marinelayer.services.rekognition import (
    FORGET,
    CopiedModels,
    DatasetJobs,
    ForgottenFaces,
    RunningModels,
    Training,
    rekognition_service,
    video_jobs,
)
from marinelayer.services.s3 import (
    AccessLogs,
    BucketTagging,
    Days,
    EventPublishing,
    InventoryReports,
    LifecycleSweeps,
    Replicas,
    RestoreJobs,
    S3Access,
    S3Blobs,
    s3_service,
)
from marinelayer.services.s3.blob_keys import BlobKeys
from marinelayer.services.s3.documents import check_document
from marinelayer.services.s3control import s3control_service
from marinelayer.services.sns import sns_service
from marinelayer.services.sns.access import TopicAccess
from marinelayer.services.sns.deliveries import Deliveries
from marinelayer.services.sts import sts_service
from marinelayer.services.translate import TerminologyLinks, TranslateGround, translate_service, translation_runs
from marinelayer.storage.files import sweep
from marinelayer.storage.folder import Epoch

_logger = logging.getLogger(__name__)
MICROSECONDS = 1_000_000
KEY_USES_INTERVAL = 60
"""Seconds after which it is written down when access keys were used."""
FOR_EVER = Retry(attempts=2**62)
"""For jobs that must not end: what recurs would never come again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What every epoch of one process stands on."""

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


class House:
    """One epoch's services, outbox and pipeline."""

    def __init__(self, epoch: Epoch, ground: Ground) -> None:
        self.epoch = epoch
        tables, clock = epoch.tables, ground.clock
        self.outbox = Outbox(tables, clock)
        self.identities = IamIdentities(tables, ground.keyring)
        self.inbox = Inbox(tables, clock)
        self._s3_blobs = S3Blobs(tables, epoch.blobs, clock)
        self.access_logs = AccessLogs(tables, S3Access(tables, clock), clock, ground.ids, self.outbox.poke)
        access_logging = AccessLogging(self.access_logs, ground.hosts, clock)
        self.key_uses = KeyUses(tables, clock)

        def log(trace: Trace) -> None:
            ground.log(trace)
            access_logging(trace)
            used = used_by(trace.identity)
            if used and trace.service is not None:
                self.key_uses.note(used, trace.service.signing_name, trace.region)

        services: dict[str, ServiceTable] = {}
        calls = PipelineCalls(services)
        self.roles = AssumedByServices(services, self.identities, RoleAccess(tables), clock, ground.base_url)
        enforcement = Enforcement(explained=ground.settings.explain_denials, soft=ground.settings.enforce == "soft")
        self.mandates = RememberedCallers(services, self.identities, clock, ground.base_url, enforcement)
        self.video_jobs = video_jobs(
            labels=ground.engines.labels,
            texts=ground.engines.texts,
            moderator=ground.engines.moderator,
            reader=ground.engines.videos,
            tables=tables,
            clock=clock,
            ids=ground.ids,
            calls=calls,
            mandates=self.mandates,
            roles=self.roles,
            poke=self.outbox.poke,
        )
        self.comprehend = _comprehend_ground(self, ground, calls)
        services |= _services(self, ground, calls)
        self.pipeline = Pipeline(
            services=services,
            identities=self.identities,
            clock=clock,
            hosts=ground.hosts,
            base_url=ground.base_url,
            own=own_routes(
                inbox=self.inbox,
                confirmation=Confirmation(calls),
                terminologies=TerminologyLinks(tables, ground.keyring, clock),
                describe=ground.describe,
                reset=ground.reset,
            ),
            log=log,
            enforcement=enforcement,
        )
        self._interval = ground.settings.access_log_interval
        self._bind_jobs(ground, services["s3"], calls)
        self._running: list[asyncio.Task[Any]] = []

    def open(self) -> None:
        """Start doing what was left to be done later, and removing bytes that a kill left without a row."""
        blobs = self.epoch.blobs
        self._running = [
            asyncio.create_task(self.outbox.run()),
            asyncio.create_task(sweep(blobs, self._named)),
            asyncio.create_task(self._deliver_access_logs()),
            asyncio.create_task(self._write_key_uses()),
        ]

    async def close(self) -> None:
        """Finish the jobs under way; the rest waits on disk."""
        await self.outbox.stop()
        for task in self._running:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self.access_logs.flush()
        await self.key_uses.flush()

    async def _named(self, blob_ids: Sequence[str]) -> Collection[str]:
        """Which of the stored blobs a row names, of whatever service."""
        return {*await self._s3_blobs.named(blob_ids), *await named(self.epoch.tables, blob_ids)}

    async def _write_key_uses(self) -> None:
        """Write down at intervals when access keys were used."""
        while True:
            await asyncio.sleep(KEY_USES_INTERVAL)
            try:
                await self.key_uses.flush()
            except Exception:
                _logger.exception("uses of access keys can not be written; it is tried again")

    async def _deliver_access_logs(self) -> None:
        """Hand over at intervals what was logged."""
        await self.access_logs.refresh()
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.access_logs.flush()
            except Exception:
                _logger.exception("access logs can not be handed over; it is tried again")

    def _bind_jobs(self, ground: Ground, s3: ServiceTable, calls: PipelineCalls) -> None:
        relays = _relays(ground)
        deliveries = Deliveries(
            tables=self.epoch.tables, clock=ground.clock, mailbox=self.inbox, relays=relays, poke=self.outbox.poke
        )
        deliveries.bind(self.outbox)
        for kind, handler in self._s3_blobs.handlers.items():
            self.outbox.bind(kind, handler)
        for kind, handler in self.access_logs.handlers(s3.operations["PutObject"].run).items():
            self.outbox.bind(kind, handler)
        events = EventPublishing(calls, TopicAccess(self.epoch.tables), ground.base_url)
        for kind, handler in events.handlers.items():
            self.outbox.bind(kind, handler)
        self.outbox.bind(FORGET, ForgottenFaces(self.epoch.tables).forget)
        days = _days(ground)
        sweeps = LifecycleSweeps(self.epoch.tables, ground.clock, ground.ids, days, self.access_logs)
        reports = InventoryReports(
            self.epoch.tables,
            S3Access(self.epoch.tables, ground.clock),
            ground.clock,
            days,
            ground.engines.parquet,
            s3.operations["PutObject"].run,
        )
        restores = RestoreJobs(self.epoch.tables, ground.clock, days)
        replicas = Replicas(
            self.epoch.tables,
            self.epoch.blobs,
            BlobKeys(ground.keyring),
            self.roles,
            ground.clock,
            ground.ids,
        )
        for kind, handler in replicas.handlers.items():
            self.outbox.bind(kind, handler, retry=FOR_EVER)
        translations = translation_runs(_translate_ground(self, ground), calls, self.roles)
        for kind, handler in translations.handlers.items():
            self.outbox.bind(kind, handler, concurrency=2, retry=FOR_EVER)
        self._bind_comprehend(ground)
        for kind, handler in {**sweeps.handlers, **reports.handlers, **restores.handlers}.items():
            self.outbox.bind(kind, handler, concurrency=2, retry=FOR_EVER)
        self._bind_custom_labels(ground, calls)
        for kind, handler in self.video_jobs.handlers.items():
            self.outbox.bind(kind, handler, concurrency=2)

    def _bind_comprehend(self, ground: Ground) -> None:
        engines = ground.engines
        handlers = comprehend_jobs(
            languages=engines.languages,
            sentiment=engines.sentiments,
            phrases=engines.phrases,
            pii=engines.pii,
            entities=engines.entities,
            ground=self.comprehend,
        )
        for kind, handler in handlers.items():
            self.outbox.bind(kind, handler, concurrency=COMPREHEND_AT_ONCE.get(kind, 1))

    def _bind_custom_labels(self, ground: Ground, calls: PipelineCalls) -> None:
        tables, clock, engine = self.epoch.tables, ground.clock, ground.engines.custom_labels
        datasets = DatasetJobs(tables, clock, calls, self.mandates)
        for kind, handler in {
            **datasets.handlers,
            **RunningModels(tables, engine).handlers,
            **CopiedModels(tables, calls, self.mandates).handlers,
        }.items():
            self.outbox.bind(kind, handler, concurrency=2)
        for kind, handler in Training(tables, clock, calls, self.mandates, engine).handlers.items():
            self.outbox.bind(kind, handler, concurrency=4)


def _comprehend_ground(house: House, ground: Ground, calls: PipelineCalls) -> ComprehendGround:
    return ComprehendGround(
        tables=house.epoch.tables,
        blobs=house.epoch.blobs,
        clock=ground.clock,
        ids=ground.ids,
        keyring=ground.keyring,
        principals=house.identities,
        calls=calls,
        roles=house.roles,
        trainer=ground.engines.training,
        classifier=ground.engines.classification,
        recognizer_trainer=ground.engines.recognizer_training,
        recognizer=ground.engines.recognition,
        documents=ground.engines.documents,
        reader=ground.engines.texts,
        topics=ground.engines.topics,
        poke=house.outbox.poke,
        spool=ground.settings.data,
    )


def _days(ground: Ground) -> Days:
    return Days(round(ground.settings.lifecycle_day * MICROSECONDS))


def _services(house: House, ground: Ground, calls: PipelineCalls) -> dict[str, ServiceTable]:
    tables, clock, ids, keyring = house.epoch.tables, ground.clock, ground.ids, ground.keyring
    poke, engines = house.outbox.poke, ground.engines
    tables_of_services = (
        s3_service(
            tables=tables,
            blobs=house.epoch.blobs,
            clock=clock,
            ids=ids,
            keyring=keyring,
            principals=house.identities,
            selector=engines.selector,
            calls=calls,
            topics=TopicAccess(tables),
            poke=poke,
            logs=house.access_logs,
            days=_days(ground),
            defaults=ground.settings.s3_defaults,
            hot_bytes=ground.settings.read_memory * 1024 * 1024,
        ),
        s3control_service(tables=tables, buckets=BucketTagging(tables, clock), check_document=check_document),
        iam_service(
            tables=tables,
            clock=clock,
            ids=ids,
            keyring=keyring,
            uses=house.key_uses,
            principals=house.identities,
        ),
        sts_service(
            clock=clock, sessions=IamSessions(tables, keyring, ids), access=RoleAccess(tables), issuers=ground.issuers
        ),
        sns_service(
            tables=tables,
            clock=clock,
            ids=ids,
            keyring=keyring,
            principals=house.identities,
            poke=poke,
            sms_country=ground.settings.sms_country,
        ),
        rekognition_service(
            labels=engines.labels,
            properties=engines.properties,
            texts=engines.texts,
            moderator=engines.moderator,
            faces=engines.faces,
            custom_labels=engines.custom_labels,
            calls=calls,
            tables=tables,
            clock=clock,
            ids=ids,
            keyring=keyring,
            mandates=house.mandates,
            principals=house.identities,
            videos=house.video_jobs,
            poke=poke,
        ),
        comprehend_service(
            languages=engines.languages,
            sentiment=engines.sentiments,
            phrases=engines.phrases,
            pii=engines.pii,
            entities=engines.entities,
            words=engines.words,
            toxicity=engines.toxicity,
            ground=house.comprehend,
        ),
        translate_service(_translate_ground(house, ground)),
    )
    return {table.name: table for table in tables_of_services}


def _translate_ground(house: House, ground: Ground) -> TranslateGround:
    return TranslateGround(
        tables=house.epoch.tables,
        clock=ground.clock,
        ids=ground.ids,
        keyring=ground.keyring,
        languages=ground.engines.languages,
        translator=ground.engines.translator,
        documents=ground.engines.documents,
        poke=house.outbox.poke,
    )


def _relays(ground: Ground) -> dict[Channel, Relay]:
    settings = ground.settings
    relays: dict[Channel, Relay] = {}
    if settings.smtp_url is not None:
        relays["email"] = SmtpRelay(
            settings.smtp_url.get_secret_value(), mail_from=settings.mail_from, clock=ground.clock
        )
    if settings.sms_url is not None:
        relays["sms"] = SmsRelay(settings.sms_url.get_secret_value())
    return relays

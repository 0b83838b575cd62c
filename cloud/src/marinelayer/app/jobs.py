"""The jobs of an epoch's outbox, each kind bound to what does it, and how many of a kind run at once."""

from __future__ import annotations

from collections.abc import Mapping

from marinelayer.app.ground import Ground
from marinelayer.app.shared import Shared
from marinelayer.delivery.sms import SmsRelay
from marinelayer.delivery.smtp import SmtpRelay
from marinelayer.outbox import JobHandler, Retry
from marinelayer.ports import Channel, Relay
from marinelayer.services.comprehend import AT_ONCE as COMPREHEND_AT_ONCE
from marinelayer.services.comprehend import comprehend_jobs
from marinelayer.services.operation import ServiceTable
from marinelayer.services.rekognition import (
    FORGET,
    CopiedModels,
    DatasetJobs,
    ForgottenFaces,
    MediaRuns,
    RunningModels,
    Training,
)
from marinelayer.services.s3 import EventPublishing, InventoryReports, LifecycleSweeps, Replicas, RestoreJobs, S3Access
from marinelayer.services.s3.blob_keys import BlobKeys
from marinelayer.services.sns.access import TopicAccess
from marinelayer.services.sns.deliveries import Deliveries
from marinelayer.services.translate import translation_runs

FOR_EVER = Retry(attempts=2**62)
"""For jobs that must not end: what recurs would never come again."""


def bind_jobs(shared: Shared, ground: Ground, s3: ServiceTable) -> None:
    """Bind every kind of job that a service enqueues; `s3` stores what some of them write."""
    Deliveries(
        tables=shared.epoch.tables,
        clock=ground.clock,
        mailbox=shared.inbox,
        relays=_relays(ground),
        poke=shared.outbox.poke,
    ).bind(shared.outbox)
    _bind_s3(shared, ground, s3)
    _bind_rekognition(shared, ground)
    _bind_comprehend(shared, ground)
    translations = translation_runs(shared.translate, shared.calls, shared.roles)
    _bind(shared, translations.handlers, at_once=2, retry=FOR_EVER)


def _bind(shared: Shared, handlers: Mapping[str, JobHandler], *, at_once: int = 8, retry: Retry | None = None) -> None:
    for kind, handler in handlers.items():
        shared.outbox.bind(kind, handler, concurrency=at_once, retry=retry)


def _bind_s3(shared: Shared, ground: Ground, s3: ServiceTable) -> None:
    tables, clock, ids, days = shared.epoch.tables, ground.clock, ground.ids, ground.days
    put_object = s3.operations["PutObject"].run
    _bind(shared, shared.s3_blobs.handlers)
    _bind(shared, shared.access_logs.handlers(put_object))
    _bind(shared, EventPublishing(shared.calls, TopicAccess(tables), ground.base_url).handlers)
    replicas = Replicas(tables, shared.epoch.blobs, BlobKeys(ground.keyring), shared.roles, clock, ids)
    _bind(shared, replicas.handlers, retry=FOR_EVER)
    sweeps = LifecycleSweeps(tables, clock, ids, days, shared.access_logs)
    reports = InventoryReports(tables, S3Access(tables, clock), clock, days, ground.engines.parquet, put_object)
    restores = RestoreJobs(tables, clock, days)
    _bind(shared, {**sweeps.handlers, **reports.handlers, **restores.handlers}, at_once=2, retry=FOR_EVER)


def _bind_rekognition(shared: Shared, ground: Ground) -> None:
    tables, clock, engine = shared.epoch.tables, ground.clock, ground.engines.custom_labels
    calls, mandates = shared.calls, shared.mandates
    _bind(shared, {FORGET: ForgottenFaces(tables).forget})
    _bind(shared, DatasetJobs(tables, clock, calls, mandates).handlers, at_once=2)
    _bind(shared, RunningModels(tables, engine).handlers, at_once=2)
    _bind(shared, CopiedModels(tables, calls, mandates).handlers, at_once=2)
    _bind(shared, Training(tables, clock, calls, mandates, engine).handlers, at_once=4)
    _bind(shared, shared.videos.handlers, at_once=2)
    _bind(shared, MediaRuns(tables, clock, calls, mandates, ground.engines.moderator).handlers, at_once=2)


def _bind_comprehend(shared: Shared, ground: Ground) -> None:
    engines = ground.engines
    handlers = comprehend_jobs(
        languages=engines.languages,
        sentiment=engines.sentiments,
        targets=engines.targets,
        phrases=engines.phrases,
        pii=engines.pii,
        entities=engines.entities,
        ground=shared.comprehend,
    )
    for kind, handler in handlers.items():
        shared.outbox.bind(kind, handler, concurrency=COMPREHEND_AT_ONCE.get(kind, 1))


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

"""The services of an epoch, each with its ports."""

from __future__ import annotations

from marinelayer.app.ground import Ground
from marinelayer.app.shared import Shared
from marinelayer.services.comprehend import comprehend_service
from marinelayer.services.iam import IamSessions, RoleAccess, iam_service
from marinelayer.services.operation import ServiceTable
from marinelayer.services.rekognition import rekognition_service
from marinelayer.services.s3 import BucketTagging, s3_service
from marinelayer.services.s3.documents import check_document
from marinelayer.services.s3control import s3control_service
from marinelayer.services.sns import sns_service
from marinelayer.services.sns.access import TopicAccess
from marinelayer.services.sts import sts_service
from marinelayer.services.translate import translate_service


def services_of(shared: Shared, ground: Ground) -> dict[str, ServiceTable]:
    """The table of each service, by its name in botocore's models."""
    tables, clock = shared.epoch.tables, ground.clock
    every = (
        _s3(shared, ground),
        s3control_service(tables=tables, buckets=BucketTagging(tables, clock), check_document=check_document),
        iam_service(
            tables=tables,
            clock=clock,
            ids=ground.ids,
            keyring=ground.keyring,
            uses=shared.key_uses,
            principals=shared.identities,
        ),
        sts_service(
            clock=clock,
            sessions=IamSessions(tables, ground.keyring, ground.ids),
            access=RoleAccess(tables),
            issuers=ground.issuers,
        ),
        sns_service(
            tables=tables,
            clock=clock,
            ids=ground.ids,
            keyring=ground.keyring,
            principals=shared.identities,
            poke=shared.outbox.poke,
            sms_country=ground.settings.sms_country,
        ),
        _rekognition(shared, ground),
        _comprehend(shared, ground),
        translate_service(shared.translate),
    )
    return {table.name: table for table in every}


def _s3(shared: Shared, ground: Ground) -> ServiceTable:
    return s3_service(
        tables=shared.epoch.tables,
        blobs=shared.epoch.blobs,
        clock=ground.clock,
        ids=ground.ids,
        keyring=ground.keyring,
        principals=shared.identities,
        selector=ground.engines.selector,
        calls=shared.calls,
        topics=TopicAccess(shared.epoch.tables),
        poke=shared.outbox.poke,
        logs=shared.access_logs,
        days=ground.days,
        defaults=ground.settings.s3_defaults,
        hot_bytes=ground.settings.read_memory * 1024 * 1024,
    )


def _rekognition(shared: Shared, ground: Ground) -> ServiceTable:
    engines = ground.engines
    return rekognition_service(
        labels=engines.labels,
        properties=engines.properties,
        texts=engines.texts,
        moderator=engines.moderator,
        faces=engines.faces,
        custom_labels=engines.custom_labels,
        calls=shared.calls,
        tables=shared.epoch.tables,
        clock=ground.clock,
        ids=ground.ids,
        keyring=ground.keyring,
        mandates=shared.mandates,
        principals=shared.identities,
        videos=shared.videos,
        poke=shared.outbox.poke,
    )


def _comprehend(shared: Shared, ground: Ground) -> ServiceTable:
    engines = ground.engines
    return comprehend_service(
        languages=engines.languages,
        sentiment=engines.sentiments,
        targets=engines.targets,
        phrases=engines.phrases,
        pii=engines.pii,
        entities=engines.entities,
        words=engines.words,
        toxicity=engines.toxicity,
        ground=shared.comprehend,
    )

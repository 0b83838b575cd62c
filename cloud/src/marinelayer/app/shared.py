"""What the services of an epoch and the jobs of its outbox share: each is made once, on the epoch's own tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from marinelayer.app.ground import Ground
from marinelayer.delivery.inbox import Inbox
from marinelayer.outbox import Outbox
from marinelayer.pipeline import PipelineCalls
from marinelayer.pipeline.authorise import Enforcement
from marinelayer.pipeline.mandates import RememberedCallers
from marinelayer.pipeline.service_roles import AssumedByServices
from marinelayer.services.comprehend import Ground as ComprehendGround
from marinelayer.services.iam import KeyUses, RoleAccess
from marinelayer.services.iam.identities import IamIdentities
from marinelayer.services.operation import ServiceTable
from marinelayer.services.rekognition import VideoJobs, video_jobs
from marinelayer.services.s3 import AccessLogs, S3Access, S3Blobs
from marinelayer.services.translate import TranslateGround
from marinelayer.storage.folder import Epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The parts of one epoch that more than one service or job needs."""

    epoch: Epoch
    outbox: Outbox
    inbox: Inbox
    identities: IamIdentities
    key_uses: KeyUses
    s3_blobs: S3Blobs
    access_logs: AccessLogs
    calls: PipelineCalls
    roles: AssumedByServices
    mandates: RememberedCallers
    videos: VideoJobs
    comprehend: ComprehendGround
    translate: TranslateGround


def shared_parts(
    epoch: Epoch, ground: Ground, services: Mapping[str, ServiceTable], enforcement: Enforcement
) -> Shared:
    """Make them. `services` is looked at when somebody calls a service, and may be filled until then."""
    tables, clock = epoch.tables, ground.clock
    outbox = Outbox(tables, clock)
    identities = IamIdentities(tables, ground.keyring)
    calls = PipelineCalls(services)
    roles = AssumedByServices(services, identities, RoleAccess(tables), clock, ground.base_url)
    mandates = RememberedCallers(services, identities, clock, ground.base_url, enforcement)
    return Shared(
        epoch=epoch,
        outbox=outbox,
        inbox=Inbox(tables, clock),
        identities=identities,
        key_uses=KeyUses(tables, clock),
        s3_blobs=S3Blobs(tables, epoch.blobs, clock),
        access_logs=AccessLogs(tables, S3Access(tables, clock), clock, ground.ids, outbox.poke),
        calls=calls,
        roles=roles,
        mandates=mandates,
        videos=video_jobs(
            labels=ground.engines.labels,
            texts=ground.engines.texts,
            moderator=ground.engines.moderator,
            faces=ground.engines.faces,
            reader=ground.engines.videos,
            tables=tables,
            clock=clock,
            ids=ground.ids,
            calls=calls,
            mandates=mandates,
            roles=roles,
            poke=outbox.poke,
        ),
        comprehend=ComprehendGround(
            tables=tables,
            blobs=epoch.blobs,
            clock=clock,
            ids=ground.ids,
            keyring=ground.keyring,
            principals=identities,
            calls=calls,
            roles=roles,
            trainer=ground.engines.training,
            classifier=ground.engines.classification,
            recognizer_trainer=ground.engines.recognizer_training,
            recognizer=ground.engines.recognition,
            documents=ground.engines.documents,
            reader=ground.engines.texts,
            topics=ground.engines.topics,
            poke=outbox.poke,
            spool=ground.settings.data,
        ),
        translate=TranslateGround(
            tables=tables,
            clock=clock,
            ids=ground.ids,
            keyring=ground.keyring,
            languages=ground.engines.languages,
            translator=ground.engines.translator,
            documents=ground.engines.documents,
            poke=outbox.poke,
        ),
    )

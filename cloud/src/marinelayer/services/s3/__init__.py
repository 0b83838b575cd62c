"""Amazon S3: buckets, objects, uploads in parts, and who may reach them.

Every module is a noun of S3 or a verb on objects. Rule 1: a write is a small synchronous function of a transaction,
with everything that changes together in it. Rule 2: bytes are blobs that rows name; no row names what has not arrived
whole.
"""

from __future__ import annotations

from collections.abc import Callable

from marinelayer.ports import Blobs, Calls, Clock, Ids, Keyring, Principals, Selector, Tables, Topics
from marinelayer.services.operation import ServiceTable, service_table
from marinelayer.services.paging import PageTokens
from marinelayer.services.s3.acceleration import Acceleration
from marinelayer.services.s3.access import S3Access
from marinelayer.services.s3.access_log import AccessLogs
from marinelayer.services.s3.access_log import Entry as LogEntry
from marinelayer.services.s3.access_logging import BucketLogging
from marinelayer.services.s3.acls import Acls
from marinelayer.services.s3.analytics import AnalyticsConfigurations
from marinelayer.services.s3.attributes import ObjectAttributes
from marinelayer.services.s3.blob_keys import BlobKeys
from marinelayer.services.s3.bucket_encryption import BucketEncryption
from marinelayer.services.s3.bucket_tags import BucketTagging, BucketTags
from marinelayer.services.s3.buckets import Buckets
from marinelayer.services.s3.changes import Changes
from marinelayer.services.s3.copy import ObjectCopies
from marinelayer.services.s3.cors import Cors
from marinelayer.services.s3.defaults import S3Defaults
from marinelayer.services.s3.delete import ObjectDeletions
from marinelayer.services.s3.documents import check_document
from marinelayer.services.s3.encrypting import Encrypting
from marinelayer.services.s3.freeing import S3Blobs
from marinelayer.services.s3.get import ObjectReads
from marinelayer.services.s3.hot_pieces import HotPieces
from marinelayer.services.s3.intelligent_tiering import IntelligentTieringConfigurations
from marinelayer.services.s3.inventory import InventoryConfigurations
from marinelayer.services.s3.inventory_report import InventoryReports
from marinelayer.services.s3.known import Known
from marinelayer.services.s3.lifecycle import Lifecycles
from marinelayer.services.s3.lifecycle_rules import AWS_DAYS, Days
from marinelayer.services.s3.lifecycle_sweep import LifecycleSweeps
from marinelayer.services.s3.listing import Listings
from marinelayer.services.s3.metrics import MetricsConfigurations
from marinelayer.services.s3.multipart import Multipart
from marinelayer.services.s3.notification import Notifications
from marinelayer.services.s3.notification_events import EventPublishing
from marinelayer.services.s3.object_lock import ObjectLock
from marinelayer.services.s3.object_tags import ObjectTags
from marinelayer.services.s3.owners import Owners
from marinelayer.services.s3.ownership import Ownership, PublicAccessBlocks
from marinelayer.services.s3.parts import Parts
from marinelayer.services.s3.policies import BucketPolicies
from marinelayer.services.s3.put import ObjectWrites
from marinelayer.services.s3.replicas import Replicas
from marinelayer.services.s3.replication import Replications
from marinelayer.services.s3.request_payment import RequestPayment
from marinelayer.services.s3.restores import RestoreJobs, Restores
from marinelayer.services.s3.select import ObjectSelections
from marinelayer.services.s3.upload_listing import UploadListings
from marinelayer.services.s3.version_listing import VersionListings
from marinelayer.services.s3.versioning import BucketVersioning
from marinelayer.services.s3.website import BucketWebsites

__all__ = [
    "AccessLogs",
    "BucketTagging",
    "Days",
    "EventPublishing",
    "InventoryReports",
    "LifecycleSweeps",
    "LogEntry",
    "Replicas",
    "RestoreJobs",
    "S3Access",
    "S3Blobs",
    "S3Defaults",
    "s3_service",
]


def s3_service(
    *,
    tables: Tables,
    blobs: Blobs,
    clock: Clock,
    ids: Ids,
    keyring: Keyring,
    principals: Principals,
    selector: Selector,
    calls: Calls,
    topics: Topics,
    poke: Callable[[], None],
    logs: AccessLogs,
    days: Days = AWS_DAYS,
    defaults: S3Defaults = "classic",
    hot_bytes: int = 0,
) -> ServiceTable:
    """S3 on the given adapters. `keyring` wraps the keys of bytes and seals page tokens, `principals` resolves those of
    policies, `selector` runs queries on objects, `calls` publishes to `topics`, `poke` has the outbox look for what was
    written, `logs` gathers access logs, `days` are those of restores, `defaults` are those of new buckets
    and answers (Settings.s3_defaults), `hot_bytes` may be kept in memory of what is read often."""
    tokens = PageTokens(keyring)
    owners = Owners(principals, with_names=defaults == "classic")
    cors = Cors(tables, clock)
    websites = BucketWebsites(tables, clock)
    keys = BlobKeys(keyring)
    changes = Changes(tables, clock, poke)
    known = Known(tables)
    access = S3Access(tables, clock, known)
    encrypting = Encrypting(tables, clock, ids, known)
    nouns = (
        Buckets(tables, clock, tokens, owners, defaults),
        BucketEncryption(tables, clock),
        BucketTags(tables, clock),
        cors,
        websites,
        RequestPayment(tables, clock),
        Acceleration(tables, clock),
        MetricsConfigurations(tables, clock, tokens),
        AnalyticsConfigurations(tables, clock, tokens),
        IntelligentTieringConfigurations(tables, clock, tokens),
        ObjectReads(tables, blobs, keys, known, HotPieces(hot_bytes), clock),
        ObjectWrites(tables, blobs, keys, ids, changes, encrypting, known),
        ObjectCopies(tables, blobs, keys, ids, changes, encrypting),
        ObjectDeletions(tables, ids, changes, defaults),
        ObjectAttributes(tables, defaults),
        ObjectTags(tables, changes),
        Restores(ids, days, poke, changes),
        Lifecycles(tables, clock, ids, poke),
        ObjectSelections(tables, blobs, keys, clock, selector),
        InventoryConfigurations(tables, clock, tokens, poke),
        Replications(tables, clock, ids),
        BucketLogging(tables, clock, logs),
        ObjectLock(tables, clock, changes),
        Listings(tables, tokens, owners, defaults),
        VersionListings(tables, owners),
        Multipart(tables, clock, ids, changes, encrypting, defaults),
        Notifications(tables, clock, ids, calls, topics),
        Parts(tables, blobs, keys, clock, ids),
        UploadListings(tables, owners),
        Acls(tables, owners, changes),
        BucketPolicies(tables, principals),
        Ownership(tables),
        PublicAccessBlocks(tables),
        BucketVersioning(tables),
    )
    return service_table("s3", nouns, access=access, cors=cors, websites=websites, check_document=check_document)

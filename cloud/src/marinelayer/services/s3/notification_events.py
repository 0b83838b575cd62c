"""Events: what happened to an object, published to the topics that the bucket's notification configuration names.

An event is an outbox row for each topic, written with the change. Events of one key reach a topic in the order in which
they happened. The row holds the message; only the sequencer is added at the delivery, from the row's number, since
rows are numbered in the order of their commits. A topic that is gone, or does not let S3 publish any more, gets nothing
more, and the log says so.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html (version 2.5) and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configure-notification.html
"""

from __future__ import annotations

import hashlib
import json
import logging
from base64 import b32encode
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from marinelayer import outbox
from marinelayer.model.errors import Refusal
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import Access, Calls, Transaction
from marinelayer.protocol.times import EPOCH, iso_milliseconds
from marinelayer.security.identity import Principal
from marinelayer.security.requirement import Requirement
from marinelayer.services.s3.bucket import Bucket
from marinelayer.services.s3.configurations import configuration
from marinelayer.services.s3.names import NULL_VERSION
from marinelayer.services.s3.notification_rules import form_encoded, listening, rules_of
from marinelayer.services.s3.regions import shown_region
from marinelayer.services.s3.service_delivery import S3_ITSELF, ServiceDelivery, Source

if TYPE_CHECKING:
    from marinelayer.services.s3.changes import Change, Origin

EVENT = "s3.event"
VERSION = "2.5"
SUBJECT = "Amazon S3 Notification"
_NO_BYTES = hashlib.md5(b"", usedforsecurity=False).hexdigest()
"""The ETag that events give to delete markers."""
_SIZED = ("ObjectCreated:", "ObjectRestore:Post", "ObjectRestore:Completed", "LifecycleTransition", "Replication:")
"""Events that say the object's size."""
_SEQUENCED = (
    "ObjectCreated:",
    "ObjectRemoved:",
    "ObjectRestore:Post",
    "ObjectRestore:Completed",
    "LifecycleExpiration:",
    "Replication:",
)
"""Events that have a sequencer: "events that create objects (PUTs) and delete objects contain a sequencer"."""

_logger = logging.getLogger(__name__)


def notify(tx: Transaction, bucket: Bucket, change: Change, origin: Origin) -> bool:
    """Have the topics told that are to be; whether there are any."""
    document = configuration(tx, bucket, "notification")
    if document is None:
        return False
    encoded = form_encoded(change.key)
    told = False
    for rule in listening(rules_of(document), change.event, encoded):
        key = hashlib.sha256(change.key).hexdigest()[:32]
        message = {
            "source": asdict(Source.of(bucket)),
            "topic": rule.topic,
            "record": record_of(bucket, change, origin, rule.configuration_id, encoded),
        }
        outbox.enqueue(
            tx,
            job_id=f"{EVENT}/{origin.request_id}/{change.event}/{change.seq}/{key}/{rule.configuration_id}",
            kind=EVENT,
            group=f"{EVENT}/{bucket.bucket_id}/{key}/{rule.topic}",
            payload=json.dumps(message, ensure_ascii=False).encode(),
            due=origin.time,
        )
        told = True
    return told


def record_of(bucket: Bucket, change: Change, origin: Origin, configuration_id: str, encoded: str) -> dict[str, Any]:
    """An event's record, but for its sequencer. `encoded` is the key, form-encoded."""
    record: dict[str, Any] = {
        "eventVersion": VERSION,
        "eventSource": "aws:s3",
        "awsRegion": shown_region(bucket.region),
        "eventTime": event_time(origin.time),
        "eventName": change.event,
        "userIdentity": {"principalId": _doer(bucket, change, origin)},
        "requestParameters": {"sourceIPAddress": origin.address},
        "responseElements": {"x-amz-request-id": origin.request_id, "x-amz-id-2": origin.host_id},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": bucket.name,
                "ownerIdentity": {"principalId": customer_id(bucket.owner)},
                "arn": f"arn:aws:s3:::{bucket.name}",
            },
            "object": _object(change, encoded),
        },
    }
    if change.event == "LifecycleTransition":
        record["lifecycleEventData"] = {"transitionEventData": {"destinationStorageClass": change.storage_class}}
    if change.replication is not None:
        record["replicationEventData"] = change.replication
    if change.restored_until is not None and change.event == "ObjectRestore:Completed":
        data = {
            "lifecycleRestorationExpiryTime": event_time(change.restored_until),
            "lifecycleRestoreStorageClass": change.storage_class,
        }
        record["glacierEventData"] = {"restoreEventData": data}
    return record


def _doer(bucket: Bucket, change: Change, origin: Origin) -> str:
    # As AWS has been seen to say who ends a restore: the owner, for whom S3 does it.
    return (
        f"AmazonCustomer:{customer_id(bucket.owner)}"
        if change.event == "ObjectRestore:Completed"
        else principal_id(origin.principal)
    )


def _object(change: Change, encoded: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"key": encoded}
    if change.size is not None and change.event.startswith(_SIZED):
        shown["size"] = change.size
    etag = _NO_BYTES if change.event.endswith(":DeleteMarkerCreated") else change.etag
    if etag is not None:
        shown["eTag"] = etag
    if change.version_id != NULL_VERSION:
        shown["versionId"] = change.version_id
    return shown


def principal_id(principal: Principal) -> str:
    """A principal as events name it: by its unique id; an account by its customer id; a service by its name."""
    match principal.kind:
        case "root":
            return customer_id(principal.canonical_id)
        case "service":
            return principal.arn
        case "anonymous":
            return "Anonymous"
        case _:
            return f"AWS:{principal.unique_id}"


def customer_id(canonical_id: str) -> str:
    """The retail customer id of an account, 14 letters and digits. Nobody here is a customer of Amazon's: it is made
    of the canonical id, so that it is the same in every event."""
    return "A" + b32encode(hashlib.sha256(canonical_id.encode()).digest())[:13].decode()


def event_time(time: int) -> str:
    """A time in microseconds as events say it, to the millisecond."""
    return iso_milliseconds(EPOCH + timedelta(microseconds=time))


def to_publish(topic: str) -> Requirement:
    """What telling a topic needs."""
    return Requirement(action="sns:Publish", resource=topic)


async def publish(
    calls: Calls, delivery: ServiceDelivery, topic: str, message: Mapping[str, Any], *, request_id: str, base_url: str
) -> None:
    """Publish a message about a bucket to a topic, as S3 does it: in its own name, on the bucket's behalf.

    Raises:
        AccessDenied: the topic's policy does not let it.
        Refusal: as SNS's Publish; NotFound where there is no such topic.
    """
    caller = delivery.caller(request_id, base_url)
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    await calls.call(caller, "sns", "Publish", {"TopicArn": topic, "Subject": SUBJECT, "Message": text})


class EventPublishing:
    """Publishes events to their topics. `topics` says what topics let in, `base_url` how this cloud is reached."""

    def __init__(self, calls: Calls, topics: Access, base_url: Callable[[], str]) -> None:
        self._calls = calls
        self._topics = topics
        self._base_url = base_url

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of job."""
        return {EVENT: self.publish}

    async def publish(self, job: Job) -> None:
        """Publish one event to one topic."""
        event: dict[str, Any] = json.loads(job.payload)
        record, source, topic = event["record"], Source(**event["source"]), event["topic"]
        if record["eventName"].startswith(_SEQUENCED):
            record["s3"]["object"]["sequencer"] = f"{job.seq:018X}"
        delivery = ServiceDelivery(S3_ITSELF, self._topics, source)
        message = {"Records": [record]}
        try:
            await publish(self._calls, delivery, topic, message, request_id=job.id, base_url=self._base_url())
        except Refusal as refusal:
            _logger.warning("an event of %s could not be published to %s: %s", source.name, topic, refusal)

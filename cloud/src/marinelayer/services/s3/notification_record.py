"""An event's record, as S3 writes it. Pure.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html (version 2.6),
https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configure-notification.html, and for what they leave
open the S3 event module of the AWS SDK for Java, and records that S3 has been seen to send.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from datetime import timedelta
from typing import Any

from marinelayer.protocol.times import EPOCH, iso_milliseconds
from marinelayer.security.identity import Principal
from marinelayer.services.s3.bucket import Bucket
from marinelayer.services.s3.change import Change, Origin
from marinelayer.services.s3.names import NULL_VERSION
from marinelayer.services.s3.regions import shown_region

VERSION = "2.6"
_NO_BYTES = hashlib.md5(b"", usedforsecurity=False).hexdigest()
"""The ETag that events give to delete markers."""
_SIZED = ("ObjectCreated:", "ObjectRestore:", "ObjectRetention:", "LifecycleTransition", "Replication:")
"""Events that say the object's size."""
_SEQUENCED = ("ObjectCreated:", "ObjectRemoved:", "ObjectRestore:", "LifecycleExpiration:", "Replication:")
"""Events that have a sequencer: "events that create objects (PUTs) and delete objects contain a sequencer"."""
_OF_THE_OWNER = ("ObjectRestore:Completed", "ObjectRestore:Delete")
"""What S3 does for a bucket's owner, and names the owner for."""


def record_of(bucket: Bucket, change: Change, origin: Origin, configuration_id: str, encoded: str) -> dict[str, Any]:
    """An event's record, but for its sequencer. `encoded` is the key, form-encoded."""
    owner = customer_id(bucket.owner)
    doer = f"AmazonCustomer:{owner}" if change.event in _OF_THE_OWNER else principal_id(origin.principal)
    return {
        "eventVersion": VERSION,
        "eventSource": "aws:s3",
        "awsRegion": shown_region(bucket.region),
        "eventTime": event_time(origin.time),
        "eventName": change.event,
        "userIdentity": {"principalId": doer},
        "requestParameters": {"sourceIPAddress": origin.address},
        "responseElements": {"x-amz-request-id": origin.request_id, "x-amz-id-2": origin.host_id},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": bucket.name,
                "ownerIdentity": {"principalId": owner},
                "arn": f"arn:aws:s3:::{bucket.name}",
            },
            "object": _object(change, encoded),
        },
        **_event_data(change),
    }


def _object(change: Change, encoded: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"key": encoded}
    if change.size is not None and change.event.startswith(_SIZED):
        shown["size"] = change.size
    etag = _NO_BYTES if change.event.endswith(":DeleteMarkerCreated") else change.etag
    if etag is not None:
        shown["eTag"] = etag
    if change.version_id != NULL_VERSION:
        shown["versionId"] = change.version_id
    if change.event == "ObjectCreated:Copy":
        # No object here has annotations that could come with it.
        shown["hasObjectAnnotation"] = False
    return shown


def _event_data(change: Change) -> dict[str, Any]:
    """What only events of one kind say."""
    if change.event == "LifecycleTransition":
        return {"lifecycleEventData": {"transitionEventData": {"destinationStorageClass": change.storage_class}}}
    if change.event == "ObjectRestore:Completed" and change.until is not None:
        restored = {
            "lifecycleRestorationExpiryTime": event_time(change.until),
            "lifecycleRestoreStorageClass": change.storage_class,
        }
        return {"glacierEventData": {"restoreEventData": restored}}
    if change.event == "ObjectRetention:Put" and change.until is not None:
        return {"objectRetentionEventData": {"mode": change.mode, "retainUntilDate": event_time(change.until)}}
    if change.replication is not None:
        return {"replicationEventData": change.replication}
    return {}


def with_sequencer(record: dict[str, Any], number: int) -> dict[str, Any]:
    """A record with the sequencer that stands for a number, where such events have one."""
    if record["eventName"].startswith(_SEQUENCED):
        record["s3"]["object"]["sequencer"] = f"{number:018X}"
    return record


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

"""What the tests of replication do again and again: rules, objects, and the jobs that copy."""

import base64
import hashlib
import json
from typing import Any

from marinelayer.outbox import JobHandler
from marinelayer.ports import Statement
from marinelayer.services.s3 import Replicas
from marinelayer.services.s3.replicating import REPLICATE

ROLE = "arn:aws:iam::111122223333:role/replication"
MD5 = base64.b64encode(hashlib.md5(b"hello", usedforsecurity=False).digest()).decode()
"""Of `hello`."""
KEY = "12345678-1234-1234-1234-123456789012"
KEY_ARN = f"arn:aws:kms:us-east-1:111122223333:key/{KEY}"
JOBS = Statement("jobs", f"SELECT * FROM outbox WHERE kind = '{REPLICATE}' ORDER BY seq")
EVENTS = Statement("events", "SELECT payload FROM outbox WHERE kind = 's3.event' ORDER BY seq")
KEYS = Statement(
    "keys",
    "INSERT INTO kms_keys (account, region, key_id, alias, created) VALUES (:account, 'us-east-1', :key_id, NULL, 0)",
)
V1 = {"Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::copies"}}


async def versioned(s3: Any, bucket: str, state: str = "Enabled", **request: Any) -> None:
    await s3("PutBucketVersioning", Bucket=bucket, VersioningConfiguration={"Status": state}, **request)


def rule(to: str = "copies", *, markers: bool = False, **members: Any) -> dict[str, Any]:
    destination = {"Bucket": f"arn:aws:s3:::{to}", **members.pop("Destination", {})}
    status = "Enabled" if markers else "Disabled"
    return {
        "Status": "Enabled",
        "Priority": 0,
        "Filter": {},
        "DeleteMarkerReplication": {"Status": status},
        "Destination": destination,
        **members,
    }


async def put_rules(s3: Any, *rules: dict[str, Any], bucket: str = "photos", role: str = ROLE, **request: Any) -> None:
    configuration = {"Role": role, "Rules": list(rules)}
    await s3("PutBucketReplication", Bucket=bucket, ReplicationConfiguration=configuration, **request)


def handlers(s3: Any) -> dict[str, JobHandler]:
    return dict(Replicas(s3.tables, s3.files, s3.keys, s3.roles, s3.clock, s3.ids).handlers)


async def settle(s3: Any) -> None:
    await s3.run_due(handlers(s3))


async def put(s3: Any, key: str = "one", body: bytes = b"hello", bucket: str = "photos", **request: Any) -> str:
    return (await s3("PutObject", Bucket=bucket, Key=key, Body=body, **request))["VersionId"]


async def status(s3: Any, key: str = "one", bucket: str = "photos", **request: Any) -> str | None:
    return (await s3("HeadObject", Bucket=bucket, Key=key, **request)).get("ReplicationStatus")


async def versions(s3: Any, bucket: str = "copies") -> list[tuple[str, str]]:
    found = await s3("ListObjectVersions", Bucket=bucket)
    return [(one["Key"], one["VersionId"]) for one in found.get("Versions", [])]


BY_KMS = {"SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}}}


async def told(s3: Any) -> list[dict[str, Any]]:
    """The records of the events that topics are to be told."""
    rows = await s3.tables.read(lambda tx: tx.all(EVENTS))
    return [json.loads(row["payload"])["record"] for row in rows]


async def listen(s3: Any, bucket: str, *events: str) -> None:
    topic = {"TopicArn": "arn:aws:sns:us-east-1:111122223333:alerts", "Events": list(events)}
    await s3(
        "PutBucketNotificationConfiguration",
        Bucket=bucket,
        NotificationConfiguration={"TopicConfigurations": [topic]},
        SkipDestinationValidation=True,
    )


async def bobs(s3: Any, *actions: str) -> None:
    await s3("CreateBucket", Bucket="bobs", by=s3.bob)
    await versioned(s3, "bobs", by=s3.bob)
    if actions:
        allowed = {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": list(actions),
            "Resource": "arn:aws:s3:::bobs/*",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        await s3("PutBucketPolicy", Bucket="bobs", Policy=policy, by=s3.bob)


async def bobs_versions(s3: Any) -> list[dict[str, Any]]:
    return list((await s3("ListObjectVersions", Bucket="bobs", by=s3.bob)).get("Versions", []))


def documented(source: str, *destinations: str) -> list[dict[str, Any]]:
    """What AWS's guide gives a replication role."""
    return [
        {
            "Effect": "Allow",
            "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
            "Resource": f"arn:aws:s3:::{source}",
        },
        {
            "Effect": "Allow",
            "Action": ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
            "Resource": f"arn:aws:s3:::{source}/*",
        },
        {
            "Effect": "Allow",
            "Action": ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
            "Resource": [f"arn:aws:s3:::{one}/*" for one in destinations],
        },
    ]


async def make_key(s3: Any, key_id: str = KEY, account: str = "111122223333") -> None:
    await s3.tables.write(lambda tx: tx.run(KEYS, account=account, key_id=key_id))

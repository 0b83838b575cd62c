"""Replication: what S3 takes of its rules, and that versions, markers and changes are copied by them."""

import base64
import hashlib
import json
import logging
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.model.errors import ServiceError
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import Statement
from marinelayer.services.s3 import Days, LifecycleSweeps, Replicas, replicas
from marinelayer.services.s3.replicating import REPLICATE
from marinelayer.services.s3.replication_rules import Destination, Rule, covering

ROLE = "arn:aws:iam::111122223333:role/replication"
MD5 = base64.b64encode(hashlib.md5(b"hello", usedforsecurity=False).digest()).decode()
"""Of `hello`."""
KEY = "12345678-1234-1234-1234-123456789012"
KEY_ARN = f"arn:aws:kms:us-east-1:111122223333:key/{KEY}"
_JOBS = Statement("jobs", f"SELECT * FROM outbox WHERE kind = '{REPLICATE}' ORDER BY seq")
_EVENTS = Statement("events", "SELECT payload FROM outbox WHERE kind = 's3.event' ORDER BY seq")
_KEYS = Statement(
    "keys",
    "INSERT INTO kms_keys (account, region, key_id, alias, created) VALUES (:account, 'us-east-1', :key_id, NULL, 0)",
)
V1 = {"Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::copies"}}


@pytest.fixture(autouse=True)
async def _buckets(s3: Any) -> None:
    await versioned(s3, "photos")
    for name in ("copies", "others"):
        await s3("CreateBucket", Bucket=name)
        await versioned(s3, name)


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


# --- configurations -------------------------------------------------------------------------------------------


async def test_rules_come_back_with_ids_and_go(s3: Any) -> None:
    with s3.refused("ReplicationConfigurationNotFoundError", BucketName="photos"):
        await s3("GetBucketReplication", Bucket="photos")
    given = rule(ID="all", Destination={"StorageClass": "STANDARD_IA"})
    await put_rules(s3, given, rule("others", Priority=1, Filter={"Tag": {"Key": "a", "Value": "b"}}))
    found = (await s3("GetBucketReplication", Bucket="photos"))["ReplicationConfiguration"]
    assert (found["Role"], found["Rules"][0]) == (ROLE, given)
    assert len(found["Rules"][1]["ID"]) == 48
    await s3("DeleteBucketReplication", Bucket="photos")
    await s3("DeleteBucketReplication", Bucket="photos")
    with s3.refused("ReplicationConfigurationNotFoundError"):
        await s3("GetBucketReplication", Bucket="photos")


def without(member: str) -> dict[str, Any]:
    return {name: value for name, value in rule().items() if name != member}


BY_KMS = {"SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}}}
TIMES = {"ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}}}
METRICS = {"Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}}
TAG = {"Tag": {"Key": "a", "Value": "b"}}


@pytest.mark.parametrize(
    ("rules", "code", "message"),
    [
        ([], "MalformedXML", "did not validate"),
        ([without("Filter")], "MalformedXML", "did not validate"),
        ([rule(Prefix="")], "MalformedXML", "did not validate"),
        ([rule(Status="On")], "MalformedXML", "did not validate"),
        ([rule(ExistingObjectReplication={"Status": "Enabled"})], "MalformedXML", "did not validate"),
        ([rule(Filter={"Prefix": "a", **TAG})], "MalformedXML", "did not validate"),
        ([rule(Filter={"And": {"Prefix": "a"}})], "MalformedXML", "did not validate"),
        ([rule(Destination={"StorageClass": "SNOW"})], "MalformedXML", "did not validate"),
        ([without("Priority")], "InvalidRequest", "Priority must be specified for this version of Cross Region"),
        (
            [without("DeleteMarkerReplication")],
            "InvalidRequest",
            "DeleteMarkerReplication must be specified for this version of Cross Region Replication configuration schema",
        ),
        ([{**V1, "Priority": 1}], "InvalidRequest", "Priority cannot be used for this version of Cross Region"),
        ([{**V1, "Prefix": "a"}, {**V1, "Prefix": "ab"}], "InvalidRequest", "Found overlapping prefixes 'a' and 'ab'"),
        ([rule(), rule("others")], "InvalidRequest", "Found duplicate priority 0."),
        ([rule(Priority=-1)], "InvalidRequest", "Priority must be between 0 and 2147483647."),
        ([rule(Filter=TAG, markers=True)], "InvalidRequest", "Delete marker replication is not supported if any Tag"),
        ([rule(ID="a"), rule(ID="a", Priority=1)], "InvalidArgument", "Rule Id must be unique"),
        ([rule(ID="a" * 256)], "InvalidArgument", "Rule Id cannot be greater than 255"),
        ([rule(Destination={"Bucket": "copies"})], "InvalidArgument", "Invalid bucket ARN"),
        ([rule("photos")], "InvalidRequest", "Destination bucket cannot be the same as the source bucket."),
        ([rule("nowhere")], "InvalidRequest", "Destination bucket must have versioning enabled."),
        (
            [rule(Destination={"AccessControlTranslation": {"Owner": "Destination"}})],
            "InvalidRequest",
            "Account must be specified if the Owner in AccessControlTranslation has a value",
        ),
        ([rule(SourceSelectionCriteria={})], "InvalidRequest", "SourceSelectionCriteria cannot be empty."),
        ([rule(**BY_KMS)], "InvalidRequest", "ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is"),
        (
            [rule(Destination={"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY_ARN}})],
            "InvalidRequest",
            "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.",
        ),
        (
            [rule(**BY_KMS, Destination={"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY}})],
            "InvalidArgument",
            "Invalid ReplicaKmsKeyID ARN.",
        ),
        ([rule(Destination=TIMES)], "InvalidRequest", "Replication destination must contain both ReplicationTime and"),
        (
            [rule(Destination={**METRICS, "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 5}}})],
            "InvalidArgument",
            "Invalid time minute value",
        ),
        ([rule(Destination=METRICS)], "InvalidArgument", "Metrics cannot contain an event threshold when"),
    ],
)
async def test_what_rules_may_not_say_is_refused(s3: Any, rules: list[dict[str, Any]], code: str, message: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await put_rules(s3, *rules)
    assert caught.value.code == code
    assert message in caught.value.message
    with s3.refused("ReplicationConfigurationNotFoundError"):
        await s3("GetBucketReplication", Bucket="photos")


@pytest.mark.parametrize(
    ("role", "code"),
    [
        ("replication", "InvalidArgument"),
        ("arn:aws:iam::111122223333:user/replication", "InvalidArgument"),
        ("arn:aws:iam::444455556666:role/replication", "AccessDenied"),
    ],
)
async def test_a_role_is_one_of_the_account(s3: Any, role: str, code: str) -> None:
    with s3.refused(code):
        await put_rules(s3, rule(), role=role)


async def test_only_who_may_pass_the_role_sets_rules(s3: Any) -> None:
    on_bucket = s3.allow("s3:PutReplicationConfiguration", on="arn:aws:s3:::photos")
    with s3.refused("AccessDenied"):
        await put_rules(s3, rule(), by=s3.user("one", on_bucket))
    with s3.refused("AccessDenied"):
        await put_rules(s3, rule(), by=s3.user("two", s3.allow("iam:PassRole", on=ROLE)))
    await put_rules(s3, rule(), by=s3.user("three", on_bucket, s3.allow("iam:PassRole", on=ROLE)))


async def test_both_buckets_must_keep_versions_and_the_source_goes_on_to(s3: Any) -> None:
    await s3("CreateBucket", Bucket="plain")
    with s3.refused("InvalidRequest", "Destination bucket must have versioning enabled."):
        await put_rules(s3, rule("plain"))
    with s3.refused(
        "InvalidRequest",
        "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
    ):
        await put_rules(s3, rule(), bucket="plain")
    await put_rules(s3, rule())
    with s3.refused("InvalidBucketState"):
        await versioned(s3, "photos", "Suspended")
    await s3("DeleteBucketReplication", Bucket="photos")
    await versioned(s3, "photos", "Suspended")


# --- versions -------------------------------------------------------------------------------------------------


async def test_a_version_is_copied_as_it_is_and_says_how_far_that_is(s3: Any) -> None:
    old = await put(s3, "old")
    await put_rules(s3, rule())
    said = {
        "ContentType": "text/plain",
        "Metadata": {"who": "Zoe"},
        "CacheControl": "no-store",
        "StorageClass": "STANDARD_IA",
        "Tagging": "a=b",
        "WebsiteRedirectLocation": "/there",
        "ChecksumSHA256": base64.b64encode(hashlib.sha256(b"hello").digest()).decode(),
    }
    first = await put(s3, **said)
    assert await status(s3) == "PENDING"
    s3.clock.forward(100)
    await settle(s3)
    assert await versions(s3) == [("one", first)], "what was there before is not copied"
    assert (await status(s3), await status(s3, bucket="copies")) == ("COMPLETED", "REPLICA")
    assert await status(s3, "old", VersionId=old) is None
    source = await s3("HeadObject", Bucket="photos", Key="one", ChecksumMode="ENABLED")
    copy = await s3("HeadObject", Bucket="copies", Key="one", ChecksumMode="ENABLED")
    assert {**copy, "ReplicationStatus": 0} == {**source, "ReplicationStatus": 0}
    assert copy["StorageClass"] == "STANDARD_IA"
    assert await s3.content("copies", "one") == b"hello"
    tags = await s3("GetObjectTagging", Bucket="copies", Key="one")
    assert tags["TagSet"] == [{"Key": "a", "Value": "b"}]
    assert [one["Key"] for one in (await s3("ListObjectsV2", Bucket="copies"))["Contents"]] == ["one"]


async def test_every_way_of_writing_is_copied_and_no_byte_is_written_twice(s3: Any) -> None:
    await put_rules(s3, rule())
    large = b"x" * (5 << 20)
    await put(s3, "large", large)
    await s3("CopyObject", Bucket="photos", Key="copy", CopySource="photos/large")
    await s3.upload("parts", large, b"end")
    files = await s3.stored()
    await settle(s3)
    assert await s3.stored() == files
    assert [key for key, _ in await versions(s3)] == ["copy", "large", "parts"]
    assert await s3.content("copies", "parts") == large + b"end"
    part = await s3("GetObject", Bucket="copies", Key="parts", PartNumber=2)
    assert (part["PartsCount"], part["ContentLength"]) == (2, 3)
    for key in ("copy", "large", "parts"):
        found = (await s3("ListObjectVersions", Bucket="photos", Prefix=key))["Versions"]
        await s3("DeleteObject", Bucket="photos", Key=key, VersionId=found[0]["VersionId"])
    await s3.settle()
    assert await s3.content("copies", "large") == large, "a replica keeps the bytes that it shares"
    assert await s3.content("copies", "copy") == large


async def test_several_versions_keep_their_order_and_the_last_is_current(s3: Any) -> None:
    await put_rules(s3, rule())
    made = [await put(s3, body=b"%d" % number) for number in range(5)]
    await settle(s3)
    assert [one for _, one in await versions(s3)] == made[::-1]
    assert await s3.content("copies", "one") == b"4"
    first = await s3("ListObjectVersions", Bucket="copies", MaxKeys=2)
    assert [one["VersionId"] for one in first["Versions"]] == made[:2:-1]
    rest = await s3(
        "ListObjectVersions", Bucket="copies", KeyMarker="one", VersionIdMarker=first["NextVersionIdMarker"]
    )
    assert [one["VersionId"] for one in rest["Versions"]] == made[2::-1]


async def test_a_replica_comes_on_top_of_what_its_bucket_has(s3: Any) -> None:
    own = [await put(s3, body=b"own", bucket="copies") for _ in range(3)]
    await put_rules(s3, rule())
    first, second = await put(s3, body=b"1"), await put(s3, body=b"2")
    await settle(s3)
    expected = [second, first, *own[::-1]]
    assert [one for _, one in await versions(s3)] == expected
    assert await s3.content("copies", "one") == b"2"
    found: list[str] = []
    marker: dict[str, str] = {}
    for _ in expected:
        page = await s3("ListObjectVersions", Bucket="copies", MaxKeys=1, **marker)
        found += [one["VersionId"] for one in page["Versions"]]
        marker = {"KeyMarker": "one", "VersionIdMarker": page.get("NextVersionIdMarker", "")}
    assert found == expected
    last = await put(s3, body=b"own again", bucket="copies")
    assert [one for _, one in await versions(s3)] == [last, *expected]


async def test_rules_choose_by_prefix_and_tag_and_the_highest_priority_of_a_destination(s3: Any) -> None:
    both = {"And": {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "b"}]}}
    await put_rules(
        s3,
        rule(Filter={"Prefix": "logs/"}, Priority=1),
        rule(Filter=both, Priority=2, Destination={"StorageClass": "ONEZONE_IA"}),
        rule("others", Filter={"Tag": {"Key": "c", "Value": ""}}, Priority=3),
        rule("others", Status="Disabled", Priority=4),
    )
    await put(s3, "logs/1")
    await put(s3, "logs/2", Tagging="a=b&x=y")
    await put(s3, "logs/3", Tagging="a=b&c")
    await put(s3, "else")
    await settle(s3)
    listed = (await s3("ListObjectsV2", Bucket="copies"))["Contents"]
    assert {one["Key"]: one["StorageClass"] for one in listed} == {
        "logs/1": "STANDARD",
        "logs/2": "ONEZONE_IA",
        "logs/3": "ONEZONE_IA",
    }
    assert [key for key, _ in await versions(s3, "others")] == ["logs/3"]
    assert await status(s3, "else") is None
    assert await status(s3, "logs/3") == "COMPLETED"


async def test_one_destination_that_fails_makes_the_whole_fail_and_says_why(
    s3: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await put_rules(s3, rule(), rule("others", Priority=1))
    await versioned(s3, "others", "Suspended")
    version = await put(s3)
    with caplog.at_level(logging.WARNING):
        await settle(s3)
    assert await status(s3) == "FAILED"
    assert await versions(s3) == [("one", version)]
    assert (
        f"the version {version} of one is not copied to others: the bucket keeps no versions (DstBucketUnversioned)"
        in caplog.text
    )
    await s3("DeleteBucket", Bucket="others")
    await put(s3, "two")
    await settle(s3)
    assert await status(s3, "two") == "FAILED"


async def told(s3: Any) -> list[dict[str, Any]]:
    """The records of the events that topics are to be told."""
    rows = await s3.tables.read(lambda tx: tx.all(_EVENTS))
    return [json.loads(row["payload"])["record"] for row in rows]


async def listen(s3: Any, bucket: str, *events: str) -> None:
    topic = {"TopicArn": "arn:aws:sns:us-east-1:111122223333:alerts", "Events": list(events)}
    await s3(
        "PutBucketNotificationConfiguration",
        Bucket=bucket,
        NotificationConfiguration={"TopicConfigurations": [topic]},
        SkipDestinationValidation=True,
    )


async def test_a_failure_is_told_where_the_rule_has_metrics(s3: Any) -> None:
    await listen(s3, "photos", "s3:Replication:*")
    metrics = {"Metrics": {"Status": "Enabled"}}
    await put_rules(s3, rule("others", ID="tracked", Destination=metrics), rule(ID="silent", Priority=1))
    await versioned(s3, "others", "Suspended")
    await versioned(s3, "copies", "Suspended")
    version = await put(s3)
    s3.clock.forward(2)
    await settle(s3)
    (record,) = await told(s3)
    assert record["eventName"] == "Replication:OperationFailedReplication"
    assert record["userIdentity"] == {"principalId": "s3.amazonaws.com"}
    assert (record["s3"]["object"]["versionId"], record["s3"]["object"]["size"]) == (version, 5)
    assert record["replicationEventData"] == {
        "replicationRuleId": "tracked",
        "destinationBucket": "arn:aws:s3:::others",
        "s3Operation": "OBJECT_PUT",
        "requestTime": "2021-04-01T00:00:00.000Z",
        "failureReason": "DstBucketUnversioned",
    }


async def test_a_destination_tells_of_its_replicas(s3: Any) -> None:
    await listen(s3, "copies", "s3:ObjectCreated:*", "s3:ObjectRemoved:*")
    await put_rules(s3, rule(markers=True))
    version = await put(s3)
    marker = (await s3("DeleteObject", Bucket="photos", Key="one"))["VersionId"]
    await settle(s3)
    assert [(one["eventName"], one["s3"]["object"]["versionId"]) for one in await told(s3)] == [
        ("ObjectCreated:Put", version),
        ("ObjectRemoved:DeleteMarkerCreated", marker),
    ]


async def test_replicas_go_no_further_and_two_buckets_may_copy_to_each_other(s3: Any) -> None:
    await put_rules(s3, rule())
    await put_rules(s3, rule("others"), bucket="copies")
    await put_rules(s3, rule("photos", Priority=1), rule("copies"), bucket="others")
    there = await put(s3)
    back = await put(s3, "two", bucket="others")
    await settle(s3)
    await settle(s3)
    assert await versions(s3, "others") == [("two", back)]
    assert await versions(s3, "copies") == [("one", there), ("two", back)]
    assert await versions(s3, "photos") == [("one", there), ("two", back)]


async def test_archived_objects_are_not_copied(s3: Any) -> None:
    await put_rules(s3, rule())
    await put(s3, StorageClass="GLACIER")
    await settle(s3)
    assert (await status(s3), await versions(s3)) == (None, [])


async def test_a_version_that_is_gone_when_its_turn_comes_is_passed_over(s3: Any) -> None:
    await put_rules(s3, rule())
    version = await put(s3)
    await s3("DeleteObject", Bucket="photos", Key="one", VersionId=version)
    await settle(s3)
    assert await versions(s3) == []


async def test_what_a_rule_said_when_the_object_came_is_done(s3: Any) -> None:
    await put_rules(s3, rule())
    version = await put(s3)
    await s3("DeleteBucketReplication", Bucket="photos")
    await put(s3, "two")
    await settle(s3)
    assert await versions(s3) == [("one", version)]


async def test_a_job_that_a_kill_ended_is_done_again_and_changes_nothing(s3: Any) -> None:
    await put_rules(s3, rule())
    version = await put(s3)
    row = await s3.tables.read(lambda tx: tx.one(_JOBS))
    job = Job(id=row["job_id"], kind=REPLICATE, group=row["ordering"], payload=row["payload"], attempts=1)
    for _ in range(2):
        await handlers(s3)[REPLICATE](job)
    assert await versions(s3) == [("one", version)]
    assert await status(s3) == "COMPLETED"


async def test_lifecycle_leaves_alone_what_is_not_copied_yet(s3: Any) -> None:
    await put_rules(s3, rule())
    expire = {"Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
    await s3("PutBucketLifecycleConfiguration", Bucket="photos", LifecycleConfiguration={"Rules": [expire]})
    made = [await put(s3, body=b"%d" % number) for number in range(2)]
    sweeps = LifecycleSweeps(s3.tables, s3.clock, s3.ids, Days(), s3.logs)
    s3.clock.forward(3 * 86_400)
    await s3.run_due(sweeps.handlers)
    assert [one for _, one in await versions(s3, "photos")] == made[::-1]
    await settle(s3)
    s3.clock.forward(86_400)
    await s3.run_due(sweeps.handlers)
    assert [one for _, one in await versions(s3, "photos")] == made[1:]
    assert [one for _, one in await versions(s3)] == made[::-1], "what rules remove stays in the destination"


_TAGS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy")), max_size=2, unique_by=lambda tag: tag[0])
_RULES = st.lists(
    st.builds(
        lambda prefix, tags, priority, bucket: Rule(
            prefix=prefix,
            tags=frozenset(tags),
            priority=priority,
            markers=False,
            by_kms=False,
            modifications=False,
            destination=Destination(bucket=bucket),
        ),
        st.binary(max_size=2),
        _TAGS,
        st.integers(0, 1000),
        st.sampled_from(("one", "two")),
    ),
    max_size=8,
    unique_by=lambda rule: rule.priority,
)


@given(rules=_RULES, key=st.binary(min_size=1, max_size=3), tags=_TAGS)
def test_of_the_rules_about_an_object_the_highest_of_each_destination_counts(
    rules: list[Rule], key: bytes, tags: list[tuple[str, str]]
) -> None:
    chosen = covering(rules, key, tags)
    about = [one for one in rules if key.startswith(one.prefix) and one.tags <= set(tags)]
    assert {one.destination.bucket for one in chosen} == {one.destination.bucket for one in about}
    assert len({one.destination.bucket for one in chosen}) == len(chosen)
    for one in about:
        assert any(one.priority <= best.priority and one.destination == best.destination for best in chosen)


# --- markers and changes --------------------------------------------------------------------------------------


async def test_delete_markers_are_copied_where_the_rule_says_so(s3: Any) -> None:
    await put_rules(s3, rule(markers=True), rule("others", Priority=1))
    await put(s3)
    await settle(s3)
    marker = (await s3("DeleteObject", Bucket="photos", Key="one"))["VersionId"]
    await settle(s3)
    found = await s3("ListObjectVersions", Bucket="copies")
    assert [(one["VersionId"], one["IsLatest"]) for one in found["DeleteMarkers"]] == [(marker, True)]
    assert "Contents" not in await s3("ListObjectsV2", Bucket="copies")
    with s3.refused("NoSuchKey"):
        await s3.content("copies", "one")
    assert "DeleteMarkers" not in await s3("ListObjectVersions", Bucket="others")
    await s3("DeleteObject", Bucket="photos", Key="one", VersionId=marker)
    await settle(s3)
    assert len((await s3("ListObjectVersions", Bucket="copies"))["DeleteMarkers"]) == 1, "this is not copied"


async def test_the_first_schema_copies_delete_markers_and_lifecycles_are_not(s3: Any) -> None:
    await put_rules(s3, {**V1, "Prefix": "lo"})
    await put(s3, "logs")
    await put(s3, "lot")
    await settle(s3)
    await s3("DeleteObject", Bucket="photos", Key="lot")
    expire = {"Status": "Enabled", "Filter": {"Prefix": "logs"}, "Expiration": {"Days": 1}}
    await s3("PutBucketLifecycleConfiguration", Bucket="photos", LifecycleConfiguration={"Rules": [expire]})
    s3.clock.forward(3 * 86_400)
    await s3.run_due(LifecycleSweeps(s3.tables, s3.clock, s3.ids, Days(), s3.logs).handlers)
    await settle(s3)
    assert "Contents" not in await s3("ListObjectsV2", Bucket="photos")
    assert [one["Key"] for one in (await s3("ListObjectsV2", Bucket="copies"))["Contents"]] == ["logs"]


async def test_tags_acl_and_lock_follow(s3: Any) -> None:
    await s3("CreateBucket", Bucket="locked", ObjectLockEnabledForBucket=True)
    await s3("CreateBucket", Bucket="safe", ObjectLockEnabledForBucket=True)
    await put_rules(s3, rule("safe"), bucket="locked")
    until = datetime(2022, 1, 1, tzinfo=UTC)
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until, "ObjectLockLegalHoldStatus": "ON"}
    version = await put(s3, bucket="locked", **lock, ContentMD5=MD5)
    await settle(s3)
    copy = await s3("HeadObject", Bucket="safe", Key="one")
    assert {name: copy[name] for name in lock} == lock
    later = datetime(2023, 1, 1, tzinfo=UTC)
    place = {"Bucket": "locked", "Key": "one"}
    await s3("PutObjectRetention", **place, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": later})
    await s3("PutObjectLegalHold", **place, LegalHold={"Status": "OFF"})
    await s3("PutObjectTagging", **place, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    await s3("PutObjectAcl", **place, ACL="public-read")
    assert await status(s3, bucket="locked") == "PENDING"
    await settle(s3)
    assert await status(s3, bucket="locked") == "COMPLETED"
    copy = await s3("HeadObject", Bucket="safe", Key="one", VersionId=version)
    assert (copy["ObjectLockMode"], copy["ObjectLockRetainUntilDate"]) == ("GOVERNANCE", later)
    assert (copy["ObjectLockLegalHoldStatus"], copy["TagCount"], copy["ReplicationStatus"]) == ("OFF", 1, "REPLICA")
    assert len((await s3("GetObjectAcl", Bucket="safe", Key="one"))["Grants"]) == 2
    await s3("DeleteObjectTagging", **place)
    await settle(s3)
    assert "TagCount" not in await s3("HeadObject", Bucket="safe", Key="one")


async def test_what_was_not_copied_is_not_when_it_is_changed(s3: Any) -> None:
    await put(s3)
    await put_rules(s3, rule())
    await s3("PutObjectTagging", Bucket="photos", Key="one", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    await settle(s3)
    assert (await status(s3), await versions(s3)) == (None, [])


async def test_changes_of_replicas_go_back_only_where_that_is_asked_for(s3: Any) -> None:
    back = {"SourceSelectionCriteria": {"ReplicaModifications": {"Status": "Enabled"}}}
    await put_rules(s3, rule(), rule("others", Priority=1))
    await put_rules(s3, rule("photos", **back), bucket="copies")
    await put_rules(s3, rule("photos"), bucket="others")
    await put(s3)
    await settle(s3)
    for bucket, value in (("copies", "c"), ("others", "o")):
        tags = {"TagSet": [{"Key": "by", "Value": value}]}
        await s3("PutObjectTagging", Bucket=bucket, Key="one", Tagging=tags)
    await settle(s3)
    found = await s3("GetObjectTagging", Bucket="photos", Key="one")
    assert found["TagSet"] == [{"Key": "by", "Value": "c"}]
    assert await status(s3, bucket="copies") == "REPLICA"
    assert await status(s3) == "COMPLETED"


async def test_a_locked_version_needs_a_bucket_that_locks(s3: Any) -> None:
    await s3("CreateBucket", Bucket="locked", ObjectLockEnabledForBucket=True)
    await put_rules(s3, rule("copies"), bucket="locked")
    await put(s3, bucket="locked", ObjectLockLegalHoldStatus="ON", ContentMD5=MD5)
    await settle(s3)
    assert (await status(s3, bucket="locked"), await versions(s3)) == ("FAILED", [])


# --- other accounts -------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("actions", "request_", "result"),
    [
        ((), {}, "FAILED"),
        (("s3:PutObject",), {}, "FAILED"),
        (("s3:ReplicateObject",), {}, "COMPLETED"),
        (("s3:ReplicateObject",), {"Tagging": "a=b"}, "FAILED"),
        (("s3:ReplicateObject", "s3:ReplicateTags"), {"Tagging": "a=b"}, "COMPLETED"),
    ],
)
async def test_another_account_must_let_it_in(
    s3: Any, actions: tuple[str, ...], request_: dict[str, Any], result: str
) -> None:
    await bobs(s3, *actions)
    await put_rules(s3, rule("bobs"))
    await put(s3, **request_)
    await settle(s3)
    assert await status(s3) == result
    owners = [one["Owner"]["ID"] for one in await bobs_versions(s3)]
    assert owners == ([s3.alice.principal.canonical_id] if result == "COMPLETED" else [])


async def test_markers_and_ownership_take_permissions_of_their_own(s3: Any) -> None:
    await bobs(s3, "s3:ReplicateObject", "s3:ReplicateDelete", "s3:ObjectOwnerOverrideToBucketOwner")
    override = {"Account": "444455556666", "AccessControlTranslation": {"Owner": "Destination"}}
    await put_rules(s3, rule("bobs", markers=True, Destination=override))
    await put(s3, ACL="public-read")
    await s3("DeleteObject", Bucket="photos", Key="one")
    await settle(s3)
    assert await status(s3, VersionId=(await versions(s3, "photos"))[0][1]) == "COMPLETED"
    found = await s3("ListObjectVersions", Bucket="bobs", by=s3.bob)
    (one,), (marker,) = found["Versions"], found["DeleteMarkers"]
    assert one["Owner"]["ID"] == marker["Owner"]["ID"] == s3.bob.principal.canonical_id
    acl = await s3("GetObjectAcl", Bucket="bobs", Key="one", VersionId=one["VersionId"], by=s3.bob)
    assert len(acl["Grants"]) == 1
    await bobs_policy_without(s3, "s3:ObjectOwnerOverrideToBucketOwner", "s3:ReplicateDelete")
    await put(s3, "two")
    await s3("DeleteObject", Bucket="photos", Key="two")
    await settle(s3)
    assert {one["Key"] for one in await bobs_versions(s3)} == {"one"}


async def bobs_policy_without(s3: Any, *actions: str) -> None:
    policy = json.loads((await s3("GetBucketPolicy", Bucket="bobs", by=s3.bob))["Policy"])
    statement = policy["Statement"][0]
    statement["Action"] = [one for one in statement["Action"] if one not in actions]
    await s3("PutBucketPolicy", Bucket="bobs", Policy=json.dumps(policy), by=s3.bob)


async def test_a_destination_of_another_account_than_named_takes_nothing(s3: Any) -> None:
    await put_rules(s3, rule(Destination={"Account": "444455556666"}))
    await put(s3)
    await settle(s3)
    assert (await status(s3), await versions(s3)) == ("FAILED", [])


@pytest.mark.parametrize(
    ("acl", "result"),
    [("private", "FAILED"), ("bucket-owner-read", "FAILED"), ("bucket-owner-full-control", "COMPLETED")],
)
async def test_what_another_account_owns_is_copied_if_the_buckets_owner_may_read_it_all(
    s3: Any, acl: str, result: str
) -> None:
    await s3("PutBucketAcl", Bucket="photos", ACL="public-read-write")
    await put_rules(s3, rule())
    await put(s3, ACL=acl, by=s3.bob)
    await settle(s3)
    listed = (await s3("ListObjectVersions", Bucket="copies")).get("Versions", [])
    assert len(listed) == (result == "COMPLETED")
    assert await status(s3, by=s3.bob) == result


async def test_the_owner_of_a_bucket_may_deny_it_to_itself(s3: Any) -> None:
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:ReplicateObject", "Resource": "arn:aws:s3:::copies/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    await s3("PutBucketPolicy", Bucket="copies", Policy=policy)
    await put_rules(s3, rule())
    await put(s3)
    await settle(s3)
    assert await status(s3) == "FAILED"


# --- roles ----------------------------------------------------------------------------------------------------


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


async def test_the_role_of_the_configuration_is_assumed_for_the_source_bucket(s3: Any) -> None:
    await put_rules(s3, rule())
    await put(s3)
    await settle(s3)
    ((role, errand),) = s3.roles.asked
    assert role == ROLE
    assert (errand.service, errand.account, errand.region, errand.source) == (
        "s3.amazonaws.com",
        "111122223333",
        "us-east-1",
        "arn:aws:s3:::photos",
    )


async def test_what_no_rule_is_about_assumes_no_role(s3: Any) -> None:
    await put_rules(s3, rule(Filter={"Prefix": "logs/"}))
    await put(s3)
    await put(s3, bucket="others")
    await settle(s3)
    assert s3.roles.asked == []


async def test_a_role_that_can_not_be_assumed_copies_nothing_and_that_is_told(s3: Any) -> None:
    await listen(s3, "photos", "s3:Replication:*")
    await put_rules(s3, rule(Destination={"Metrics": {"Status": "Enabled"}}))
    await put(s3)
    s3.roles.trusting = False
    await settle(s3)
    assert (await status(s3), await versions(s3)) == ("FAILED", [])
    (record,) = await told(s3)
    assert record["replicationEventData"]["failureReason"] == "AssumeRoleNotPermitted"
    s3.roles.trusting = True
    await settle(s3)
    assert await status(s3) == "FAILED", "what failed is not tried again"


async def test_a_role_with_what_the_guide_gives_it_copies_versions_markers_and_changes(s3: Any) -> None:
    s3.roles.statements = documented("photos", "copies")
    await put_rules(s3, rule(markers=True))
    version = await put(s3, Tagging="a=b")
    await s3("PutObjectTagging", Bucket="photos", Key="one", Tagging={"TagSet": [{"Key": "c", "Value": "d"}]})
    await s3("DeleteObject", Bucket="photos", Key="one")
    await settle(s3)
    assert await versions(s3) == [("one", version)]
    assert await status(s3, VersionId=version) == "COMPLETED"
    tags = await s3("GetObjectTagging", Bucket="copies", Key="one", VersionId=version)
    assert tags["TagSet"] == [{"Key": "c", "Value": "d"}]
    assert len((await s3("ListObjectVersions", Bucket="copies"))["DeleteMarkers"]) == 1


TAGGED = {"Tagging": "a=b"}
HELD = {"ObjectLockLegalHoldStatus": "ON", "ContentMD5": MD5}
RETAINED = {
    "ObjectLockMode": "GOVERNANCE",
    "ObjectLockRetainUntilDate": datetime(2022, 1, 1, tzinfo=UTC),
    "ContentMD5": MD5,
}


@pytest.mark.parametrize(
    ("action", "on", "request_", "reason"),
    [
        ("s3:GetObjectVersionForReplication", "locked", {}, "SrcGetObjectNotPermitted"),
        ("s3:GetObjectVersionAcl", "locked", {}, "SrcGetAclNotPermitted"),
        ("s3:GetObjectVersionTagging", "locked", TAGGED, "SrcGetTaggingNotPermitted"),
        ("s3:GetObjectRetention", "locked", RETAINED, "SrcGetRetentionNotPermitted"),
        ("s3:GetObjectLegalHold", "locked", HELD, "SrcGetLegalHoldNotPermitted"),
        ("s3:ReplicateObject", "safe", {}, "DstPutObjectNotPermitted"),
        ("s3:ReplicateTags", "safe", TAGGED, "DstPutTaggingNotPermitted"),
    ],
)
async def test_a_role_that_lacks_a_permission_copies_nothing_that_takes_it(
    s3: Any, caplog: pytest.LogCaptureFixture, action: str, on: str, request_: dict[str, Any], reason: str
) -> None:
    for bucket in ("locked", "safe"):
        await s3("CreateBucket", Bucket=bucket, ObjectLockEnabledForBucket=True)
    denied = {"Effect": "Deny", "Action": action, "Resource": f"arn:aws:s3:::{on}/one"}
    s3.roles.statements.append(denied)
    await put_rules(s3, rule("safe"), bucket="locked")
    await put(s3, bucket="locked", **request_)
    await put(s3, "two", bucket="locked", **request_)
    with caplog.at_level(logging.WARNING):
        await settle(s3)
    assert await status(s3, bucket="locked") == "FAILED"
    assert await status(s3, "two", bucket="locked") == "COMPLETED"
    assert [key for key, _ in await versions(s3, "safe")] == ["two"]
    assert (
        f"{action} on arn:aws:s3:::{on}/one is not allowed to arn:aws:sts::111122223333:assumed-role/replication/s3 "
        f"({reason})"
    ) in caplog.text


async def test_a_permission_that_a_version_does_not_take_is_not_asked_for(s3: Any) -> None:
    s3.roles.statements = [
        s3.allow("s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", on="arn:aws:s3:::photos/*"),
        s3.allow("s3:ReplicateObject", on="arn:aws:s3:::copies/*"),
    ]
    await put_rules(s3, rule())
    version = await put(s3)
    await settle(s3)
    assert await versions(s3) == [("one", version)]


async def test_a_marker_takes_replicate_delete_of_the_role(s3: Any) -> None:
    s3.roles.statements.append({"Effect": "Deny", "Action": "s3:ReplicateDelete", "Resource": "*"})
    await put_rules(s3, rule(markers=True))
    await put(s3)
    await s3("DeleteObject", Bucket="photos", Key="one")
    await settle(s3)
    assert len(await versions(s3)) == 1
    assert "DeleteMarkers" not in await s3("ListObjectVersions", Bucket="copies")


async def test_removing_tags_of_a_replica_takes_replicate_tags(s3: Any) -> None:
    await put_rules(s3, rule())
    await put(s3, **TAGGED)
    await settle(s3)
    s3.roles.statements.append({"Effect": "Deny", "Action": "s3:ReplicateTags", "Resource": "*"})
    await s3("DeleteObjectTagging", Bucket="photos", Key="one")
    await settle(s3)
    assert await status(s3) == "FAILED"
    assert (await s3("HeadObject", Bucket="copies", Key="one"))["TagCount"] == 1


async def test_the_source_may_deny_the_role_what_it_is_to_read(s3: Any) -> None:
    denied = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObjectVersionForReplication",
        "Resource": "arn:aws:s3:::photos/secret/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    await s3("PutBucketPolicy", Bucket="photos", Policy=policy)
    await put_rules(s3, rule())
    await put(s3, "secret/one")
    version = await put(s3)
    await settle(s3)
    assert await versions(s3) == [("one", version)]


async def test_a_role_may_be_held_to_versions_with_a_tag(s3: Any) -> None:
    await put_rules(s3, rule())
    s3.roles.statements.append(
        {
            "Effect": "Deny",
            "Action": "s3:GetObjectVersionAcl",
            "Resource": "*",
            "Condition": {"StringEquals": {"s3:ExistingObjectTag/secret": "yes"}},
        }
    )
    await put(s3, Tagging="secret=yes")
    version = await put(s3, Tagging="secret=no")
    await settle(s3)
    assert await versions(s3) == [("one", version)]


async def test_for_another_accounts_bucket_both_the_role_and_the_bucket_must_allow_it(s3: Any) -> None:
    await bobs(s3, "s3:ReplicateObject")
    await put_rules(s3, rule("bobs"))
    s3.roles.statements = documented("photos", "copies")
    await put(s3)
    await settle(s3)
    assert (await status(s3), await bobs_versions(s3)) == ("FAILED", [])
    s3.roles.statements = documented("photos", "bobs")
    await put(s3)
    await settle(s3)
    assert await status(s3) == "COMPLETED"


# --- encryption -----------------------------------------------------------------------------------------------


async def make_key(s3: Any, key_id: str = KEY, account: str = "111122223333") -> None:
    await s3.tables.write(lambda tx: tx.run(_KEYS, account=account, key_id=key_id))


async def test_a_customers_object_opens_with_the_same_key_in_the_copy(s3: Any) -> None:
    await put_rules(s3, rule())
    key = b"k" * 32
    customer = {
        "SSECustomerAlgorithm": "AES256",
        "SSECustomerKey": base64.b64encode(key).decode(),
        "SSECustomerKeyMD5": base64.b64encode(hashlib.md5(key, usedforsecurity=False).digest()).decode(),
    }
    await put(s3, body=b"secret" * 20_000, **customer)
    await settle(s3)
    assert await s3.content("copies", "one", **customer) == b"secret" * 20_000
    with s3.refused("InvalidRequest"):
        await s3.content("copies", "one")


@pytest.mark.parametrize("algorithm", ["aws:kms", "aws:kms:dsse"])
async def test_what_a_kms_key_encrypts_is_copied_only_where_the_rule_says_so_and_under_its_key(
    s3: Any, algorithm: str
) -> None:
    await make_key(s3)
    replica_key = {"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY_ARN}}
    await put_rules(s3, rule("others", Priority=1), rule(**BY_KMS, Destination=replica_key))
    bodies = {"small": b"hello", "large": b"x" * 100_000, "none": b""}
    for key, body in bodies.items():
        await put(s3, key, body, ServerSideEncryption=algorithm)
    await s3.upload("parts", b"y" * (5 << 20), b"end", ServerSideEncryption=algorithm)
    await settle(s3)
    assert await versions(s3, "others") == []
    for key, body in {**bodies, "parts": b"y" * (5 << 20) + b"end"}.items():
        source = await s3("HeadObject", Bucket="photos", Key=key, ChecksumMode="ENABLED")
        assert source.pop("ReplicationStatus") == "COMPLETED"
        copy = await s3("HeadObject", Bucket="copies", Key=key, ChecksumMode="ENABLED")
        assert (copy.pop("SSEKMSKeyId"), copy.pop("ReplicationStatus")) == (KEY_ARN, "REPLICA")
        assert source.pop("SSEKMSKeyId") != KEY_ARN
        assert copy == source
        assert await s3.content("copies", key) == body
    part = await s3("GetObject", Bucket="copies", Key="parts", PartNumber=2, ChecksumMode="ENABLED")
    assert (await s3.content("copies", "parts", PartNumber=2), part["PartsCount"]) == (b"end", 2)


async def test_a_killed_attempt_to_encrypt_parts_leaves_none_behind(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await make_key(s3)
    await put_rules(s3, rule(**BY_KMS, Destination={"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY_ARN}}))
    await s3.upload("parts", b"y" * (5 << 20), b"z" * 100_000, ServerSideEncryption="aws:kms")
    row = await s3.tables.read(lambda tx: tx.one(_JOBS))
    job = Job(id=row["job_id"], kind=REPLICATE, group=row["ordering"], payload=row["payload"], attempts=1)
    before = await s3.stored()

    def broken(*_: Any) -> bool:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(replicas, "put_replica", broken)
        with pytest.raises(ConnectionError):
            await handlers(s3)[REPLICATE](job)
    await handlers(s3)[REPLICATE](job)
    await s3.settle()
    assert len(await s3.stored()) == len(before) + 2
    assert await s3.content("copies", "parts") == b"y" * (5 << 20) + b"z" * 100_000


async def test_a_key_that_is_not_there_or_anothers_fails(s3: Any) -> None:
    await make_key(s3, account="444455556666")
    for account in ("111122223333", "444455556666"):
        key = KEY_ARN.replace("111122223333", account)
        await put_rules(s3, rule(**BY_KMS, Destination={"EncryptionConfiguration": {"ReplicaKmsKeyID": key}}))
        await put(s3, ServerSideEncryption="aws:kms")
        await settle(s3)
        assert (await status(s3), await versions(s3)) == ("FAILED", [])


@pytest.mark.parametrize(
    ("action", "reason"), [("kms:Decrypt", "SrcGetObjectNotPermitted"), ("kms:Encrypt", "DstPutObjectNotPermitted")]
)
async def test_a_role_must_be_allowed_to_use_the_keys(
    s3: Any, caplog: pytest.LogCaptureFixture, action: str, reason: str
) -> None:
    other = f"{KEY[:-1]}3"
    for key_id in (KEY, other):
        await make_key(s3, key_id)
    keys = {"kms:Decrypt": KEY_ARN.replace(KEY, other), "kms:Encrypt": KEY_ARN}
    await put_rules(s3, rule(**BY_KMS, Destination={"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY_ARN}}))
    everything = [s3.allow("s3:*", on="*"), *[s3.allow(one, on=key) for one, key in keys.items()]]
    for lacking, result in ((action, "FAILED"), ("", "COMPLETED")):
        s3.roles.statements = [one for one in everything if lacking not in one["Action"]]
        await put(s3, ServerSideEncryption="aws:kms", SSEKMSKeyId=keys["kms:Decrypt"])
        with caplog.at_level(logging.WARNING):
            await settle(s3)
        assert await status(s3) == result
    assert f"{action} on {keys[action]} is not allowed to" in caplog.text
    assert f"({reason})" in caplog.text
    assert len(await versions(s3)) == 1


async def test_a_destination_may_hold_replicas_to_a_key(s3: Any) -> None:
    await make_key(s3)
    await put_rules(s3, rule(**BY_KMS, Destination={"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY_ARN}}))
    name = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    denied = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:ReplicateObject",
        "Resource": "arn:aws:s3:::copies/*",
        "Condition": {"StringNotEquals": {name: KEY_ARN}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    await s3("PutBucketPolicy", Bucket="copies", Policy=policy)
    await put(s3)
    await put(s3, "two", ServerSideEncryption="aws:kms")
    await settle(s3)
    assert [key for key, _ in await versions(s3)] == ["two"]


# --- over a socket --------------------------------------------------------------------------------------------


SERVICE = "s3.amazonaws.com"


def role_of(client: Any, service: str, *statements: dict[str, Any]) -> str:
    """A new role that trusts a service, and what it may."""
    iam, name = client("iam"), f"role-{uuid.uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=_policy(*statements))
    return str(arn)


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def copies_of(client: Any, bucket: str) -> str:
    """A new bucket beside `bucket`, both of which keep versions."""
    s3, copies = client("s3"), f"{bucket}-copies"
    s3.create_bucket(Bucket=copies)
    for name in (bucket, copies):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return copies


def test_boto3_sets_rules_and_finds_the_copies(client: Any, bucket: str) -> None:
    s3, copies = client("s3"), copies_of(client, bucket)
    role = role_of(client, SERVICE, *documented(bucket, copies))
    configuration = {"Role": role, "Rules": [rule(copies, markers=True, ID="all", Filter={"Prefix": ""})]}
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration)
    assert s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"] == configuration
    version = s3.put_object(Bucket=bucket, Key="one", Body=b"hello", Tagging="a=b")["VersionId"]
    _wait(lambda: s3.head_object(Bucket=bucket, Key="one")["ReplicationStatus"] != "PENDING")
    assert s3.head_object(Bucket=bucket, Key="one")["ReplicationStatus"] == "COMPLETED"
    copy = s3.get_object(Bucket=copies, Key="one")
    assert (copy["Body"].read(), copy["VersionId"], copy["ReplicationStatus"]) == (b"hello", version, "REPLICA")
    s3.delete_object(Bucket=bucket, Key="one")
    _wait(lambda: "DeleteMarkers" in s3.list_object_versions(Bucket=copies))
    s3.delete_bucket_replication(Bucket=bucket)
    with pytest.raises(ClientError, match="ReplicationConfigurationNotFoundError"):
        s3.get_bucket_replication(Bucket=bucket)


@pytest.mark.parametrize(
    ("service", "lacking"),
    [
        (SERVICE, "s3:ReplicateObject"),
        (SERVICE, "s3:GetObjectVersionForReplication"),
        ("comprehend.amazonaws.com", ""),
        ("", ""),
    ],
)
def test_nothing_comes_by_a_role_that_may_not_or_does_not_trust_or_is_not_there(
    client: Any, bucket: str, service: str, lacking: str
) -> None:
    s3, copies = client("s3"), copies_of(client, bucket)
    role = ROLE
    if service:
        statements = documented(bucket, copies)
        for statement in statements:
            statement["Action"] = [one for one in statement["Action"] if one != lacking]
        role = role_of(client, service, *statements)
    configuration = {"Role": role, "Rules": [rule(copies)]}
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration)
    s3.put_object(Bucket=bucket, Key="one", Body=b"hello")
    _wait(lambda: s3.head_object(Bucket=bucket, Key="one")["ReplicationStatus"] != "PENDING")
    assert s3.head_object(Bucket=bucket, Key="one")["ReplicationStatus"] == "FAILED"
    assert "Versions" not in s3.list_object_versions(Bucket=copies)


def _wait(done: Any) -> None:
    end = time.monotonic() + 20
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


async def test_replication_is_the_same_on_each_database(anywhere: Any) -> None:
    s3 = anywhere
    await versioned(s3, "photos")
    await s3("CreateBucket", Bucket="copies")
    await versioned(s3, "copies")
    await make_key(s3)
    replica_key = {"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY_ARN}}
    await put_rules(s3, rule(markers=True, **BY_KMS, Destination=replica_key))
    await put(s3)
    await s3.upload("parts", b"y" * (5 << 20), b"end", ServerSideEncryption="aws:kms")
    await s3("PutObjectTagging", Bucket="photos", Key="one", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    await settle(s3)
    await settle(s3)
    assert await s3.content("copies", "one") == b"hello"
    assert (await s3("HeadObject", Bucket="copies", Key="one"))["TagCount"] == 1
    assert await s3.content("copies", "parts", PartNumber=2) == b"end"
    assert await status(s3) == await status(s3, "parts") == "COMPLETED"
    await s3("DeleteObject", Bucket="photos", Key="one")
    await settle(s3)
    assert [one["Key"] for one in (await s3("ListObjectsV2", Bucket="copies"))["Contents"]] == ["parts"]

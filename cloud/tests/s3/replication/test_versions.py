"""Replication: versions are copied by its rules, as they are."""

import base64
import hashlib
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.outbox import Job
from marinelayer.services.s3 import Days, LifecycleSweeps
from marinelayer.services.s3.replicating import REPLICATE
from marinelayer.services.s3.replication_rules import Destination, Rule, covering

from .copying import (
    JOBS,
    handlers,
    listen,
    put,
    put_rules,
    rule,
    settle,
    status,
    told,
    versioned,
    versions,
)


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
    row = await s3.tables.read(lambda tx: tx.one(JOBS))
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

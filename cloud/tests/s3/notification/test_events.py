"""Event notifications: what topics are told."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from marinelayer.outbox import Job
from marinelayer.ports import Statement
from marinelayer.services.s3 import RestoreJobs
from marinelayer.services.s3.lifecycle_rules import DAY, Days
from marinelayer.services.s3.lifecycle_sweep import LifecycleSweeps
from marinelayer.services.s3.notification_events import EVENT
from marinelayer.services.s3.notification_record import customer_id
from marinelayer.services.sns.fanout import DELIVER, read_delivery

from .listening import CREATED, TOPIC, Topics, listen, pairs, put

_JOBS = Statement("jobs", "SELECT * FROM outbox WHERE kind = :kind ORDER BY seq")


async def test_a_record_is_aws_to_the_letter(s3: Any, sns: Topics) -> None:
    await put(s3, CREATED)
    await sns.records()
    s3.clock.forward(1.2345)
    zoe = s3.user("zoe", s3.allow("s3:PutObject", on="*"))
    await s3("PutObject", by=zoe, Bucket="photos", Key="a b/ü@+~.txt", Body=b"hello")
    (job,) = await s3.tables.read(lambda tx: tx.all(_JOBS, kind=EVENT))
    request_id = job["job_id"].split("/")[1]
    (record,) = await sns.records()
    assert record == {
        "eventVersion": "2.6",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2021-04-01T00:00:01.234Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AIDAZOEAAAAAAAAAAAAAA"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": request_id, "x-amz-id-2": record["responseElements"]["x-amz-id-2"]},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "created",
            "bucket": {
                "name": "photos",
                "ownerIdentity": {"principalId": customer_id(s3.alice.principal.canonical_id)},
                "arn": "arn:aws:s3:::photos",
            },
            "object": {
                "key": "a+b/%C3%BC%40%2B~.txt",
                "size": 5,
                "eTag": "5d41402abc4b2a76b9719d911017c592",
                "sequencer": f"{job['seq']:018X}",
            },
        },
    }
    assert re.fullmatch(r"A[A-Z2-7]{13}", record["s3"]["bucket"]["ownerIdentity"]["principalId"])


async def test_each_way_to_make_an_object_has_its_event(s3: Any, sns: Topics) -> None:
    await listen(s3, sns)
    await s3("PutObject", Bucket="photos", Key="put", Body=b"x")
    await s3("CopyObject", Bucket="photos", Key="copy", CopySource="photos/put")
    await s3.upload("parts", b"whole")
    records = await sns.records()
    assert [(one["eventName"], one["s3"]["object"]["key"], one["s3"]["object"]["size"]) for one in records] == [
        ("ObjectCreated:Put", "put", 1),
        ("ObjectCreated:Copy", "copy", 1),
        ("ObjectCreated:CompleteMultipartUpload", "parts", 5),
    ]
    assert records[2]["s3"]["object"]["eTag"].endswith("-1")
    assert [one["s3"]["object"].get("hasObjectAnnotation") for one in records] == [None, False, None]
    assert all("versionId" not in one["s3"]["object"] for one in records)
    assert {one["userIdentity"]["principalId"] for one in records} == {customer_id(s3.alice.principal.canonical_id)}


async def test_a_completion_that_is_asked_for_again_is_told_once(s3: Any, sns: Topics) -> None:
    await listen(s3, sns)
    begun = await s3("CreateMultipartUpload", Bucket="photos", Key="k")
    part = await s3.part("k", begun["UploadId"], 1, b"x")
    for _ in range(2):
        await s3.complete("k", begun["UploadId"], part)
    assert await sns.names() == [("ObjectCreated:CompleteMultipartUpload", "k")]


async def test_what_is_deleted_is_told_and_what_was_not_there_is_not(s3: Any, sns: Topics) -> None:
    for key in "abc":
        await s3("PutObject", Bucket="photos", Key=key, Body=b"x")
    await listen(s3, sns)
    await s3("DeleteObject", Bucket="photos", Key="a")
    await s3("DeleteObject", Bucket="photos", Key="a")
    await s3("DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": key} for key in ("b", "b", "c", "d")]})
    records = await sns.records()
    assert [(one["eventName"], sorted(one["s3"]["object"])) for one in records] == [
        ("ObjectRemoved:Delete", ["key", "sequencer"])
    ] * 3
    assert [one["s3"]["object"]["key"] for one in records] == ["a", "b", "c"]


async def test_versions_and_delete_markers_are_told_by_their_ids(s3: Any, sns: Topics) -> None:
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    await listen(s3, sns)
    first = (await s3("PutObject", Bucket="photos", Key="k", Body=b"x"))["VersionId"]
    marker = (await s3("DeleteObject", Bucket="photos", Key="k"))["VersionId"]
    await s3("DeleteObject", Bucket="photos", Key="k", VersionId=marker)
    await s3("DeleteObject", Bucket="photos", Key="k", VersionId=first)
    records = await sns.records()
    assert [(one["eventName"], one["s3"]["object"]["versionId"]) for one in records] == [
        ("ObjectCreated:Put", first),
        ("ObjectRemoved:DeleteMarkerCreated", marker),
        ("ObjectRemoved:Delete", marker),
        ("ObjectRemoved:Delete", first),
    ]
    assert [sorted(one["s3"]["object"]) for one in records[1:3]] == [
        ["eTag", "key", "sequencer", "versionId"],
        ["key", "sequencer", "versionId"],
    ]
    assert records[1]["s3"]["object"]["eTag"] == "d41d8cd98f00b204e9800998ecf8427e"
    sequencers = [one["s3"]["object"]["sequencer"] for one in records]
    assert sequencers == sorted(set(sequencers))


async def test_tags_acls_and_retention_are_told_without_a_sequencer(s3: Any, sns: Topics) -> None:
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    lock = {"ObjectLockEnabled": "Enabled"}
    await s3("PutObjectLockConfiguration", Bucket="photos", ObjectLockConfiguration=lock)
    version = (await s3("PutObject", Bucket="photos", Key="k", Body=b"x"))["VersionId"]
    await listen(s3, sns)
    await s3("PutObjectTagging", Bucket="photos", Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    await s3("DeleteObjectTagging", Bucket="photos", Key="k")
    await s3("PutObjectAcl", Bucket="photos", Key="k", ACL="public-read")
    until = datetime(2100, 1, 1, tzinfo=UTC)
    await s3("PutObjectRetention", Bucket="photos", Key="k", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    records = await sns.records()
    assert [one["eventName"] for one in records] == [
        "ObjectTagging:Put",
        "ObjectTagging:Delete",
        "ObjectAcl:Put",
        "ObjectRetention:Put",
    ]
    shown = {"key": "k", "eTag": "9dd4e461268c8034f5c8564e155c67a6", "versionId": version}
    assert [one["s3"]["object"] for one in records] == [*[shown] * 3, {**shown, "size": 1}]
    retention = {"mode": "GOVERNANCE", "retainUntilDate": "2100-01-01T00:00:00.000Z"}
    assert [one.get("objectRetentionEventData") for one in records] == [*[None] * 3, retention]


async def test_what_lifecycle_does_is_told_in_s3s_own_name(s3: Any, sns: Topics) -> None:
    await listen(s3, sns)
    for key in ("old/1", "cold/1"):
        await s3("PutObject", Bucket="photos", Key=key, Body=b"x")
    await sns.records()
    await sweep(s3)
    records = await sns.records()
    assert [(one["eventName"], one["s3"]["object"]["key"]) for one in records] == [
        ("LifecycleTransition", "cold/1"),
        ("LifecycleExpiration:Delete", "old/1"),
    ]
    assert sorted(records[0]["s3"]["object"]) == ["eTag", "key", "size"]
    assert records[0]["lifecycleEventData"] == {"transitionEventData": {"destinationStorageClass": "GLACIER"}}
    assert sorted(records[1]["s3"]["object"]) == ["key", "sequencer"]
    assert all(one["userIdentity"] == {"principalId": "s3.amazonaws.com"} for one in records)
    assert all(one["requestParameters"] == {"sourceIPAddress": "s3.amazonaws.com"} for one in records)
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    await s3("PutObject", Bucket="photos", Key="old/2", Body=b"x")
    await sns.records()
    await sweep(s3)
    (record,) = await sns.records()
    assert record["eventName"] == "LifecycleExpiration:DeleteMarkerCreated"
    assert record["s3"]["object"]["versionId"]


async def sweep(s3: Any) -> None:
    """Have lifecycle rules carried out, days later."""
    rules = [
        {"ID": "e", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 1}},
        {
            "ID": "t",
            "Status": "Enabled",
            "Filter": {"Prefix": "cold/"},
            "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}],
        },
    ]
    s3.clock.forward(3 * DAY / 1_000_000)
    await s3(
        "PutBucketLifecycleConfiguration",
        Bucket="photos",
        LifecycleConfiguration={"Rules": rules},
        TransitionDefaultMinimumObjectSize="varies_by_storage_class",
    )
    sweeps = LifecycleSweeps(s3.tables, s3.clock, s3.ids, Days(), s3.logs)
    await s3.run_due(sweeps.handlers)


async def test_a_restore_is_told_when_it_begins_ends_and_is_over(s3: Any, sns: Topics) -> None:
    await s3("PutObject", Bucket="photos", Key="cold", Body=b"x", StorageClass="GLACIER")
    await listen(s3, sns, "s3:ObjectRestore:*")
    jobs = RestoreJobs(s3.tables, s3.clock, Days())
    for days in (1, 2):
        await s3("RestoreObject", Bucket="photos", Key="cold", RestoreRequest={"Days": days})
        s3.clock.forward(6)
        await s3.run_due(jobs.handlers)
    s3.clock.forward(4 * DAY / 1_000_000)
    await s3.run_due(jobs.handlers)
    begun, ended, over = await sns.records()
    assert [one["eventName"] for one in (begun, ended, over)] == [
        "ObjectRestore:Post",
        "ObjectRestore:Completed",
        "ObjectRestore:Delete",
    ]
    for one in (begun, ended, over):
        assert sorted(one["s3"]["object"]) == ["eTag", "key", "sequencer", "size"]
    owner = customer_id(s3.alice.principal.canonical_id)
    assert [one["userIdentity"]["principalId"] for one in (begun, ended, over)] == [
        owner,
        f"AmazonCustomer:{owner}",
        f"AmazonCustomer:{owner}",
    ]
    assert ended["glacierEventData"] == {
        "restoreEventData": {
            "lifecycleRestorationExpiryTime": "2021-04-03T00:00:00.000Z",
            "lifecycleRestoreStorageClass": "GLACIER",
        }
    }
    assert "glacierEventData" not in over


async def test_a_write_that_fails_is_not_told(s3: Any, sns: Topics) -> None:
    await s3("PutObject", Bucket="photos", Key="k", Body=b"x")
    await listen(s3, sns)
    with s3.refused("PreconditionFailed"):
        await s3("PutObject", Bucket="photos", Key="k", Body=b"y", IfNoneMatch="*")
    with s3.refused("NoSuchKey"):
        await s3("PutObjectTagging", Bucket="photos", Key="gone", Tagging={"TagSet": []})
    with s3.refused("BadDigest"):
        await s3("PutObject", Bucket="photos", Key="k", Body=b"y", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
    assert await sns.records() == []


async def test_only_what_a_filter_passes_and_an_event_names_is_told(s3: Any, sns: Topics) -> None:
    await put(
        s3,
        {**CREATED, "Id": "images", "Filter": pairs("prefix=images/", "suffix=.jpg")},
        {**CREATED, "Id": "year", "Filter": pairs("prefix=year%3D2024/a+b")},
        {**CREATED, "Id": "plain", "Filter": pairs("prefix=day=1/")},
    )
    await sns.records()
    for key in ("images/a.jpg", "images/a.png", "image.jpg", "year=2024/a b", "day=1/x"):
        await s3("PutObject", Bucket="photos", Key=key, Body=b"x")
        await s3("DeleteObject", Bucket="photos", Key=key)
    found = [(one["s3"]["configurationId"], one["s3"]["object"]["key"]) for one in await sns.records()]
    assert found == [("images", "images/a.jpg"), ("year", "year%3D2024/a+b")]


async def test_events_of_one_key_come_in_the_order_in_which_they_happened(s3: Any, sns: Topics) -> None:
    await listen(s3, sns, "s3:ObjectCreated:*", "s3:ObjectRemoved:*")
    for size in range(1, 8):
        await s3("PutObject", Bucket="photos", Key="k", Body=b"x" * size)
        await s3("DeleteObject", Bucket="photos", Key="k")
    records = await sns.records()
    assert [one["s3"]["object"].get("size") for one in records] == [n for size in range(1, 8) for n in (size, None)]
    sequencers = [one["s3"]["object"]["sequencer"] for one in records]
    assert sequencers == sorted(set(sequencers))


async def test_an_event_that_a_kill_repeats_is_the_same_message(s3: Any, sns: Topics) -> None:
    await listen(s3, sns)
    await s3("PutObject", Bucket="photos", Key="k", Body=b"x")
    (row,) = await s3.tables.read(lambda tx: tx.all(_JOBS, kind=EVENT))
    job = Job(id=row["job_id"], kind=EVENT, group=row["ordering"], payload=row["payload"], attempts=1, seq=row["seq"])
    for _ in range(2):
        await sns.publishing.publish(job)
    (delivery,) = await s3.tables.read(lambda tx: tx.all(_JOBS, kind=DELIVER))
    first = read_delivery(delivery["payload"])
    await sns.records()
    await sns.publishing.publish(job)
    await sns.rest()
    assert [(one.id, one.text) for one in sns.told] == [(first.id, first.text)]


@pytest.mark.parametrize("change", ["gone", "closed"])
async def test_a_topic_that_is_gone_or_closed_since_is_told_nothing_and_the_log_says_so(
    s3: Any, sns: Topics, caplog: pytest.LogCaptureFixture, change: str
) -> None:
    await listen(s3, sns)
    await s3("PutObject", Bucket="photos", Key="before", Body=b"x")
    if change == "gone":
        await sns("DeleteTopic", TopicArn=TOPIC)
    else:
        await sns.let_in(TOPIC, principal={"AWS": "111122223333"})
    assert await sns.records() == []
    assert f"an event of photos could not be published to {TOPIC}" in caplog.text
    assert await s3.tables.read(lambda tx: tx.all(_JOBS, kind=EVENT)) == []


async def test_an_event_is_told_though_its_bucket_is_gone_since(s3: Any, sns: Topics) -> None:
    await listen(s3, sns)
    await s3("PutObject", Bucket="photos", Key="k", Body=b"x")
    await s3("DeleteObject", Bucket="photos", Key="k")
    await s3("DeleteBucket", Bucket="photos")
    assert [name for name, _ in await sns.names()] == ["ObjectCreated:Put", "ObjectRemoved:Delete"]


async def test_the_outbox_is_woken_only_where_someone_is_told(s3: Any, sns: Topics) -> None:
    before = s3.pokes
    await s3("PutObject", Bucket="photos", Key="k", Body=b"x")
    assert s3.pokes == before
    await listen(s3, sns, "s3:ObjectRemoved:*")
    before = s3.pokes
    await s3("PutObject", Bucket="photos", Key="k", Body=b"x")
    assert s3.pokes == before
    await s3("DeleteObject", Bucket="photos", Key="k")
    assert s3.pokes == before + 1


async def test_a_bucket_without_notifications_pays_no_statement(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await s3("PutObject", Bucket="photos", Key="k", Body=b"x")
    counted: list[str] = []
    write = s3.tables.write

    async def counting(function: Any, /, *args: Any, **kwargs: Any) -> Any:
        def run(tx: Any) -> Any:
            class Counting:
                changed = tx.changed

                def __getattr__(self, name: str) -> Any:
                    def call(statement: Statement, **values: Any) -> Any:
                        counted.append(statement.name.rpartition(".")[2])
                        return getattr(tx, name)(statement, **values)

                    return call

            return function(Counting(), *args, **kwargs)

        return await write(run)

    monkeypatch.setattr(s3.tables, "write", counting)
    await s3("PutObject", Bucket="photos", Key="new", Body=b"x")
    assert counted == [
        "newest_version",
        "insert_blob",
        "insert_inline_bytes",
        "insert_version",
        "put_object",
    ]

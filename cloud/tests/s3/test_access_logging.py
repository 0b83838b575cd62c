"""Server access logs: what S3 takes of their configuration, and how their lines are delivered."""

import asyncio
import json
from typing import Any

import pytest

from marinelayer.outbox import Outbox
from marinelayer.services.s3 import LogEntry
from marinelayer.services.s3.access_log import DELIVER, LINES_A_JOB, line_of

ENABLED = {"TargetBucket": "logs", "TargetPrefix": "from-photos/"}
ENTRY = LogEntry(
    bucket="photos",
    time=1_617_271_200_000_000,
    remote_ip="192.0.2.3",
    requester="alice",
    request_id="3E57427F3EXAMPLE",
    operation="REST.GET.OBJECT",
    key="a%20b",
    request_uri="GET /photos/a%20b?versionId=1 HTTP/1.1",
    status="200",
    error_code="",
    bytes_sent="2662992",
    object_size="3462992",
    total_time="70",
    turn_around_time="10",
    referer="",
    user_agent='curl "\n7',
    version_id="1",
    host_id="s9lzHYrFp76ZVxRcpX9",
    signature_version="SigV4",
    cipher_suite="",
    authentication_type="AuthHeader",
    host="photos.s3.amazonaws.com",
    tls_version="",
    acl_required="Yes",
)
LINE = (
    "photos [01/Apr/2021:10:00:00 +0000] 192.0.2.3 alice 3E57427F3EXAMPLE REST.GET.OBJECT a%20b"
    ' "GET /photos/a%20b?versionId=1 HTTP/1.1" 200 - 2662992 3462992 70 10 - "curl %22%0A7" 1 s9lzHYrFp76ZVxRcpX9'
    " SigV4 - AuthHeader photos.s3.amazonaws.com - - Yes"
)


@pytest.fixture(autouse=True)
async def _target(s3: Any) -> None:
    await s3("CreateBucket", Bucket="logs", ACL="log-delivery-write")


async def enable(s3: Any, **members: Any) -> None:
    status = {"LoggingEnabled": {**ENABLED, **members}}
    await s3("PutBucketLogging", Bucket="photos", BucketLoggingStatus=status)


async def deliver(s3: Any) -> Outbox:
    await s3.logs.flush()
    outbox = Outbox(s3.tables, s3.clock)
    for kind, handler in s3.logs.handlers(s3.service.operations["PutObject"].run).items():
        outbox.bind(kind, handler)
    running = asyncio.create_task(outbox.run())
    await outbox.drain(10, kinds=[DELIVER])
    await outbox.stop()
    await running
    return outbox


async def delivered(s3: Any) -> dict[str, list[str]]:
    listed = (await s3("ListObjectsV2", Bucket="logs")).get("Contents", [])
    grant = {"by": s3.alice}
    return {one["Key"]: (await s3.content("logs", one["Key"], **grant)).decode().splitlines() for one in listed}


async def test_the_configuration_comes_back_and_goes(s3: Any) -> None:
    assert await s3("GetBucketLogging", Bucket="photos") == {}
    form = {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}
    await enable(s3, TargetObjectKeyFormat=form)
    assert await s3("GetBucketLogging", Bucket="photos") == {
        "LoggingEnabled": {**ENABLED, "TargetObjectKeyFormat": form}
    }
    assert s3.logs.buckets == {"photos"}
    await s3("PutBucketLogging", Bucket="photos", BucketLoggingStatus={})
    assert await s3("GetBucketLogging", Bucket="photos") == {}
    assert s3.logs.buckets == set()


async def test_a_target_must_exist_here_and_be_the_owners(s3: Any) -> None:
    with s3.refused("InvalidTargetBucketForLogging", "The target bucket for logging does not exist"):
        await enable(s3, TargetBucket="nowhere")
    await s3("CreateBucket", Bucket="of-bob", by=s3.bob, ACL="log-delivery-write")
    with s3.refused(
        "InvalidTargetBucketForLogging",
        "The owner for the bucket to be logged and the target bucket must be the same.",
        TargetBucket="of-bob",
    ):
        await enable(s3, TargetBucket="of-bob")
    await s3(
        "CreateBucket",
        Bucket="far",
        region="eu-west-1",
        CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
        ACL="log-delivery-write",
    )
    with s3.refused("CrossLocationLoggingProhibitted"):
        await enable(s3, TargetBucket="far")
    await s3("CreateBucket", Bucket="closed")
    await enable(s3, TargetBucket="closed")  # whether it lets logs in is seen when one comes
    group = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}
    await enable(s3, TargetGrants=[{"Grantee": group, "Permission": "READ_ACP"}])
    with s3.refused("MalformedXML"):
        await enable(s3, TargetGrants=[{"Grantee": group, "Permission": "ALL"}])
    for form in ({}, {"SimplePrefix": {}, "PartitionedPrefix": {}}):
        with s3.refused("MalformedXML"):
            await enable(s3, TargetObjectKeyFormat=form)


async def let_in(s3: Any, source: str, account: str = "111122223333") -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::policed/from-photos/*",
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{source}"},
            "StringEquals": {"aws:SourceAccount": account},
        },
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    await s3("PutBucketPolicy", Bucket="policed", Policy=policy)


async def test_a_policy_lets_logs_in_of_the_buckets_that_it_names(s3: Any) -> None:
    await s3("CreateBucket", Bucket="policed", ObjectOwnership="BucketOwnerEnforced")
    for source, account, more in (
        ("others", "111122223333", {}),
        ("photos", "444455556666", {}),
        ("photos", "111122223333", {"TargetPrefix": "elsewhere/"}),
    ):
        await let_in(s3, source, account)
        await enable(s3, TargetBucket="policed", **more)
        s3.logs.note(ENTRY)
        await deliver(s3)
        assert "Contents" not in await s3("ListObjectsV2", Bucket="policed")
    await let_in(s3, "photos")
    await enable(s3, TargetBucket="policed")
    s3.logs.note(ENTRY)
    await deliver(s3)
    (one,) = (await s3("ListObjectsV2", Bucket="policed"))["Contents"]
    assert (await s3.content("policed", one["Key"])).decode() == f"{s3.alice.principal.canonical_id} {LINE}\n"
    grant = {"Grantee": {"Type": "CanonicalUser", "ID": "b" * 64}, "Permission": "READ"}
    with s3.refused("InvalidArgument"):
        await enable(s3, TargetBucket="policed", TargetGrants=[grant])


def test_a_line_has_every_field_and_nobody_can_break_out_of_it() -> None:
    assert line_of(ENTRY) == LINE


async def test_lines_are_delivered_in_their_order_to_one_object(s3: Any) -> None:
    await enable(s3)
    for number in range(3):
        s3.logs.note(_numbered(number))
    s3.logs.note(_numbered(4, bucket="other"))
    await deliver(s3)
    ((key, lines),) = (await delivered(s3)).items()
    assert key.startswith("from-photos/2021-04-01-00-00-00-")
    assert len(key) == len("from-photos/2021-04-01-00-00-00-") + 16
    owner = s3.alice.principal.canonical_id
    assert [(line.split()[0], line.split()[6]) for line in lines] == [(owner, str(n)) for n in range(3)]


def _numbered(number: int, **members: Any) -> LogEntry:
    from dataclasses import replace

    return replace(ENTRY, request_id=str(number), **members)


async def test_keys_are_partitioned_by_the_time_of_delivery_or_of_the_event(s3: Any) -> None:
    await enable(s3, TargetObjectKeyFormat={"PartitionedPrefix": {"PartitionDateSource": "EventTime"}})
    day = 86_400_000_000
    for time in (ENTRY.time, ENTRY.time + day, ENTRY.time):
        s3.logs.note(_numbered(1, time=time))
    await deliver(s3)
    folder = "from-photos/111122223333/us-east-1/photos"
    found = await delivered(s3)
    assert [(key[:-16], len(lines)) for key, lines in found.items()] == [
        (f"{folder}/2021/04/01/2021-04-01-00-00-00-", 2),
        (f"{folder}/2021/04/02/2021-04-02-00-00-00-", 1),
    ]
    s3.clock.forward(3661)
    await enable(s3, TargetObjectKeyFormat={"PartitionedPrefix": {"PartitionDateSource": "DeliveryTime"}})
    s3.logs.note(_numbered(1, time=ENTRY.time + day))
    await deliver(s3)
    (key,) = (await delivered(s3)).keys() - found.keys()
    assert key[:-16] == f"{folder}/2021/04/01/2021-04-01-01-01-01-"


async def test_many_lines_become_several_objects_and_none_is_lost(s3: Any) -> None:
    await enable(s3)
    for number in range(LINES_A_JOB + 1):
        s3.logs.note(_numbered(number))
    await deliver(s3)
    assert sorted(len(lines) for lines in (await delivered(s3)).values()) == [1, LINES_A_JOB]


async def test_whoever_is_granted_may_read_the_log_and_its_bucket_owns_it(s3: Any) -> None:
    bob = s3.bob.principal.canonical_id
    await enable(s3, TargetGrants=[{"Grantee": {"Type": "CanonicalUser", "ID": bob}, "Permission": "READ"}])
    s3.logs.note(ENTRY)
    await deliver(s3)
    (one,) = (await s3("ListObjectsV2", Bucket="logs"))["Contents"]
    grants = (await s3("GetObjectAcl", Bucket="logs", Key=one["Key"]))["Grants"]
    assert {(grant["Grantee"]["ID"], grant["Permission"]) for grant in grants} == {
        (s3.alice.principal.canonical_id, "FULL_CONTROL"),
        (bob, "READ"),
    }
    assert await s3.content("logs", one["Key"], by=s3.bob)


async def test_a_target_that_lets_nothing_in_any_more_gets_nothing(s3: Any) -> None:
    await enable(s3)
    s3.logs.note(ENTRY)
    await s3("PutBucketAcl", Bucket="logs", ACL="private")
    outbox = await deliver(s3)
    assert await delivered(s3) == {}
    (dead,) = await outbox.dead()
    assert "logs" in dead.last_error


async def test_a_delivery_that_a_kill_repeats_writes_the_same_object(s3: Any) -> None:
    from marinelayer.outbox import Job
    from marinelayer.ports import Statement

    await enable(s3)
    s3.logs.note(ENTRY)
    await s3.logs.flush()
    row = await s3.tables.read(
        lambda tx: tx.one(Statement("first", "SELECT * FROM outbox WHERE kind = 's3.log.deliver'"))
    )
    job = Job(id=row["job_id"], kind=DELIVER, group=row["ordering"], payload=row["payload"], attempts=1)
    (handler,) = s3.logs.handlers(s3.service.operations["PutObject"].run).values()
    await handler(job)
    await handler(job)
    assert len(await delivered(s3)) == 1

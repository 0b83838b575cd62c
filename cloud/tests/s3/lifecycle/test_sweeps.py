"""How rules are carried out: job by job, again after a kill, by the rules that hold then, and written down."""

from typing import Any

from marinelayer.outbox import Job
from marinelayer.ports import Statement
from marinelayer.services.s3.lifecycle_rules import DAY, Days
from marinelayer.services.s3.lifecycle_sweep import PAGE, PAGES_A_JOB, SWEEP, LifecycleSweeps

from .passing_days import EXPIRE, any_due, keys, put, put_all, rest, rule, versioning


async def test_rules_that_were_removed_or_set_anew_do_nothing_more(s3: Any) -> None:
    await put_all(s3, "logs/a")
    await put(s3, EXPIRE)
    await s3("DeleteBucketLifecycle", Bucket="photos")
    await rest(s3, 10)
    assert await keys(s3) == ["logs/a"]
    await put(s3, EXPIRE | {"Expiration": {"Days": 100}})
    await rest(s3, 0)
    await put(s3, EXPIRE | {"Status": "Disabled"})
    await rest(s3, 100)
    assert await keys(s3) == ["logs/a"]
    assert not await s3.tables.read(any_due, s3.clock.now() + 1000 * DAY), "no chain is left"


async def test_a_sweep_goes_on_where_a_job_ended(s3: Any) -> None:
    number = PAGE * PAGES_A_JOB + 7
    await versioning(s3)
    copied = Statement(
        "copied",
        (
            "INSERT INTO versions (bucket_id, key, seq, version_id, is_null, is_marker, size, etag, modified, owner,"
            " content_type, storage_class) VALUES (1, :key, :seq, :id, 0, 1, 0, '', :modified, 'o', '', 'STANDARD')"
        ),
    )

    def fill(tx: Any, first: int) -> None:
        for n in range(first, min(first + 1000, number)):
            tx.run(copied, key=b"k%03d" % (n // 600), seq=n + 1, id=f"{n:032x}", modified=s3.clock.time + n)

    for first in range(0, number, 1000):
        await s3.tables.write(fill, first)
    await put(s3, rule(NoncurrentVersionExpiration={"NoncurrentDays": 1}))
    await rest(s3, 2)
    left = await s3("ListObjectVersions", Bucket="photos")
    assert len(left["DeleteMarkers"]) == -(-number // 600)
    assert all(one["IsLatest"] for one in left["DeleteMarkers"])


async def test_a_sweep_that_a_kill_ended_is_done_again(s3: Any) -> None:
    await put_all(s3, "logs/a")
    await put(s3, EXPIRE)
    s3.clock.forward(4 * 86_400)
    sweeps = LifecycleSweeps(s3.tables, s3.clock, s3.ids, Days(), s3.logs)
    first = await s3.tables.read(lambda tx: tx.one(Statement("first", "SELECT * FROM outbox")))
    job = Job(id=first["job_id"], kind=SWEEP, group=first["ordering"], payload=first["payload"], attempts=1)
    await sweeps.sweep(job)
    await sweeps.sweep(job)
    assert await keys(s3) == []
    waiting = await s3.tables.read(lambda tx: tx.all(Statement("all", "SELECT job_id FROM outbox")))
    assert len(waiting) == 2, "the job itself, and one that goes on"


async def test_shortened_days_are_counted_from_the_moment(s3: Any) -> None:
    await put_all(s3, "logs/a")
    await put(s3, EXPIRE)
    await rest(s3, 2.9, length=2_000_000)
    assert await keys(s3) == ["logs/a"]
    await rest(s3, 1.2, length=2_000_000)
    assert await keys(s3) == []


async def test_what_rules_do_stands_in_the_access_log(s3: Any) -> None:
    await s3("CreateBucket", Bucket="logs", ACL="log-delivery-write")
    target = {"TargetBucket": "logs", "TargetPrefix": ""}
    await s3("PutBucketLogging", Bucket="photos", BucketLoggingStatus={"LoggingEnabled": target})
    noted: list[Any] = []
    s3.logs.note = noted.append
    await put_all(s3, "logs/a b")
    await s3("PutObject", Bucket="photos", Key="large", Body=b"x" * (128 * 1024))
    await s3("CreateMultipartUpload", Bucket="photos", Key="upload")
    await put(
        s3,
        EXPIRE,
        rule(Filter={"Prefix": "large"}, Transitions=[{"Days": 1, "StorageClass": "DEEP_ARCHIVE"}]),
        rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}),
    )
    await rest(s3, 4)
    assert sorted((one.operation, one.key, one.object_size, one.requester) for one in noted) == [
        ("S3.DELETE.UPLOAD", "upload", "", "AmazonS3"),
        ("S3.EXPIRE.OBJECT", "logs/a%20b", "1", "AmazonS3"),
        ("S3.TRANSITION_GDA.OBJECT", "large", "131072", "AmazonS3"),
    ]
    await versioning(s3)
    await put_all(s3, "logs/c")
    await rest(s3, 4)
    assert [(one.operation, len(one.version_id)) for one in noted[3:]] == [("S3.CREATE.DELETEMARKER", 32)]

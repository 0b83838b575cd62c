"""Object lock: of buckets, retention, legal holds, and what may be done to what they protect."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

NOW = datetime.fromtimestamp(1_617_235_200, UTC)
"""When the held clock stands."""
DAY = 24 * 60 * 60
PROTECTED = "Access Denied because object protected by object lock."
MD5 = "xMpCOKC5I4INzFCab3WEmw=="
"""Of b"1"."""


def until(days: float) -> datetime:
    return NOW + timedelta(days=days)


@pytest.fixture
async def locked(s3: Any) -> Any:
    await s3("CreateBucket", Bucket="locked", ObjectLockEnabledForBucket=True)
    return s3


async def put(s3: Any, key: str = "a", **request: Any) -> str:
    output = await s3("PutObject", Bucket="locked", Key=key, Body=b"1", ContentMD5=MD5, **request)
    version_id: str = output["VersionId"]
    return version_id


async def retain(s3: Any, mode: str | None, days: float = 0, key: str = "a", **request: Any) -> None:
    retention = {} if mode is None else {"Mode": mode, "RetainUntilDate": until(days)}
    await s3("PutObjectRetention", Bucket="locked", Key=key, Retention=retention, **request)


async def remove(s3: Any, version_id: str, **request: Any) -> None:
    await s3("DeleteObject", Bucket="locked", Key="a", VersionId=version_id, **request)


async def test_a_bucket_that_is_made_with_object_lock_keeps_versions_for_good(locked: Any) -> None:
    assert await locked("GetBucketVersioning", Bucket="locked") == {"Status": "Enabled"}
    shown = await locked("GetObjectLockConfiguration", Bucket="locked")
    assert shown == {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}
    with locked.refused("InvalidBucketState"):
        await locked("PutBucketVersioning", Bucket="locked", VersioningConfiguration={"Status": "Suspended"})
    await locked("PutBucketVersioning", Bucket="locked", VersioningConfiguration={"Status": "Enabled"})


async def test_a_bucket_that_keeps_versions_can_be_given_object_lock(s3: Any) -> None:
    enabled = {"ObjectLockEnabled": "Enabled"}
    with s3.refused("ObjectLockConfigurationNotFoundError", BucketName="photos"):
        await s3("GetObjectLockConfiguration", Bucket="photos")
    for state in (None, "Suspended"):
        if state is not None:
            await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": state})
        with s3.refused("InvalidBucketState"):
            await s3("PutObjectLockConfiguration", Bucket="photos", ObjectLockConfiguration=enabled)
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    await s3("PutObjectLockConfiguration", Bucket="photos", ObjectLockConfiguration=enabled)
    assert await s3("GetObjectLockConfiguration", Bucket="photos") == {"ObjectLockConfiguration": enabled}


@pytest.mark.parametrize(
    ("default", "code"),
    [
        ({"Mode": "GOVERNANCE"}, "MalformedXML"),
        ({"Days": 1}, "MalformedXML"),
        ({"Mode": "GOVERNANCE", "Days": 1, "Years": 1}, "MalformedXML"),
        ({"Mode": "GOVERNANCE", "Days": 0}, "InvalidRetentionPeriod"),
        ({"Mode": "GOVERNANCE", "Years": -1}, "InvalidRetentionPeriod"),
        ({"Mode": "GOVERNANCE", "Days": 36_501}, "InvalidRetentionPeriod"),
        ({"Mode": "GOVERNANCE", "Years": 101}, "InvalidRetentionPeriod"),
    ],
)
async def test_a_default_retention_is_a_mode_and_one_period(locked: Any, default: dict[str, Any], code: str) -> None:
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": default}}
    with locked.refused(code):
        await locked("PutObjectLockConfiguration", Bucket="locked", ObjectLockConfiguration=configuration)


@pytest.mark.parametrize(("period", "days"), [({"Days": 3}, 3), ({"Years": 2}, 730)])
async def test_new_objects_are_retained_as_the_bucket_says_unless_they_say_otherwise(
    locked: Any, period: dict[str, int], days: int
) -> None:
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", **period}}
    await locked(
        "PutObjectLockConfiguration",
        Bucket="locked",
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule},
    )
    await put(locked, "put")
    await locked("CopyObject", Bucket="locked", Key="copy", CopySource="locked/put")
    begun = await locked("CreateMultipartUpload", Bucket="locked", Key="parts")
    part = await locked.part("parts", begun["UploadId"], 1, b"1", bucket="locked", ChecksumCRC32="g9zvtw==")
    await locked.complete("parts", begun["UploadId"], part, bucket="locked")
    for key in ("put", "copy", "parts"):
        shown = (await locked("GetObjectRetention", Bucket="locked", Key=key))["Retention"]
        assert shown == {"Mode": "COMPLIANCE", "RetainUntilDate": until(days)}
    await put(locked, "own", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until(1))
    assert (await locked("GetObjectRetention", Bucket="locked", Key="own"))["Retention"]["Mode"] == "GOVERNANCE"


async def test_a_locked_object_is_not_taken_without_a_digest_of_its_bytes(locked: Any) -> None:
    lock = {"ObjectLockLegalHoldStatus": "ON"}
    with locked.refused("InvalidRequest"):
        await locked("PutObject", Bucket="locked", Key="a", Body=b"1", **lock)
    await locked("PutObject", Bucket="locked", Key="a", Body=b"1", ChecksumCRC32="g9zvtw==", **lock)


async def test_a_part_of_a_locked_object_is_not_taken_without_a_digest_of_its_bytes(locked: Any) -> None:
    upload = await locked("CreateMultipartUpload", Bucket="locked", Key="a", ObjectLockLegalHoldStatus="ON")
    with locked.refused(
        "InvalidRequest",
        "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Part requests with Object Lock parameters",
    ):
        await locked.part("a", upload["UploadId"], 1, b"1", bucket="locked")
    await locked.part("a", upload["UploadId"], 1, b"1", bucket="locked", ContentMD5="xMpCOKC5I4INzFCab3WEmw==")


async def test_event_holds_are_not_dropped_in_silence(locked: Any) -> None:
    await put(locked)
    default = {"Mode": "GOVERNANCE", "Days": 1, "DefaultEventHold": {"Days": 1}}
    with locked.refused("NotImplemented", Header="DefaultEventHold"):
        await locked(
            "PutObjectLockConfiguration",
            Bucket="locked",
            ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": default}},
        )
    for hold in ({"EventHold": "ON"}, {"EventHoldDuration": {"Days": 1}}):
        retention = {"Mode": "GOVERNANCE", "RetainUntilDate": until(1), **hold}
        with locked.refused("NotImplemented", Header=next(iter(hold))):
            await locked("PutObjectRetention", Bucket="locked", Key="a", Retention=retention)


async def test_a_version_shows_its_lock_to_who_may_read_it(locked: Any) -> None:
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until(1), "ObjectLockLegalHoldStatus": "OFF"}
    await put(locked, **lock)
    shown = await locked("HeadObject", Bucket="locked", Key="a")
    assert {member: shown[member] for member in lock} == lock
    reader = locked.user("reader", locked.allow("s3:GetObject", "s3:GetObjectLegalHold", on="arn:aws:s3:::locked/*"))
    shown = await locked("HeadObject", Bucket="locked", Key="a", by=reader)
    assert lock.keys() & shown.keys() == {"ObjectLockLegalHoldStatus"}


@pytest.mark.parametrize(
    ("lock", "code"),
    [
        ({"ObjectLockMode": "GOVERNANCE"}, "InvalidArgument"),
        ({"ObjectLockRetainUntilDate": until(1)}, "InvalidArgument"),
        ({"ObjectLockMode": "governance", "ObjectLockRetainUntilDate": until(1)}, "InvalidArgument"),
        ({"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until(0)}, "InvalidArgument"),
        ({"ObjectLockLegalHoldStatus": "on"}, "InvalidArgument"),
    ],
)
async def test_headers_of_a_lock_that_say_what_none_can_be_are_refused(
    locked: Any, lock: dict[str, Any], code: str
) -> None:
    with locked.refused(code):
        await put(locked, **lock)


async def test_a_bucket_without_object_lock_takes_none(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1")
    words = "Bucket is missing Object Lock Configuration"
    with s3.refused("InvalidRequest", words):
        await s3("PutObject", Bucket="photos", Key="a", Body=b"1", ContentMD5=MD5, ObjectLockLegalHoldStatus="ON")
    for operation, document in (
        ("PutObjectRetention", {"Retention": {"Mode": "COMPLIANCE", "RetainUntilDate": until(1)}}),
        ("GetObjectRetention", {}),
        ("PutObjectLegalHold", {"LegalHold": {"Status": "ON"}}),
        ("GetObjectLegalHold", {}),
    ):
        with s3.refused("InvalidRequest", words):
            await s3(operation, Bucket="photos", Key="a", **document)


async def test_what_was_never_locked_says_so(locked: Any) -> None:
    await put(locked)
    for operation in ("GetObjectRetention", "GetObjectLegalHold"):
        with locked.refused("NoSuchObjectLockConfiguration"):
            await locked(operation, Bucket="locked", Key="a")
        with locked.refused("NoSuchKey"):
            await locked(operation, Bucket="locked", Key="missing")


async def test_compliance_yields_to_nobody_and_only_grows(locked: Any) -> None:
    version_id = await put(locked)
    await retain(locked, "COMPLIANCE", 2)
    bypass = {"BypassGovernanceRetention": True}
    for mode, days in (("COMPLIANCE", 1.5), ("GOVERNANCE", 3), (None, 0)):
        with locked.refused("AccessDenied", PROTECTED):
            await retain(locked, mode, days, **bypass)
    with locked.refused("AccessDenied", PROTECTED):
        await remove(locked, version_id, **bypass)
    await retain(locked, "COMPLIANCE", 3)
    locked.clock.forward(3 * DAY - 1)
    with locked.refused("AccessDenied", PROTECTED):
        await remove(locked, version_id)
    locked.clock.forward(1)
    await remove(locked, version_id)


async def test_governance_yields_to_who_asks_for_it_and_may(locked: Any) -> None:
    version_id = await put(locked)
    await retain(locked, "GOVERNANCE", 2)
    may_not = locked.user("clerk", locked.allow("s3:Delete*", "s3:PutObjectRetention", on="arn:aws:s3:::locked/*"))
    for who in ({"by": may_not, "BypassGovernanceRetention": True}, {}):
        for mode, days in (("GOVERNANCE", 1), ("COMPLIANCE", 2), (None, 0)):
            with locked.refused("AccessDenied", PROTECTED):
                await retain(locked, mode, days, **who)
        with locked.refused("AccessDenied", PROTECTED):
            await remove(locked, version_id, **who)
    await retain(locked, "GOVERNANCE", 3, by=may_not)
    await retain(locked, "GOVERNANCE", 1, BypassGovernanceRetention=True)
    await retain(locked, None, BypassGovernanceRetention=True)
    with locked.refused("NoSuchObjectLockConfiguration"):
        await locked("GetObjectRetention", Bucket="locked", Key="a")
    await retain(locked, "GOVERNANCE", 1)
    await remove(locked, version_id, BypassGovernanceRetention=True)


async def test_a_hold_protects_until_it_is_taken_back(locked: Any) -> None:
    version_id = await put(locked, ObjectLockLegalHoldStatus="ON")
    locked.clock.forward(10_000 * DAY)
    with locked.refused("AccessDenied", PROTECTED):
        await remove(locked, version_id, BypassGovernanceRetention=True)
    with locked.refused("MalformedXML"):
        await locked("PutObjectLegalHold", Bucket="locked", Key="a", LegalHold={})
    await locked("PutObjectLegalHold", Bucket="locked", Key="a", LegalHold={"Status": "OFF"})
    assert (await locked("GetObjectLegalHold", Bucket="locked", Key="a"))["LegalHold"] == {"Status": "OFF"}
    await remove(locked, version_id)


async def test_a_locked_version_can_be_hidden_but_not_removed(locked: Any) -> None:
    version_id = await put(locked, ObjectLockLegalHoldStatus="ON")
    await put(locked)
    await locked("DeleteObject", Bucket="locked", Key="a")
    with locked.refused("AccessDenied", PROTECTED):
        await remove(locked, version_id)


async def test_of_many_the_locked_ones_stay(locked: Any) -> None:
    held = await put(locked)
    await retain(locked, "GOVERNANCE", 1)
    free = await put(locked)
    objects = [{"Key": "a", "VersionId": held}, {"Key": "a", "VersionId": free}]
    output = await locked("DeleteObjects", Bucket="locked", Delete={"Objects": objects})
    assert output["Deleted"] == [{"Key": "a", "VersionId": free}]
    assert output["Errors"] == [{"Key": "a", "VersionId": held, "Code": "AccessDenied", "Message": PROTECTED}]
    output = await locked(
        "DeleteObjects", Bucket="locked", BypassGovernanceRetention=True, Delete={"Objects": objects[:1]}
    )
    assert output == {"Deleted": [{"Key": "a", "VersionId": held}]}


async def test_policies_can_bound_how_long_and_how_objects_are_locked(locked: Any) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:PutObjectRetention", "s3:PutObject"],
        "Resource": "arn:aws:s3:::locked/*",
        "Condition": {"NumericGreaterThan": {"s3:object-lock-remaining-retention-days": "10"}},
    }
    by_mode = {**statement, "Condition": {"StringEquals": {"s3:object-lock-mode": "COMPLIANCE"}}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement, by_mode]})
    await locked("PutBucketPolicy", Bucket="locked", Policy=document)
    await put(locked)
    await retain(locked, "GOVERNANCE", 10)
    for mode, days in (("GOVERNANCE", 11), ("COMPLIANCE", 10)):
        with locked.refused("AccessDenied"):
            await retain(locked, mode, days)
        with locked.refused("AccessDenied"):
            await put(locked, ObjectLockMode=mode, ObjectLockRetainUntilDate=until(days))


def test_boto3_locks_and_is_refused(cloud: Any) -> None:
    client = boto3.client("s3", **cloud.client_arguments())
    bucket, end = "locked-by-boto3", datetime(2100, 1, 1, tzinfo=UTC)
    try:
        client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
        version_id = client.put_object(
            Bucket=bucket, Key="k", Body=b"1", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=end
        )["VersionId"]
        head = client.head_object(Bucket=bucket, Key="k")
        assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == ("GOVERNANCE", end)
        with pytest.raises(client.exceptions.ClientError, match=PROTECTED):
            client.delete_object(Bucket=bucket, Key="k", VersionId=version_id)
        client.delete_object(Bucket=bucket, Key="k", VersionId=version_id, BypassGovernanceRetention=True)
    finally:
        client.close()

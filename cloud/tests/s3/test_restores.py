"""Restoring archived objects: what is refused before, what answers say meanwhile, and that it ends."""

import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from marinelayer.services.s3 import RestoreJobs
from marinelayer.services.s3.archive import retrieval_time
from marinelayer.services.s3.lifecycle_rules import DAY, Days
from marinelayer.services.s3.restores import MOST_DAYS
from marinelayer.testing import local_cloud

TWO_DAYS = {"Days": 2}
UNTIL = 'ongoing-request="false", expiry-date="Sun, 04 Apr 2021 00:00:00 GMT"'
"""Of what was restored for two days on Thursday morning, the 1st of April."""


@pytest.fixture(autouse=True)
def _in_the_morning(s3: Any) -> None:
    s3.clock.forward(10 * 3600)


async def archive(s3: Any, key: str = "one", storage_class: str = "GLACIER", **request: Any) -> dict[str, Any]:
    return await s3("PutObject", Bucket="photos", Key=key, Body=b"cold", StorageClass=storage_class, **request)


async def restore(s3: Any, key: str = "one", **request: Any) -> int:
    asked = {"RestoreRequest": TWO_DAYS, **request}
    return (await s3("RestoreObject", Bucket="photos", Key=key, **asked))["StatusCode"]


async def later(s3: Any, seconds: float) -> None:
    s3.clock.forward(seconds)
    await s3.run_due(RestoreJobs(s3.tables, s3.clock, Days()).handlers)


async def head(s3: Any, key: str = "one", **request: Any) -> Any:
    return (await s3("HeadObject", Bucket="photos", Key=key, **request)).get("Restore")


async def test_an_archived_object_is_read_while_its_restored_copy_is_there(s3: Any) -> None:
    await archive(s3)
    assert await head(s3) is None
    assert await restore(s3) == 202
    assert await head(s3) == 'ongoing-request="true"'
    await later(s3, 4.9)
    with s3.refused("InvalidObjectState", StorageClass="GLACIER"):
        await s3.content("photos", "one")
    await later(s3, 0.2)
    assert await s3.content("photos", "one") == b"cold"
    got = await s3("GetObject", Bucket="photos", Key="one", Range="bytes=1-2")
    assert (got["Restore"], got["StorageClass"]) == (UNTIL, "GLACIER")
    await s3("CopyObject", Bucket="photos", Key="warm", CopySource="photos/one")
    assert await s3.content("photos", "warm") == b"cold"
    # 10:00:05 on the first to midnight behind the third.
    await later(s3, 2 * 86_400 + 13 * 3600)
    assert await head(s3) == UNTIL
    await later(s3, 3600)
    assert await head(s3) is None
    with s3.refused("InvalidObjectState"):
        await s3.content("photos", "one")
    assert await s3.content("photos", "warm") == b"cold", "a copy is for ever"
    assert await restore(s3) == 202


async def test_a_restored_copy_can_be_given_another_end(s3: Any) -> None:
    await archive(s3)
    await restore(s3)
    await later(s3, 5)
    assert await restore(s3, RestoreRequest={"Days": 4}) == 200
    assert "Tue, 06 Apr 2021 00:00:00 GMT" in await head(s3)
    await later(s3, 3 * 86_400)
    assert await s3.content("photos", "one") == b"cold", "the first end no longer counts"
    assert await restore(s3, RestoreRequest={"Days": 1}) == 200
    await later(s3, 86_400)
    assert await s3.content("photos", "one") == b"cold", "on the 5th, at ten"
    await later(s3, 14 * 3600)
    assert await head(s3) is None


async def test_what_is_being_restored_can_only_become_faster(s3: Any) -> None:
    await archive(s3)
    bulk = {"Days": 2, "GlacierJobParameters": {"Tier": "Bulk"}}
    assert await restore(s3, RestoreRequest=bulk) == 202
    for refused in (bulk, {"Days": 3}, {**bulk, "Days": 3}):
        with s3.refused("RestoreAlreadyInProgress", "Object restore is already in progress"):
            await restore(s3, RestoreRequest=refused)
    assert await restore(s3, RestoreRequest={"Days": 2, "GlacierJobParameters": {"Tier": "Expedited"}}) == 202
    with s3.refused("RestoreAlreadyInProgress"):
        await restore(s3)
    await later(s3, 1)
    assert await s3.content("photos", "one") == b"cold"
    await later(s3, 10)
    assert await head(s3) == UNTIL, "the slower job found nothing to do"


@pytest.mark.parametrize("storage_class", ["STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "GLACIER_IR"])
async def test_only_what_is_archived_is_restored(s3: Any, storage_class: str) -> None:
    await archive(s3, storage_class=storage_class)
    assert await s3.content("photos", "one") == b"cold"
    for asked in ({}, {"RestoreRequest": TWO_DAYS}):
        with s3.refused("InvalidObjectState", "Restore is not allowed for the object's current storage class"):
            await s3("RestoreObject", Bucket="photos", Key="one", **asked)


async def test_intelligent_tiering_has_nothing_archived_here(s3: Any) -> None:
    await archive(s3, storage_class="INTELLIGENT_TIERING")
    with s3.refused("InvalidArgument"):
        await restore(s3)
    with s3.refused("ObjectAlreadyInActiveTierError"):
        await restore(s3, RestoreRequest={})


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"Days": 0}, "InvalidArgument"),
        ({"Days": -1}, "InvalidArgument"),
        ({"Days": MOST_DAYS + 1}, "InvalidArgument"),
        ({}, "MalformedXML"),
        (None, "MissingRequestBodyError"),
        ({"Type": "SELECT", "Tier": "Standard"}, "NotImplemented"),
        ({"Days": 1, "OutputLocation": {"S3": {"BucketName": "photos", "Prefix": "x"}}}, "NotImplemented"),
    ],
)
async def test_what_can_not_be_asked_is_refused_and_begins_nothing(s3: Any, asked: Any, code: str) -> None:
    await archive(s3)
    with s3.refused(code):
        await restore(s3, RestoreRequest=asked) if asked is not None else await s3(
            "RestoreObject", Bucket="photos", Key="one"
        )
    assert await head(s3) is None


async def test_the_longest_restore_has_a_date(s3: Any) -> None:
    await archive(s3)
    await restore(s3, RestoreRequest={"Days": MOST_DAYS})
    await later(s3, 5)
    assert "GMT" in await head(s3)


async def test_deep_archives_are_not_expedited(s3: Any) -> None:
    await archive(s3, storage_class="DEEP_ARCHIVE")
    with s3.refused("InvalidArgument", "Retrieval option is not supported by this storage class"):
        await restore(s3, RestoreRequest={"Days": 1, "GlacierJobParameters": {"Tier": "Expedited"}})
    assert await restore(s3, RestoreRequest={"Days": 1, "GlacierJobParameters": {"Tier": "Bulk"}}) == 202
    await later(s3, 10)
    assert await s3.content("photos", "one") == b"cold"


async def test_a_missing_key_and_a_delete_marker_have_nothing_to_restore(s3: Any) -> None:
    with s3.refused("NoSuchKey", Key="one"):
        await restore(s3)
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    first = await archive(s3)
    marker = await s3("DeleteObject", Bucket="photos", Key="one")
    with s3.refused("NoSuchKey"):
        await restore(s3)
    with s3.refused("MethodNotAllowed", Method="POST", ResourceType="DeleteMarker"):
        await restore(s3, VersionId=marker["VersionId"])
    assert await restore(s3, VersionId=first["VersionId"]) == 202
    await later(s3, 5)
    assert await s3.content("photos", "one", VersionId=first["VersionId"]) == b"cold"


async def test_listings_tell_of_restores_where_they_are_asked_to(s3: Any) -> None:
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    for key in ("begun", "cold", "done"):
        await archive(s3, key)
    await s3("PutObject", Bucket="photos", Key="warm", Body=b"1")
    await restore(s3, "done")
    await later(s3, 5)
    await restore(s3, "begun")
    for operation, kind in (
        ("ListObjects", "Contents"),
        ("ListObjectsV2", "Contents"),
        ("ListObjectVersions", "Versions"),
    ):
        with s3.refused("InvalidArgument", ArgumentName="x-amz-optional-object-attributes", ArgumentValue="Size"):
            await s3(operation, Bucket="photos", OptionalObjectAttributes=["RestoreStatus", "Size"])
        silent = await s3(operation, Bucket="photos")
        assert not any("RestoreStatus" in one for one in silent[kind])
        told = (await s3(operation, Bucket="photos", OptionalObjectAttributes=["RestoreStatus"]))[kind]
        status = {one["Key"]: one.get("RestoreStatus") for one in told}
        assert (status["begun"], status["cold"], status["warm"]) == ({"IsRestoreInProgress": True}, None, None)
        assert status["done"]["IsRestoreInProgress"] is False
        assert f"{status['done']['RestoreExpiryDate']:%d %H:%M}" == "04 00:00"
        assert [{**one, "RestoreStatus": 0} for one in told] == [{**one, "RestoreStatus": 0} for one in silent[kind]]


async def test_what_was_replaced_or_removed_meanwhile_is_left_alone(s3: Any) -> None:
    await archive(s3, "one")
    await archive(s3, "two")
    await restore(s3, "one")
    await restore(s3, "two")
    await archive(s3, "one")
    await s3("DeleteObject", Bucket="photos", Key="two")
    await archive(s3, "two")
    await later(s3, 60)
    assert (await head(s3, "one"), await head(s3, "two")) == (None, None)


async def test_who_may_read_may_not_restore(s3: Any) -> None:
    await archive(s3)
    reader = s3.user("reader", s3.allow("s3:GetObject", on="arn:aws:s3:::photos/*"))
    with s3.refused("AccessDenied"):
        await restore(s3, by=reader)
    restorer = s3.user("restorer", s3.allow("s3:RestoreObject", on="arn:aws:s3:::photos/*"))
    assert await restore(s3, by=restorer) == 202


def test_shortened_days_make_retrievals_their_part_of_a_day() -> None:
    assert retrieval_time(Days(), "DEEP_ARCHIVE", "Standard") == 5_000_000
    assert retrieval_time(Days(24_000), "DEEP_ARCHIVE", "Standard") == 12_000
    assert retrieval_time(Days(24_000), "GLACIER", "Standard") == 4_000
    assert retrieval_time(Days(DAY * 2), "GLACIER", "Expedited") == 600_000_000


def test_boto3_restores_and_is_told(tmp_path: Any) -> None:
    with local_cloud(tmp_path / "data", lifecycle_day=4) as cloud:
        s3 = boto3.client("s3", **cloud.client_arguments())
        s3.create_bucket(Bucket="photos")
        s3.put_object(Bucket="photos", Key="one", Body=b"cold", StorageClass="GLACIER")
        with pytest.raises(ClientError) as caught:
            s3.get_object(Bucket="photos", Key="one")
        error: dict[str, Any] = dict(caught.value.response["Error"])
        assert (error["Code"], error["StorageClass"]) == ("InvalidObjectState", "GLACIER")
        # Half a day.
        bulk = {"Days": 1, "GlacierJobParameters": {"Tier": "Bulk"}}
        answer = s3.restore_object(Bucket="photos", Key="one", RestoreRequest=bulk)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
        with pytest.raises(ClientError, match="RestoreAlreadyInProgress"):
            s3.restore_object(Bucket="photos", Key="one", RestoreRequest=bulk)
        _wait(lambda: 'ongoing-request="false"' in s3.head_object(Bucket="photos", Key="one")["Restore"])
        assert s3.get_object(Bucket="photos", Key="one")["Body"].read() == b"cold"
        answer = s3.restore_object(Bucket="photos", Key="one", RestoreRequest={"Days": 1})
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        listed = s3.list_objects_v2(Bucket="photos", OptionalObjectAttributes=["RestoreStatus"])["Contents"][0]
        assert listed["RestoreStatus"]["IsRestoreInProgress"] is False
        _wait(lambda: "Restore" not in s3.head_object(Bucket="photos", Key="one"))
        s3.close()


def _wait(done: Any) -> None:
    end = time.monotonic() + 20
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


async def test_restores_are_the_same_on_each_database(anywhere: Any) -> None:
    await archive(anywhere)
    assert await restore(anywhere) == 202
    await later(anywhere, 5)
    assert await anywhere.content("photos", "one") == b"cold"
    (listed,) = (await anywhere("ListObjects", Bucket="photos", OptionalObjectAttributes=["RestoreStatus"]))["Contents"]
    assert listed["RestoreStatus"]["IsRestoreInProgress"] is False
    await later(anywhere, 3 * 86_400)
    assert await head(anywhere) is None

"""DeleteObjects: each key for itself."""

from datetime import UTC, datetime
from typing import Any


async def keys(s3: Any) -> Any:
    return [one["Key"] for one in (await s3("ListObjects", Bucket="photos")).get("Contents", [])]


async def fill(s3: Any, *names: Any) -> None:
    for name in names:
        await s3("PutObject", Bucket="photos", Key=name, Body=b"1")


async def test_many_keys_are_deleted_and_said_in_their_order(anywhere: Any) -> None:
    await fill(anywhere, "a", "b", "c")
    objects = [{"Key": "b"}, {"Key": "missing"}, {"Key": "a", "VersionId": "null"}, {"Key": "c", "VersionId": "0" * 32}]
    output = await anywhere("DeleteObjects", Bucket="photos", Delete={"Objects": objects})
    assert output == {"Deleted": objects}
    assert await keys(anywhere) == ["c"]


async def test_a_version_id_that_was_never_given_is_told_from_one_whose_version_is_gone(s3: Any) -> None:
    await fill(s3, "a")
    foreign = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"
    for operation in ("GetObject", "DeleteObject"):
        with s3.refused("InvalidArgument", "Invalid version id specified", ArgumentValue=foreign):
            await s3(operation, Bucket="photos", Key="a", VersionId=foreign)
    gone = "0" * 32
    with s3.refused("NoSuchVersion", Key="a", VersionId=gone):
        await s3("GetObject", Bucket="photos", Key="a", VersionId=gone)
    assert await s3("DeleteObject", Bucket="photos", Key="a", VersionId=gone) == {"VersionId": gone}


async def test_the_classic_s3_lets_be_a_bypass_where_nothing_is_locked(s3: Any) -> None:
    await fill(s3, "a", "b")
    await s3("DeleteObject", Bucket="photos", Key="a", BypassGovernanceRetention=True)
    listed = {"Objects": [{"Key": "b"}]}
    await s3("DeleteObjects", Bucket="photos", Delete=listed, BypassGovernanceRetention=True)
    assert await keys(s3) == []


async def test_governance_is_bypassed_only_where_there_is_an_object_lock(current: Any) -> None:
    s3 = current
    await fill(s3, "a")
    message = "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets."
    for asked in (True, False):
        with s3.refused("InvalidArgument", message, ArgumentName="x-amz-bypass-governance-retention"):
            await s3("DeleteObject", Bucket="photos", Key="a", BypassGovernanceRetention=asked)
    with s3.refused("InvalidArgument", message):
        listed = {"Objects": [{"Key": "a"}]}
        await s3("DeleteObjects", Bucket="photos", Delete=listed, BypassGovernanceRetention=True)
    assert await keys(s3) == ["a"]


async def test_a_version_id_that_can_be_none_is_said(s3: Any) -> None:
    await fill(s3, "a")
    output = await s3("DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": "a", "VersionId": "none"}]})
    message = "The specified version does not exist."
    assert output == {"Errors": [{"Key": "a", "VersionId": "none", "Code": "NoSuchVersion", "Message": message}]}
    assert await keys(s3) == ["a"]


async def test_quiet_says_only_what_failed(s3: Any) -> None:
    await fill(s3, "a")
    objects = [{"Key": "a"}, {"Key": "x" * 1025}]
    output = await s3("DeleteObjects", Bucket="photos", Delete={"Objects": objects, "Quiet": True})
    assert output == {"Errors": [{"Key": "x" * 1025, "Code": "KeyTooLongError", "Message": "Your key is too long"}]}
    assert await keys(s3) == []


async def test_a_key_that_the_caller_may_not_delete_stays_and_is_said(s3: Any) -> None:
    await fill(s3, "mine/1", "other")
    cleaner = s3.user("cleaner", s3.allow("s3:DeleteObject", on="arn:aws:s3:::photos/mine/*"))
    output = await s3(
        "DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": "mine/1"}, {"Key": "other"}]}, by=cleaner
    )
    assert output == {
        "Deleted": [{"Key": "mine/1"}],
        "Errors": [{"Key": "other", "Code": "AccessDenied", "Message": "Access Denied"}],
    }
    assert await keys(s3) == ["other"]
    output = await s3("DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": "other"}]}, by=s3.anonymous)
    assert [error["Code"] for error in output["Errors"]] == ["AccessDenied"]


async def test_an_etag_that_does_not_fit_keeps_its_key(s3: Any) -> None:
    await fill(s3, "a", "b")
    etag = (await s3("HeadObject", Bucket="photos", Key="a"))["ETag"]
    output = await s3(
        "DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": "a", "ETag": etag}, {"Key": "b", "ETag": '"x"'}]}
    )
    assert output["Deleted"] == [{"Key": "a"}]
    assert [error["Code"] for error in output["Errors"]] == ["PreconditionFailed"]
    output = await s3("DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": "c", "ETag": "*"}]})
    assert [error["Code"] for error in output["Errors"]] == ["NoSuchKey"]


async def test_from_one_to_a_thousand_keys_are_taken(s3: Any) -> None:
    for number in (0, 1001):
        with s3.refused("MalformedXML"):
            await s3("DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": str(one)} for one in range(number)]})
    await fill(s3, *(f"{number:03}" for number in range(300)))
    output = await s3(
        "DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": f"{one:03}"} for one in range(1000)]}
    )
    assert len(output["Deleted"]) == 1000
    assert await keys(s3) == []


async def test_a_missing_bucket_is_no_list_of_errors(s3: Any) -> None:
    with s3.refused("NoSuchBucket"):
        await s3("DeleteObjects", Bucket="nowhere", Delete={"Objects": [{"Key": "a"}]})


async def test_conditions_of_directory_buckets_are_not_dropped_in_silence(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1")
    for member, value in (("Size", 7), ("LastModifiedTime", datetime(2020, 1, 1, tzinfo=UTC))):
        with s3.refused("NotImplemented", Header=member):
            await s3("DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": "b"}, {"Key": "a", member: value}]})
    assert await s3.content("photos", "a") == b"1"

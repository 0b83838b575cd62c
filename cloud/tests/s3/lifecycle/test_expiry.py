"""Objects expire, are moved to other storage classes, and uploads are given up."""

from typing import Any

from marinelayer.ports import Statement

from .passing_days import EXPIRE, MIDNIGHT, TAG, keys, put, put_all, rest, rule, versions


async def test_objects_expire_at_the_midnight_after_their_days(s3: Any) -> None:
    await put_all(s3, "logs/a", "logs/b", "kept")
    await put(s3, EXPIRE)
    await rest(s3, 3)
    assert await keys(s3) == ["kept", "logs/a", "logs/b"]
    await rest(s3, 0.9)
    assert await keys(s3) == ["kept"]
    assert await versions(s3) == [("kept", "null")]


async def test_what_was_written_anew_is_young_again(s3: Any) -> None:
    await put_all(s3, "logs/a", "logs/b")
    await put(s3, EXPIRE)
    await rest(s3, 2)
    await put_all(s3, "logs/a")
    await rest(s3, 2)
    assert await keys(s3) == ["logs/a"]


async def test_objects_expire_by_date_size_and_tag(s3: Any) -> None:
    await put_all(s3, "small", "date/1")
    await s3("PutObject", Bucket="photos", Key="large", Body=b"x" * 100)
    await put(
        s3,
        rule(Filter={"ObjectSizeGreaterThan": 50}, Expiration={"Days": 1}),
        rule(Filter={"Prefix": "date/"}, Expiration={"Date": MIDNIGHT}),
        rule(Filter={"Tag": TAG}, Expiration={"Days": 1}),
    )
    await rest(s3, 2)
    assert await keys(s3) == ["date/1", "small"]
    await s3.tables.write(_tag, "small")
    await rest(s3, 1)
    assert await keys(s3) == ["date/1"]
    await rest(s3, 7)
    assert await keys(s3) == []


def _tag(tx: Any, key: str) -> None:
    tx.run(Statement("tag", "UPDATE versions SET tags = :tags WHERE key = :key"), tags='[["a","b"]]', key=key.encode())


async def test_transitions_change_the_storage_class_and_only_downwards(s3: Any) -> None:
    body = b"x" * (128 * 1024)
    for key, storage_class in (("a", "STANDARD"), ("b", "GLACIER"), ("c", "DEEP_ARCHIVE")):
        await s3("PutObject", Bucket="photos", Key=key, Body=body, StorageClass=storage_class)
    await put_all(s3, "tiny")
    await put(
        s3,
        rule(
            Filter={},
            Transitions=[{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 60, "StorageClass": "GLACIER"}],
        ),
    )
    await rest(s3, 31)
    listed = (await s3("ListObjectsV2", Bucket="photos"))["Contents"]
    assert [one["StorageClass"] for one in listed] == ["STANDARD_IA", "GLACIER", "DEEP_ARCHIVE", "STANDARD"]
    assert (await s3("HeadObject", Bucket="photos", Key="a"))["StorageClass"] == "STANDARD_IA"
    await rest(s3, 30)
    with s3.refused("InvalidObjectState"):
        await s3("GetObject", Bucket="photos", Key="a")


async def test_small_objects_are_archived_where_the_bucket_or_the_filter_says_so(s3: Any) -> None:
    await put_all(s3, "tiny")
    archive = [{"Days": 0, "StorageClass": "GLACIER"}]
    await put(s3, rule(Transitions=archive))
    await rest(s3, 1)
    assert "StorageClass" not in await s3("HeadObject", Bucket="photos", Key="tiny")
    await put(s3, rule(Transitions=archive), TransitionDefaultMinimumObjectSize="varies_by_storage_class")
    await rest(s3, 1)
    assert (await s3("HeadObject", Bucket="photos", Key="tiny"))["StorageClass"] == "GLACIER"
    await put_all(s3, "mite")
    await put(s3, rule(Filter={"ObjectSizeLessThan": 5}, Transitions=[{"Days": 0, "StorageClass": "GLACIER_IR"}]))
    await rest(s3, 1)
    assert (await s3("HeadObject", Bucket="photos", Key="mite"))["StorageClass"] == "GLACIER_IR"


async def test_uploads_that_nobody_completed_are_given_up(s3: Any) -> None:
    for key in ("a/1", "a/2", "b/1"):
        begun = await s3("CreateMultipartUpload", Bucket="photos", Key=key)
        await s3.part(key, begun["UploadId"], 1, b"x" * 100_000)
    await put(s3, rule(Filter={"Prefix": "a/"}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}))
    await rest(s3, 2)
    found = await s3("ListMultipartUploads", Bucket="photos")
    assert [one["Key"] for one in found["Uploads"]] == ["b/1"]
    await s3.settle()
    assert len(await s3.stored()) == 1

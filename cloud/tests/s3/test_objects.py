"""Objects: written, read, looked at, removed."""

from datetime import UTC, datetime
from typing import Any

import pytest

LONG = b"0123456789abcdef" * 20_000


@pytest.mark.parametrize("data", [b"", b"hello", LONG[: 64 * 1024], LONG[: 64 * 1024 + 1], LONG])
async def test_what_was_put_is_got(s3: Any, data: bytes) -> None:
    put = await s3("PutObject", Bucket="photos", Key="one", Body=data)
    got = await s3("GetObject", Bucket="photos", Key="one")
    assert got["ETag"] == put["ETag"]
    assert got["ContentLength"] == len(data)
    assert await s3.content("photos", "one") == data
    assert bool(await s3.stored()) == (len(data) > 64 * 1024)


async def test_an_object_without_a_body_is_empty(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="folder/")
    assert await s3.content("photos", "folder/") == b""


async def test_head_says_what_get_says_but_for_the_body(s3: Any) -> None:
    said = {
        "ContentType": "text/csv",
        "CacheControl": "max-age=60",
        "ContentDisposition": "attachment",
        "ContentLanguage": "en",
        "Expires": datetime(2030, 1, 1, tzinfo=UTC),
        "Metadata": {"City": "San Diego", "ñ": "é"},
        "StorageClass": "STANDARD_IA",
    }
    await s3("PutObject", Bucket="photos", Key="one", Body=b"a,b", ContentEncoding="aws-chunked,gzip", **said)
    got = await s3("GetObject", Bucket="photos", Key="one")
    got.pop("Body")
    assert got == await s3("HeadObject", Bucket="photos", Key="one")
    assert got == {
        **said,
        "Metadata": {"city": "San Diego", "ñ": "é"},
        "ContentEncoding": "gzip",
        "ContentLength": 3,
        "AcceptRanges": "bytes",
        "ServerSideEncryption": "AES256",
        "ETag": got["ETag"],
        "LastModified": datetime(2021, 4, 1, tzinfo=UTC),
    }


async def test_the_default_type_is_aws_own_and_aws_chunked_is_no_encoding_of_the_object(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1", ContentEncoding="aws-chunked")
    head = await s3("HeadObject", Bucket="photos", Key="one")
    assert head["ContentType"] == "binary/octet-stream"
    assert "ContentEncoding" not in head
    assert "StorageClass" not in head


async def test_response_headers_are_overridden_for_those_who_sign(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1", ACL="public-read")
    got = await s3(
        "GetObject", Bucket="photos", Key="one", ResponseContentType="text/html", ResponseCacheControl="no-cache"
    )
    assert (got["ContentType"], got["CacheControl"]) == ("text/html", "no-cache")
    with s3.refused("InvalidRequest"):
        await s3("GetObject", Bucket="photos", Key="one", ResponseContentType="text/html", by=s3.anonymous)


async def test_a_missing_key_is_404_for_who_may_list_and_403_for_others(s3: Any) -> None:
    with s3.refused("NoSuchKey", Key="nothing"):
        await s3("GetObject", Bucket="photos", Key="nothing")
    reader = s3.user("reader", s3.allow("s3:GetObject", on="arn:aws:s3:::photos/*"))
    with s3.refused("AccessDenied"):
        await s3("GetObject", Bucket="photos", Key="nothing", by=reader)
    lister = s3.user(
        "lister", s3.allow("s3:GetObject", "s3:ListBucket", on=["arn:aws:s3:::photos/*", "arn:aws:s3:::photos"])
    )
    with s3.refused("NoSuchKey"):
        await s3("HeadObject", Bucket="photos", Key="nothing", by=lister)


async def test_a_missing_bucket_is_named(s3: Any) -> None:
    with s3.refused("NoSuchBucket", "The specified bucket does not exist", BucketName="nowhere"):
        await s3("PutObject", Bucket="nowhere", Key="one", Body=b"1")


async def test_keys_are_up_to_1024_bytes_of_utf8(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="é" * 512, Body=b"1")
    with s3.refused("KeyTooLongError", Size="1026", MaxSizeAllowed="1024"):
        await s3("PutObject", Bucket="photos", Key="é" * 513, Body=b"1")
    with s3.refused("InvalidURI"):
        await s3("GetObject", Bucket="photos", Key="\ud800")


async def test_user_metadata_is_up_to_2_kb(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=b"", Metadata={"a": "x" * 2047})
    with s3.refused("MetadataTooLarge", Size="2049", MaxSizeAllowed="2048"):
        await s3("PutObject", Bucket="photos", Key="one", Body=b"", Metadata={"a": "x" * 2048})


async def test_a_put_of_more_than_5_gib_is_refused_before_it_is_read(s3: Any) -> None:
    body = s3.sent(b"1", length=5 * 1024**3 + 1)
    with s3.refused("EntityTooLarge", MaxSizeAllowed="5368709120", ProposedSize="5368709121"):
        await s3("PutObject", Bucket="photos", Key="one", Body=body)
    assert not body.begun


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 3_000_000])
async def test_a_body_of_unknown_length_is_kept_whole(s3: Any, size: int) -> None:
    pieces = [b"x" * min(50_000, size - at) for at in range(0, size, 50_000)]
    await s3("PutObject", Bucket="photos", Key="one", Body=s3.sent(*pieces, length=None))
    assert await s3.content("photos", "one") == b"x" * size


async def test_a_body_of_unknown_length_has_its_bounds_too(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marinelayer.services.s3.receiving.MAX_PUT", 3_000_000)
    with s3.refused("EntityTooLarge"):
        await s3("PutObject", Bucket="photos", Key="one", Body=s3.sent(*[b"x" * 500_000] * 7, length=None))
    assert await s3.stored() == set()


@pytest.mark.parametrize(
    ("member", "header"),
    [
        ("ObjectLockEventHold", "x-amz-object-lock-event-hold"),
        ("WriteOffsetBytes", "x-amz-write-offset-bytes"),
    ],
)
async def test_what_is_not_served_is_refused_and_not_passed_over(s3: Any, member: str, header: str) -> None:
    with s3.refused("NotImplemented", Header=header):
        await s3("PutObject", Bucket="photos", Key="one", Body=b"1", **{member: "x"})
    assert "Contents" not in await s3("ListObjects", Bucket="photos")


async def test_unknown_storage_classes_are_refused_and_archived_objects_can_not_be_read(s3: Any) -> None:
    with s3.refused("InvalidStorageClass"):
        await s3("PutObject", Bucket="photos", Key="one", Body=b"1", StorageClass="SNOW")
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1", StorageClass="GLACIER")
    with s3.refused("InvalidObjectState", StorageClass="GLACIER"):
        await s3("GetObject", Bucket="photos", Key="one")
    assert (await s3("HeadObject", Bucket="photos", Key="one"))["StorageClass"] == "GLACIER"
    with s3.refused("InvalidObjectState", "Operation is not valid for the source object's storage class"):
        await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/one")


@pytest.mark.parametrize("operation", ["GetObject", "HeadObject", "DeleteObject", "GetObjectAcl"])
@pytest.mark.parametrize(
    ("version_id", "message"),
    [("", "Version id cannot be the empty string"), ("other", "Invalid version id specified")],
)
async def test_what_can_be_no_version_id_is_refused(s3: Any, operation: str, version_id: str, message: str) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1")
    with s3.refused("InvalidArgument", message, ArgumentName="versionId", ArgumentValue=version_id):
        await s3(operation, Bucket="photos", Key="one", VersionId=version_id)


async def test_only_the_null_version_exists(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1")
    assert await s3.content("photos", "one", VersionId="null") == b"1"
    other = "0" * 32
    with s3.refused("NoSuchVersion", Key="one", VersionId=other):
        await s3("GetObject", Bucket="photos", Key="one", VersionId=other)
    assert await s3("DeleteObject", Bucket="photos", Key="one", VersionId=other) == {"VersionId": other}
    assert await s3.content("photos", "one") == b"1"
    await s3("DeleteObject", Bucket="photos", Key="one", VersionId="null")
    with s3.refused("NoSuchKey"):
        await s3("GetObject", Bucket="photos", Key="one")


async def test_deleting_what_is_not_there_is_no_error(s3: Any) -> None:
    assert await s3("DeleteObject", Bucket="photos", Key="nothing") == {}

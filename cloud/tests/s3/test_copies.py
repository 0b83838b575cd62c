"""CopyObject: the same bytes under another name, described anew or not."""

import base64
import hashlib
from typing import Any

LARGE = b"0123456789" * 20_000


async def test_a_copy_keeps_what_its_source_said_and_adds_no_bytes(anywhere: Any) -> None:
    s3 = anywhere
    for data in (b"small", LARGE):
        await s3(
            "PutObject",
            Bucket="photos",
            Key="one",
            Body=data,
            ContentType="text/plain",
            Metadata={"a": "b"},
            StorageClass="STANDARD_IA",
        )
        s3.clock.forward(5)
        before = await s3.stored()
        result = (await s3("CopyObject", Bucket="photos", Key="two", CopySource="/photos/one"))["CopyObjectResult"]
        one, two = [await s3("HeadObject", Bucket="photos", Key=key, ChecksumMode="ENABLED") for key in ("one", "two")]
        assert result["ETag"] == one["ETag"] == two["ETag"]
        assert result["ChecksumCRC64NVME"] == two["ChecksumCRC64NVME"]
        assert result["LastModified"] == two["LastModified"] > one["LastModified"]
        assert (two["ContentType"], two["Metadata"]) == ("text/plain", {"a": "b"})
        assert "StorageClass" not in two
        assert await s3.stored() == before
        await s3("DeleteObject", Bucket="photos", Key="one")
        assert await s3.content("photos", "two") == data


async def test_a_copy_is_described_anew_on_request(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1", Metadata={"a": "b"}, CacheControl="no-cache")
    await s3(
        "CopyObject",
        Bucket="photos",
        Key="two",
        CopySource="photos/one",
        MetadataDirective="REPLACE",
        Metadata={"c": "d"},
        ContentType="text/css",
    )
    two = await s3("HeadObject", Bucket="photos", Key="two")
    assert (two["ContentType"], two["Metadata"], "CacheControl" in two) == ("text/css", {"c": "d"}, False)
    with s3.refused("InvalidArgument", ArgumentName="x-amz-metadata-directive", ArgumentValue="MERGE"):
        await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/one", MetadataDirective="MERGE")


async def test_a_copy_to_itself_must_change_something(anywhere: Any) -> None:
    s3 = anywhere
    await s3("PutObject", Bucket="photos", Key="one", Body=LARGE)
    with s3.refused("InvalidRequest"):
        await s3("CopyObject", Bucket="photos", Key="one", CopySource="photos/one")
    await s3(
        "CopyObject",
        Bucket="photos",
        Key="one",
        CopySource="photos/one",
        MetadataDirective="REPLACE",
        Metadata={"x": "y"},
    )
    await s3("CopyObject", Bucket="photos", Key="one", CopySource="photos/one", StorageClass="ONEZONE_IA")
    await s3.settle()
    head = await s3("HeadObject", Bucket="photos", Key="one")
    assert (head["Metadata"], head["StorageClass"]) == ({"x": "y"}, "ONEZONE_IA")
    assert await s3.content("photos", "one") == LARGE


async def test_names_in_the_source_are_percent_encoded(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a b+c/é?x", Body=b"1")
    await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/a%20b%2Bc/%C3%A9%3Fx")
    assert await s3.content("photos", "two") == b"1"
    for wrong in ("photos", "photos/", "", "/", "photos/%ff"):
        with s3.refused("InvalidArgument", ArgumentName="x-amz-copy-source"):
            await s3("CopyObject", Bucket="photos", Key="two", CopySource=wrong)


async def test_a_missing_source_is_refused_as_a_missing_object_is(s3: Any) -> None:
    with s3.refused("NoSuchKey", Key="nothing"):
        await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/nothing")
    with s3.refused("NoSuchBucket", BucketName="nowhere"):
        await s3("CopyObject", Bucket="photos", Key="two", CopySource="nowhere/one")
    with s3.refused("NoSuchVersion"):
        await s3("PutObject", Bucket="photos", Key="one", Body=b"1")
        await s3("CopyObject", Bucket="photos", Key="two", CopySource=f"photos/one?versionId={'0' * 32}")
    with s3.refused("InvalidArgument"):
        await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/one?versionId=other")
    await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/one?versionId=null")


async def test_a_source_may_be_written_as_in_a_form_or_as_a_url(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a b+c", Body=b"1")
    for source in ("photos/a+b%2Bc", "photos%2Fa%20b%2Bc", "https://s3.amazonaws.com/photos/a%20b%2Bc"):
        await s3("CopyObject", Bucket="photos", Key="two", CopySource=source)
    with s3.refused("InvalidArgument", "Invalid copy source object key", ArgumentValue="x-amz-copy-source"):
        await s3("CopyObject", Bucket="photos", Key="two", CopySource="wrongformat")


async def test_a_copy_is_told_that_it_is_the_null_version_where_versioning_is_suspended(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1")
    copy = {"Bucket": "photos", "Key": "b", "CopySource": "photos/a"}
    assert "VersionId" not in await s3("CopyObject", **copy)
    for status in ("Enabled", "Suspended"):
        await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": status})
    assert (await s3("CopyObject", **copy))["VersionId"] == "null"


async def test_an_object_may_be_copied_to_itself_where_an_encryption_was_configured(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1")
    copy = {"Bucket": "photos", "Key": "a", "CopySource": "photos/a"}
    with s3.refused("InvalidRequest"):
        await s3("CopyObject", **copy)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    await s3("PutBucketEncryption", Bucket="photos", ServerSideEncryptionConfiguration={"Rules": [rule]})
    await s3("CopyObject", **copy)


async def test_the_source_must_be_readable_and_the_destination_writable(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="secret", Body=b"1")
    await s3("PutObject", Bucket="photos", Key="open", Body=b"1", ACL="public-read")
    await s3("CreateBucket", Bucket="bobs", by=s3.bob)
    with s3.refused("AccessDenied"):
        await s3("CopyObject", Bucket="bobs", Key="x", CopySource="photos/secret", by=s3.bob)
    await s3("CopyObject", Bucket="bobs", Key="x", CopySource="photos/open", by=s3.bob)
    with s3.refused("AccessDenied"):
        await s3("CopyObject", Bucket="photos", Key="x", CopySource="photos/open", by=s3.bob)
    assert (await s3("GetObjectAcl", Bucket="bobs", Key="x", by=s3.bob))["Owner"]["ID"] == s3.bob.principal.canonical_id


async def test_the_conditions_on_the_source_hold_or_nothing_is_copied(s3: Any) -> None:
    put = await s3("PutObject", Bucket="photos", Key="one", Body=b"1")
    head = await s3("HeadObject", Bucket="photos", Key="one")
    for condition in (
        {"CopySourceIfMatch": '"x"'},
        {"CopySourceIfNoneMatch": put["ETag"]},
        {"CopySourceIfModifiedSince": head["LastModified"]},
        {"CopySourceIfUnmodifiedSince": head["LastModified"].replace(year=2020)},
    ):
        with s3.refused("PreconditionFailed"):
            await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/one", **condition)
    good = {"CopySourceIfMatch": put["ETag"], "CopySourceIfUnmodifiedSince": head["LastModified"].replace(year=2020)}
    await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/one", **good)
    with s3.refused("PreconditionFailed", Condition="If-None-Match"):
        await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/one", IfNoneMatch="*")
    with s3.refused("AccessDenied"):
        await s3(
            "CopyObject", Bucket="photos", Key="two", CopySource="photos/one", ExpectedSourceBucketOwner="000000000000"
        )


async def test_a_copy_of_an_upload_in_parts_has_the_md5_of_its_bytes(anywhere: Any) -> None:
    s3 = anywhere
    parts = [b"1" * 5_300_000, b"2" * 100_000, b"3"]
    begun = await s3("CreateMultipartUpload", Bucket="photos", Key="big")
    entries = [await s3.part("big", begun["UploadId"], number, part) for number, part in ((1, parts[0]), (9, parts[2]))]
    await s3.complete("big", begun["UploadId"], *entries)
    data, before = parts[0] + parts[2], await s3.stored()
    result = (await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/big"))["CopyObjectResult"]
    assert result["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
    assert await s3.stored() == before
    await s3("DeleteObject", Bucket="photos", Key="big")
    await s3.settle()
    assert await s3.content("photos", "two") == data


async def test_a_copy_may_have_another_checksum(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=LARGE)
    result = (await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/one", ChecksumAlgorithm="SHA256"))[
        "CopyObjectResult"
    ]
    assert result["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(LARGE).digest()).decode()
    assert result["ETag"] == f'"{hashlib.md5(LARGE).hexdigest()}"'


async def test_annotations_are_copied_or_left_behind_and_nothing_else(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1")
    for directive in ("COPY", "EXCLUDE"):
        await s3("CopyObject", Bucket="photos", Key="b", CopySource="photos/a", AnnotationDirective=directive)
    with s3.refused("InvalidArgument", ArgumentName="x-amz-object-annotation-directive", ArgumentValue="REPLACE"):
        await s3("CopyObject", Bucket="photos", Key="b", CopySource="photos/a", AnnotationDirective="REPLACE")

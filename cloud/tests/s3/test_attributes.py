"""GetObjectAttributes, and what is left of torrents."""

from typing import Any

import boto3

PART = b"p" * (5 * 1024 * 1024)
ALL = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]


async def attributes(s3: Any, key: str = "a", *names: str, **request: Any) -> dict[str, Any]:
    asked = list(names) or ALL
    output: dict[str, Any] = await s3(
        "GetObjectAttributes", Bucket="photos", Key=key, ObjectAttributes=asked, **request
    )
    return output


async def test_the_attributes_that_are_asked_for_are_told(s3: Any) -> None:
    put = await s3("PutObject", Bucket="photos", Key="a", Body=b"abc", StorageClass="STANDARD_IA")
    found = await attributes(s3)
    modified = found.pop("LastModified")
    assert int(modified.timestamp()) * 1_000_000 == s3.clock.time
    assert found == {
        "ETag": put["ETag"].strip('"'),
        "Checksum": {"ChecksumCRC64NVME": put["ChecksumCRC64NVME"], "ChecksumType": "FULL_OBJECT"},
        "StorageClass": "STANDARD_IA",
        "ObjectSize": 3,
    }
    assert await attributes(s3, "a", "ObjectSize") == {"LastModified": modified, "ObjectSize": 3}


async def test_attributes_that_do_not_exist_are_refused(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"abc")
    with s3.refused("InvalidArgument", ArgumentValue="Colour"):
        await attributes(s3, "a", "ETag", "Colour")
    with s3.refused("InvalidRequest"):
        await attributes(s3, "a", "")


async def test_of_parts_without_checksums_of_their_own_only_the_number_is_told(current: Any) -> None:
    await current.upload("a", PART, b"end")
    assert (await attributes(current))["ObjectParts"] == {"TotalPartsCount": 2}


async def test_the_classic_s3_tells_of_every_part(s3: Any) -> None:
    await s3.upload("a", PART, b"end")
    parts = (await attributes(s3))["ObjectParts"]["Parts"]
    assert [(part["PartNumber"], part["Size"]) for part in parts] == [(1, len(PART)), (2, 3)]


async def test_parts_are_told_in_pages(current: Any) -> None:
    s3 = current
    named = {"ChecksumAlgorithm": "SHA256"}
    begun = await s3("CreateMultipartUpload", Bucket="photos", Key="a", **named)
    listed: list[dict[str, Any]] = []
    for number, data in ((1, PART), (2, PART), (3, b"end")):
        output = await s3(
            "UploadPart",
            Bucket="photos",
            Key="a",
            UploadId=begun["UploadId"],
            PartNumber=number,
            Body=s3.sent(data, trailers={"x-amz-checksum-sha256": _sha256(data)}),
            **named,
        )
        listed.append({"PartNumber": number, **output})
    member = "ChecksumSHA256"
    completed = await s3.complete("a", begun["UploadId"], *listed)
    assert completed[member] == f"{(await attributes(s3))['Checksum'][member]}-3"
    parts = (await attributes(s3))["ObjectParts"]
    assert parts.pop("Parts") == [
        {"PartNumber": part["PartNumber"], "Size": size, member: part[member]}
        for part, size in zip(listed, (len(PART), len(PART), 3), strict=True)
    ]
    assert parts == {
        "TotalPartsCount": 3,
        "PartNumberMarker": 0,
        "NextPartNumberMarker": 3,
        "MaxParts": 1000,
        "IsTruncated": False,
    }
    page = (await attributes(s3, MaxParts=1, PartNumberMarker=1))["ObjectParts"]
    assert [part["PartNumber"] for part in page.pop("Parts")] == [2]
    assert (page["NextPartNumberMarker"], page["IsTruncated"], page["TotalPartsCount"]) == (2, True, 3)
    assert "Parts" not in (await attributes(s3, PartNumberMarker=3))["ObjectParts"]


def _sha256(data: bytes) -> str:
    import base64
    import hashlib

    return base64.b64encode(hashlib.sha256(data).digest()).decode()


async def test_versions_have_their_own_and_delete_markers_none(s3: Any) -> None:
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    first = (await s3("PutObject", Bucket="photos", Key="a", Body=b"1"))["VersionId"]
    second = (await s3("PutObject", Bucket="photos", Key="a", Body=b"22"))["VersionId"]
    found = await attributes(s3, "a", "ObjectSize")
    assert (found["VersionId"], found["ObjectSize"]) == (second, 2)
    found = await attributes(s3, "a", "ObjectSize", VersionId=first)
    assert (found["VersionId"], found["ObjectSize"]) == (first, 1)
    marker = (await s3("DeleteObject", Bucket="photos", Key="a"))["VersionId"]
    with s3.refused("NoSuchKey"):
        await attributes(s3)
    with s3.refused("MethodNotAllowed", ResourceType="DeleteMarker"):
        await attributes(s3, VersionId=marker)


async def test_there_are_no_torrents(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"abc")
    with s3.refused("NoSuchKey", Key="a"):
        await s3("GetObjectTorrent", Bucket="photos", Key="a")


def test_boto3_reads_attributes(cloud: Any) -> None:
    client = boto3.client("s3", **cloud.client_arguments())
    try:
        client.create_bucket(Bucket="attributes")
        upload = client.create_multipart_upload(Bucket="attributes", Key="k")["UploadId"]
        part = client.upload_part(Bucket="attributes", Key="k", UploadId=upload, PartNumber=1, Body=b"one")
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        client.complete_multipart_upload(Bucket="attributes", Key="k", UploadId=upload, MultipartUpload=parts)
        found = client.get_object_attributes(Bucket="attributes", Key="k", ObjectAttributes=ALL)
        assert found["ETag"].endswith("-1")
        assert found["ObjectParts"]["TotalPartsCount"] == 1
        assert (found["ObjectSize"], found["StorageClass"]) == (3, "STANDARD")
        assert found["Checksum"]["ChecksumType"] == "FULL_OBJECT"
    finally:
        client.close()

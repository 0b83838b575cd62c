"""Uploads in parts."""

import hashlib
import zlib
from typing import Any

import pytest

from marinelayer.ports import Statement
from marinelayer.services.s3.conditions import moment
from marinelayer.services.s3.sealing import BytesDamagedError

from .uploading import FIRST, FIVE, LAST, b64, begin, digest

COUNTS = [
    Statement(f"count_{table}", f"SELECT COUNT(*) AS n FROM {table}") for table in ("parts", "blobs", "inline_bytes")
]


async def test_completing_joins_the_parts_and_copies_nothing(anywhere: Any) -> None:
    s3 = anywhere
    upload = await begin(s3, ContentType="video/mp4", Metadata={"a": "b"}, StorageClass="STANDARD_IA")
    begun = moment(s3.clock.now())
    s3.clock.forward(60)
    # Sent in any order, and one of them twice.
    last = await s3.part("big", upload, 7, LAST)
    await s3.part("big", upload, 2, b"wrong" * 20_000)
    first = await s3.part("big", upload, 2, FIRST)
    with s3.refused("NoSuchKey"):
        await s3("GetObject", Bucket="photos", Key="big")
    before = await s3.stored()
    output = await s3.complete("big", upload, first, last)
    etag = hashlib.md5(hashlib.md5(FIRST).digest() + hashlib.md5(LAST).digest()).hexdigest()
    assert output["ETag"] == f'"{etag}-2"'
    assert output["Location"] == "http://cloud.test/photos/big"
    assert output["ChecksumCRC64NVME"] == b64(digest("CRC64NVME", FIRST + LAST))
    assert await s3.stored() == before
    head = await s3("HeadObject", Bucket="photos", Key="big")
    assert head["LastModified"] == begun
    assert (head["ContentType"], head["Metadata"], head["StorageClass"]) == ("video/mp4", {"a": "b"}, "STANDARD_IA")
    assert head["ContentLength"] == len(FIRST + LAST)
    assert await s3.content("photos", "big") == FIRST + LAST
    assert await s3.content("photos", "big", Range=f"bytes={FIVE - 3}-{FIVE + 2}") == b"111222"
    assert await s3.content("photos", "big", Range="bytes=-4") == b"2222"
    assert "Uploads" not in await s3("ListMultipartUploads", Bucket="photos")
    await s3.settle()
    assert await s3.content("photos", "big") == FIRST + LAST
    await s3("DeleteObject", Bucket="photos", Key="big")
    await s3.settle()
    assert not await s3.stored()


async def test_a_part_is_got_by_its_number(s3: Any) -> None:
    await s3.upload("big", FIRST, LAST)
    got = await s3("GetObject", Bucket="photos", Key="big", PartNumber=2, ChecksumMode="ENABLED")
    assert "ChecksumCRC64NVME" not in got  # S3 knows that of the whole object alone
    await s3.upload("only", LAST)
    got = await s3("GetObject", Bucket="photos", Key="only", PartNumber=1, ChecksumMode="ENABLED")
    assert got["ChecksumCRC64NVME"] == b64(digest("CRC64NVME", LAST))
    got = await s3("GetObject", Bucket="photos", Key="big", PartNumber=2)
    assert (got["PartsCount"], got["ContentLength"]) == (2, len(LAST))
    assert got["ContentRange"] == f"bytes {FIVE}-{FIVE + 999}/{FIVE + 1000}"
    assert await s3.content("photos", "big", PartNumber=2) == LAST
    with s3.refused("InvalidPartNumber", PartNumberRequested="3", ActualPartCount="2"):
        await s3("GetObject", Bucket="photos", Key="big", PartNumber=3)
    with s3.refused("InvalidRequest"):
        await s3("GetObject", Bucket="photos", Key="big", PartNumber=1, Range="bytes=0-1")
    await s3("PutObject", Bucket="photos", Key="one", Body=b"123")
    got = await s3("HeadObject", Bucket="photos", Key="one", PartNumber=1)
    assert (got["ContentRange"], "PartsCount" in got) == ("bytes 0-2/3", False)


async def test_parts_that_are_not_listed_are_let_go_of(s3: Any) -> None:
    upload = await begin(s3)
    first, _ = await s3.part("big", upload, 1, FIRST), await s3.part("big", upload, 2, b"x" * 100_000)
    await s3.complete("big", upload, first)
    await s3.settle()
    assert len(await s3.stored()) == 1
    assert await s3.content("photos", "big") == FIRST


async def test_all_but_the_last_part_have_5_mib(s3: Any) -> None:
    upload = await begin(s3)
    small, last = await s3.part("big", upload, 1, LAST), await s3.part("big", upload, 2, LAST)
    with s3.refused("EntityTooSmall", MinSizeAllowed="5242880", PartNumber="1", ProposedSize="1000"):
        await s3.complete("big", upload, small, last)
    await s3.complete("big", upload, last)


async def test_a_completion_lists_a_part(current: Any) -> None:
    upload = await begin(current)
    with current.refused("InvalidRequest", "You must specify at least one part"):
        await current.complete("big", upload)


async def test_the_list_of_parts_must_be_theirs_and_in_order(s3: Any) -> None:
    upload = await begin(s3)
    first, last = await s3.part("big", upload, 1, FIRST), await s3.part("big", upload, 2, LAST)
    for parts in ([last, first], [first, first]):
        with s3.refused("InvalidPartOrder", UploadId=upload):
            await s3.complete("big", upload, *parts)
    for wrong in (
        {"PartNumber": 3, "ETag": first["ETag"]},
        {"PartNumber": 1, "ETag": '"x"'},
        {**first, "ETag": last["ETag"]},
    ):
        with s3.refused("InvalidPart", PartNumber=str(wrong["PartNumber"])):
            await s3.complete("big", upload, wrong)
    with s3.refused("MalformedXML"):
        await s3.complete("big", upload)
    with s3.refused("InvalidPart"):
        await s3.complete("big", upload, {**first, "ChecksumCRC64NVME": b64(digest("CRC64NVME", FIRST))})
    for parts in ([{"PartNumber": 1}], [{"ETag": "x"}]):
        with s3.refused("MalformedXML"):
            await s3.complete("big", upload, *parts)
    with s3.refused("InvalidRequest"):
        await s3.complete("big", upload, first, last, MpuObjectSize=7)
    await s3.complete("big", upload, first, {**last, "ETag": last["ETag"].strip('"')}, MpuObjectSize=FIVE + 1000)


async def test_a_completion_may_be_asked_for_again(s3: Any) -> None:
    upload = await begin(s3)
    part = await s3.part("big", upload, 1, LAST)
    output = await s3.complete("big", upload, part)
    assert await s3.complete("big", upload, part) == output
    await s3("PutObject", Bucket="photos", Key="big", Body=b"other")
    with s3.refused("NoSuchUpload", UploadId=upload):
        await s3.complete("big", upload, part)


async def test_an_aborted_upload_is_gone_with_its_bytes(anywhere: Any) -> None:
    s3 = anywhere
    upload = await begin(s3)
    await s3.part("big", upload, 1, b"x" * 100_000)
    await s3("AbortMultipartUpload", Bucket="photos", Key="big", UploadId=upload)
    await s3.settle()
    assert not await s3.stored()
    for operation in ("AbortMultipartUpload", "ListParts"):
        with s3.refused("NoSuchUpload", UploadId=upload):
            await s3(operation, Bucket="photos", Key="big", UploadId=upload)
    for size in (1, 100_000):
        with s3.refused("NoSuchUpload"):
            await s3.part("big", upload, 2, b"x" * size)
    assert not await s3.stored()


async def test_an_upload_belongs_to_its_key(s3: Any) -> None:
    upload = await begin(s3)
    for wrong in (
        {"Key": "other", "UploadId": upload},
        {"Key": "big", "UploadId": "x\0y"},
        {"Key": "big", "UploadId": ""},
    ):
        with s3.refused("NoSuchUpload"):
            await s3("ListParts", Bucket="photos", **wrong)


async def test_part_numbers_are_from_1_to_10000(s3: Any) -> None:
    upload = await begin(s3)
    for number in (0, 10_001, -1):
        with s3.refused("InvalidArgument", ArgumentName="partNumber", ArgumentValue=str(number)):
            await s3.part("big", upload, number, b"1")
    await s3.part("big", upload, 10_000, b"1")


async def test_a_part_may_be_a_range_of_an_object(anywhere: Any) -> None:
    s3 = anywhere
    await s3.upload("source", FIRST, LAST)
    before = await s3.stored()
    upload = await begin(s3, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")

    async def copy(number: int, **request: Any) -> Any:
        result = await s3(
            "UploadPartCopy",
            Bucket="photos",
            Key="big",
            UploadId=upload,
            PartNumber=number,
            CopySource="photos/source",
            **request,
        )
        return result["CopyPartResult"]

    whole = await copy(1)
    assert whole["ETag"] == f'"{hashlib.md5(FIRST + LAST).hexdigest()}"'
    seam = await copy(2, CopySourceRange=f"bytes={FIVE - 5}-{FIVE + 4}")
    assert seam["ChecksumCRC32"] == b64(zlib.crc32(b"1111122222").to_bytes(4, "big"))
    await s3.complete(
        "big", upload, *({"PartNumber": number, "ETag": part["ETag"]} for number, part in ((1, whole), (2, seam)))
    )
    assert await s3.stored() == before
    await s3("DeleteObject", Bucket="photos", Key="source")
    await s3.settle()
    assert await s3.content("photos", "big") == FIRST + LAST + b"1111122222"
    assert await s3.content("photos", "big", Range="bytes=-10") == b"1111122222"
    await s3("DeleteObject", Bucket="photos", Key="big")
    await s3.settle()
    assert not await s3.stored()


@pytest.mark.parametrize("copies", [2, 20])
async def test_pieces_in_rows_and_files_are_read_in_their_order(s3: Any, copies: int) -> None:
    await s3.upload("source", FIRST, LAST)
    upload = await begin(s3)
    parts: list[dict[str, Any]] = []
    for number in range(1, copies + 1):
        copied = await s3(
            "UploadPartCopy",
            Bucket="photos",
            Key="big",
            UploadId=upload,
            PartNumber=number,
            CopySource="photos/source",
        )
        parts.append({"PartNumber": number, "ETag": copied["CopyPartResult"]["ETag"]})
    await s3.complete("big", upload, *parts)
    got = hashlib.sha256(await s3.content("photos", "big")).digest()
    assert got == hashlib.sha256((FIRST + LAST) * copies).digest()
    seam = len(FIRST + LAST)
    assert await s3.content("photos", "big", Range=f"bytes={seam - 1002}-{seam + 1}") == b"11" + LAST + b"11"


async def test_a_part_that_was_changed_is_never_given_out(s3: Any) -> None:
    await s3.upload("big", FIRST, FIRST, LAST)
    whole = {path: path.read_bytes() for path in [s3.files.path(name) for name in await s3.stored()]}
    for path, data in whole.items():
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        got: list[bytes] = []
        with pytest.raises(BytesDamagedError):
            got.extend([piece async for piece in (await s3("GetObject", Bucket="photos", Key="big"))["Body"]])
        assert sum(map(len, got)) < 2 * FIVE
        path.write_bytes(data)
    assert await s3.content("photos", "big") == FIRST * 2 + LAST


async def test_a_copied_part_needs_its_source(s3: Any) -> None:
    upload = await begin(s3)
    await s3("PutObject", Bucket="photos", Key="one", Body=b"123")

    async def copy(source: str, by: Any = s3.alice, **request: Any) -> None:
        await s3(
            "UploadPartCopy",
            Bucket="photos",
            Key="big",
            UploadId=upload,
            PartNumber=1,
            CopySource=source,
            by=by,
            **request,
        )

    with s3.refused("NoSuchKey"):
        await copy("photos/none")
    with s3.refused("InvalidArgument"):
        await copy("photos/one", CopySourceRange="bytes=0-3")
    with s3.refused("PreconditionFailed"):
        await copy("photos/one", CopySourceIfMatch='"x"')
    writer = s3.user("writer", s3.allow("s3:PutObject", on="arn:aws:s3:::photos/*"))
    with s3.refused("AccessDenied"):
        await copy("photos/one", by=writer)


async def test_parts_are_listed_in_pages(s3: Any) -> None:
    upload = await begin(s3)
    for number in (4, 1, 9):
        await s3.part("big", upload, number, b"1" * number)
    first = await s3("ListParts", Bucket="photos", Key="big", UploadId=upload, MaxParts=2)
    assert [(part["PartNumber"], part["Size"]) for part in first["Parts"]] == [(1, 1), (4, 4)]
    assert (first["IsTruncated"], first["NextPartNumberMarker"]) == (True, 4)
    second = await s3("ListParts", Bucket="photos", Key="big", UploadId=upload, PartNumberMarker=4)
    assert ([part["PartNumber"] for part in second["Parts"]], second["IsTruncated"]) == ([9], False)
    assert second["Initiator"]["ID"] == s3.alice.principal.canonical_id


async def test_uploads_are_listed_by_key_and_age_in_pages(anywhere: Any) -> None:
    s3 = anywhere
    begun = []
    for key in ("b", "a", "b", "c/1", "c/2", "b"):
        s3.clock.forward(1)
        begun.append((key, await begin(s3, key)))
    expected = sorted((entry for entry in begun if entry[0] < "c"), key=lambda entry: entry[0])
    found, marker = [], {}
    while True:
        page = await s3("ListMultipartUploads", Bucket="photos", MaxUploads=2, Delimiter="/", **marker)
        found += [(one["Key"], one["UploadId"]) for one in page.get("Uploads", [])]
        found += [one["Prefix"] for one in page.get("CommonPrefixes", [])]
        if not page["IsTruncated"]:
            break
        marker = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}
    assert found == [*expected, "c/"]
    only = await s3("ListMultipartUploads", Bucket="photos", Prefix="c/")
    assert [one["Key"] for one in only["Uploads"]] == ["c/1", "c/2"]
    after = await s3("ListMultipartUploads", Bucket="photos", KeyMarker="b", Delimiter="/")
    assert "Uploads" not in after


async def test_a_list_of_uploads_names_the_last_one_whether_more_follow_or_not(s3: Any) -> None:
    empty = await s3("ListMultipartUploads", Bucket="photos")
    assert (empty["NextKeyMarker"], empty["NextUploadIdMarker"]) == ("", "")
    a, b = await begin(s3, "a"), await begin(s3, "b")
    page = await s3("ListMultipartUploads", Bucket="photos")
    assert (page["IsTruncated"], page["NextKeyMarker"], page["NextUploadIdMarker"]) == (False, "b", b)
    with s3.refused("InvalidArgument", "Invalid uploadId marker", ArgumentName="upload-id-marker", ArgumentValue=b):
        await s3("ListMultipartUploads", Bucket="photos", KeyMarker="a", UploadIdMarker=b)
    page = await s3("ListMultipartUploads", Bucket="photos", UploadIdMarker=b, MaxUploads=1)
    assert (page["UploadIdMarker"], page["NextKeyMarker"]) == ("", "a"), "a marker of no key is none"
    page = await s3("ListMultipartUploads", Bucket="photos", KeyMarker="a", UploadIdMarker=a)
    assert [one["Key"] for one in page["Uploads"]] == ["b"]


@pytest.mark.parametrize("replaced", [b"1", b"2"])
async def test_what_changed_since_an_upload_was_begun_is_not_replaced_under_a_condition(
    anywhere: Any, replaced: bytes
) -> None:
    s3 = anywhere
    await s3("PutObject", Bucket="photos", Key="big", Body=b"1")

    async def complete(upload: str, **condition: str) -> Any:
        part = await s3("UploadPart", Bucket="photos", Key="big", UploadId=upload, PartNumber=1, Body=b"3")
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        named = {"Bucket": "photos", "Key": "big", "UploadId": upload, "MultipartUpload": parts}
        return await s3("CompleteMultipartUpload", **named, **condition)

    old, deleted = await begin(s3), await begin(s3)
    etag = (await s3("PutObject", Bucket="photos", Key="big", Body=replaced))["ETag"]
    with s3.refused("ConditionalRequestConflict", Condition="If-Match", Key="big"):
        await complete(old, IfMatch=etag)
    await complete(await begin(s3), IfMatch=etag)
    await s3("DeleteObject", Bucket="photos", Key="big")
    with s3.refused("ConditionalRequestConflict", Condition="If-None-Match"):
        await complete(deleted, IfNoneMatch="*")
    await complete(await begin(s3), IfNoneMatch="*")
    await complete(old)
    assert await s3.content("photos", "big") == b"3"


async def test_thousands_of_parts_are_released_by_a_job(s3: Any) -> None:
    upload = await begin(s3)
    for number in range(1, 1203):
        await s3.part("big", upload, number, b"1")
    await s3("AbortMultipartUpload", Bucket="photos", Key="big", UploadId=upload)
    await s3.settle()
    rest = await s3.tables.read(lambda tx: [tx.one(statement) for statement in COUNTS])
    assert [row["n"] for row in rest] == [0, 0, 0]

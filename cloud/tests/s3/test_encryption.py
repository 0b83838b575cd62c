"""Encryption at rest: what lies on the disk, with whose keys, and who gets it back."""

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from marinelayer.ports import Statement
from marinelayer.services.s3.sealing import CHUNK, BytesDamagedError

from .encrypted import (
    DUAL,
    FROM_WAYS,
    KMS,
    LARGE,
    MARKER,
    NAMED,
    PART,
    SMALL,
    WAYS,
    A,
    blobs,
    everything_on,
    take,
    to_read,
)

# --- at rest --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [len(MARKER), 70_000, 3_000_000])
async def test_no_plain_byte_of_an_object_lies_on_the_disk(s3: Any, tmp_path: Path, way: str, size: int) -> None:
    data = (MARKER * (size // len(MARKER) + 1))[:size]
    await s3("PutObject", Bucket="photos", Key="one", Body=data, **WAYS[way])
    upload = await s3("CreateMultipartUpload", Bucket="photos", Key="two", **WAYS[way])
    await s3.part("two", upload["UploadId"], 1, data, **to_read(way))
    await s3("CopyObject", Bucket="photos", Key="three", CopySource="photos/one", **WAYS[way], **FROM_WAYS[way])
    for key in ("one", "three"):
        assert await s3.content("photos", key, **to_read(way)) == data
    lies = everything_on(tmp_path)
    assert MARKER[:16] not in lies
    assert base64.b64decode(A["SSECustomerKey"]) not in lies
    assert A["SSECustomerKey"].encode() not in lies
    assert A["SSECustomerKeyMD5"].encode() not in lies


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK, 2_500_000])
async def test_what_was_encrypted_is_got_back_and_so_is_any_range(s3: Any, way: str, size: int) -> None:
    data = os.urandom(size)
    await s3("PutObject", Bucket="photos", Key="one", Body=data, **WAYS[way])
    assert await s3.content("photos", "one", **to_read(way)) == data
    for first, last in ((0, 0), (size // 2, size // 2 + 10), (max(0, size - 5), size), (CHUNK - 1, CHUNK)):
        if first < size:
            part = await s3.content("photos", "one", Range=f"bytes={first}-{last}", **to_read(way))
            assert part == data[first : last + 1]


async def test_bytes_from_before_lie_plain_stay_readable_and_say_nothing(s3: Any) -> None:
    for key, data in (("small", SMALL), ("large", LARGE)):
        await s3("PutObject", Bucket="photos", Key=key, Body=data)
    rows = await blobs(s3)

    def as_before(tx: Any) -> None:
        tx.run(Statement("a", "UPDATE blobs SET wrapped_key = NULL"))
        tx.run(Statement("b", "UPDATE versions SET encryption = NULL"))
        tx.run(Statement("c", "UPDATE inline_bytes SET bytes = :data"), data=SMALL)

    await s3.tables.write(as_before)
    (large,) = [row["blob_id"] for row in rows if row["place"] == "file"]
    s3.files.path(large).write_bytes(LARGE)
    for key, data in (("small", SMALL), ("large", LARGE)):
        assert await s3.content("photos", key) == data
        assert await s3.content("photos", key, Range="bytes=7-20") == data[7:21]
        assert "ServerSideEncryption" not in await s3("HeadObject", Bucket="photos", Key=key)
        copied = await s3("CopyObject", Bucket="photos", Key=f"{key}-copy", CopySource=f"photos/{key}")
        assert copied["ServerSideEncryption"] == "AES256"
        assert await s3.content("photos", f"{key}-copy") == data
    assert sum(row["wrapped_key"] is not None for row in await blobs(s3)) == 2


@pytest.mark.parametrize("way", WAYS)
async def test_a_changed_byte_is_never_given_out(s3: Any, way: str) -> None:
    data = os.urandom(3_000_000)
    await s3("PutObject", Bucket="photos", Key="one", Body=data, **WAYS[way])
    (blob,) = await blobs(s3)
    path = s3.files.path(blob["blob_id"])
    whole = path.read_bytes()
    for place in (10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        got: list[bytes] = []
        with pytest.raises(BytesDamagedError):
            await take(s3("GetObject", Bucket="photos", Key="one", **to_read(way)), got)
        assert data.startswith(b"".join(got))
        assert len(b"".join(got)) <= place
    path.write_bytes(whole)
    assert await s3.content("photos", "one", **to_read(way)) == data


async def test_a_wrapped_key_serves_its_own_blob_alone(s3: Any) -> None:
    for key in ("one", "two"):
        await s3("PutObject", Bucket="photos", Key=key, Body=SMALL)
    one, two = await blobs(s3)
    swap = Statement("swap", "UPDATE blobs SET wrapped_key = :key WHERE blob_id = :blob")
    await s3.tables.write(lambda tx: tx.run(swap, key=one["wrapped_key"], blob=two["blob_id"]))
    with pytest.raises(BytesDamagedError):
        await s3.content("photos", "two")
    assert await s3.content("photos", "one") == SMALL


async def test_an_encryption_context_can_not_be_exchanged(s3: Any) -> None:
    context = base64.b64encode(b'{"team": "streets"}').decode()
    put = await s3("PutObject", Bucket="photos", Key="one", Body=SMALL, **KMS, SSEKMSEncryptionContext=context)
    assert put["SSEKMSEncryptionContext"] == context
    assert await s3.content("photos", "one") == SMALL
    other = base64.b64encode(b'{"team": "parks"}').decode()
    change = Statement("change", "UPDATE versions SET encryption = REPLACE(encryption, :one, :other)")
    await s3.tables.write(lambda tx: tx.run(change, one=context, other=other))
    with pytest.raises(BytesDamagedError):
        await s3.content("photos", "one")


# --- what is said ---------------------------------------------------------------------------------------------


async def test_every_answer_says_how_the_object_is_encrypted(s3: Any) -> None:
    managed = (await s3("PutObject", Bucket="photos", Key="k", Body=b"1", **KMS))["SSEKMSKeyId"]
    assert managed.startswith("arn:aws:kms:us-east-1:111122223333:key/")
    said = {
        "SSE-S3": {"ServerSideEncryption": "AES256"},
        "SSE-C": {"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": A["SSECustomerKeyMD5"]},
        "aws:kms": {**KMS, "SSEKMSKeyId": managed},
        "a named key": NAMED,
        "dsse": {**DUAL, "SSEKMSKeyId": managed},
    }
    for way, asked in WAYS.items():
        key = to_read(way)
        upload = await s3("CreateMultipartUpload", Bucket="photos", Key="two", **asked)
        part = await s3(
            "UploadPart", Bucket="photos", Key="two", UploadId=upload["UploadId"], PartNumber=1, Body=PART, **key
        )
        copied_part = await s3(
            "UploadPartCopy",
            Bucket="photos",
            Key="two",
            UploadId=upload["UploadId"],
            PartNumber=2,
            CopySource="photos/k",
            **key,
        )
        parts = [
            {"PartNumber": 1, "ETag": part["ETag"]},
            {"PartNumber": 2, "ETag": copied_part["CopyPartResult"]["ETag"]},
        ]
        completed = await s3.complete("two", upload["UploadId"], *parts)
        answers = [
            await s3("PutObject", Bucket="photos", Key="one", Body=SMALL, **asked),
            await s3("GetObject", Bucket="photos", Key="one", **key),
            await s3("HeadObject", Bucket="photos", Key="two", **key),
            await s3("CopyObject", Bucket="photos", Key="3", CopySource="photos/one", **asked, **FROM_WAYS[way]),
            *(upload, part, copied_part),
        ]
        for answer in answers:
            assert {name: value for name, value in answer.items() if "SSE" in name or "Server" in name} == said[way]
        assert ("ServerSideEncryption" in completed) is (way != "SSE-C")
        assert await s3.content("photos", "two", **key) == PART + b"1"


@pytest.mark.parametrize("way", WAYS)
async def test_only_sse_s3_shows_the_md5_and_checksums_are_of_the_plain_bytes(s3: Any, way: str) -> None:
    plain = await s3("PutObject", Bucket="photos", Key="plain", Body=SMALL)
    one = await s3("PutObject", Bucket="photos", Key="one", Body=SMALL, **WAYS[way])
    two = await s3("PutObject", Bucket="photos", Key="two", Body=SMALL, **WAYS[way])
    assert plain["ETag"] == f'"{hashlib.md5(SMALL).hexdigest()}"'
    if way != "SSE-S3":
        assert len({plain["ETag"], one["ETag"], two["ETag"]}) == 3
    assert plain["ChecksumCRC64NVME"] == one["ChecksumCRC64NVME"] == two["ChecksumCRC64NVME"]


# --- copies ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", WAYS)
@pytest.mark.parametrize("target", WAYS)
@pytest.mark.parametrize("data", [SMALL, LARGE])
async def test_a_copy_is_encrypted_as_its_request_says(s3: Any, source: str, target: str, data: bytes) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=data, ChecksumAlgorithm="", **WAYS[source])
    copied = await s3(
        "CopyObject", Bucket="photos", Key="two", CopySource="photos/one", **WAYS[target], **FROM_WAYS[source]
    )
    assert await s3.content("photos", "two", **to_read(target)) == data
    shared = source == target == "SSE-S3"
    assert len(await blobs(s3)) == (1 if shared else 2)
    head = await s3("HeadObject", Bucket="photos", Key="two", ChecksumMode="ENABLED", **to_read(target))
    assert head["ETag"] == copied["CopyObjectResult"]["ETag"]
    if target == "SSE-S3":
        assert head["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
    await s3("DeleteObject", Bucket="photos", Key="one")
    await s3.settle()
    assert await s3.content("photos", "two", **to_read(target)) == data
    assert len(await s3.stored()) == (data is LARGE)


async def test_changing_only_the_encryption_is_a_change_of_the_object_itself(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=SMALL)
    with s3.refused("InvalidRequest"):
        await s3("CopyObject", Bucket="photos", Key="one", CopySource="photos/one")
    await s3("CopyObject", Bucket="photos", Key="one", CopySource="photos/one", **A)
    assert await s3.content("photos", "one", **A) == SMALL


async def test_a_part_is_copied_from_any_encryption_to_any_other(s3: Any) -> None:
    for source, asked in WAYS.items():
        await s3("PutObject", Bucket="photos", Key="one", Body=PART + b"!", **asked)
        for target, wanted in WAYS.items():
            upload = await s3("CreateMultipartUpload", Bucket="photos", Key="two", **wanted)
            copied = await s3(
                "UploadPartCopy",
                Bucket="photos",
                Key="two",
                UploadId=upload["UploadId"],
                PartNumber=1,
                CopySource="photos/one",
                CopySourceRange=f"bytes=1-{len(PART)}",
                **to_read(target),
                **FROM_WAYS[source],
            )
            etag = copied["CopyPartResult"]["ETag"]
            await s3.complete("two", upload["UploadId"], {"PartNumber": 1, "ETag": etag})
            assert await s3.content("photos", "two", **to_read(target)) == PART[1:] + b"!"

"""Encryption at rest: what lies on the disk, with whose keys, and who gets it back."""

import base64
import hashlib
import json
import os
import zlib
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import Any

import pytest

from marinelayer.model.errors import Refusal
from marinelayer.ports import Statement
from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.services.s3.sealing import CHUNK, BytesDamagedError

SMALL = b"a street light is broken; " * 40
LARGE = os.urandom(1000) + b"a street light is broken; " * 100_000
PART = os.urandom(5 * 1024 * 1024)
MARKER = b"the quick brown fox that nobody may find"


def with_key(letter: str, prefix: str = "SSECustomer") -> dict[str, str]:
    """The parameters of a customer's key."""
    key = letter.encode() * 32
    return {
        f"{prefix}Algorithm": "AES256",
        f"{prefix}Key": base64.b64encode(key).decode(),
        f"{prefix}KeyMD5": base64.b64encode(hashlib.md5(key).digest()).decode(),
    }


A, B, FROM_A = with_key("a"), with_key("b"), with_key("a", "CopySourceSSECustomer")
KMS = {"ServerSideEncryption": "aws:kms"}
NAMED = {**KMS, "SSEKMSKeyId": "testkey-1"}
DUAL = {"ServerSideEncryption": "aws:kms:dsse"}
WAYS: dict[str, dict[str, Any]] = {"SSE-S3": {}, "SSE-C": A, "aws:kms": KMS, "a named key": NAMED, "dsse": DUAL}
FROM_WAYS: dict[str, dict[str, Any]] = {way: FROM_A if way == "SSE-C" else {} for way in WAYS}


def to_read(way: str) -> dict[str, Any]:
    return A if way == "SSE-C" else {}


def everything_on(disk: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted(disk.rglob("*")) if path.is_file())


async def take(answer: Awaitable[Mapping[str, Any]], got: list[bytes]) -> None:
    """Read an answer's body, noting what came before it broke."""
    async for piece in (await answer)["Body"]:
        got.append(piece)  # noqa: PERF401 - what came before the break is kept


async def blobs(s3: Any) -> list[dict[str, Any]]:
    statement = Statement("blobs", "SELECT * FROM blobs ORDER BY blob_id")
    return [dict(row) for row in await s3.tables.read(lambda tx: tx.all(statement))]


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


# --- customers' keys ------------------------------------------------------------------------------------------


async def test_an_object_with_a_customers_key_opens_with_that_key_alone(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=SMALL, **A)
    for operation in ("GetObject", "HeadObject"):
        with s3.refused("InvalidRequest", "The object was stored using a form of Server Side Encryption. The correct "
                        "parameters must be provided to retrieve the object."):  # fmt: skip
            await s3(operation, Bucket="photos", Key="one")
        with s3.refused("AccessDenied"):
            await s3(operation, Bucket="photos", Key="one", **B)
    for source, code in ((with_key("b", "CopySourceSSECustomer"), "AccessDenied"), ({}, "InvalidRequest")):
        with s3.refused(code):
            await s3("CopyObject", Bucket="photos", Key="two", CopySource="photos/one", **source)
    await s3("PutObject", Bucket="photos", Key="plain", Body=SMALL)
    with s3.refused("InvalidRequest", "The encryption parameters are not applicable to this object."):
        await s3("GetObject", Bucket="photos", Key="plain", **A)


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ({"SSECustomerAlgorithm": "AES192"}, "InvalidEncryptionAlgorithmError", "Supported value: AES256."),
        ({"SSECustomerAlgorithm": None}, "InvalidArgument", "must provide a valid encryption algorithm."),
        ({"SSECustomerKey": None}, "InvalidArgument", "must provide an appropriate secret key."),
        ({"SSECustomerKeyMD5": None}, "InvalidArgument", "the client calculated MD5 of the secret key."),
        ({"SSECustomerKeyMD5": B["SSECustomerKeyMD5"]}, "InvalidArgument", "did not match the hash"),
        ({"SSECustomerKey": "no base64"}, "InvalidArgument", "did not match the hash"),
        ({"SSECustomerKey": "YWJj", "SSECustomerKeyMD5": "kAFQmDzST7DWlj99KOF/cg=="}, "InvalidArgument",
         "The secret key was invalid for the specified algorithm."),
        ({"ServerSideEncryption": "AES256"}, "InvalidArgument", "is incompatible with the encryption method"),
        ({"ServerSideEncryption": "aws:kms"}, "InvalidArgument", "is incompatible with the encryption method"),
    ],
)  # fmt: skip
async def test_a_key_that_is_not_whole_or_contradicts_is_refused(
    s3: Any, given: dict[str, str | None], code: str, message: str
) -> None:
    request = {name: value for name, value in {**A, **given}.items() if value is not None}
    for operation in ("PutObject", "CreateMultipartUpload"):
        with pytest.raises(Refusal, match=message) as caught:
            await s3(operation, Bucket="photos", Key="one", **request)
        assert type(caught.value).__name__ == code


async def test_a_customers_key_comes_by_tls_or_from_this_machine(s3: Any) -> None:
    for peer in ("10.0.0.7", "192.168.1.2", "2001:db8::1", ""):
        s3.peer = peer
        for operation in ("PutObject", "GetObject", "CreateMultipartUpload"):
            with s3.refused("InvalidRequest", "Requests specifying Server Side Encryption with Customer provided keys "
                            "must be made over a secure connection."):  # fmt: skip
                await s3(operation, Bucket="photos", Key="one", **A)
    for peer in ("127.0.0.1", "::1"):
        s3.peer = peer
        await s3("PutObject", Bucket="photos", Key="one", Body=SMALL, **A)


async def test_every_part_comes_with_the_key_that_its_upload_was_begun_with(s3: Any) -> None:
    closed = (await s3("CreateMultipartUpload", Bucket="photos", Key="one", **A))["UploadId"]
    plain = (await s3("CreateMultipartUpload", Bucket="photos", Key="one"))["UploadId"]
    for upload, key in ((closed, {}), (plain, A)):
        with s3.refused("InvalidRequest", "The multipart upload initiate requested encryption. Subsequent part requests "
                        "must include the appropriate encryption parameters."):  # fmt: skip
            await s3.part("one", upload, 1, SMALL, **key)
    with s3.refused("InvalidRequest", "The provided encryption parameters did not match the ones used originally."):
        await s3.part("one", closed, 1, SMALL, **B)
    part = await s3.part("one", closed, 1, SMALL, **A)
    assert await s3.part("one", closed, 1, SMALL, **A) == part
    with s3.refused("InvalidRequest"):
        await s3.complete("one", closed, part, **B)
    await s3.complete("one", closed, part)
    assert await s3.content("photos", "one", **A) == SMALL


# --- KMS keys -------------------------------------------------------------------------------------------------


async def test_a_kms_key_that_is_not_there_is_not_found(s3: Any) -> None:
    missing = "12345678-1234-1234-1234-123456789012"
    arn = f"arn:aws:kms:us-east-1:111122223333:key/{missing}"
    for key, message in (
        (missing, f"Key '{arn}' does not exist"),
        (arn, f"Key '{arn}' does not exist"),
        ("alias/streets", "Alias arn:aws:kms:us-east-1:111122223333:alias/streets is not found."),
        ("arn:aws:kms:eu-west-1:111122223333:key/testkey-1", "Invalid arn eu-west-1"),
        ("aws/s3", "Invalid keyId 'aws/s3'"),
    ):
        for operation in ("PutObject", "CreateMultipartUpload"):
            with s3.refused("KMS.NotFoundException", message):
                await s3(operation, Bucket="photos", Key="one", **KMS, SSEKMSKeyId=key)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ServerSideEncryption": "aes:kms"}, "The encryption method specified is not supported"),
        ({"ServerSideEncryption": "aws:fsx"}, "The encryption method specified is not supported"),
        ({"ServerSideEncryption": "AES256", "SSEKMSKeyId": "testkey-1"}, "requires HTTP header"),
        ({"SSEKMSKeyId": "testkey-1"}, "requires HTTP header"),
        ({"SSEKMSEncryptionContext": "e30="}, "requires HTTP header"),
        ({**KMS, "SSEKMSEncryptionContext": "{}"}, "shall be Base64-encoded"),
        ({**KMS, "SSEKMSEncryptionContext": base64.b64encode(b'{"a": 1}').decode()}, "shall be Base64-encoded"),
        ({**KMS, "SSEKMSEncryptionContext": base64.b64encode(b'["a"]').decode()}, "shall be Base64-encoded"),
    ],
)
async def test_contradictory_encryptions_are_refused(s3: Any, given: dict[str, str], message: str) -> None:
    for operation in ("PutObject", "CreateMultipartUpload"):
        with pytest.raises(InvalidArgument, match=message):
            await s3(operation, Bucket="photos", Key="one", **given)


async def test_a_key_takes_permission_but_awss_own_does_not(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="named", Body=SMALL, **NAMED)
    await s3("PutObject", Bucket="photos", Key="managed", Body=SMALL, **KMS)
    arn = "arn:aws:kms:us-east-1:111122223333:key/testkey-1"
    objects = s3.allow("s3:GetObject", "s3:PutObject", on="arn:aws:s3:::photos/*")
    without = s3.user("without", objects)
    reader = s3.user("reader", objects, s3.allow("kms:Decrypt", on=arn))
    writer = s3.user("writer", objects, s3.allow("kms:GenerateDataKey", on=arn))
    assert await s3.content("photos", "managed", by=without) == SMALL
    assert await s3.content("photos", "named", by=reader) == SMALL
    await s3("PutObject", Bucket="photos", Key="two", Body=SMALL, by=writer, **NAMED)
    for who in (without, writer):
        with s3.refused("AccessDenied"):
            await s3.content("photos", "named", by=who)
        with s3.refused("AccessDenied"):
            await s3("HeadObject", Bucket="photos", Key="named", ChecksumMode="ENABLED", by=who)
        assert (await s3("HeadObject", Bucket="photos", Key="named", by=who))["ContentLength"] == len(SMALL)
    for who in (without, reader):
        with s3.refused("AccessDenied"):
            await s3("PutObject", Bucket="photos", Key="two", Body=SMALL, by=who, **NAMED)
    with s3.refused("AccessDenied"):  # a key made at need takes permission to make it
        await s3("PutObject", Bucket="photos", Key="two", Body=SMALL, by=writer, **KMS, SSEKMSKeyId="testkey-2")


async def test_the_parts_of_an_upload_take_leave_to_decrypt_with_its_key(s3: Any) -> None:
    arn = "arn:aws:kms:us-east-1:111122223333:key/testkey-1"
    actions = ("s3:GetObject", "s3:PutObject", "s3:ListMultipartUploadParts")
    objects = s3.allow(*actions, on="arn:aws:s3:::photos/*")
    without = s3.user("without", objects, s3.allow("kms:GenerateDataKey", on=arn))
    decrypting = s3.user("decrypting", objects, s3.allow("kms:Decrypt", on=arn))
    await s3("PutObject", Bucket="photos", Key="source", Body=SMALL)
    begun = await s3("CreateMultipartUpload", Bucket="photos", Key="big", ChecksumAlgorithm="CRC32", **NAMED)
    of_upload = {"Bucket": "photos", "Key": "big", "UploadId": begun["UploadId"]}
    sum_of_small = base64.b64encode(zlib.crc32(SMALL).to_bytes(4, "big")).decode()
    part = {"PartNumber": 1, "ChecksumCRC32": sum_of_small}
    completion: dict[str, Any] = {**of_upload, "MultipartUpload": {"Parts": [part]}}
    requests: list[tuple[str, dict[str, Any]]] = [
        ("UploadPart", {**of_upload, **part, "Body": SMALL}),
        ("UploadPartCopy", {**of_upload, "PartNumber": 1, "CopySource": "photos/source"}),
        ("ListParts", of_upload),
        ("CompleteMultipartUpload", completion),
    ]
    for operation, request in requests:
        with s3.refused("AccessDenied"):
            await s3(operation, by=without, **request)
        output = await s3(operation, by=decrypting, **request)
        if operation == "ListParts":
            part["ETag"] = output["Parts"][0]["ETag"]
    assert await s3.content("photos", "big", by=decrypting) == SMALL


async def test_a_kms_key_opens_nothing_for_strangers_and_other_accounts(s3: Any) -> None:
    grant = {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:PutObject"]}
    policy = {"Version": "2012-10-17", "Statement": [{**grant, "Resource": "arn:aws:s3:::photos/*"}]}
    await s3("PutBucketPolicy", Bucket="photos", Policy=json.dumps(policy))
    await s3("PutObject", Bucket="photos", Key="one", Body=SMALL, **KMS)
    await s3("PutObject", Bucket="photos", Key="two", Body=SMALL, **NAMED)
    for key in ("one", "two"):
        with s3.refused("InvalidArgument"):
            await s3.content("photos", key, by=s3.anonymous)
        with s3.refused("AccessDenied"):
            await s3.content("photos", key, by=s3.bob)
    for way in (KMS, NAMED):
        with s3.refused("InvalidArgument"):
            await s3("PutObject", Bucket="photos", Key="three", Body=SMALL, by=s3.anonymous, **way)


# --- a bucket's default ---------------------------------------------------------------------------------------


def default(**rule: Any) -> dict[str, Any]:
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}


def by(algorithm: str, **more: str) -> dict[str, Any]:
    return {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm, **more}}


async def test_a_bucket_encrypts_by_its_default_and_a_request_goes_before_it(s3: Any) -> None:
    assert await s3("GetBucketEncryption", Bucket="photos") == default(**by("AES256"), BucketKeyEnabled=False)
    configuration = default(**by("aws:kms", KMSMasterKeyID="testkey-1"), BucketKeyEnabled=True)
    await s3("PutBucketEncryption", Bucket="photos", **configuration)
    assert await s3("GetBucketEncryption", Bucket="photos") == configuration
    for data in (SMALL, LARGE):
        put = await s3("PutObject", Bucket="photos", Key="one", Body=data)
        assert (put["SSEKMSKeyId"], put["BucketKeyEnabled"]) == ("testkey-1", True)
        assert await s3.content("photos", "one") == data
    assert "SSEKMSKeyId" not in await s3(
        "PutObject", Bucket="photos", Key="two", Body=b"1", ServerSideEncryption="AES256"
    )
    other = await s3("PutObject", Bucket="photos", Key="two", Body=b"1", BucketKeyEnabled=False)
    assert other["SSEKMSKeyId"] == "testkey-1"
    assert "BucketKeyEnabled" not in other
    copied = await s3("CopyObject", Bucket="photos", Key="three", CopySource="photos/one")
    assert copied["SSEKMSKeyId"] == "testkey-1"
    assert (await s3("CreateMultipartUpload", Bucket="photos", Key="three"))["SSEKMSKeyId"] == "testkey-1"
    await s3("DeleteBucketEncryption", Bucket="photos")
    await s3("DeleteBucketEncryption", Bucket="photos")
    assert (await s3("PutObject", Bucket="photos", Key="one", Body=b"1"))["ServerSideEncryption"] == "AES256"
    assert await s3.content("photos", "three") == LARGE


async def test_a_default_that_says_what_s3_does_not_know_is_refused(s3: Any) -> None:
    rule = by("AES256")
    for rules in ([], [rule, rule], [by("aws:fsx")], [by("none")], [{}], [{"BucketKeyEnabled": True}],
                  [{"BlockedEncryptionTypes": {"EncryptionType": ["SSE-S3"]}}]):  # fmt: skip
        with s3.refused("MalformedXML"):
            await s3("PutBucketEncryption", Bucket="photos", ServerSideEncryptionConfiguration={"Rules": rules})
    with s3.refused("InvalidArgument", ArgumentName="ApplyServerSideEncryptionByDefault"):
        await s3("PutBucketEncryption", Bucket="photos", **default(**by("AES256", KMSMasterKeyID="testkey-1")))
    with s3.refused("NoSuchBucket"):
        await s3("GetBucketEncryption", Bucket="nowhere")


async def test_a_default_key_that_is_not_there_is_not_found_when_it_is_needed(s3: Any) -> None:
    missing = by("aws:kms", KMSMasterKeyID="12345678-1234-1234-1234-123456789012")
    await s3("PutBucketEncryption", Bucket="photos", **default(**missing))
    for data in (SMALL, LARGE):
        with s3.refused("KMS.NotFoundException"):
            await s3("PutObject", Bucket="photos", Key="one", Body=data)
    assert not await s3.stored()


async def test_new_buckets_block_customers_keys_today_until_told_otherwise(current: Any) -> None:
    s3 = current
    blocked = {"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}
    assert await s3("GetBucketEncryption", Bucket="photos") == default(
        **by("AES256"), BucketKeyEnabled=False, **blocked
    )
    await s3("PutBucketEncryption", Bucket="photos", **default(**by("aws:kms")))
    await s3("DeleteBucketEncryption", Bucket="photos")
    await s3("PutObject", Bucket="photos", Key="plain", Body=SMALL)
    for operation in ("PutObject", "CreateMultipartUpload", "CopyObject"):
        with s3.refused("AccessDenied"):
            source = {"CopySource": "photos/plain"} if operation == "CopyObject" else {}
            await s3(operation, Bucket="photos", Key="one", **source, **A)
    await s3("PutBucketEncryption", Bucket="photos", **default(BlockedEncryptionTypes={"EncryptionType": ["NONE"]}))
    await s3("PutObject", Bucket="photos", Key="one", Body=SMALL, **A)
    await s3("PutBucketEncryption", Bucket="photos", **default(**by("AES256"), **blocked))
    assert await s3.content("photos", "one", **A) == SMALL


async def test_policies_see_what_a_request_says_of_encryption(s3: Any) -> None:
    (requirement, *_) = s3.service.operations["PutObject"].needs(
        {"Bucket": "b", "Key": "k", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "x", **A}, s3.caller()
    )
    assert requirement.context == {
        "s3:x-amz-server-side-encryption": ("aws:kms",),
        "s3:x-amz-server-side-encryption-aws-kms-key-id": ("x",),
        "s3:x-amz-server-side-encryption-customer-algorithm": ("AES256",),
    }
    assert requirement.context.keys().isdisjoint({"s3:x-amz-server-side-encryption-customer-key"})

"""Whose keys encrypt: a customer's, those of KMS, and what a bucket has by default."""

import base64
import json
import zlib
from typing import Any

import pytest

from marinelayer.model.errors import Refusal
from marinelayer.protocol.refusals import InvalidArgument

from .encrypted import (
    KMS,
    LARGE,
    NAMED,
    SMALL,
    A,
    B,
    with_key,
)

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

"""Documents that S3 takes whole are what their Content-MD5 and checksums say, or are refused."""

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import pytest

Clients = Callable[..., Any]

DELETE = b"<Delete><Object><Key>k</Key></Object></Delete>"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def crc32(data: bytes) -> str:
    return b64(zlib.crc32(data).to_bytes(4, "big"))


@pytest.fixture
def target(client: Clients, bucket: str) -> str:
    client("s3").put_object(Bucket=bucket, Key="k", Body=b"x")
    return f"/{bucket}?delete"


def keys(client: Clients, target: str) -> list[str]:
    found = client("s3").list_objects_v2(Bucket=target.strip("/").partition("?")[0])
    return [entry["Key"] for entry in found.get("Contents", [])]


def test_many_keys_are_deleted_only_under_a_digest(client: Clients, target: str, signed: Clients) -> None:
    answer = signed("POST", target, DELETE)
    assert (answer.status, answer.code) == (400, "InvalidRequest")
    assert answer.element("Message") == "Missing required header for this request: Content-MD5"
    assert keys(client, target) == ["k"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-MD5": b64(hashlib.md5(DELETE).digest())},
        {"x-amz-checksum-crc32": crc32(DELETE)},
        {"x-amz-checksum-sha256": b64(hashlib.sha256(DELETE).digest()), "x-amz-sdk-checksum-algorithm": "SHA256"},
    ],
)
def test_a_digest_that_fits_lets_them_go(
    client: Clients, target: str, signed: Clients, headers: Mapping[str, str]
) -> None:
    assert signed("POST", target, DELETE, headers).status == 200
    assert keys(client, target) == []


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content-MD5": b64(hashlib.md5(b"other").digest())}, "BadDigest"),
        ({"Content-MD5": "no digest"}, "InvalidDigest"),
        ({"x-amz-checksum-crc32": crc32(b"other")}, "BadDigest"),
        ({"x-amz-checksum-crc32": "no digest"}, "InvalidRequest"),
        ({"x-amz-sdk-checksum-algorithm": "CRC32", "Content-MD5": b64(hashlib.md5(DELETE).digest())}, "InvalidRequest"),
        (
            {"x-amz-checksum-crc32": crc32(DELETE), "x-amz-checksum-sha1": b64(hashlib.sha1(DELETE).digest())},
            "InvalidRequest",
        ),
    ],
)
def test_a_digest_that_does_not_fit_deletes_nothing(
    client: Clients, target: str, signed: Clients, headers: Mapping[str, str], code: str
) -> None:
    answer = signed("POST", target, DELETE, headers)
    assert (answer.status, answer.code) == (400, code)
    assert keys(client, target) == ["k"]


@pytest.mark.parametrize(("checksum", "status"), [(crc32(DELETE), 200), (crc32(b"other"), 400), (None, 400)])
def test_a_checksum_may_follow_the_document(
    client: Clients, target: str, signed: Clients, checksum: str | None, status: int
) -> None:
    trailer = f"x-amz-checksum-crc32:{checksum}\r\n" if checksum is not None else ""
    body = b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(DELETE), DELETE, trailer.encode())
    headers = {"Content-Encoding": "aws-chunked", "x-amz-decoded-content-length": str(len(DELETE))}
    if checksum is not None:
        headers["x-amz-trailer"] = "x-amz-checksum-crc32"
    assert signed("POST", target, body, headers, trailing=True).status == status
    assert keys(client, target) == ([] if status == 200 else ["k"])


def test_a_policy_is_checked_but_needs_no_digest(client: Clients, bucket: str, signed: Clients) -> None:
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{bucket}/no",
            },
        }
    ).encode()
    answer = signed("PUT", f"/{bucket}?policy", policy, {"Content-MD5": b64(hashlib.md5(b"other").digest())})
    assert answer.code == "BadDigest"
    assert signed("GET", f"/{bucket}?policy").code == "NoSuchBucketPolicy"
    assert signed("PUT", f"/{bucket}?policy", policy).status == 204
    assert signed("GET", f"/{bucket}?policy").status == 200


def test_the_checksum_of_a_completed_upload_is_the_objects_and_not_the_documents(client: Clients, bucket: str) -> None:
    s3 = client("s3")
    upload = s3.create_multipart_upload(
        Bucket=bucket, Key="parts", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT"
    )["UploadId"]
    part = s3.upload_part(
        Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"hello", ChecksumAlgorithm="CRC32"
    )
    s3.complete_multipart_upload(
        Bucket=bucket,
        Key="parts",
        UploadId=upload,
        ChecksumCRC32=crc32(b"hello"),
        ChecksumType="FULL_OBJECT",
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}]},
    )
    assert s3.get_object(Bucket=bucket, Key="parts")["Body"].read() == b"hello"

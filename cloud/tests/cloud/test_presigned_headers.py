"""Presigned uploads that say in their link what would else be headers."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import requests
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from marinelayer.testing import LocalCloud

Clients = Callable[..., Any]
UPLOAD = {"ContentType": "text/plain", "ACL": "public-read", "Metadata": {"team": "parks", "who": "ana"}}
AS_HEADERS = {
    "Content-Type": "text/plain",
    "x-amz-acl": "public-read",
    "x-amz-meta-team": "parks",
    "x-amz-meta-who": "ana",
}


def put(link: str, headers: dict[str, str] | None = None) -> int:
    return requests.put(link, data=b"hello", headers=headers, timeout=10).status_code


def is_as_asked(client: Clients, cloud: LocalCloud, bucket: str, key: str = "k") -> bool:
    found = client("s3").head_object(Bucket=bucket, Key=key)
    public = requests.get(f"{cloud.endpoint_url}/{bucket}/{quote(key)}", timeout=10)
    return (
        public.content == b"hello"
        and found["ContentType"] == "text/plain"
        and found["Metadata"] == {"team": "parks", "who": "ana"}
    )


def presigned(client: Clients, version: str, bucket: str) -> str:
    config = Config(signature_version=version, request_checksum_calculation="when_required")
    where = {"Bucket": bucket, "Key": "k"}
    return client("s3", config=config).generate_presigned_url("put_object", {**where, **UPLOAD})


def test_version_2_puts_them_in_the_link(client: Clients, cloud: LocalCloud, bucket: str) -> None:
    link = presigned(client, "s3", bucket)
    assert "x-amz-acl=public-read" in link
    assert "content-type=text%2Fplain" in link
    assert put(link) == 200
    assert is_as_asked(client, cloud, bucket)
    assert put(link, AS_HEADERS) == 200
    assert is_as_asked(client, cloud, bucket)


def test_version_2_is_broken_by_a_header_that_says_otherwise(client: Clients, bucket: str) -> None:
    link = presigned(client, "s3", bucket)
    assert put(link, {"x-amz-acl": "private"}) == 403
    assert put(link, {"Content-Type": "text/html"}) == 403
    assert put(link, {"x-amz-meta-more": "m"}) == 403
    assert put(link.replace("public-read", "private")) == 403
    assert put(link + "&x-amz-acl=private") == 403


def test_version_4_of_boto3_demands_the_headers(client: Clients, cloud: LocalCloud, bucket: str) -> None:
    link = presigned(client, "s3v4", bucket)
    assert put(link) == 403
    assert put(link, {**AS_HEADERS, "x-amz-acl": "private"}) == 403
    assert put(link, AS_HEADERS) == 200
    assert is_as_asked(client, cloud, bucket)


@pytest.mark.parametrize("key", ["k", "ü/a b+c"])
def test_version_4_with_the_headers_in_the_query_needs_none(
    client: Clients, cloud: LocalCloud, bucket: str, key: str
) -> None:
    # As the JavaScript SDK v3 hoists them, with its checksum of nothing; Content-Type is signed as a header.
    query = "x-amz-acl=public-read&X-Amz-Meta-Team=parks&x-amz-meta-who=ana&x-id=PutObject"
    query += "&x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32"
    request = AWSRequest(
        "PUT", f"{cloud.endpoint_url}/{bucket}/{quote(key)}?{query}", headers={"Content-Type": "text/plain"}
    )
    S3SigV4QueryAuth(Credentials(cloud.access_key_id, cloud.secret_access_key), "s3", "us-east-1", expires=60).add_auth(
        request
    )
    link = str(request.url)
    assert put(link) == 403
    assert put(link, {"Content-Type": "text/plain"}) == 200
    assert is_as_asked(client, cloud, bucket, key)
    assert put(link.replace("public-read", "private"), {"Content-Type": "text/plain"}) == 403
    headers = {"Content-Type": "text/plain", "x-amz-acl": "private"}
    answer = requests.put(link, data=b"x", headers=headers, timeout=10)
    assert (answer.status_code, "not signed" in answer.text) == (403, True)


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_an_acl_in_the_link_needs_the_permission_to_set_one(client: Clients, bucket: str, version: str) -> None:
    iam, name = client("iam"), f"writer-{bucket[-12:]}-{version}"
    iam.create_user(UserName=name)
    policy = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}}'
    iam.put_user_policy(UserName=name, PolicyName="write", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    signer = client("s3", key, config=Config(signature_version=version, request_checksum_calculation="when_required"))
    where = {"Bucket": bucket, "Key": "k"}
    assert put(signer.generate_presigned_url("put_object", where)) == 200
    with_acl = signer.generate_presigned_url("put_object", {**where, "ACL": "public-read"})
    assert put(with_acl, {"x-amz-acl": "public-read"}) == 403


def test_a_copy_may_be_presigned(client: Clients, bucket: str) -> None:
    s3 = client("s3")
    s3.put_object(Bucket=bucket, Key="source", Body=b"hello")
    signer = client("s3", config=Config(signature_version="s3"))
    link = signer.generate_presigned_url(
        "copy_object", {"Bucket": bucket, "Key": "copy", "CopySource": f"{bucket}/source"}
    )
    assert requests.put(link, timeout=10).status_code == 200
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"hello"


def test_without_a_signature_a_query_is_no_header(client: Clients, cloud: LocalCloud, bucket: str) -> None:
    s3 = client("s3")
    rule = {"ObjectOwnership": "BucketOwnerEnforced"}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [rule]})
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    link = f"{cloud.endpoint_url}/{bucket}/k?x-amz-meta-team=parks&x-amz-acl=public-read"
    assert put(link) == 200
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {}

"""S3 as boto3, its transfers and a bare HTTP client see it, over a socket."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import time
import urllib.error
import urllib.request
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from marinelayer.testing import local_cloud

MIB = 1024 * 1024
Client = Callable[..., Any]


@pytest.fixture
def s3(client: Client) -> Any:
    return client("s3")


def status_and_code(caught: pytest.ExceptionInfo[ClientError]) -> tuple[int, str]:
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


def details(caught: pytest.ExceptionInfo[ClientError]) -> dict[str, Any]:
    """The elements of the error document."""
    return {**caught.value.response["Error"]}


def error_of(caught: pytest.ExceptionInfo[ClientError]) -> dict[str, Any]:
    return dict(caught.value.response["Error"])


def test_an_object_goes_in_and_comes_out(s3: Any, bucket: str) -> None:
    put = s3.put_object(
        Bucket=bucket, Key="a b/ü+%.txt", Body=b"hello", ContentType="text/plain", Metadata={"Who": "Zoe"}
    )
    assert put["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
    assert put["ChecksumCRC32"]
    got = s3.get_object(Bucket=bucket, Key="a b/ü+%.txt")
    assert got["Body"].read() == b"hello"
    assert (got["ContentType"], got["ContentLength"], got["AcceptRanges"]) == ("text/plain", 5, "bytes")
    assert got["Metadata"] == {"who": "Zoe"}
    head = s3.head_object(Bucket=bucket, Key="a b/ü+%.txt", ChecksumMode="ENABLED")
    assert head["ChecksumCRC32"] == put["ChecksumCRC32"]
    assert head["LastModified"] == got["LastModified"]
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a b/ü+%.txt"]
    s3.delete_object(Bucket=bucket, Key="a b/ü+%.txt")
    with pytest.raises(ClientError) as caught:
        s3.head_object(Bucket=bucket, Key="a b/ü+%.txt")
    assert status_and_code(caught) == (404, "404")


def test_a_range_answers_206_and_a_condition_304_or_412(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="one", Body=b"0123456789")["ETag"]
    got = s3.get_object(Bucket=bucket, Key="one", Range="bytes=-3")
    assert got["Body"].read() == b"789"
    assert (got["ResponseMetadata"]["HTTPStatusCode"], got["ContentRange"]) == (206, "bytes 7-9/10")
    for request, expected in (
        ({"IfNoneMatch": etag}, (304, "304")),
        ({"IfMatch": '"other"'}, (412, "PreconditionFailed")),
        ({"Range": "bytes=10-"}, (416, "InvalidRange")),
    ):
        with pytest.raises(ClientError) as caught:
            s3.get_object(Bucket=bucket, Key="one", **request)
        assert status_and_code(caught) == expected
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="one", Body=b"2", IfNoneMatch="*")
    assert status_and_code(caught) == (412, "PreconditionFailed")
    assert error_of(caught)["Condition"] == "If-None-Match"


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 64 * 1024 + 1, 3 * MIB])
@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_streams_with_trailing_checksums_arrive_whole(s3: Any, bucket: str, size: int, algorithm: str) -> None:
    data = os.urandom(size)
    put = s3.put_object(Bucket=bucket, Key="one", Body=io.BytesIO(data), ChecksumAlgorithm=algorithm)
    assert put[f"Checksum{algorithm}"]
    got = s3.get_object(Bucket=bucket, Key="one", ChecksumMode="ENABLED")
    assert got["Body"].read() == data
    assert got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]
    assert "ContentEncoding" not in got


def test_boto3_moves_large_files_in_parts(s3: Any, bucket: str, tmp_path: Path) -> None:
    data = os.urandom(17 * MIB)
    config = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=5 * MIB, max_concurrency=3)
    (tmp_path / "up").write_bytes(data)
    s3.upload_file(
        str(tmp_path / "up"), bucket, "big", Config=config, ExtraArgs={"ACL": "public-read", "ContentType": "x/y"}
    )
    head = s3.head_object(Bucket=bucket, Key="big", PartNumber=4)
    assert head["PartsCount"] == 4
    assert head["ETag"].endswith('-4"')
    s3.download_file(bucket, "big", str(tmp_path / "down"), Config=config)
    assert (tmp_path / "down").read_bytes() == data
    s3.copy({"Bucket": bucket, "Key": "big"}, bucket, "copy in parts", Config=config)
    assert s3.get_object(Bucket=bucket, Key="copy in parts")["Body"].read() == data
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "big"})
    copy = s3.head_object(Bucket=bucket, Key="copy")
    assert (copy["ETag"], copy["ContentType"]) == (f'"{hashlib.md5(data).hexdigest()}"', "x/y")
    assert (
        s3.get_object(Bucket=bucket, Key="copy", Range=f"bytes={5 * MIB - 2}-{5 * MIB + 1}")["Body"].read()
        == data[5 * MIB - 2 : 5 * MIB + 2]
    )


def test_paginators_find_every_key_once(s3: Any, bucket: str) -> None:
    keys = sorted(
        [f"{folder}/{number:02}" for folder in "abé" for number in range(9)] + ["top", "ünder\u2028"], key=str.encode
    )
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    for operation in ("list_objects", "list_objects_v2"):
        pages = s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={"PageSize": 4})
        assert [one["Key"] for page in pages for one in page.get("Contents", [])] == keys
        pages = list(
            s3.get_paginator(operation).paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2})
        )
        assert [one["Prefix"] for page in pages for one in page.get("CommonPrefixes", [])] == ["a/", "b/", "é/"]
        assert [one["Key"] for page in pages for one in page.get("Contents", [])] == ["top", "ünder\u2028"]
    removed = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    assert [one["Key"] for one in removed["Deleted"]] == keys
    s3.delete_bucket(Bucket=bucket)


def fetch(url: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method)) as answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, {name.lower(): value for name, value in refused.headers.items()}, refused.read()


def test_a_public_page_is_read_by_a_browser_and_a_private_one_is_not(s3: Any, bucket: str, cloud: Any) -> None:
    s3.put_object(Bucket=bucket, Key="index.html", Body=b"<h1>Hi</h1>", ContentType="text/html", ACL="public-read")
    s3.put_object(Bucket=bucket, Key="secret", Body=b"1")
    status, headers, body = fetch(f"{cloud.endpoint_url}/{bucket}/index.html")
    assert (status, headers["content-type"], body) == (200, "text/html", b"<h1>Hi</h1>")
    assert headers["etag"] == f'"{hashlib.md5(body).hexdigest()}"'
    for key in ("secret", "nothing"):
        status, headers, body = fetch(f"{cloud.endpoint_url}/{bucket}/{key}")
        document = ET.fromstring(body)
        assert (status, document.findtext("Code"), document.findtext("Message")) == (
            403,
            "AccessDenied",
            "Access Denied",
        )
        assert document.findtext("RequestId") == headers["x-amz-request-id"]
    policy = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [policy]}))
    assert fetch(f"{cloud.endpoint_url}/{bucket}/secret")[2] == b"1"
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is True
    assert fetch(f"{cloud.endpoint_url}/{bucket}/secret", "HEAD")[1]["content-length"] == "1"


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_links_open_what_they_were_made_for(client: Client, bucket: str, version: str) -> None:
    client("s3").put_object(Bucket=bucket, Key="a b", Body=b"1")
    s3 = client("s3", config=Config(signature_version=version))
    link = s3.generate_presigned_url(
        "get_object", {"Bucket": bucket, "Key": "a b", "ResponseContentType": "text/x"}, ExpiresIn=60
    )
    status, headers, body = fetch(link)
    assert (status, headers["content-type"], body) == (200, "text/x", b"1")
    assert fetch(link.replace("a%20b", "other"))[0] == 403


def test_errors_have_aws_elements(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="nothing")
    error = error_of(caught)
    assert (error["Code"], error["Message"], error["Key"]) == (
        "NoSuchKey",
        "The specified key does not exist.",
        "nothing",
    )
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket="no-such-bucket-here", Key="x")
    assert status_and_code(caught) == (404, "NoSuchBucket")
    assert error_of(caught)["BucketName"] == "no-such-bucket-here"
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="one", Body=b"1", ACL="private-read")
    assert status_and_code(caught) == (400, "InvalidArgument")
    with pytest.raises(ClientError) as caught:
        s3.get_bucket_metadata_configuration(Bucket=bucket)
    assert status_and_code(caught) == (501, "NotImplemented")
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="one", Body=b"1", WriteOffsetBytes=0)
    assert status_and_code(caught) == (501, "NotImplemented")
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="one", Body=b"1", ContentMD5=hashlib.md5(b"2").hexdigest())
    assert status_and_code(caught) == (400, "InvalidDigest")


def test_what_is_no_acl_or_ownership_is_refused_in_aws_words(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="one", Body=b"1")
    for call, where in ((s3.put_bucket_acl, {}), (s3.put_object_acl, {"Key": "one"})):
        with pytest.raises(ClientError) as caught:
            call(Bucket=bucket, **where, ACL="fake-acl")
        error = details(caught)
        assert (error["Code"], error["ArgumentValue"], error["Message"] or "") == ("InvalidArgument", "fake-acl", "")
        owner = s3.get_bucket_acl(Bucket=bucket)["Owner"]
        grant = {"Grantee": {"Type": "CanonicalUser", "ID": owner["ID"]}, "Permission": "EAT"}
        with pytest.raises(ClientError) as caught:
            call(Bucket=bucket, **where, AccessControlPolicy={"Owner": owner, "Grants": [grant]})
        assert status_and_code(caught) == (400, "MalformedACLError")
    with pytest.raises(ClientError) as caught:
        s3.create_bucket(Bucket=f"{bucket}-mine", ObjectOwnership="Mine")
    error = details(caught)
    assert error["ArgumentName"] == "x-amz-object-ownership"
    assert "ArgumentValue" not in error


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
def test_a_list_says_in_which_region_its_bucket_is(s3: Any, bucket: str, operation: str) -> None:
    west = f"{bucket}-west"
    s3.create_bucket(Bucket=west, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    for name, region in ((bucket, "us-east-1"), (west, "us-west-2")):
        headers = getattr(s3, operation)(Bucket=name)["ResponseMetadata"]["HTTPHeaders"]
        assert headers["x-amz-bucket-region"] == region


def test_buckets_have_a_location_an_acl_and_ownership(s3: Any, bucket: str) -> None:
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    head = s3.head_bucket(Bucket=bucket)
    assert (head["BucketRegion"], head["BucketArn"]) == ("us-east-1", f"arn:aws:s3:::{bucket}")
    assert head["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "application/xml"
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    acl = s3.get_bucket_acl(Bucket=bucket)
    assert [grant["Permission"] for grant in acl["Grants"]] == ["READ", "FULL_CONTROL"]
    assert [grant["Grantee"]["Type"] for grant in acl["Grants"]] == ["Group", "CanonicalUser"]
    s3.put_bucket_acl(Bucket=bucket, AccessControlPolicy={"Owner": acl["Owner"], "Grants": acl["Grants"][1:]})
    assert len(s3.get_bucket_acl(Bucket=bucket)["Grants"]) == 1
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True
    with pytest.raises(ClientError) as caught:
        s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    assert status_and_code(caught) == (403, "AccessDenied")
    s3.delete_public_access_block(Bucket=bucket)
    rules = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=rules)
    assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"] == rules
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="one", Body=b"1", ACL="public-read")
    assert status_and_code(caught) == (400, "AccessControlListNotSupported")


def test_uploads_and_parts_are_listed_and_aborted(s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=3, Body=b"123")
    (listed,) = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert (listed["Key"], listed["UploadId"]) == ("big", upload)
    (part,) = s3.list_parts(Bucket=bucket, Key="big", UploadId=upload)["Parts"]
    assert (part["PartNumber"], part["Size"], part["ETag"]) == (3, 3, f'"{hashlib.md5(b"123").hexdigest()}"')
    s3.abort_multipart_upload(Bucket=bucket, Key="big", UploadId=upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_a_user_may_what_its_policy_says(client: Client, bucket: str) -> None:
    iam, name = client("iam"), f"reader-of-{bucket}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    theirs = client("s3", key)
    client("s3").put_object(Bucket=bucket, Key="open/1", Body=b"1")
    with pytest.raises(ClientError) as caught:
        theirs.get_object(Bucket=bucket, Key="open/1")
    assert status_and_code(caught) == (403, "AccessDenied")
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/open/*"}
    iam.put_user_policy(
        UserName=name, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    assert theirs.get_object(Bucket=bucket, Key="open/1")["Body"].read() == b"1"
    with pytest.raises(ClientError) as caught:
        theirs.head_object(Bucket=bucket, Key="open/2")
    assert status_and_code(caught) == (403, "403")
    removed = theirs.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "open/1"}]})
    assert [error["Code"] for error in removed["Errors"]] == ["AccessDenied"]
    arn = iam.get_user(UserName=name)["User"]["Arn"]
    granted = {
        "Effect": "Allow",
        "Principal": {"AWS": arn},
        "Action": "s3:DeleteObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [granted]}))
    assert "Errors" not in theirs.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "open/1"}]})


def test_lifecycle_rules_are_carried_out_by_a_running_cloud(tmp_path: Path) -> None:
    with local_cloud(tmp_path / "data", lifecycle_day=0.4) as cloud:
        s3 = boto3.client("s3", **cloud.client_arguments())
        s3.create_bucket(Bucket="fading")
        for key in ("old/1", "new/1"):
            s3.put_object(Bucket="fading", Key=key, Body=b"x")
        rules = [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 1}}]
        s3.put_bucket_lifecycle_configuration(Bucket="fading", LifecycleConfiguration={"Rules": rules})
        assert s3.get_bucket_lifecycle_configuration(Bucket="fading")["Rules"] == rules
        assert s3.put_object(Bucket="fading", Key="old/2", Body=b"x")["Expiration"].endswith('rule-id="old"')
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and s3.list_objects_v2(Bucket="fading")["KeyCount"] > 1:
            time.sleep(0.05)
        assert [one["Key"] for one in s3.list_objects_v2(Bucket="fading")["Contents"]] == ["new/1"]
        s3.delete_bucket_lifecycle(Bucket="fading")
        with pytest.raises(ClientError) as caught:
            s3.get_bucket_lifecycle_configuration(Bucket="fading")
        assert status_and_code(caught) == (404, "NoSuchLifecycleConfiguration")
        s3.close()


def test_requests_to_a_logged_bucket_are_found_in_its_log(tmp_path: Path) -> None:
    with local_cloud(tmp_path / "data", access_log_interval=0.2) as cloud:
        s3 = boto3.client("s3", **cloud.client_arguments())
        s3.create_bucket(Bucket="watched")
        s3.create_bucket(Bucket="log-book", ACL="log-delivery-write")
        target = {"TargetBucket": "log-book", "TargetPrefix": "w/"}
        s3.put_bucket_logging(Bucket="watched", BucketLoggingStatus={"LoggingEnabled": target})
        s3.put_object(Bucket="watched", Key="a b", Body=b"hello")
        s3.get_object(Bucket="watched", Key="a b", Range="bytes=1-3")["Body"].read()
        s3.copy_object(Bucket="log-book", Key="copy", CopySource="watched/a b")
        link = s3.generate_presigned_url("head_object", Params={"Bucket": "watched", "Key": "none"})
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(urllib.request.Request(link, method="HEAD"))
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{cloud.endpoint_url}/watched?acl")
        lines = _log_lines(s3, 6)
        s3.close()
    owner = lines[0][0]
    # owner, bucket, requester, operation, key, status, error, bytes sent, size, signature, authentication
    told = sorted([line[place] for place in (0, 1, 4, 6, 7, 9, 10, 11, 12, 19, 21)] for line in lines)
    signed = ["SigV4", "AuthHeader"]
    wanted = [
        [owner, "REST.COPY.OBJECT_GET", "a%20b", "200", "-", "*", "-", *signed],
        [owner, "REST.GET.OBJECT", "a%20b", "206", "-", "3", "5", *signed],
        [owner, "REST.HEAD.OBJECT", "none", "404", "NoSuchKey", "-", "-", "SigV2", "QueryString"],
        [owner, "REST.PUT.LOGGING_STATUS", "-", "200", "-", "-", "-", *signed],
        [owner, "REST.PUT.OBJECT", "a%20b", "200", "-", "-", "5", *signed],
        ["-", "REST.GET.ACL", "-", "403", "AccessDenied", "*", "-", "-", "-"],
    ]
    shown = [
        [*line[2:7], "*" if want[5] == "*" else line[7], *line[8:]]
        for line, want in zip(told, _sorted(wanted), strict=True)
    ]
    assert shown == _sorted(wanted)
    assert {line[8] for line in lines} >= {"GET /watched/a%20b HTTP/1.1", "PUT /watched?logging HTTP/1.1"}


def _sorted(wanted: list[list[str]]) -> list[list[str]]:
    return sorted(wanted, key=lambda one: one[:5])


def _log_lines(s3: Any, number: int) -> list[list[str]]:
    """The fields of the first lines of the log, when there are so many."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket="log-book", Prefix="w/").get("Contents", [])]
        text = "".join(s3.get_object(Bucket="log-book", Key=key)["Body"].read().decode() for key in keys)
        found = [re.findall(r'\[.*?\]|".*?"|\S+', line) for line in text.splitlines()]
        found = sorted(([field.strip('"') for field in line] for line in found), key=lambda line: line[2])
        if len(found) >= number:
            return found
        time.sleep(0.1)
    raise TimeoutError


def test_files_with_nothing_in_them_go_by_the_same_connection_as_others(cloud: Any) -> None:
    s3 = boto3.client("s3", **cloud.client_arguments(), config=Config(max_pool_connections=1, read_timeout=10))
    bucket = f"empty-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=bucket)
    for number, data in enumerate((b"", b"1", b"", b"22", b"333")):
        s3.put_object(Bucket=bucket, Key=str(number), Body=io.BytesIO(data))
        assert s3.head_object(Bucket=bucket, Key=str(number))["ContentLength"] == len(data)
    s3.close()


def test_versions_and_delete_markers_come_in_the_order_of_the_listing(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    made: list[tuple[str, str]] = []
    for key in ("one", "two"):
        made += [
            ("Version", s3.put_object(Bucket=bucket, Key=key, Body=b"1")["VersionId"]),
            ("DeleteMarker", s3.delete_object(Bucket=bucket, Key=key)["VersionId"]),
            ("Version", s3.put_object(Bucket=bucket, Key=key, Body=b"2")["VersionId"]),
        ]
    url = s3.generate_presigned_url("list_object_versions", Params={"Bucket": bucket})
    with urllib.request.urlopen(url) as answer:
        root = ET.fromstring(answer.read())
    space = "{http://s3.amazonaws.com/doc/2006-03-01/}"
    listed = [(child.tag.removeprefix(space), child.findtext(f"{space}VersionId")) for child in root]
    assert [entry for entry in listed if entry[1]] == [*reversed(made[:3]), *reversed(made[3:])]

"""S3's answers on the wire: statuses, documents and headers where SDKs do not look, over raw requests."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
import requests

from marinelayer.testing import LocalCloud

Clients = Callable[..., Any]
BODY = b"hello world"


@pytest.fixture
def k(client: Clients, bucket: str) -> str:
    """The path of an object."""
    client("s3").put_object(Bucket=bucket, Key="k", Body=BODY, ContentType="text/plain")
    return f"/{bucket}/k"


def elements(answer: Any) -> list[str]:
    return [element.tag.rpartition("}")[2] for element in ET.fromstring(answer.body)]


@pytest.mark.parametrize(
    ("method", "target", "headers", "status", "code", "details"),
    [
        ("GET", "/missing", {}, 404, "NoSuchKey", ["Key"]),
        ("GET", "?policy", {}, 404, "NoSuchBucketPolicy", ["BucketName"]),
        ("GET", "/k", {"Range": "bytes=100-"}, 416, "InvalidRange", ["RangeRequested", "ActualObjectSize"]),
        ("GET", "/k", {"If-Match": '"x"'}, 412, "PreconditionFailed", ["Condition"]),
        ("PUT", "/k", {"If-None-Match": "*"}, 412, "PreconditionFailed", ["Condition"]),
        ("GET", "/k?versionId=x", {}, 400, "InvalidArgument", ["ArgumentName", "ArgumentValue"]),
        ("GET", "/k?versionId=" + "0" * 32, {}, 404, "NoSuchVersion", ["Key", "VersionId"]),
        ("GET", "/k?partNumber=2", {}, 416, "InvalidPartNumber", ["ActualPartCount", "PartNumberRequested"]),
        ("GET", "?max-keys=-1", {}, 400, "InvalidArgument", ["ArgumentName", "ArgumentValue"]),
        ("GET", "/k?uploadId=x", {}, 404, "NoSuchUpload", ["UploadId"]),
        ("PUT", "/k", {"x-amz-storage-class": "COLD"}, 400, "InvalidStorageClass", ["StorageClassRequested"]),
        ("PUT", "/k", {"x-amz-acl": "nobody"}, 400, "InvalidArgument", ["ArgumentName", "ArgumentValue"]),
        ("PUT", "/k?acl", {}, 400, "MissingSecurityHeader", ["MissingHeaderName"]),
        ("PUT", "/k", {"x-amz-meta-a": "x" * 2048}, 400, "MetadataTooLarge", ["Size", "MaxSizeAllowed"]),
        ("PUT", "/" + "k" * 1025, {}, 400, "KeyTooLongError", ["Size", "MaxSizeAllowed"]),
        ("PATCH", "/k", {}, 405, "MethodNotAllowed", ["Method", "ResourceType"]),
        ("POST", "/k", {}, 405, "MethodNotAllowed", ["Method", "ResourceType"]),
        ("FOO", "", {}, 405, "MethodNotAllowed", ["Method", "ResourceType"]),
        ("DELETE", "", {}, 409, "BucketNotEmpty", ["BucketName"]),
        ("PUT", "/k", {"x-amz-copy-source": "/nowhere-at-all/k"}, 404, "NoSuchBucket", ["BucketName"]),
        (
            "GET",
            "/k?attributes",
            {"x-amz-object-attributes": "E"},
            400,
            "InvalidArgument",
            ["ArgumentName", "ArgumentValue"],
        ),
        ("GET", "?session", {}, 501, "NotImplemented", []),
    ],
)
def test_an_error_is_a_document_of_code_message_details_and_ids(
    signed: Clients,
    k: str,
    method: str,
    target: str,
    headers: dict[str, str],
    status: int,
    code: str,
    details: list[str],
) -> None:
    answer = signed(method, k.removesuffix("/k") + target, b"", headers)
    assert (answer.status, answer.code) == (status, code)
    assert elements(answer) == ["Code", "Message", *details, "RequestId", "HostId"]
    assert answer.headers["Content-Type"] == "application/xml"
    assert answer.element("RequestId") == answer.headers["x-amz-request-id"]
    assert answer.element("HostId") == answer.headers["x-amz-id-2"]
    assert answer.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<Error>')


def test_a_head_has_the_status_and_ids_of_the_error_and_no_document(signed: Clients, k: str) -> None:
    for target, headers, status in (
        (k + "x", {}, 404),
        (k, {"If-Match": '"x"'}, 412),
        (k, {"Range": "bytes=100-"}, 416),
        ("/no-such-bucket-at-all", {}, 404),
        (k + "?versionId=x", {}, 400),
    ):
        answer = signed("HEAD", target, b"", headers)
        assert (answer.status, answer.body) == (status, b"")
        assert answer.headers["x-amz-request-id"]
        assert answer.headers["x-amz-id-2"]
        assert answer.headers["Content-Type"] == "application/xml"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_has_not_changed_is_said_in_headers_alone(signed: Clients, k: str, method: str) -> None:
    tag = f'"{hashlib.md5(BODY).hexdigest()}"'
    modified = signed("HEAD", k).headers["Last-Modified"]
    for headers in ({"If-None-Match": tag}, {"If-Modified-Since": modified}):
        answer = signed(method, k, b"", headers)
        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag)
        assert answer.headers["Last-Modified"]
        assert "Content-Length" not in answer.headers
        assert answer.headers["x-amz-request-id"]


def test_every_answer_has_its_ids_and_xml_says_that_it_is(signed: Clients, send: Clients, k: str) -> None:
    bucket = k.removesuffix("/k")
    xml = ["/", bucket, f"{bucket}/", f"{bucket}?list-type=2", f"{bucket}?acl", f"{bucket}?location", f"{k}?acl"]
    for target in xml:
        answer = signed("GET", target)
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/xml"), target
    answers = [signed("GET", target) for target in (*xml, k)]
    answers += [signed("PUT", k, b"x"), signed("DELETE", k), signed("HEAD", bucket), send("GET", "/"), send("FOO", "/")]
    assert all(re.fullmatch(r"[0-9A-Z]{16}", answer.headers["x-amz-request-id"]) for answer in answers)
    assert all(len(base64.b64decode(answer.headers["x-amz-id-2"])) == 56 for answer in answers)
    assert len({answer.headers["x-amz-request-id"] for answer in answers}) == len(answers)
    assert {answer.headers["Server"] for answer in answers} == {"AmazonS3"}


def test_lists_tell_times_in_milliseconds_of_zero(signed: Clients, k: str) -> None:
    bucket = k.removesuffix("/k")
    for target, name in (("/", "CreationDate"), (bucket, "LastModified"), (f"{bucket}?list-type=2", "LastModified")):
        moment = signed("GET", target).element(name)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", moment), target


def test_answers_say_what_they_vary_by_only_to_other_origins(signed: Clients, k: str) -> None:
    assert "Vary" not in signed("GET", k).headers
    assert "Vary" not in signed("GET", k + "x").headers


def test_a_stranger_lists_no_buckets(send: Clients) -> None:
    answer = send("GET", "/")
    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert elements(answer) == ["Code", "Message", "RequestId", "HostId"]


# --- keys and lists -------------------------------------------------------------------------------------------------

KEYS = ["a//b", "/lead", "./dot", "a/../b", "a/./b", "a/", "%2e%2e/x", "sp%20ace", "pl+us", "%C3%BC", "a%2Fb", "a%25b"]


def test_a_key_is_what_the_path_says_and_nothing_is_normalised(client: Clients, signed: Clients, bucket: str) -> None:
    for raw in KEYS:
        assert signed("PUT", f"/{bucket}/{raw}", raw.encode()).status == 200
    listed = [entry["Key"] for entry in client("s3").list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == sorted(
        ["a//b", "/lead", "./dot", "a/../b", "a/./b", "a/", "../x", "sp ace", "pl+us", "ü", "a/b", "a%b"]
    )
    for raw in KEYS:
        assert signed("GET", f"/{bucket}/{raw}").body == raw.encode()


@pytest.mark.parametrize("raw", ["%FF", "%zz", "%C3"])
def test_a_path_that_is_no_text_is_refused(signed: Clients, bucket: str, raw: str) -> None:
    for method in ("PUT", "GET"):
        answer = signed(method, f"/{bucket}/{raw}", b"")
        assert (answer.status, answer.code) == (400, "InvalidURI")


def test_a_bucket_with_a_slash_after_it_is_the_bucket(signed: Clients, k: str) -> None:
    bucket = k.removesuffix("/k")
    assert signed("GET", bucket).body == signed("GET", f"{bucket}/").body
    assert signed("HEAD", f"{bucket}/").status == 200


@pytest.mark.parametrize("version", ["", "&list-type=2"])
def test_lists_of_nothing_are_whole(signed: Clients, k: str, version: str) -> None:
    bucket = k.removesuffix("/k")
    for query in ("max-keys=0", "prefix=nothing", "prefix=k&max-keys=0&delimiter=/"):
        answer = signed("GET", f"{bucket}?{query}{version}")
        assert (answer.status, answer.element("IsTruncated"), answer.element("Contents")) == (200, "false", None)
    everything = signed("GET", f"{bucket}?prefix=&delimiter=&marker=&max-keys=5000{version}")
    assert (everything.element("Key"), everything.element("MaxKeys")) == ("k", "1000")


def delete(signed: Clients, bucket: str, keys: list[str]) -> Any:
    document = f"<Delete>{''.join(f'<Object><Key>{key}</Key></Object>' for key in keys)}</Delete>".encode()
    md5 = base64.b64encode(hashlib.md5(document).digest()).decode()
    return signed("POST", f"/{bucket}?delete", document, {"Content-MD5": md5})


def test_a_thousand_keys_are_deleted_at_once_and_not_one_more(signed: Clients, k: str) -> None:
    bucket = k.split("/")[1]
    keys = [f"missing-{number}" for number in range(1000)]
    for wrong in ([*keys, "k"], []):
        answer = delete(signed, bucket, wrong)
        assert (answer.status, answer.code) == (400, "MalformedXML")
    assert signed("GET", k).status == 200
    answer = delete(signed, bucket, [*keys[:-1], "k"])
    assert (answer.status, elements(answer)) == (200, ["Deleted"] * 1000)
    assert signed("GET", k).status == 404


@pytest.mark.parametrize(
    "name",
    ["ab", "x" * 64, "Upper", "under_score", "192.168.1.1", "-abc", "abc-", ".abc", "abc.", "a..b", "a.-b", "xn--abc",
     "sthree-abc", "abc-s3alias", "abc--ol-s3", "abc.mrap", "abc--x-s3", "%20abc", "%C3%BCber"],
)  # fmt: skip
def test_a_bucket_may_not_be_called_so(signed: Clients, name: str) -> None:
    answer = signed("PUT", f"/{name}")
    assert (answer.status, answer.code) == (400, "InvalidBucketName")


# --- lengths --------------------------------------------------------------------------------------------------------


def exchange(cloud: LocalCloud, request: bytes) -> bytes:
    address = urlsplit(cloud.endpoint_url)
    assert address.hostname is not None
    with socket.create_connection((address.hostname, address.port or 80), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


@pytest.fixture
def open_bucket(client: Clients, bucket: str) -> str:
    """A bucket that anyone may write."""
    client("s3").put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    return bucket


def test_who_sends_an_object_must_say_how_long_it_is(cloud: LocalCloud, open_bucket: str) -> None:
    answer = exchange(cloud, f"PUT /{open_bucket}/k HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 411 ")
    assert b"<Code>MissingContentLength</Code>" in answer


def test_an_object_in_chunks_of_http_is_refused_as_s3_does(
    client: Clients, cloud: LocalCloud, open_bucket: str
) -> None:
    head = f"PUT /{open_bucket}/k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    answer = exchange(cloud, head + b"5\r\nhello\r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 501 ")
    assert b"<Code>NotImplemented</Code>" in answer
    assert b"<Header>Transfer-Encoding</Header>" in answer
    assert "Contents" not in client("s3").list_objects_v2(Bucket=open_bucket)


def test_what_has_no_body_needs_no_length(cloud: LocalCloud, client: Clients, k: str) -> None:
    s3, bucket = client("s3"), k.split("/")[1]
    parameters = {"Bucket": bucket, "Key": "copy", "CopySource": k[1:]}
    address = urlsplit(s3.generate_presigned_url("copy_object", Params=parameters))
    copy = (
        f"PUT {address.path}?{address.query} HTTP/1.1\r\nHost: {address.netloc}\r\nx-amz-copy-source: {k[1:]}\r\n\r\n"
    )
    assert exchange(cloud, copy.encode()).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("method", "query", "headers", "message"),
    [
        ("PUT", "", ("x-amz-copy-source",), "Anonymous users cannot copy objects.  Please authenticate."),
        ("POST", "?uploads", (), "Anonymous users cannot initiate multipart uploads.  Please authenticate."),
    ],
)
def test_nobody_copies_or_begins_an_upload_even_where_everybody_may_everything(
    client: Clients,
    cloud: LocalCloud,
    bucket: str,
    k: str,
    method: str,
    query: str,
    headers: tuple[str, ...],
    message: str,
) -> None:
    everything = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": everything})
    client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    address = f"{cloud.endpoint_url}/{bucket}/new"
    assert requests.put(address, data=b"1", timeout=20).status_code == 200
    refused = requests.request(method, address + query, headers=dict.fromkeys(headers, k), timeout=20)
    assert refused.status_code == 403
    told = {element.tag.rpartition("}")[2]: element.text for element in ET.fromstring(refused.content)}
    assert (told["Code"], told["Message"]) == ("AccessDenied", message)

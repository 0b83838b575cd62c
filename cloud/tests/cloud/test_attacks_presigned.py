"""Attacks on presigned links: nothing but what was signed, for no longer, however the link is rewritten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from botocore.config import Config

Client = Callable[..., Any]
Send = Callable[..., Any]

FAR_AWAY = "9999999999"


@pytest.fixture
def link(client: Client, bucket: str) -> Callable[..., tuple[str, list[tuple[str, str]]]]:
    """`link(operation, version, **parameters)`: the path of a presigned link and its query's pairs."""
    client("s3").put_object(Bucket=bucket, Key="k", Body=b"secret")

    def presign(
        operation: str, version: str = "s3", seconds: int = 600, **parameters: Any
    ) -> tuple[str, list[tuple[str, str]]]:
        signer = client("s3", config=Config(signature_version=version))
        where = {"Bucket": bucket, "Key": "k"} | parameters
        parts = urlsplit(signer.generate_presigned_url(operation, where, ExpiresIn=seconds))
        return parts.path, parse_qsl(parts.query, keep_blank_values=True)

    return presign


@pytest.fixture
def expired(client: Client, bucket: str, link: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """A link of Signature Version 2 that was good a second long."""
    path, pairs = link("get_object", seconds=-1000)
    return path, dict(pairs)


@pytest.mark.parametrize(
    "rewritten",
    [
        "{rest}&Expires={far}&expires={near}",
        "{rest}&expires={near}&Expires={far}",
        "{rest}&Expires={far}&EXPIRES={near}",
        "{rest}&Expires={far}&%65xpires={near}",
        "{rest}&Expires={far}&Expires={near}",
        "{rest}&Expires={near}&Expires={far}",
        "{rest}&Expires={far}",
    ],
)
def test_an_expired_link_can_not_be_given_another_end(
    send: Send, expired: tuple[str, dict[str, str]], rewritten: str
) -> None:
    path, query = expired
    near = query.pop("Expires")
    answer = send("GET", f"{path}?{rewritten.format(rest=urlencode(query), near=near, far=FAR_AWAY)}")
    assert answer.status in {400, 403}
    assert b"secret" not in answer.body


def test_a_signed_header_can_not_be_dropped_by_hiding_it_in_another(
    client: Client, bucket: str, send: Send, link: Callable[..., Any]
) -> None:
    path, pairs = link("put_object", Metadata={"a": "1", "b": "2"})
    query = dict(pairs)
    assert query.pop("x-amz-meta-b") == "2"
    query["x-amz-meta-a"] = "1\nx-amz-meta-b:2"
    assert send("PUT", f"{path}?{urlencode(query, quote_via=quote)}", b"x").status == 403
    assert client("s3").get_object(Bucket=bucket, Key="k")["Body"].read() == b"secret"


@pytest.mark.parametrize(
    "twice", ["x-amz-acl=public-read&x-amz-acl=private", "X-Amz-Acl=public-read&x-amz-acl=private"]
)
def test_a_parameter_that_is_signed_stands_once(send: Send, link: Callable[..., Any], twice: str) -> None:
    path, pairs = link("put_object", ACL="private")
    rest = urlencode([pair for pair in pairs if pair[0] != "x-amz-acl"])
    assert send("PUT", f"{path}?{rest}&{twice}", b"x").status == 403


@pytest.mark.parametrize("version", ["s3", "s3v4"])
@pytest.mark.parametrize("operation", ["get_object", "put_object", "delete_object"])
def test_a_link_is_good_for_one_method(
    client: Client, bucket: str, send: Send, link: Callable[..., Any], version: str, operation: str
) -> None:
    path, pairs = link(operation, version)
    own = operation.partition("_")[0].upper()
    for method in {"GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "get"} - {own}:
        assert send(method, f"{path}?{urlencode(pairs)}").status in {400, 403, 405}, method
    assert client("s3").get_object(Bucket=bucket, Key="k")["Body"].read() == b"secret"


SUB_RESOURCES = [
    "acl",
    "policy",
    "tagging",
    "uploads",
    "versionId=null",
    "partNumber=1",
    "uploadId=1",
    "delete",
    "versioning",
    "location",
    "restore",
    "select",
    "retention",
    "legal-hold",
    "torrent",
    "attributes",
    "response-content-type=text/html",
    "cors",
    "lifecycle",
    "website",
    "publicAccessBlock",
    "ownershipControls",
    "renameObject",
]


@pytest.mark.parametrize("version", ["s3", "s3v4"])
@pytest.mark.parametrize("operation", ["get_object", "put_object", "delete_object"])
def test_a_link_is_good_for_no_sub_resource(
    client: Client, bucket: str, send: Send, link: Callable[..., Any], version: str, operation: str
) -> None:
    path, pairs = link(operation, version)
    method = operation.partition("_")[0].upper()
    for added in SUB_RESOURCES:
        answer = send(method, f"{path}?{added}&{urlencode(pairs)}", b"x" if method == "PUT" else b"")
        assert answer.status in {400, 403, 405}, added
        assert b"secret" not in answer.body
    assert client("s3").get_object(Bucket=bucket, Key="k")["Body"].read() == b"secret"


@pytest.mark.parametrize("version", ["s3", "s3v4"])
@pytest.mark.parametrize(
    "headers",
    [
        {"x-amz-acl": "public-read"},
        {"X-AMZ-ACL": "public-read"},
        {"x-amz-grant-read": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'},
        {"x-amz-copy-source": "/another/secret"},
        {"x-amz-meta-a": "1"},
        {"x-amz-storage-class": "GLACIER"},
        {"x-amz-security-token": "t"},
        {"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-decoded-content-length": "0"},
        {"x-amz-write-offset-bytes": "0"},
        {"x-amz-target": "AmazonSQS.SendMessage"},
        {"Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_a_link_takes_no_field_that_was_not_signed(
    client: Client, bucket: str, send: Send, link: Callable[..., Any], version: str, headers: dict[str, str]
) -> None:
    path, pairs = link("put_object", version)
    assert send("PUT", f"{path}?{urlencode(pairs)}", b"forged", headers).status in {400, 403}
    assert client("s3").get_object(Bucket=bucket, Key="k")["Body"].read() == b"secret"


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_link_leads_to_one_object_however_its_address_is_written(
    client: Client, bucket: str, send: Send, link: Callable[..., Any], version: str
) -> None:
    s3 = client("s3")
    s3.put_object(Bucket=bucket, Key="a/b", Body=b"nested")
    s3.put_object(Bucket=bucket, Key="b", Body=b"secret")
    path, pairs = link("get_object", version, Key="a/b")
    assert send("GET", f"{path}?{urlencode(pairs)}").body == b"nested"
    for other in (
        f"/{bucket}/b",
        f"/{bucket}%2Fa/b",
        f"/%2F{bucket}/a/b",
        f"//{bucket}/a/b",
        f"/{bucket}//a/b",
        f"/{bucket}/a//b",
        f"/{bucket}/./a/b",
        f"/{bucket}/a/../b",
        f"/{bucket}/x/../a/b",
        f"/{bucket}/a/b/",
        f"/{bucket}/a%252Fb",
        f"/{bucket.upper()}/a/b",
    ):
        answer = send("GET", f"{other}?{urlencode(pairs)}")
        assert answer.status in {400, 403, 404}, other
        assert b"secret" not in answer.body
    for host in (f"{bucket}.localhost", f"{bucket}.s3.amazonaws.com", "other.localhost"):
        assert send("GET", f"/a/b?{urlencode(pairs)}", headers={"Host": host}).status in {200, 403, 404}, host
        assert send("GET", f"/b?{urlencode(pairs)}", headers={"Host": host}).status == 403, host


def test_a_slash_that_is_written_otherwise_is_the_same_key(client: Client, bucket: str, send: Send, link: Any) -> None:
    # Both spellings have one canonical form; they must not be two objects.
    path, pairs = link("put_object", "s3v4", Key="a/b")
    assert send("PUT", f"{path.replace('a/b', 'a%2Fb')}?{urlencode(pairs)}", b"x").status == 200
    assert [entry["Key"] for entry in client("s3").list_objects_v2(Bucket=bucket)["Contents"]] == ["a/b", "k"]


def test_what_a_link_says_of_its_body_is_part_of_what_is_signed(send: Send, link: Callable[..., Any]) -> None:
    for version in ("s3v4", "s3"):
        path, pairs = link("put_object", version)
        target = f"{path}?{urlencode(pairs)}"
        hashes = ("0" * 64, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
        for value in hashes:
            headers = {"x-amz-content-sha256": value, "x-amz-decoded-content-length": "1"}
            assert send("PUT", target, b"x", headers=headers).status == 403, (version, value)
            del headers["x-amz-decoded-content-length"]
            assert send("PUT", target, b"x", headers=headers).status == 403, (version, value)
    path, pairs = link("put_object", "s3v4")
    said = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
    assert send("PUT", f"{path}?{urlencode(pairs)}", b"x", headers=said).status == 200


def test_the_clock_and_reach_of_a_link_are_part_of_what_is_signed(send: Send, link: Callable[..., Any]) -> None:
    path, pairs = link("get_object", "s3v4")
    query = dict(pairs)
    key, day, region, service, end = query["X-Amz-Credential"].split("/")
    for changed in (
        {"X-Amz-Expires": "604800"},
        {"X-Amz-Expires": "604801"},
        {"X-Amz-Expires": "-1"},
        {"X-Amz-Expires": "0"},
        {"X-Amz-Expires": "1e9"},
        {"X-Amz-Date": f"{day}T235959Z"},
        {"X-Amz-Credential": f"{key}/{day}/eu-west-1/{service}/{end}"},
        {"X-Amz-Credential": f"{key}/{day}/{region}/s3express/{end}"},
        {"X-Amz-Credential": f"{key}/{day}/{region}/iam/{end}"},
        {"X-Amz-Credential": f"{key}/{day}/{region}/{service}/aws5_request"},
        {"X-Amz-SignedHeaders": ""},
        {"X-Amz-SignedHeaders": "range"},
        {"X-Amz-SignedHeaders": "host;host"},
        {"X-Amz-SignedHeaders": "Host"},
        {"X-Amz-Algorithm": "AWS4-HMAC-SHA1"},
        {"X-Amz-Algorithm": "none"},
        {"X-Amz-Algorithm": "AWS4-ECDSA-P256-SHA256"},
        {"X-Amz-Signature": ""},
        {"X-Amz-Signature": query["X-Amz-Signature"].upper()},
        {"X-Amz-Signature": query["X-Amz-Signature"][:32]},
        {"X-Amz-Security-Token": "t"},
        {"X-Amz-Content-Sha256": "0" * 64},
        {"x-amz-acl": "public-read"},
    ):
        answer = send("GET", f"{path}?{urlencode(query | changed)}")
        assert answer.status in {400, 403}, changed
        assert b"secret" not in answer.body
    for missing in query:
        rest = {name: value for name, value in query.items() if name != missing}
        assert send("GET", f"{path}?{urlencode(rest)}").status in {400, 403}, missing
    for name, value in query.items():
        assert send("GET", f"{path}?{urlencode(query)}&{name}={quote(value)}").status in {400, 403}, name


@pytest.mark.parametrize("target", ["/", "/?Action=ListUsers&Version=2010-05-08"])
@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_link_for_s3_leads_to_no_other_service(
    send: Send, link: Callable[..., Any], version: str, target: str
) -> None:
    _, pairs = link("get_object", version)
    where = target + ("&" if "?" in target else "?") + urlencode(pairs)
    for headers in (
        {"Host": "iam.amazonaws.com"},
        {"X-Amz-Target": "RekognitionService.DetectText", "Content-Type": "application/x-amz-json-1.1"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ):
        for method in ("GET", "POST"):
            answer = send(method, where, b"Action=ListUsers&Version=2010-05-08", headers)
            assert answer.status in {400, 403}, (method, headers)
            assert b"ListUsersResult" not in answer.body

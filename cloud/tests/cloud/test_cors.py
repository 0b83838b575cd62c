"""What a browser of another origin is told, over raw requests: preflights, and answers of every kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config

Clients = Callable[..., Any]
ORIGIN = "https://city.example"
PUT = {"Origin": ORIGIN, "Access-Control-Request-Method": "PUT"}


def told(answer: Any) -> dict[str, str]:
    """The fields of CORS, without their common beginning, and Vary."""
    fields = {name.lower(): value for name, value in answer.headers.items()}
    return {
        name.removeprefix("access-control-"): value
        for name, value in fields.items()
        if name == "vary" or name.startswith("access-control-")
    }


def allow(client: Clients, bucket: str, **rule: Any) -> None:
    rules = [{"AllowedOrigins": [ORIGIN], "AllowedMethods": ["GET", "PUT"], **rule}]
    client("s3").put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})


@pytest.fixture
def open_bucket(client: Clients, bucket: str) -> str:
    client("s3").put_bucket_acl(Bucket=bucket, ACL="public-read")
    allow(client, bucket)
    return bucket


@pytest.mark.parametrize("target", ["", "/k"])
def test_a_bucket_without_rules_refuses_every_preflight(send: Clients, bucket: str, target: str) -> None:
    answer = send("OPTIONS", f"/{bucket}{target}", b"", PUT)
    assert (answer.status, answer.code) == (403, "AccessForbidden")
    assert answer.element("Message") == "CORSResponse: CORS is not enabled for this bucket."
    assert (answer.element("Method"), answer.element("ResourceType")) == ("PUT", "BUCKET")
    assert told(answer) == {}
    assert send("OPTIONS", "/no-such-bucket-at-all", b"", PUT).element("Message") == "CORSResponse: Bucket not found"
    assert send("OPTIONS", "/", b"", PUT).code == "MethodNotAllowed"


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_preflight_of_a_presigned_address_is_no_use_of_its_signature(
    send: Clients, client: Clients, bucket: str, version: str
) -> None:
    s3 = client("s3", config=Config(signature_version=version))
    url = urlsplit(s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "k"}))
    target = f"{url.path}?{url.query}"
    assert send("OPTIONS", target).code == "BadRequest"
    assert send("OPTIONS", target, b"", PUT).code == "AccessForbidden"
    allow(client, bucket)
    answer = send("OPTIONS", target, b"", PUT)
    assert (answer.status, answer.body, told(answer)["allow-origin"]) == (200, b"", ORIGIN)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "Insufficient information. Origin request header needed."),
        ({"Origin": ORIGIN}, "Invalid Access-Control-Request-Method: null"),
        ({**PUT, "Access-Control-Request-Method": "PATCH"}, "Invalid Access-Control-Request-Method: PATCH"),
    ],
)
def test_a_preflight_must_say_from_where_and_for_what(
    send: Clients, open_bucket: str, headers: dict[str, str], message: str
) -> None:
    answer = send("OPTIONS", f"/{open_bucket}/k", b"", headers)
    assert (answer.status, answer.code, answer.element("Message")) == (400, "BadRequest", message)


def test_a_preflight_is_answered_by_the_rule_that_fits(send: Clients, client: Clients, bucket: str) -> None:
    allow(client, bucket, AllowedHeaders=["*"], ExposeHeaders=["ETag"], MaxAgeSeconds=30)
    asked = {**PUT, "Access-Control-Request-Headers": "Content-MD5,x-amz-date"}
    for headers in (asked, {**asked, "Host": f"{bucket}.localhost"}):
        target = "/k" if "Host" in headers else f"/{bucket}/k"
        answer = send("OPTIONS", target, b"", headers)
        assert (answer.status, answer.body) == (200, b"")
        assert told(answer) == {
            "allow-origin": ORIGIN,
            "allow-credentials": "true",
            "allow-methods": "GET, PUT",
            "allow-headers": "content-md5, x-amz-date",
            "expose-headers": "ETag",
            "max-age": "30",
            "vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
        }
        assert answer.headers["x-amz-request-id"]
        assert "Content-Type" not in answer.headers
    for target, resource in (("", "BUCKET"), ("/k", "OBJECT")):
        answer = send("OPTIONS", f"/{bucket}{target}", b"", {**asked, "Origin": "https://other.example"})
        assert (answer.status, answer.code, answer.element("ResourceType")) == (403, "AccessForbidden", resource)
        assert told(answer) == {}


def test_answers_say_who_may_see_them_and_so_do_refusals(
    send: Clients, signed: Clients, client: Clients, open_bucket: str
) -> None:
    client("s3").put_object(Bucket=open_bucket, Key="k", Body=b"x" * 100_000, ACL="public-read")
    seen = {
        "allow-origin": ORIGIN,
        "allow-credentials": "true",
        "allow-methods": "GET, PUT",
        "vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    }
    origin = {"Origin": ORIGIN}
    for method, target, status in (
        ("GET", f"/{open_bucket}/k", 200),
        ("GET", f"/{open_bucket}", 200),
        ("GET", f"/{open_bucket}/missing", 404),
        ("PUT", f"/{open_bucket}/k", 403),
    ):
        answer = send(method, target, b"", origin)
        assert (answer.status, told(answer)) == (status, seen)
    unknown = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "x"}
    answer = signed("GET", f"/{open_bucket}/k", b"", origin, key=unknown)
    assert (answer.code, told(answer)) == ("InvalidAccessKeyId", seen)
    assert told(signed("PUT", f"/{open_bucket}/k", b"", origin)) == seen


def test_nothing_is_said_to_an_origin_that_no_rule_names_nor_without_one(send: Clients, open_bucket: str) -> None:
    for headers in ({}, {"Origin": "https://other.example"}, {**PUT, "Access-Control-Request-Method": "DELETE"}):
        answer = send("GET", f"/{open_bucket}", b"", headers)
        assert (answer.status, told(answer)) == (200, {})
    assert told(send("HEAD", f"/{open_bucket}", b"", {"Origin": ORIGIN})) == {}
    for target in ("/", "/%zz", "/no-such-bucket-at-all/k", "/?Action=GetCallerIdentity&Version=2011-06-15"):
        assert told(send("GET", target, b"", {"Origin": ORIGIN})) == {}


def test_a_document_of_rules_is_at_most_64_kib(signed: Clients, bucket: str) -> None:
    rule = b"<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>"
    document = b"<CORSConfiguration>%s</CORSConfiguration>"
    assert signed("PUT", f"/{bucket}?cors", document % (rule + b" " * 60_000)).status == 200
    answer = signed("PUT", f"/{bucket}?cors", document % (rule + b" " * 66_000))
    assert (answer.status, answer.code) == (400, "MaxMessageLengthExceeded")

"""Attacks on the cloud's time and memory by someone without credentials."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from marinelayer.model.catalogue import catalogue
from marinelayer.model.service import load_service
from marinelayer.testing import LocalCloud

Client = Callable[..., Any]
Send = Callable[..., Any]

CPU_SECONDS = 3.0
"""What one request of a stranger may cost; the server runs in this process. Ten times what the dearest one takes."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "RekognitionService.DetectText"}
MEGABYTE = 1 << 20


@pytest.fixture
def public(client: Client, bucket: str) -> str:
    """A bucket that anyone may read and write: what strangers reach furthest into."""
    s3 = client("s3")
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ACL="public-read")
    return bucket


HOSTILE: dict[str, tuple[str, str, Mapping[str, str], bytes]] = {
    "a range of many digits": ("GET", "/{b}/k", {"Range": f"bytes={'9' * 8000}-"}, b""),
    "a range to many digits": ("GET", "/{b}/k", {"Range": f"bytes=0-{'9' * 8000}"}, b""),
    "a suffix of many digits": ("GET", "/{b}/k", {"Range": f"bytes=-{'9' * 8000}"}, b""),
    "many ranges": ("GET", "/{b}/k", {"Range": "bytes=" + ",".join(f"{i}-{i}" for i in range(2000))}, b""),
    "a range of blanks": ("GET", "/{b}/k", {"Range": "bytes=" + " " * 8000 + "1"}, b""),
    "a range of digits and blanks": ("GET", "/{b}/k", {"Range": "bytes=" + "1" * 7000 + " " * 7000}, b""),
    "many entity tags": ("GET", "/{b}/k", {"If-None-Match": ",".join(['"a"'] * 3000)}, b""),
    "a date that is none": ("GET", "/{b}/k", {"If-Modified-Since": "Mon, " * 3000}, b""),
    "a date of many digits": ("GET", "/{b}/k", {"If-Modified-Since": f"Mon, 01 Jan {'9' * 8000} 00:00:00 GMT"}, b""),
    "a date before all": ("GET", "/{b}/k", {"If-Modified-Since": "Mon, 01 Jan 0001 00:00:00 +2359"}, b""),
    "a number of many digits": ("GET", f"/{{b}}?max-keys={'9' * 7000}", {}, b""),
    "a part of many digits": ("GET", f"/{{b}}/k?partNumber={'9' * 7000}", {}, b""),
    "a page token that is none": ("GET", f"/{{b}}?list-type=2&continuation-token={'A' * 7000}", {}, b""),
    "a prefix that is no text": ("GET", "/{b}?prefix=%ff", {}, b""),
    "half a surrogate": ("GET", "/{b}?list-type=2&start-after=%ed%a0%80", {}, b""),
    "NULs": ("GET", "/{b}/%00?versionId=%00", {}, b""),
    "many parameters": ("GET", "/{b}?" + "&".join(f"a{i}" for i in range(1500)), {}, b""),
    "many signed fields": ("GET", "/{b}/k", {f"x-amz-{i}": "" for i in range(1100)}, b""),
    "many encoded words": ("PUT", "/{b}/new", {"x-amz-meta-a": "=?a?q?\t" * 2200}, b"x"),
    "encoded words of any codec": ("PUT", "/{b}/new", {"x-amz-meta-a": "=?punycode?q?" + "a" * 7000 + "?="}, b"x"),
    "half a surrogate in a word": ("PUT", "/{b}/new", {"x-amz-meta-a": "=?utf-7?q?+2AA-?="}, b"x"),
    "a word that is escaped": ("PUT", "/{b}/new", {"x-amz-meta-a": "=?unicode_escape?q?=5Cud800?="}, b"x"),
    "an Expires beyond time": ("PUT", "/{b}/new", {"Expires": "Mon, 01 Jan 10000 00:00:00 +9999"}, b"x"),
    "an Expires before time": ("PUT", "/{b}/new", {"Expires": "Mon, 01 Jan 0001 00:00:00 +2359"}, b"x"),
    "a digest of any length": ("PUT", "/{b}/new", {"Content-MD5": "x" * 15_000}, b"x"),
    "a copy source of nothing": ("PUT", "/{b}/new", {"x-amz-copy-source": "%"}, b""),
    "a copy source of other bytes": ("PUT", "/{b}/new", {"x-amz-copy-source": "\xff%ff/%00"}, b""),
    "entities": ("PUT", "/{b}?acl", {}, b'<!DOCTYPE a [<!ENTITY b "' + b"b" * 999 + b'">]><a>' + b"&b;" * 999 + b"</a>"),
    "elements in elements": ("PUT", "/{b}?acl", {}, b"<a>" * 500_000),
    "attributes": ("PUT", "/{b}?acl", {}, b"<a " + b" ".join(b"a%d=''" % i for i in range(100_000)) + b"/>"),
    "namespaces": ("PUT", "/{b}?acl", {}, b"<a " + b" ".join(b"xmlns:a%d='b'" % i for i in range(80_000)) + b"/>"),
    "elements": ("PUT", "/{b}?acl", {}, b"<AccessControlPolicy>" + b"<a/>" * 249_000 + b"</AccessControlPolicy>"),
    "a policy of brackets": ("PUT", "/{b}?policy", {}, b"[" * MEGABYTE),
    "keys to delete": ("POST", "/{b}?delete", {}, b"<Delete>" + b"<Object><Key>a</Key></Object>" * 60_000 + b"</Delete>"),
    "a form of ampersands": ("POST", "/", FORM, b"Action=Unsubscribe&Version=2010-03-31" + b"&" * (MEGABYTE - 100)),
    "a form of dots": ("POST", "/", FORM, b"Action=Unsubscribe&Version=2010-03-31&" + b"." * 900_000),
    "a deep form": (
        "POST",
        "/",
        FORM,
        b"Action=Unsubscribe&Version=2010-03-31" + b"".join(b"&%d" % i + b".a" * 22 for i in range(19_900)),
    ),
    "a list of one far away": (
        "POST",
        "/",
        FORM,
        b"Action=Unsubscribe&Version=2010-03-31&SubscriptionArn.member.999999999=1&Tags.member.2147483647.Key=a",
    ),
    "brackets": ("POST", "/", JSON, b"[" * 7_000_000),
    "digits": ("POST", "/", JSON, b'{"Image":' + b"9" * 7_000_000 + b"}"),
    "an authorization of commas": ("GET", "/{b}/k", {"Authorization": "AWS4-HMAC-SHA256 " + "a=," * 5000}, b""),
    "an authorization of equals": ("GET", "/{b}/k", {"Authorization": "AWS4-HMAC-SHA256 " + "=" * 15_000}, b""),
    "a host of dots": ("GET", "/", {"Host": "a." * 4000 + "amazonaws.com"}, b""),
    "a host of brackets": ("GET", "/", {"Host": "[" + ":" * 8000 + "]"}, b""),
    "a confirmation of nothing": ("GET", "/_marinelayer/confirm?TopicArn=%00&Token=" + "0" * 7000, {}, b""),
    "a path of escapes": ("GET", "/{b}/" + "%41" * 2500, {}, b""),
    "a path of slashes": ("GET", "/" * 8000, {}, b""),
    "a path of dots": ("GET", "/{b}" + "/.." * 2600, {}, b""),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_stranger_sends_is_answered_soon_and_breaks_nothing(public: str, send: Send, name: str) -> None:
    method, target, headers, body = HOSTILE[name]
    target = target.replace("{b}", public)
    send("GET", f"/{public}/k")  # what is compiled once is not what is measured
    started = time.process_time()
    answer = send(method, target, body, headers)
    spent = time.process_time() - started
    assert answer.status < 500
    assert len(answer.body) < 100_000
    assert spent < CPU_SECONDS, spent


STRANGE_KEY = "AKIAAAAAAAAAAAAAAAAA"


def _claimed(service: str, key: str) -> dict[str, str]:
    now = datetime.now(UTC)
    scope = f"{key}/{now:%Y%m%d}/us-east-1/{service}/aws4_request"
    return {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
        "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
    }


def test_nobody_makes_the_cloud_read_models_before_a_signature_is_proven(cloud: LocalCloud, send: Send) -> None:
    """There are hundreds of them, and all together take ten seconds to read."""
    entries = list(catalogue().entries.values())[::10]
    send("GET", "/")
    read = load_service.cache_info().currsize
    for entry in entries:
        version = f"Action=DescribeInstances&Version={entry.api_version}"
        for method, target, headers, body in (
            ("POST", "/", _claimed(entry.signing_name, STRANGE_KEY), b""),
            ("POST", "/", _claimed(entry.signing_name, cloud.access_key_id), b""),
            ("POST", "/", {"X-Amz-Target": f"{entry.target_prefix}.ListThings"}, b"{}"),
            ("GET", "/x/y", {"Host": f"{entry.endpoint_prefix}.us-east-1.amazonaws.com"}, b""),
            ("POST", "/", FORM, version.encode()),
            ("GET", f"/?{version}", {}, b""),
            ("GET", f"/?X-Amz-Credential=a/b/c/{entry.signing_name}/aws4_request", {}, b""),
        ):
            if entry.target_prefix or "X-Amz-Target" not in headers:
                assert send(method, target, body, headers).status in {400, 401, 403, 404, 405}, (entry.name, target)
    assert load_service.cache_info().currsize == read


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/", JSON, 400),
        ("/", {"Host": "rekognition.us-east-1.amazonaws.com"}, 400),
        ("/", _claimed("rekognition", STRANGE_KEY), 400),
        ("/", {"X-Amz-Target": "DynamoDB_20120810.PutItem"}, 400),
        ("/", FORM, 413),
        ("/{b}?acl", {}, 400),
        ("/{b}/k", {"x-amz-acl": "private"}, 403),
    ],
)
def test_what_a_stranger_announces_is_not_waited_for(
    cloud: LocalCloud, bucket: str, target: str, headers: Mapping[str, str], status: int
) -> None:
    """The answer comes before the body, which a client that asks first is never told to send."""
    parts = urlsplit(cloud.endpoint_url)
    method = "POST" if target == "/" else "PUT"
    fields = {"Host": parts.netloc} | dict(headers) | {"Content-Length": "7000000", "Expect": "100-continue"}
    lines = [f"{method} {target.replace('{b}', bucket)} HTTP/1.1", *(f"{n}: {v}" for n, v in fields.items()), "", ""]
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode())
        assert connection.recv(12) == f"HTTP/1.1 {status}".encode()


BEGUN = (
    b"",
    b"GET / HT",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ",
    b"PUT /a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\nx",
)


def test_many_who_say_nothing_hold_up_nobody(cloud: LocalCloud, public: str, send: Send) -> None:
    parts = urlsplit(cloud.endpoint_url)
    silent = [socket.create_connection((parts.hostname, parts.port), timeout=20) for _ in range(300)]
    try:
        for number, connection in enumerate(silent):
            connection.sendall(BEGUN[number % len(BEGUN)])
        started = time.monotonic()
        assert send("GET", f"/{public}/k").body == b"hello"
        assert time.monotonic() - started < 2
    finally:
        for connection in silent:
            connection.close()

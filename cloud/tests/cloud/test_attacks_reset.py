"""Reset is for this machine, when it was allowed, and for no one who only looks like it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import boto3
import pytest

from marinelayer.testing import LocalCloud, local_cloud


@pytest.fixture(scope="module")
def resettable() -> Iterator[LocalCloud]:
    with local_cloud(allow_reset=True) as cloud:
        yield cloud


def _ask(cloud: LocalCloud, method: str, target: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(cloud.endpoint_url).netloc, timeout=10)
    try:
        connection.request(method, target, headers=dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


RESET = "/_marinelayer/reset"
REFUSED: dict[str, tuple[str, str, Mapping[str, str]]] = {
    "another name": ("POST", RESET, {"Host": "evil.example"}),
    "a name that resolves to loopback": ("POST", RESET, {"Host": "127.0.0.1.nip.io"}),
    "a name below localhost": ("POST", RESET, {"Host": "x.localhost"}),
    "another loopback address": ("POST", RESET, {"Host": "127.0.0.2"}),
    "amazon's name": ("POST", RESET, {"Host": "s3.amazonaws.com"}),
    "a page": ("POST", RESET, {"Origin": "http://evil.example"}),
    "a page of no origin": ("POST", RESET, {"Origin": "null"}),
    "a page of this cloud": ("POST", RESET, {"Origin": "http://127.0.0.1:4566"}),
    "a page's form": ("POST", RESET, {"Sec-Fetch-Site": "cross-site"}),
    "a page of the same site": ("POST", RESET, {"Sec-Fetch-Site": "same-site"}),
    "a relay": ("POST", RESET, {"X-Forwarded-For": "203.0.113.7"}),
    "a relay by the standard": ("POST", RESET, {"Forwarded": "for=203.0.113.7"}),
    "a relay that says so": ("POST", RESET, {"Via": "1.1 relay"}),
    "a GET": ("GET", RESET, {}),
    "a PUT": ("PUT", RESET, {}),
    "a method in another case": ("post", RESET, {}),
    "a slash more": ("POST", f"{RESET}/", {}),
    "two slashes": ("POST", "/_marinelayer//reset", {}),
    "an escape": ("POST", "/_marinelayer/re%73et", {}),
    "an absolute address": ("POST", f"http://evil.example{RESET}", {}),
    "an unknown key": ("POST", RESET, {"Authorization": "AWS4-HMAC-SHA256 Credential=a"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nobody_else_empties_the_cloud(resettable: LocalCloud, name: str) -> None:
    s3 = boto3.client("s3", **resettable.client_arguments())
    s3.create_bucket(Bucket="kept")
    assert _ask(resettable, *REFUSED[name])[0] in {400, 403, 404}
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["kept"]
    s3.close()


def test_this_machine_does(resettable: LocalCloud) -> None:
    s3 = boto3.client("s3", **resettable.client_arguments())
    s3.create_bucket(Bucket="kept")
    for host in (urlsplit(resettable.endpoint_url).netloc, "localhost"):
        assert _ask(resettable, "POST", RESET, {"Host": host}) == (200, json.dumps({"reset": True}).encode())
    assert s3.list_buckets()["Buckets"] == []
    s3.close()

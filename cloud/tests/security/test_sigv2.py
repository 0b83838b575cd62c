from __future__ import annotations

import dataclasses
from collections.abc import Callable
from urllib.parse import quote, urlencode

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.http import Headers, Request
from marinelayer.model.errors import (
    AccessDenied,
    ClockSkew,
    CredentialsExpired,
    MalformedCredentials,
    RequestExpired,
    SignatureMismatch,
    TokenInvalid,
    UnknownAccessKey,
)
from marinelayer.protocol.refusals import InvalidRequest
from marinelayer.security.claim_reading import read_claim
from marinelayer.security.identity import Identity, Principal
from marinelayer.security.sigv2 import SUB_RESOURCES, signature, verify

AWKWARD = st.text(st.sampled_from("ab/Z09é日 +%&=?#:*'()!~.-_"), max_size=12)
RESOURCES = st.sampled_from(
    ["acl", "versionId", "partNumber", "uploadId", "response-content-type", "prefix", "tagging"]
)


def prove(request: Request, identity: Identity, now: int, bucket: str | None = None) -> None:
    claim = read_claim(request)
    assert claim is not None
    assert claim.scheme == ("v2-header" if "authorization" in request.headers else "v2-query")
    verify(claim, request, identity, bucket=bucket, now=now)


@given(AWKWARD, st.dictionaries(RESOURCES, AWKWARD.filter(bool), max_size=3), st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_botocore_presigns_by_version_2_is_proven(
    signed_by_botocore: Callable[..., Request],
    bob: Identity,
    now: int,
    key: str,
    resources: dict[str, str],
    token: bool,
) -> None:
    identity = dataclasses.replace(bob, session_token="to/ke+n=") if token else bob
    query = "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in resources.items())
    url = f"http://localhost:4566/bucket/{quote(key, safe='/~')}" + (f"?{query}" if query else "")
    request = signed_by_botocore(
        "HmacV1QueryAuth",
        url,
        token=identity.session_token,
        expires=60,
        headers=(("x-amz-meta-a", "x"), ("Content-Type", "text/plain"), ("x-amz-acl", "private")),
    )
    assert "content-type=text%2Fplain" in request.query
    prove(request, identity, now)


def test_a_bucket_in_the_path_is_signed_with_a_slash_behind_it(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int
) -> None:
    request = signed_by_botocore(
        "HmacV1QueryAuth", "http://localhost/bucket?versions", auth_path="/bucket/", expires=60
    )
    assert request.path == "/bucket"
    prove(request, bob, now)
    with pytest.raises(SignatureMismatch):
        prove(dataclasses.replace(request, path="/buckets"), bob, now)
    with pytest.raises(SignatureMismatch):
        prove(dataclasses.replace(request, path="/bucket/k"), bob, now)


def test_the_bucket_of_a_virtual_host_is_part_of_the_resource(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int
) -> None:
    request = signed_by_botocore(
        "HmacV1QueryAuth", "http://bucket.s3.amazonaws.com/a%20key", auth_path="/bucket/a%20key"
    )
    prove(request, bob, now, "bucket")
    for bucket in (None, "other"):
        with pytest.raises(SignatureMismatch):
            prove(request, bob, now, bucket)


def test_headers_may_be_sent_besides_the_parameters_they_became(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int
) -> None:
    request = signed_by_botocore("HmacV1QueryAuth", "http://h/b/k", method="PUT", headers=(("x-amz-acl", "private"),))
    sent = Headers([*request.headers.pairs, ("x-amz-acl", "private")])
    prove(dataclasses.replace(request, headers=sent), bob, now)


def more(request: Request, name: str, value: str) -> Request:
    return dataclasses.replace(request, headers=Headers([*request.headers.pairs, (name, value)]))


MUTATIONS = {
    "method": lambda request: dataclasses.replace(request, method="PUT"),
    "path": lambda request: dataclasses.replace(request, path="/b/other"),
    "expiry": lambda request: dataclasses.replace(request, query=request.query.replace("Expires=1773", "Expires=1873")),
    "version": lambda request: dataclasses.replace(request, query=request.query.replace("versionId=1", "versionId=2")),
    "sub-resource more": lambda request: dataclasses.replace(request, query=request.query + "&acl"),
    "younger sub-resource more": lambda request: dataclasses.replace(request, query=request.query + "&retention"),
    "override more": lambda request: dataclasses.replace(
        request, query=request.query + "&response-content-type=text%2Fhtml"
    ),
    "header in the query": lambda request: dataclasses.replace(
        request, query=request.query.replace("x-amz-acl=private", "x-amz-acl=public-read")
    ),
    "header sent otherwise": lambda request: more(request, "x-amz-acl", "public-read"),
    "amz header more": lambda request: more(request, "x-amz-copy-source", "/secret/key"),
    "content type": lambda request: more(request, "content-type", "text/html"),
    "content hash": lambda request: more(request, "content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_change_of_anything_signed_is_refused(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int, mutation: str
) -> None:
    request = signed_by_botocore("HmacV1QueryAuth", "http://h/b/k?versionId=1", headers=(("x-amz-acl", "private"),))
    prove(request, bob, now)
    mutated = MUTATIONS[mutation](request)
    assert mutated != request
    with pytest.raises(SignatureMismatch):
        prove(mutated, bob, now)


def test_every_name_that_chooses_an_operation_is_signed() -> None:
    model = botocore.session.get_session().get_service_model("s3")
    uris = [model.operation_model(name).http["requestUri"] for name in model.operation_names]
    choosing = {pair.partition("=")[0] for uri in uris for pair in uri.partition("?")[2].split("&") if pair}
    assert choosing - SUB_RESOURCES == {"list-type"}, "which only chooses between two forms of one answer"


def test_it_ends(signed_by_botocore: Callable[..., Request], bob: Identity, now: int) -> None:
    request = signed_by_botocore("HmacV1QueryAuth", "http://h/b/k", expires=60)
    prove(request, bob, now + 59_000_000)
    with pytest.raises(RequestExpired, match="Request has expired"):
        prove(request, bob, now + 60_000_000)


def test_another_secret_or_an_inactive_key_is_refused(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int
) -> None:
    request = signed_by_botocore("HmacV1QueryAuth", "http://h/b/k", secret="another")
    with pytest.raises(SignatureMismatch) as caught:
        prove(request, bob, now)
    assert caught.value.details["StringToSign"] == f"GET\n\n\n{now // 1_000_000 + 3600}\n/b/k"
    with pytest.raises(UnknownAccessKey):
        prove(request, dataclasses.replace(bob, active=False), now)


def test_session_tokens_are_checked(signed_by_botocore: Callable[..., Request], bob: Identity, now: int) -> None:
    temporary = dataclasses.replace(bob, session_token="right", expires_at=now + 1)
    right = signed_by_botocore("HmacV1QueryAuth", "http://h/b/k", token="right")
    prove(right, temporary, now)
    with pytest.raises(CredentialsExpired):
        prove(right, temporary, now + 1)
    with pytest.raises(TokenInvalid):
        prove(signed_by_botocore("HmacV1QueryAuth", "http://h/b/k", token="wrong"), temporary, now)
    with pytest.raises(UnknownAccessKey):
        prove(signed_by_botocore("HmacV1QueryAuth", "http://h/b/k"), temporary, now)


def test_the_documentations_example_is_proven(make_request: Callable[..., Request], now: int) -> None:
    # S3 API reference, "Signing and authenticating REST requests", "Query string request authentication".
    identity = Identity(
        principal=Principal(kind="root", account="1" * 12),
        access_key_id="AKIAIOSFODNN7EXAMPLE",
        secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    )
    query = urlencode(
        {"AWSAccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Expires": "1175139620", "Signature": "NpgCjnDzrM+WFzoENXmpNDUsSn8="}
    )
    request = make_request(path="/photos/puppy.jpg", query=query, host="johnsmith.s3.us-west-1.amazonaws.com")
    prove(request, identity, 1_175_139_000_000_000, "johnsmith")


# --- the Authorization header ---------------------------------------------------------------------------------


@given(AWKWARD, st.dictionaries(RESOURCES, AWKWARD.filter(bool), max_size=3), AWKWARD, st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_botocore_signs_by_version_2_is_proven(
    signed_by_botocore: Callable[..., Request],
    bob: Identity,
    now: int,
    key: str,
    resources: dict[str, str],
    metadata: str,
    token: bool,
) -> None:
    identity = dataclasses.replace(bob, session_token="to/ke+n=") if token else bob
    query = "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in resources.items())
    request = signed_by_botocore(
        "HmacV1Auth",
        f"http://localhost:4566/bucket/{quote(key, safe='/~')}" + (f"?{query}" if query else ""),
        method="PUT",
        token=identity.session_token,
        headers=(
            ("x-amz-meta-a", quote(metadata)),
            ("Content-Type", "text/plain"),
            ("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="),
        ),
    )
    prove(request, identity, now)


HEADER_MUTATIONS = {
    **{name: MUTATIONS[name] for name in MUTATIONS if "query" not in name and name != "expiry"},
    "header otherwise": lambda request: replaced(request, "x-amz-acl", "public-read"),
    "date": lambda request: replaced(request, "date", "Sat, 14 Mar 2026 15:09:27 GMT"),
    "token": lambda request: more(request, "x-amz-security-token", "stolen"),
}


def replaced(request: Request, name: str, value: str) -> Request:
    kept = [pair for pair in request.headers.pairs if pair[0] != name]
    assert len(kept) == len(request.headers.pairs) - 1
    return dataclasses.replace(request, headers=Headers([*kept, (name, value)]))


@pytest.mark.parametrize("mutation", HEADER_MUTATIONS)
def test_a_change_of_anything_signed_in_the_header_is_refused(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int, mutation: str
) -> None:
    request = signed_by_botocore("HmacV1Auth", "http://h/b/k?versionId=1", headers=(("x-amz-acl", "private"),))
    prove(request, bob, now)
    mutated = HEADER_MUTATIONS[mutation](request)
    assert mutated != request
    with pytest.raises(SignatureMismatch):
        prove(mutated, bob, now)


def signed_at(make_request: Callable[..., Request], identity: Identity, date: str) -> Request:
    """A GET whose x-amz-date is signed, as the documentation says; botocore signs a Date beside it too."""
    known = signature(identity.secret_key, f"GET\n\n\n\nx-amz-date:{date}\n/b/k".encode())
    headers = (("x-amz-date", date), ("date", "ignored"), ("authorization", f"AWS {identity.access_key_id}:{known}"))
    return make_request(path="/b/k", headers=headers)


@pytest.mark.parametrize("name", ["date", "x-amz-date"])
def test_a_header_is_believed_for_a_quarter_of_an_hour(
    signed_by_botocore: Callable[..., Request],
    make_request: Callable[..., Request],
    bob: Identity,
    now: int,
    name: str,
) -> None:
    request = signed_by_botocore("HmacV1Auth", "http://h/b/k")
    if name == "x-amz-date":
        request = signed_at(make_request, bob, "Sat, 14 Mar 2026 15:09:26 GMT")
    for away in (-900_000_000, 900_000_000):
        prove(request, bob, now + away)
    for away in (-901_000_000, 901_000_000):
        with pytest.raises(ClockSkew):
            prove(request, bob, now + away)


def test_the_date_that_is_signed_is_the_one_that_is_believed(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int
) -> None:
    # An x-amz-date that is added later is part of what is signed, so that an old request does not become a new one.
    old = signed_by_botocore("HmacV1Auth", "http://h/b/k")
    later = now + 3_600_000_000
    with pytest.raises(ClockSkew):
        prove(old, bob, later)
    with pytest.raises(SignatureMismatch):
        prove(more(old, "x-amz-date", "Sat, 14 Mar 2026 16:09:26 GMT"), bob, later)


@pytest.mark.parametrize("date", ["", "Bad Date", "Tue, 07 Jul 1950 21:53:04 GMT"])
def test_a_time_that_is_none_is_refused(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int, date: str
) -> None:
    request = signed_by_botocore("HmacV1Auth", "http://h/b/k", headers=(("x-amz-date", date),))
    with pytest.raises(AccessDenied, match="requires a valid Date or x-amz-date"):
        prove(request, bob, now)


def test_a_hash_among_the_headers_is_what_the_body_must_have(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int
) -> None:
    request = signed_by_botocore("HmacV1Auth", "http://h/b/k", headers=(("x-amz-content-sha256", "0" * 64),))
    prove(request, bob, now)
    claim = read_claim(request)
    assert claim is not None
    assert (claim.payload, claim.payload_hash) == ("signed", "0" * 64)
    chunks = (("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),)
    signed = signed_by_botocore("HmacV1Auth", "http://h/b/k", headers=chunks)
    with pytest.raises(InvalidRequest, match="mechanism you have provided is not supported"):
        prove(signed, bob, now)
    with pytest.raises(SignatureMismatch):
        prove(signed, dataclasses.replace(bob, secret_key="another"), now)


def test_no_other_service_takes_it(make_request: Callable[..., Request]) -> None:
    form = ("content-type", "application/x-www-form-urlencoded")
    request = make_request(
        "POST", headers=(form, ("authorization", "AWS AKID:c2ln"), ("date", "Sat, 14 Mar 2026 15:09:26 GMT"))
    )
    with pytest.raises(MalformedCredentials, match="Unsupported AWS 'algorithm': 'AWS'"):
        read_claim(request)


def test_the_documentations_upload_is_proven(make_request: Callable[..., Request]) -> None:
    # S3 API reference, "Signing and authenticating REST requests", "Object PUT" and "Upload".
    identity = Identity(
        principal=Principal(kind="root", account="1" * 12),
        access_key_id="AKIAIOSFODNN7EXAMPLE",
        secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    )
    put = make_request(
        "PUT",
        "/photos/puppy.jpg",
        headers=(
            ("content-type", "image/jpeg"),
            ("content-length", "94328"),
            ("date", "Tue, 27 Mar 2007 21:15:45 +0000"),
            ("authorization", "AWS AKIAIOSFODNN7EXAMPLE:MyyxeRY7whkBe+bq8fHCL/2kKUg="),
        ),
        host="johnsmith.s3.us-west-1.amazonaws.com",
    )
    prove(put, identity, 1_175_030_145_000_000, "johnsmith")

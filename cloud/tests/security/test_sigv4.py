from __future__ import annotations

import dataclasses
import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.http import Headers, Request
from marinelayer.model.errors import (
    ClockSkew,
    CredentialsExpired,
    RequestExpired,
    SignatureMismatch,
    TokenInvalid,
    UnknownAccessKey,
)
from marinelayer.security.claim_reading import read_claim
from marinelayer.security.identity import Identity
from marinelayer.security.sigv4 import EMPTY_SHA256, SigningKey, presign, sign, verify

MINUTE = 60_000_000

# Path segments and query texts as a user might have them: unicode, blanks, plus, percent, slashes, dots, wildcards.
AWKWARD = st.text(st.sampled_from("ab/Z09é日🙂 +%&=?#:*'()!~.-_;,@$\"<>[]\\^`{|}"), max_size=12)
TOKENS = st.text(st.sampled_from("abcXYZ019-_.;=/ \t,"), max_size=20)
HEADER_NAMES = st.sampled_from(["x-amz-meta-a", "x-amz-meta-b", "content-type", "cache-control", "x-amz-acl"])


def prove(request: Request, identity: Identity, now: int, body: bytes = b"") -> SigningKey:
    claim = read_claim(request)
    assert claim is not None
    payload_hash = claim.payload_hash or sha256(body).hexdigest()
    return verify(claim, request, identity, payload_hash=payload_hash, now=now)


def with_headers(request: Request, *changes: tuple[str, str]) -> Request:
    changed = {name for name, _ in changes}
    kept = [pair for pair in request.headers.pairs if pair[0] not in changed]
    return dataclasses.replace(request, headers=Headers([*kept, *changes]))


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    path = "/" + quote(draw(AWKWARD), safe="/~")
    pairs = draw(st.lists(st.tuples(AWKWARD, AWKWARD), max_size=4))
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
    names = draw(st.lists(HEADER_NAMES, max_size=4))
    return {
        "url": f"http://localhost:4566{path}" + (f"?{query}" if query else ""),
        "method": draw(st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD"])),
        "headers": tuple((name, draw(TOKENS)) for name in names),
        "body": draw(st.binary(max_size=40)),
    }


@given(requests())
@settings(max_examples=200, deadline=None)
def test_what_botocore_signs_for_s3_is_proven(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int, parts: dict[str, Any]
) -> None:
    request = signed_by_botocore("S3SigV4Auth", **parts)
    key = prove(request, bob, now)
    assert key.scope == "20260314/us-east-1/s3/aws4_request"
    assert key.seed in (request.headers.get("authorization") or "")


@given(requests())
@settings(max_examples=200, deadline=None)
def test_what_botocore_signs_for_other_services_is_proven(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int, parts: dict[str, Any]
) -> None:
    request = signed_by_botocore("SigV4Auth", service="sns", **parts)
    prove(request, bob, now, parts["body"])


@given(requests(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_botocore_presigns_for_s3_is_proven(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int, parts: dict[str, Any], token: bool
) -> None:
    identity = dataclasses.replace(bob, session_token="tok/en+=") if token else bob
    parts = {**parts, "headers": parts["headers"][:1], "body": b""}
    request = signed_by_botocore("S3SigV4QueryAuth", token=identity.session_token, expires=60, **parts)
    prove(request, identity, now)


def test_what_botocore_presigns_for_sts_is_proven(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int
) -> None:
    request = signed_by_botocore(
        "SigV4QueryAuth",
        "https://sts.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
        service="sts",
        expires=60,
        headers=(("x-k8s-aws-id", "cluster"),),
    )
    prove(request, bob, now)


@given(requests())
@settings(max_examples=100, deadline=None)
def test_what_we_sign_is_proven(
    make_request: Callable[..., Request], bob: Identity, now: int, parts: dict[str, Any]
) -> None:
    path, _, query = parts["url"].removeprefix("http://localhost:4566").partition("?")
    unsigned = make_request(parts["method"], path, query, parts["headers"], parts["body"])
    keys = {"access_key_id": bob.access_key_id, "secret_key": bob.secret_key, "region": "eu-west-1", "now": now}
    for service in ("s3", "sns"):
        hashed = sha256(parts["body"]).hexdigest()
        prove(sign(unsigned, service=service, payload_hash=hashed, **keys), bob, now, parts["body"])
    prove(presign(unsigned, expires=5, **keys), bob, now)


def test_our_signer_refuses_a_body_without_its_hash(
    make_request: Callable[..., Request], bob: Identity, now: int
) -> None:
    with pytest.raises(ValueError, match="without its hash"):
        sign(make_request(body=b"x"), access_key_id="A", secret_key="S", region="r", service="s3", now=now)


SIGNED_URL = "http://localhost:4566/bucket/some%20key//x?list-type=2&prefix=a%2Fb&empty"
SIGNED_HEADERS = (("x-amz-meta-color", "blue"), ("content-type", "text/plain"))

MUTATIONS = {
    "method": lambda request: dataclasses.replace(request, method="DELETE"),
    "path": lambda request: dataclasses.replace(request, path="/bucket/some%20key//y"),
    "one slash less": lambda request: dataclasses.replace(request, path="/bucket/some%20key/x"),
    "case of the path": lambda request: dataclasses.replace(request, path="/bucket/some%20Key//x"),
    "query value": lambda request: dataclasses.replace(request, query=request.query.replace("a%2Fb", "a%2Fc")),
    "query parameter more": lambda request: dataclasses.replace(request, query=request.query + "&acl"),
    "query parameter less": lambda request: dataclasses.replace(request, query=request.query.replace("&empty", "")),
    "host": lambda request: with_headers(request, ("host", "evil.example")),
    "signed header": lambda request: with_headers(request, ("x-amz-meta-color", "red")),
    "signed header twice": lambda request: dataclasses.replace(
        request, headers=Headers([*request.headers.pairs, ("x-amz-meta-color", "red")])
    ),
    "signed header gone": lambda request: dataclasses.replace(
        request, headers=Headers([pair for pair in request.headers.pairs if pair[0] != "x-amz-meta-color"])
    ),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.parametrize("signer", ["S3SigV4Auth", "S3SigV4QueryAuth"])
def test_a_change_of_anything_signed_is_refused(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int, mutation: str, signer: str
) -> None:
    request = signed_by_botocore(signer, SIGNED_URL, headers=SIGNED_HEADERS)
    prove(request, bob, now)
    with pytest.raises(SignatureMismatch):
        prove(MUTATIONS[mutation](request), bob, now)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-amz-date", "20260314T150927Z"),
        ("x-amz-content-sha256", "0" * 64),
        ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
    ],
)
def test_a_changed_date_or_body_hash_is_refused(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int, name: str, value: str
) -> None:
    request = signed_by_botocore("S3SigV4Auth", SIGNED_URL, method="PUT", body=b"hello")
    prove(request, bob, now)
    with pytest.raises(SignatureMismatch):
        prove(with_headers(request, (name, value)), bob, now)


def test_a_changed_body_is_refused_by_services_that_hash_it_themselves(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int
) -> None:
    request = signed_by_botocore("SigV4Auth", "http://localhost:4566/", method="POST", body=b"Action=A", service="sns")
    prove(request, bob, now, b"Action=A")
    with pytest.raises(SignatureMismatch):
        prove(request, bob, now, b"Action=B")


@pytest.mark.parametrize("parameter", ["X-Amz-Expires=60", "X-Amz-Date=20260314T150926Z"])
def test_a_presigned_request_can_not_be_prolonged(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int, parameter: str
) -> None:
    request = signed_by_botocore("S3SigV4QueryAuth", SIGNED_URL, expires=60)
    longer = {"X-Amz-Expires=60": "X-Amz-Expires=600", "X-Amz-Date=20260314T150926Z": "X-Amz-Date=20260314T152926Z"}
    assert parameter in request.query
    forged = dataclasses.replace(request, query=request.query.replace(parameter, longer[parameter]))
    with pytest.raises(SignatureMismatch):
        prove(forged, bob, now + 20 * MINUTE if "Date" in parameter else now)


@given(st.text(max_size=70))
@settings(max_examples=50)
def test_no_other_signature_is_taken(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int, forged: str
) -> None:
    request = signed_by_botocore("S3SigV4Auth", SIGNED_URL)
    claim = read_claim(request)
    assert claim is not None
    if forged == claim.signature:
        return
    claim = dataclasses.replace(claim, signature=forged)
    with pytest.raises(SignatureMismatch):
        verify(claim, request, bob, payload_hash=EMPTY_SHA256, now=now)


def test_another_secret_is_refused_and_s3_shows_what_it_signed(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int
) -> None:
    request = signed_by_botocore("S3SigV4Auth", SIGNED_URL, secret="another")
    with pytest.raises(SignatureMismatch) as caught:
        prove(request, bob, now)
    details = caught.value.details
    assert details["AWSAccessKeyId"] == bob.access_key_id
    assert details["StringToSign"].startswith(
        "AWS4-HMAC-SHA256\n20260314T150926Z\n20260314/us-east-1/s3/aws4_request\n"
    )
    assert details["CanonicalRequest"].startswith("GET\n/bucket/some%20key//x\nempty=&list-type=2&prefix=a%2Fb\nhost:")
    assert bytes.fromhex(details["StringToSignBytes"]).decode() == details["StringToSign"]
    assert bytes.fromhex(details["CanonicalRequestBytes"]).decode() == details["CanonicalRequest"]
    assert details["SignatureProvided"] in (request.headers.get("authorization") or "")
    assert bob.secret_key not in str(details)


def test_other_services_do_not_show_what_they_signed(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int
) -> None:
    request = signed_by_botocore("SigV4Auth", "http://localhost:4566/", service="sns", secret="another")
    with pytest.raises(SignatureMismatch) as caught:
        prove(request, bob, now)
    assert caught.value.details == {}


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_clock_more_than_15_minutes_away_is_refused(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int, minutes: int
) -> None:
    request = signed_by_botocore("S3SigV4Auth", SIGNED_URL)
    prove(request, bob, now + 14 * MINUTE)
    prove(request, bob, now - 14 * MINUTE)
    with pytest.raises(ClockSkew) as caught:
        prove(request, bob, now + minutes * MINUTE)
    assert caught.value.details["MaxAllowedSkewMilliseconds"] == "900000"
    other = signed_by_botocore("SigV4Auth", "http://localhost:4566/", service="sns")
    with pytest.raises(ClockSkew, match="Signature expired" if minutes > 0 else "Signature not yet current"):
        prove(other, bob, now + minutes * MINUTE)


def test_a_presigned_request_has_its_own_clock(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int
) -> None:
    request = signed_by_botocore("S3SigV4QueryAuth", SIGNED_URL, expires=604_800)
    prove(request, bob, now + 6 * 24 * 60 * MINUTE)
    with pytest.raises(RequestExpired) as caught:
        prove(request, bob, now + 604_800_000_000)
    assert caught.value.message == "Request has expired"
    assert caught.value.details["Expires"] == "2026-03-21T15:09:26Z"
    assert caught.value.details["X-Amz-Expires"] == "604800"
    with pytest.raises(RequestExpired, match="Request is not valid yet"):
        prove(request, bob, now - 16 * MINUTE)


def test_an_inactive_key_proves_nothing(signed_by_botocore: Callable[..., Request], bob: Identity, now: int) -> None:
    request = signed_by_botocore("S3SigV4Auth", SIGNED_URL)
    with pytest.raises(UnknownAccessKey):
        prove(request, dataclasses.replace(bob, active=False), now)


def test_an_identity_without_a_secret_proves_nothing(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int
) -> None:
    request = signed_by_botocore("S3SigV4Auth", SIGNED_URL, secret="")
    with pytest.raises(UnknownAccessKey):
        prove(request, dataclasses.replace(bob, secret_key=""), now)


def test_temporary_credentials_need_their_token_and_end(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int
) -> None:
    temporary = dataclasses.replace(bob, session_token="right", expires_at=now + MINUTE)
    good = signed_by_botocore("S3SigV4Auth", SIGNED_URL, token="right")
    prove(good, temporary, now)
    with pytest.raises(CredentialsExpired):
        prove(good, temporary, now + MINUTE)
    with pytest.raises(TokenInvalid):
        prove(signed_by_botocore("S3SigV4Auth", SIGNED_URL, token="wrong"), temporary, now)
    with pytest.raises(TokenInvalid):
        prove(good, bob, now)
    with pytest.raises(UnknownAccessKey):
        prove(signed_by_botocore("S3SigV4Auth", SIGNED_URL), temporary, now)


def test_a_date_header_may_stand_in_for_x_amz_date(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int
) -> None:
    request = signed_by_botocore("S3SigV4Auth", SIGNED_URL, headers=(("Date", "anything"),))
    assert "x-amz-date" not in request.headers
    prove(request, bob, now)


def test_the_host_is_signed_as_it_was_sent(signed_by_botocore: Callable[..., Request], bob: Identity, now: int) -> None:
    for url in ("http://bucket.s3.amazonaws.com/key", "http://b.c.s3.eu-west-1.localhost:4566/key"):
        prove(signed_by_botocore("S3SigV4Auth", url), bob, now)


def test_blanks_in_header_values_do_not_matter(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int
) -> None:
    request = signed_by_botocore("S3SigV4Auth", SIGNED_URL, headers=(("x-amz-meta-a", "  one   two "),))
    prove(with_headers(request, ("x-amz-meta-a", "one two")), bob, now)


def sign_by_hand(canonical: str, scope: str, secret: str) -> str:
    """An independent calculation, straight from the documentation."""
    key = b"AWS4" + secret.encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), sha256).digest()
    hashed = sha256(canonical.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n20260314T150926Z\n{scope}\n{hashed}"
    return hmac.new(key, to_sign.encode(), sha256).hexdigest()


@pytest.mark.parametrize(
    ("path", "canonical_path"),
    [("/b/a(1)!", "/b/a%281%29%21"), ("/b/a(1)!", "/b/a(1)!"), ("/b/x%2fy", "/b/x%2fy"), ("/b/x+y", "/b/x%2By")],
)
def test_a_path_may_be_sent_otherwise_than_it_was_signed(
    make_request: Callable[..., Request], bob: Identity, now: int, path: str, canonical_path: str
) -> None:
    scope = "20260314/us-east-1/s3/aws4_request"
    canonical = (
        f"GET\n{canonical_path}\n\nhost:h\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:20260314T150926Z\n\n"
        "host;x-amz-content-sha256;x-amz-date\nUNSIGNED-PAYLOAD"
    )
    signed = "host;x-amz-content-sha256;x-amz-date"
    signature = sign_by_hand(canonical, scope, bob.secret_key)
    request = make_request(
        path=path,
        headers=(
            ("host", "h"),
            ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
            ("x-amz-date", "20260314T150926Z"),
            (
                "authorization",
                f"AWS4-HMAC-SHA256 Credential={bob.access_key_id}/{scope},SignedHeaders={signed},Signature={signature}",
            ),
        ),
    )
    prove(request, bob, now)


def test_no_secret_is_printed(signed_by_botocore: Callable[..., Request], bob: Identity, now: int) -> None:
    request = signed_by_botocore("S3SigV4Auth", SIGNED_URL)
    key = prove(request, bob, now)
    assert bob.secret_key not in repr(bob) + repr(key) + repr(request)
    assert key.key.hex() not in repr(key)
    assert repr(key.key) not in repr(key)

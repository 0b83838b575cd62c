from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from marinelayer.http import Request
from marinelayer.model.errors import AccessDenied, MalformedCredentials, Refusal, SignatureMismatch
from marinelayer.protocol.refusals import InvalidArgument, InvalidRequest
from marinelayer.security.claim import demand_scope
from marinelayer.security.claim_reading import read_claim
from marinelayer.security.refusals import AuthorizationQueryParametersError

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKID/20260314/us-east-1/{service}/aws4_request, "
    "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=" + "0" * 64
)
S3_HEADERS = (
    ("host", "localhost"),
    ("x-amz-date", "20260314T150926Z"),
    ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
)
PRESIGNED = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260314%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20260314T150926Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=" + "0" * 64
)


def s3_request(
    make_request: Callable[..., Request],
    authorization: str = AUTHORIZATION,
    headers: tuple[tuple[str, str], ...] = S3_HEADERS,
    **more: Any,
) -> Request:
    return make_request(headers=(*headers, ("authorization", authorization.replace("{service}", "s3"))), **more)


def sns_request(
    make_request: Callable[..., Request],
    authorization: str = AUTHORIZATION,
    headers: tuple[tuple[str, str], ...] = S3_HEADERS[:2],
    **more: Any,
) -> Request:
    form = ("content-type", "application/x-www-form-urlencoded")
    pairs = (*headers, form, ("authorization", authorization.replace("{service}", "sns")))
    return make_request("POST", headers=pairs, **more)


def refusal(request: Request) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read_claim(request)
    return caught.value


def test_a_request_without_credentials_is_anonymous(make_request: Callable[..., Request]) -> None:
    assert read_claim(make_request(query="list-type=2&prefix=Signature")) is None


def test_a_header_claim_says_what_it_covers(make_request: Callable[..., Request], now: int) -> None:
    claim = read_claim(s3_request(make_request))
    assert claim is not None
    assert (claim.scheme, claim.access_key_id, claim.scope) == (
        "v4-header",
        "AKID",
        "20260314/us-east-1/s3/aws4_request",
    )
    assert claim.signed_headers == ("host", "x-amz-content-sha256", "x-amz-date")
    assert (claim.timestamp, claim.expires_at, claim.amz_date) == (now, None, "20260314T150926Z")
    assert (claim.payload, claim.payload_hash) == ("unsigned", "UNSIGNED-PAYLOAD")


def test_a_presigned_claim_says_when_it_ends(make_request: Callable[..., Request], now: int) -> None:
    claim = read_claim(make_request(query="versionId=3&" + PRESIGNED))
    assert claim is not None
    assert (claim.scheme, claim.expires_at, claim.expires_seconds) == ("v4-query", now + 60_000_000, 60)
    assert (claim.payload, claim.payload_hash) == ("unsigned", "UNSIGNED-PAYLOAD")


@pytest.mark.parametrize(
    ("value", "mode"),
    [
        ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "signed"),
        ("UNSIGNED-PAYLOAD", "unsigned"),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "streaming-signed"),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "streaming-signed-trailer"),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "streaming-unsigned-trailer"),
    ],
)
def test_the_five_payload_modes_are_told_apart(make_request: Callable[..., Request], value: str, mode: str) -> None:
    headers = (*S3_HEADERS[:2], ("x-amz-content-sha256", value))
    claim = read_claim(s3_request(make_request, headers=headers))
    assert claim is not None
    assert (claim.payload, claim.payload_hash) == (mode, value)


def test_services_other_than_s3_hash_the_body_themselves(make_request: Callable[..., Request]) -> None:
    authorization = AUTHORIZATION.replace("x-amz-content-sha256;", "")
    claim = read_claim(sns_request(make_request, authorization))
    assert claim is not None
    assert (claim.payload, claim.payload_hash) == ("signed", None)
    claim = read_claim(sns_request(make_request, headers=S3_HEADERS))
    assert claim is not None
    assert (claim.payload, claim.payload_hash) == ("signed", None), "an unsigned body must not slip in by a header"


@pytest.mark.parametrize(
    ("value", "error"),
    [(None, InvalidRequest), ("", InvalidArgument), ("abc", InvalidArgument), ("STREAMING-X", InvalidArgument)],
)
def test_s3_needs_a_known_payload_hash(
    make_request: Callable[..., Request], value: str | None, error: type[Refusal]
) -> None:
    headers = S3_HEADERS[:2] if value is None else (*S3_HEADERS[:2], ("x-amz-content-sha256", value))
    assert isinstance(refusal(s3_request(make_request, headers=headers)), error)


@pytest.mark.parametrize("query", [PRESIGNED, "AWSAccessKeyId=A&Signature=B&Expires=1"])
def test_two_mechanisms_at_once_are_refused(make_request: Callable[..., Request], query: str) -> None:
    caught = refusal(s3_request(make_request, query=query))
    assert isinstance(caught, InvalidArgument)
    assert caught.message.startswith("Only one auth mechanism allowed")


def test_both_query_mechanisms_at_once_are_refused(make_request: Callable[..., Request]) -> None:
    caught = refusal(make_request(query=PRESIGNED + "&AWSAccessKeyId=A&Signature=B&Expires=1"))
    assert isinstance(caught, InvalidArgument)


def test_two_authorization_headers_are_refused(make_request: Callable[..., Request]) -> None:
    request = s3_request(make_request, headers=(*S3_HEADERS, ("authorization", AUTHORIZATION)))
    assert isinstance(refusal(request), InvalidArgument)


@pytest.mark.parametrize(
    ("authorization", "error", "text"),
    [
        ("AWS AKID", InvalidArgument, "Expected AwsAccessKeyId:signature"),
        ("AWS :c2ln", InvalidArgument, "Expected AwsAccessKeyId:signature"),
        ("AWS4-ECDSA-P256-SHA256 Credential=A/20260314/s3/aws4_request", InvalidRequest, "Please use AWS4-HMAC-SHA256"),
        ("Bearer abc", InvalidArgument, "Unsupported Authorization Type"),
        ("Basic abc", InvalidArgument, "Unsupported Authorization Type"),
        ("AWS4-HMAC-SHA256 garbage", MalformedCredentials, "missing equal-sign"),
        ("AWS4-HMAC-SHA256 Credential=A/20260314/us-east-1/s3/aws4_request", MalformedCredentials, "three components"),
        (AUTHORIZATION.replace("AKID/", "AK/ID/"), MalformedCredentials, "the Credential is mal-formed"),
        (AUTHORIZATION.replace("aws4_request", "aws5"), MalformedCredentials, 'incorrect terminator "aws5"'),
        (AUTHORIZATION.replace("20260314", "20260313"), MalformedCredentials, 'Invalid credential date "20260313"'),
        (AUTHORIZATION.replace("us-east-1", "../x"), MalformedCredentials, "mal-formed"),
        (AUTHORIZATION.replace("us-east-1", "US"), MalformedCredentials, "the region 'US' is wrong"),
        (AUTHORIZATION.replace("us-east-1", "aws-global"), MalformedCredentials, "the region 'aws-global' is wrong"),
        (AUTHORIZATION.replace("Signature=", "Signature=1, Signature="), MalformedCredentials, "more than once"),
    ],
)
def test_s3_refuses_other_authorizations_in_its_words(
    make_request: Callable[..., Request], authorization: str, error: type[Refusal], text: str
) -> None:
    caught = refusal(s3_request(make_request, authorization))
    assert isinstance(caught, error)
    assert text in caught.message


@pytest.mark.parametrize(
    ("authorization", "error", "text"),
    [
        ("AWS AKID:c2ln", MalformedCredentials, "Unsupported AWS 'algorithm'"),
        ("AWS4-HMAC-SHA256 a=b", MalformedCredentials, "Authorization header requires 'Credential' parameter."),
        (AUTHORIZATION.replace("AKID/", "AK/ID/"), MalformedCredentials, "exactly 5 slash-delimited elements"),
        (AUTHORIZATION.replace("aws4_request", "aws5"), SignatureMismatch, "valid terminator: 'aws4_request'"),
        (
            AUTHORIZATION.replace("20260314", "20260313"),
            SignatureMismatch,
            "HTTP: '20260313' != '20260314', from '20260314T150926Z'.",
        ),
        (AUTHORIZATION.replace("us-east-1", "US"), SignatureMismatch, "scoped to a valid region, not 'US'"),
        (AUTHORIZATION.replace("=host;", "="), SignatureMismatch, "'Host' or ':authority' must be"),
    ],
)
def test_other_services_refuse_in_theirs(
    make_request: Callable[..., Request], authorization: str, error: type[Refusal], text: str
) -> None:
    caught = refusal(sns_request(make_request, authorization))
    assert isinstance(caught, error)
    assert text in caught.message


def test_the_target_of_a_json_request_must_be_signed(make_request: Callable[..., Request]) -> None:
    headers = (*S3_HEADERS, ("x-amz-target", "Comprehend_20171127.DetectSentiment"))
    authorization = AUTHORIZATION.replace("{service}", "comprehend")
    request = make_request("POST", headers=(*headers, ("authorization", authorization)))
    assert "'X-Amz-Target' must be a 'SignedHeader'" in refusal(request).message


@pytest.mark.parametrize("name", ["x-amz-acl", "x-amz-meta-a", "x-amz-copy-source", "x-amz-security-token"])
def test_every_amz_header_of_s3_must_be_signed(make_request: Callable[..., Request], name: str) -> None:
    caught = refusal(s3_request(make_request, headers=(*S3_HEADERS, (name, "x"))))
    assert isinstance(caught, AccessDenied)
    assert caught.message == "There were headers present in the request which were not signed"
    assert caught.details == {"HeadersNotSigned": name}
    caught = refusal(make_request(query=PRESIGNED, headers=(("host", "localhost"), (name, "x"))))
    assert caught.details == {"HeadersNotSigned": name}


def test_the_hash_of_a_presigned_body_may_be_an_unsigned_header(make_request: Callable[..., Request]) -> None:
    hashed = ("x-amz-content-sha256", "0" * 64)
    claim = read_claim(make_request(query=PRESIGNED, headers=(("host", "localhost"), hashed)))
    assert claim is not None
    assert (claim.payload, claim.payload_hash) == ("signed", "0" * 64), "the signature covers it"
    others = (("host", "localhost"), hashed, ("x-amz-user-agent", "x"))
    assert refusal(make_request(query=PRESIGNED, headers=others)).details == {"HeadersNotSigned": "x-amz-user-agent"}


def test_the_host_must_be_signed(make_request: Callable[..., Request]) -> None:
    caught = refusal(s3_request(make_request, AUTHORIZATION.replace("=host;", "=")))
    assert caught.details == {"HeadersNotSigned": "host"}


def test_a_date_is_needed(make_request: Callable[..., Request]) -> None:
    caught = refusal(s3_request(make_request, headers=(S3_HEADERS[0], S3_HEADERS[2])))
    assert isinstance(caught, AccessDenied)
    assert caught.message == "AWS authentication requires a valid Date or x-amz-date header"
    caught = refusal(sns_request(make_request, headers=S3_HEADERS[:1]))
    assert "requires existence of either a 'X-Amz-Date' or a 'Date' header" in caught.message


@pytest.mark.parametrize("date", ["", "yesterday", "2026-03-14T15:09:26Z", "20261314T150926Z", "20260314T150926"])
def test_a_date_must_be_one(make_request: Callable[..., Request], date: str) -> None:
    headers = (S3_HEADERS[0], ("x-amz-date", date), S3_HEADERS[2])
    assert isinstance(refusal(s3_request(make_request, headers=headers)), AccessDenied)
    assert isinstance(refusal(sns_request(make_request, headers=headers)), MalformedCredentials)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("X-Amz-Expires=604801", "X-Amz-Expires must be less than a week"),
        ("X-Amz-Expires=-1", "X-Amz-Expires must be non-negative"),
        ("X-Amz-Expires=soon", "X-Amz-Expires should be a number"),
        ("X-Amz-Expires=1e3", "X-Amz-Expires should be a number"),
        ("X-Amz-Expires=", "X-Amz-Expires should be a number"),
    ],
)
def test_a_presigned_request_lasts_a_second_to_a_week(
    make_request: Callable[..., Request], given: str, text: str
) -> None:
    caught = refusal(make_request(query=PRESIGNED.replace("X-Amz-Expires=60", given)))
    assert isinstance(caught, AuthorizationQueryParametersError)
    assert caught.message.startswith(text)
    for seconds in (1, 604_800):
        assert read_claim(make_request(query=PRESIGNED.replace("=60", f"={seconds}"))) is not None


def test_a_presigned_request_that_lasts_no_time_has_expired_at_once(
    make_request: Callable[..., Request], now: int
) -> None:
    claim = read_claim(make_request(query=PRESIGNED.replace("=60", "=0")))
    assert claim is not None
    assert claim.expires_at == now


@pytest.mark.parametrize("name", ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"])
def test_a_presigned_request_needs_every_parameter_once(make_request: Callable[..., Request], name: str) -> None:
    without = "&".join(pair for pair in PRESIGNED.split("&") if not pair.startswith(f"X-Amz-{name}="))
    caught = refusal(make_request(query=without))
    assert isinstance(caught, AuthorizationQueryParametersError)
    assert caught.message.startswith("Query-string authentication version 4 requires")
    assert isinstance(refusal(make_request(query=f"{PRESIGNED}&X-Amz-{name}=again")), AuthorizationQueryParametersError)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), InvalidRequest),
        (("AWS4-HMAC-SHA256", "MD5"), AuthorizationQueryParametersError),
        (("AKID%2F", ""), AuthorizationQueryParametersError),
        (("20260314%2F", "20260315%2F"), AuthorizationQueryParametersError),
        (("20260314T150926Z", "today"), AuthorizationQueryParametersError),
    ],
)
def test_a_malformed_presigned_request_is_refused(
    make_request: Callable[..., Request], change: tuple[str, str], error: type[Refusal]
) -> None:
    assert isinstance(refusal(make_request(query=PRESIGNED.replace(*change))), error)


def test_other_services_refuse_a_malformed_presigned_request_in_their_words(
    make_request: Callable[..., Request],
) -> None:
    query = PRESIGNED.replace("%2Fs3%2F", "%2Fsts%2F")
    claim = read_claim(make_request(query=query))
    assert claim is not None
    assert (claim.service, claim.payload, claim.payload_hash) == ("sts", "signed", None)
    for broken in (query.replace("=60", "=-1"), query.replace("X-Amz-Date", "Date"), query.replace("HMAC", "X")):
        assert isinstance(refusal(make_request(query=broken)), MalformedCredentials)


def test_a_claim_does_not_print_what_lets_others_in(make_request: Callable[..., Request]) -> None:
    claim = read_claim(make_request(query=PRESIGNED + "&X-Amz-Security-Token=sesame"))
    assert claim is not None
    assert claim.session_token == "sesame"
    assert "sesame" not in repr(claim)
    assert claim.signature not in repr(claim)


@pytest.mark.parametrize("name", ["AWSAccessKeyId", "Signature"])
def test_version_2_needs_its_three_parameters(make_request: Callable[..., Request], name: str) -> None:
    caught = refusal(make_request(query=f"{name}=x"))
    assert isinstance(caught, AccessDenied)
    assert caught.message.startswith("Query-string authentication requires the Signature, Expires")


def test_version_2_needs_a_number_of_seconds(make_request: Callable[..., Request]) -> None:
    query = "AWSAccessKeyId=A&Signature=B&Expires="
    assert isinstance(refusal(make_request(query=query + "tomorrow")), AccessDenied)
    claim = read_claim(make_request(query=query + "1773500966"))
    assert claim is not None
    assert (claim.scheme, claim.expires_at, claim.s3) == ("v2-query", 1_773_500_966_000_000, True)


def test_a_credential_is_good_for_its_service_only(make_request: Callable[..., Request]) -> None:
    claim = read_claim(s3_request(make_request))
    assert claim is not None
    demand_scope(claim, "s3")
    with pytest.raises(SignatureMismatch, match="scoped to correct service: 'sns'"):
        demand_scope(claim, "sns")
    claim = read_claim(sns_request(make_request))
    assert claim is not None
    with pytest.raises(MalformedCredentials, match='incorrect service "sns"'):
        demand_scope(claim, "s3")
    claim = read_claim(make_request(query="AWSAccessKeyId=A&Signature=B&Expires=1"))
    assert claim is not None
    demand_scope(claim, "s3")
    with pytest.raises(SignatureMismatch):
        demand_scope(claim, "iam")


def test_a_credential_is_good_for_the_region_that_its_host_names(make_request: Callable[..., Request]) -> None:
    claim = read_claim(sns_request(make_request))
    assert claim is not None
    demand_scope(claim, "sns", None)
    demand_scope(claim, "sns", "us-east-1")
    with pytest.raises(SignatureMismatch, match="scoped to a valid region, not 'us-east-1'"):
        demand_scope(claim, "sns", "eu-west-1")
    claim = read_claim(s3_request(make_request))
    assert claim is not None
    demand_scope(claim, "s3", "eu-west-1")

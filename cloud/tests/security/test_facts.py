from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from marinelayer.http import Request
from marinelayer.security.claim_reading import read_claim
from marinelayer.security.facts import principal_facts, request_facts
from marinelayer.security.identity import ANONYMOUS, ANONYMOUS_IDENTITY, Identity, Principal


def test_a_request_says_when_from_where_and_by_what(
    make_request: Callable[..., Request], bob: Identity, now: int
) -> None:
    headers = (("user-agent", "curl/8"), ("referer", "http://example.com/"))
    facts = request_facts(
        make_request(headers=headers, peer="203.0.113.9", scheme="https"), bob, now, region="eu-west-1"
    )
    assert {
        "aws:sourceip": ("203.0.113.9",),
        "aws:securetransport": ("true",),
        "aws:currenttime": ("2026-03-14T15:09:26Z",),
        "aws:epochtime": ("1773500966",),
        "aws:useragent": ("curl/8",),
        "aws:referer": ("http://example.com/",),
        "aws:requestedregion": ("eu-west-1",),
    }.items() <= facts.items()
    plain = request_facts(make_request(), ANONYMOUS_IDENTITY, now)
    assert plain["aws:securetransport"] == ("false",)
    assert not {"aws:useragent", "aws:referer", "aws:requestedregion"} & plain.keys()


def test_a_user_is_named(bob: Identity) -> None:
    principal = dataclasses.replace(bob.principal, tags={"Team": "harbor"})
    assert principal_facts(principal) == {
        "aws:principaltype": ("User",),
        "aws:principalisawsservice": ("false",),
        "aws:principalarn": ("arn:aws:iam::123456789012:user/bob",),
        "aws:principalaccount": ("123456789012",),
        "aws:userid": ("AIDABOBBOBBOBBOBBOBBO",),
        "aws:username": ("bob",),
        "aws:principaltag/team": ("harbor",),
    }


def test_a_role_session_is_its_role_and_its_own_id() -> None:
    facts = principal_facts(
        Principal(
            kind="role-session",
            account="1" * 12,
            arn=f"arn:aws:sts::{'1' * 12}:assumed-role/reader/s1",
            unique_id="AROAX:s1",
            path="/team/",
        )
    )
    assert facts["aws:principalarn"] == (f"arn:aws:iam::{'1' * 12}:role/team/reader",)
    assert facts["aws:userid"] == ("AROAX:s1",)
    assert facts["aws:principaltype"] == ("AssumedRole",)
    assert "aws:username" not in facts


def test_nobody_and_services_have_no_account() -> None:
    assert principal_facts(ANONYMOUS) == {
        "aws:principaltype": ("Anonymous",),
        "aws:principalisawsservice": ("false",),
        "aws:userid": ("anonymous",),
    }
    facts = principal_facts(Principal(kind="service", arn="sns.amazonaws.com"))
    assert facts["aws:principalisawsservice"] == ("true",)
    assert facts["aws:principalservicename"] == ("sns.amazonaws.com",)
    assert not {"aws:principalarn", "aws:principalaccount", "aws:userid"} & facts.keys()


@pytest.mark.parametrize(
    ("signer", "auth_type", "version"),
    [
        ("S3SigV4Auth", "REST-HEADER", "AWS4-HMAC-SHA256"),
        ("S3SigV4QueryAuth", "REST-QUERY-STRING", "AWS4-HMAC-SHA256"),
        ("HmacV1QueryAuth", "REST-QUERY-STRING", "AWS"),
    ],
)
def test_s3_says_how_a_request_was_signed(
    signed_by_botocore: Callable[..., Request], bob: Identity, now: int, signer: str, auth_type: str, version: str
) -> None:
    request = signed_by_botocore(signer, "http://localhost/b/k")
    facts = request_facts(request, bob, now + 5_000_000, claim=read_claim(request))
    assert facts["s3:authtype"] == (auth_type,)
    assert facts["s3:signatureversion"] == (version,)
    assert facts.get("s3:signatureage") == (None if version == "AWS" else ("5000",))

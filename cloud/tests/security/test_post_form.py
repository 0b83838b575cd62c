from __future__ import annotations

import base64
import dataclasses
import json
import re
from typing import Any

import boto3
import botocore.config
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.model.errors import AccessDenied, Refusal, SignatureMismatch, TokenInvalid, UnknownAccessKey
from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.security import timestamps
from marinelayer.security.identity import Identity
from marinelayer.security.post_form import SizeLimits, check_policy, read_form_claim, verify
from marinelayer.security.refusals import EntityTooLarge, EntityTooSmall, InvalidPolicyDocument

NOW = timestamps.from_basic("20260314T150926Z")


def fields_by_boto3(
    identity: Identity, version: str, *, key: str = "up/${filename}", conditions: list[Any] | None = None, **fields: str
) -> dict[str, str]:
    client = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url="http://localhost:4566",
        aws_access_key_id=identity.access_key_id,
        aws_secret_access_key=identity.secret_key,
        aws_session_token=identity.session_token,
        config=botocore.config.Config(signature_version=version),
    )
    made = client.generate_presigned_post("bucket", key, Fields=fields or None, Conditions=conditions, ExpiresIn=3600)
    return {name.lower(): value for name, value in made["fields"].items()}


def prove(fields: dict[str, str], identity: Identity, *, now: int | None = None, bucket: str = "bucket") -> SizeLimits:
    claim = read_form_claim(fields)
    assert claim is not None
    moment = timestamps.from_extended("2000-01-01") if now is None else now
    return verify(claim, fields, identity, bucket=bucket, now=moment)


def policy(*conditions: Any, expiration: str = "2026-03-14T16:00:00.000Z") -> str:
    return encoded({"expiration": expiration, "conditions": list(conditions)})


def encoded(document: Any) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


def check(text: str, fields: dict[str, str], *, bucket: str = "bucket", now: int = NOW) -> SizeLimits:
    return check_policy(text, fields, bucket=bucket, now=now)


@pytest.mark.parametrize("version", ["s3", "s3v4"])
@pytest.mark.parametrize("token", [None, "to/ke+n="])
def test_a_form_that_boto3_signed_is_proven(bob: Identity, version: str, token: str | None) -> None:
    identity = dataclasses.replace(bob, session_token=token)
    fields = fields_by_boto3(
        identity, version, conditions=[{"acl": "public-read"}, ["content-length-range", 1, 10]], acl="public-read"
    )
    fields["key"] = "up/photo.jpg"
    claim = read_form_claim(fields)
    assert claim is not None
    assert (claim.scheme, claim.access_key_id) == ({"s3": "v2-form", "s3v4": "v4-form"}[version], bob.access_key_id)
    assert prove(fields, identity) == SizeLimits(minimum=1, maximum=10)


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_changed_policy_secret_or_signature_is_refused(bob: Identity, version: str) -> None:
    fields = fields_by_boto3(bob, version, key="k")
    prove(fields, bob)
    with pytest.raises(SignatureMismatch):
        prove({**fields, "policy": policy({"bucket": "bucket"}, {"key": "k"})}, bob)
    with pytest.raises(SignatureMismatch):
        prove(fields, dataclasses.replace(bob, secret_key="another"))
    name = "signature" if version == "s3" else "x-amz-signature"
    with pytest.raises(SignatureMismatch):
        prove({**fields, name: "é" + fields[name]}, bob)
    with pytest.raises(UnknownAccessKey):
        prove(fields, dataclasses.replace(bob, active=False))


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_session_tokens_of_forms_are_checked(bob: Identity, version: str) -> None:
    fields = fields_by_boto3(dataclasses.replace(bob, session_token="right"), version, key="k")
    with pytest.raises(TokenInvalid):
        prove(fields, dataclasses.replace(bob, session_token="other"))
    with pytest.raises(UnknownAccessKey):
        prove(fields_by_boto3(bob, version, key="k"), dataclasses.replace(bob, session_token="other"))


def test_a_form_is_good_for_its_bucket_and_its_time(bob: Identity) -> None:
    fields = fields_by_boto3(bob, "s3v4", key="k")
    with pytest.raises(AccessDenied, match="Invalid according to Policy: Policy Condition failed"):
        prove(fields, bob, bucket="other")
    with pytest.raises(AccessDenied, match=r"Invalid according to Policy: Policy expired\."):
        prove(fields, bob, now=timestamps.from_extended("2999-01-01"))


def test_a_form_without_credentials_is_anonymous() -> None:
    assert read_form_claim({"key": "k", "acl": "public-read"}) is None


@pytest.mark.parametrize("missing", ["policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"])
def test_a_form_of_version_4_needs_every_field(bob: Identity, missing: str) -> None:
    fields = fields_by_boto3(bob, "s3v4", key="k")
    del fields[missing]
    with pytest.raises(InvalidArgument, match="Bucket POST must contain a field named"):
        read_form_claim(fields)


@pytest.mark.parametrize("missing", ["policy", "awsaccesskeyid", "signature"])
def test_a_form_of_version_2_needs_every_field(bob: Identity, missing: str) -> None:
    fields = fields_by_boto3(bob, "s3", key="k")
    del fields[missing]
    with pytest.raises(InvalidArgument, match="Bucket POST must contain a field named"):
        read_form_claim(fields)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-amz-algorithm", "MD5"),
        ("x-amz-date", "today"),
        ("x-amz-credential", "AKID"),
        ("x-amz-credential", "AKID/20260101/us-east-1/sns/aws4_request"),
    ],
)
def test_a_malformed_field_of_version_4_is_refused(bob: Identity, name: str, value: str) -> None:
    with pytest.raises(InvalidArgument):
        read_form_claim({**fields_by_boto3(bob, "s3v4", key="k"), name: value})


ALLOWED: list[tuple[Any, dict[str, str]]] = [
    ({"acl": "public-read"}, {"acl": "public-read"}),
    ({"AcL": "public-read"}, {"acl": "public-read"}),
    (["eq", "$acl", "public-read"], {"acl": "public-read"}),
    (["EQ", "$aCl", "public-read"], {"acl": "public-read"}),
    (["starts-with", "$key", "user/"], {"key": "user/a"}),
    (["StArTs-WiTh", "$KeY", ""], {"key": "anything"}),
    (["starts-with", "$x-amz-meta-tag", ""], {}),
    (["starts-with", "$Content-Type", "image/"], {"content-type": "image/png, image/jpeg"}),
    ({"bucket": "bucket"}, {}),
    ({"x-amz-meta-a": "b"}, {"x-amz-meta-a": "b"}),
]
REFUSED: list[tuple[Any, dict[str, str]]] = [
    ({"acl": "public-read"}, {"acl": "private"}),
    ({"acl": "public-read"}, {"acl": "Public-Read"}),
    ({"acl": "public-read"}, {}),
    (["eq", "$key", "a"], {"key": "ab"}),
    (["starts-with", "$key", "user/"], {"key": "users/a"}),
    (["starts-with", "$key", "user/"], {}),
    (["starts-with", "$Content-Type", "image/"], {"content-type": "image/png, text/html"}),
    ({"bucket": "other"}, {}),
]


@pytest.mark.parametrize(("condition", "fields"), ALLOWED)
def test_a_condition_that_holds_lets_the_form_pass(condition: Any, fields: dict[str, str]) -> None:
    check(policy(condition), fields)


@pytest.mark.parametrize(("condition", "fields"), REFUSED)
def test_a_condition_that_fails_refuses_the_form(condition: Any, fields: dict[str, str]) -> None:
    with pytest.raises(AccessDenied, match="Invalid according to Policy: Policy Condition failed: "):
        check(policy(condition), fields)


def test_a_bucket_field_does_not_stand_in_for_the_bucket() -> None:
    with pytest.raises(AccessDenied):
        check(policy({"bucket": "mine"}), {"bucket": "mine"}, bucket="yours")


def test_every_field_must_be_in_the_policy() -> None:
    with pytest.raises(AccessDenied, match="Invalid according to Policy: Extra input fields: acl"):
        check(policy({"key": "k"}), {"key": "k", "acl": "public-read"})
    with pytest.raises(AccessDenied, match="Extra input fields: key"):
        check(policy({"bucket": "bucket"}), {"key": "k"})


def test_fields_that_need_no_condition() -> None:
    exempt = ("awsaccesskeyid", "signature", "x-amz-signature", "policy", "x-ignore-me")
    check(policy({"key": "k"}), {"key": "k", **dict.fromkeys(exempt, "x")})


def test_the_file_must_be_within_the_range() -> None:
    limits = check(policy(["content-length-range", "10", 20]), {})
    for size in (10, 20):
        limits.check(size)
    with pytest.raises(EntityTooSmall, match="smaller than the minimum allowed size") as small:
        limits.check(9)
    assert small.value.details == {"ProposedSize": "9", "MinSizeAllowed": "10"}
    with pytest.raises(EntityTooLarge, match="exceeds the maximum allowed size") as large:
        limits.check(21)
    assert large.value.details == {"ProposedSize": "21", "MaxSizeAllowed": "20"}
    limits.check_so_far(0)
    with pytest.raises(EntityTooLarge):
        limits.check_so_far(21)


def test_two_ranges_both_count() -> None:
    ranges = (["content-length-range", 0, 20], ["content-length-range", 5, 30])
    assert check(policy(*ranges), {}) == SizeLimits(minimum=5, maximum=20)


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "!!!",
        base64.b64encode(b"no json").decode(),
        base64.b64encode(b"[" * 9000).decode(),
        encoded([]),
        encoded({}),
        encoded({"expiration": "2999-01-01T00:00:00Z"}),
        encoded({"expiration": "2999-01-01T00:00:00Z", "conditions": {}}),
        encoded({"expiration": "2999-01-01T00:00:00Z", "CONDITIONS": []}),
        encoded({"EXPIRATION": "2999-01-01T00:00:00Z", "conditions": []}),
        policy(expiration="tomorrow"),
        policy(expiration="2999-01-01"),
        policy(expiration="2999-13-01T00:00:00Z"),
        policy({}),
        policy({"a": "b", "c": "d"}),
        policy({"a": 1}),
        policy("x"),
        policy(["eq", "$a"]),
        policy(["eq", "$a", 1]),
        policy(["like", "$a", "b"]),
        policy(["content-length-range", 0]),
        policy(["content-length-range", -1, 0]),
        policy(["content-length-range", True, 1]),
        policy(["content-length-range", 0, 1.5]),
        "A" * 30_000,
    ],
)
def test_a_policy_that_can_not_be_read_is_refused(broken: str) -> None:
    with pytest.raises(InvalidPolicyDocument, match="Invalid Policy: "):
        check(broken, {})


@pytest.mark.parametrize("condition", [["eq", "a", "b"], ["content-length-range", "a", "10"]])
def test_a_condition_that_names_no_field_or_no_size_fails(condition: list[str]) -> None:
    shown = re.escape(f"Invalid according to Policy: Policy Condition failed: {json.dumps(condition)}")
    with pytest.raises(AccessDenied, match=shown):
        check(policy(condition), {"a": "b"})


def test_a_policy_that_nobody_signed_is_refused() -> None:
    with pytest.raises(AccessDenied):
        read_form_claim({"key": "k", "policy": policy()})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
@settings(max_examples=150)
def test_no_policy_breaks_the_reader(conditions: Any) -> None:
    try:
        check(encoded({"expiration": "2999-01-01T00:00:00Z", "conditions": conditions}), {"key": "k"})
    except Refusal:
        return
    pytest.fail("the key is in no condition")

from __future__ import annotations

import json
from typing import Any

import pytest

from marinelayer.security.policy.compiled import compile_policy
from marinelayer.security.policy.public import is_public


def public(condition: dict[str, Any] | None = None, **changes: Any) -> bool:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    if condition is not None:
        statement["Condition"] = condition
    return is_public(compile_policy(json.dumps({"Version": "2012-10-17", "Statement": {**statement, **changes}})))


def test_a_grant_to_everyone_is_public() -> None:
    assert public()
    assert public(Principal={"AWS": "*"})
    assert public(Principal={"AWS": ["123456789012", "*"]})


def test_a_grant_to_somebody_or_a_denial_is_not() -> None:
    assert not public(Effect="Deny")
    for principal in ({"AWS": "123456789012"}, {"Service": "sns.amazonaws.com"}, {"CanonicalUser": "0" * 64}):
        assert not public(Principal=principal)


def test_a_grant_to_everyone_but_some_is_public() -> None:
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": "123456789012"}, "Action": "s3:*", "Resource": "*"}
    assert is_public(compile_policy(json.dumps({"Statement": statement})))


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceVpc": "vpc-91237329"}},
        {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"StringEquals": {"AWS:SourceOwner": "123456789012"}},
        {"ForAnyValue:StringEquals": {"aws:SourceAccount": ["123456789012"]}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "10.0.0.0/8"]}},
        {"IpAddress": {"aws:SourceIp": "2001:db8::/32"}},
        {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/bob"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:123456789012:*"}},
        {"StringLike": {"aws:userid": "AROA1234567890123456:*"}},
        {"StringEquals": {"aws:PrincipalAccount": "123456789012"}, "Bool": {"aws:SecureTransport": "true"}},
    ],
)
def test_a_condition_on_fixed_callers_makes_it_private(condition: dict[str, Any]) -> None:
    assert not public(condition)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringLike": {"aws:SourceVpc": "vpc-*"}},
        {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}},
        {"StringNotEquals": {"aws:SourceVpc": "vpc-91237329"}},
        {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-91237329"}},
        {"ForAllValues:StringEquals": {"aws:SourceVpc": "vpc-91237329"}},
        {"StringEquals": {"aws:SourceVpc": ["vpc-91237329", "*?"]}},
        {"StringLike": {"aws:UserAgent": "mine"}},
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "128.0.0.0/2"]}},
        {"IpAddress": {"aws:SourceIp": "::/0"}},
        {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:*:alerts"}},
        {"Null": {"aws:SourceVpc": "false"}},
        {"Bool": {"aws:SecureTransport": "true"}},
    ],
)
def test_any_other_condition_leaves_it_public(condition: dict[str, Any]) -> None:
    assert public(condition)

"""Whether a policy makes its resource public, as S3's public access block means it.

Source: S3 User Guide, "Blocking public access to your Amazon S3 storage", "The meaning of public".
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_network

from marinelayer.security.policy.compiled import Policy
from marinelayer.security.policy.conditions.condition import OPERATORS, split_operator
from marinelayer.security.policy.document import ConditionLine, StatementDocument

_NARROWING = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceowner",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
"""Keys whose fixed values name somebody."""

_WIDEST_IPV4 = 8
_WIDEST_IPV6 = 32
_ACCOUNT_IN_ARN = re.compile(r"arn:[^:*?$]+:[^:*?$]+:[^:$]*:\d{12}:[^$]*", re.ASCII)


@lru_cache(maxsize=1024)
def is_public(policy: Policy) -> bool:
    """Whether any statement grants something to everyone without a condition that names fixed callers."""
    return any(_statement_is_public(one.source) for one in policy.statements)


def _statement_is_public(statement: StatementDocument) -> bool:
    if not statement.allow or statement.principals is None:
        return False
    if not statement.not_principal and "*" not in statement.principals.get("AWS", ()):
        return False
    return not any(_narrows(line) for line in statement.conditions)


def _narrows(line: ConditionLine) -> bool:
    """Whether one line of a Condition lets only fixed callers through."""
    key = line.key.lower()
    quantifier, own, if_exists = split_operator(line.operator)
    if key not in _NARROWING or own == "Null" or if_exists or quantifier == "ForAllValues" or not line.values:
        return False
    if OPERATORS[own].negated or "Less" in own or "Greater" in own:
        return False
    if own == "IpAddress":
        return all(_narrow_range(value) for value in line.values)
    return all(_fixed(key, value) for value in line.values)


def _fixed(key: str, value: str) -> bool:
    if key in ("aws:sourcearn", "s3:dataaccesspointarn", "aws:principalarn") and _ACCOUNT_IN_ARN.fullmatch(value):
        return True
    if key == "aws:userid" and re.fullmatch(r"[A-Z0-9]{16,}:\*", value, re.ASCII):
        return True
    return not any(mark in value for mark in ("*", "?", "${"))


def _narrow_range(value: str) -> bool:
    network = ip_network(value.strip(), strict=False)
    return network.prefixlen >= (_WIDEST_IPV4 if network.version == 4 else _WIDEST_IPV6)

"""String operators: exact, without regard to case, and by wildcards."""

from __future__ import annotations

from marinelayer.security.policy.conditions.operator import Operator, plain
from marinelayer.security.policy.wildcard import Matcher, Pattern, glob


def _equals(pattern: Pattern) -> Matcher:
    return plain(pattern).__eq__


def _equals_ignoring_case(pattern: Pattern) -> Matcher:
    lower = plain(pattern).lower()
    return lambda value: value.lower() == lower


OPERATORS = {
    "StringEquals": Operator(prepare=_equals, with_variables=True),
    "StringNotEquals": Operator(prepare=_equals, with_variables=True, negated=True),
    "StringEqualsIgnoreCase": Operator(prepare=_equals_ignoring_case, with_variables=True),
    "StringNotEqualsIgnoreCase": Operator(prepare=_equals_ignoring_case, with_variables=True, negated=True),
    "StringLike": Operator(prepare=glob, with_variables=True, wild=True),
    "StringNotLike": Operator(prepare=glob, with_variables=True, wild=True, negated=True),
}

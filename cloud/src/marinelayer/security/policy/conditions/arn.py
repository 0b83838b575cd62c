"""ARN operators: `ArnEquals` and `ArnLike` mean the same, matching the six parts of an ARN one by one."""

from __future__ import annotations

from marinelayer.security.policy.conditions.operator import Operator
from marinelayer.security.policy.wildcard import Matcher, Pattern, glob


def _like(pattern: Pattern) -> Matcher:
    return glob(pattern, arn=True)


OPERATORS = {
    "ArnEquals": Operator(prepare=_like, with_variables=True, wild=True),
    "ArnLike": Operator(prepare=_like, with_variables=True, wild=True),
    "ArnNotEquals": Operator(prepare=_like, with_variables=True, wild=True, negated=True),
    "ArnNotLike": Operator(prepare=_like, with_variables=True, wild=True, negated=True),
}

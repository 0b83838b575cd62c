"""The boolean operator."""

from __future__ import annotations

from marinelayer.security.policy.conditions.operator import Operator, plain
from marinelayer.security.policy.wildcard import Matcher, Pattern


def _bool(pattern: Pattern) -> Matcher:
    wanted = plain(pattern).strip().lower()
    if wanted not in ("true", "false"):
        raise ValueError(f"{wanted!r} is neither true nor false")
    return lambda value: value.lower() == wanted


OPERATORS = {"Bool": Operator(prepare=_bool)}

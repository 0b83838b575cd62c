"""The binary operator: equality of what base64 stands for."""

from __future__ import annotations

import binascii
from base64 import b64decode

from marinelayer.security.policy.conditions.operator import Operator, plain
from marinelayer.security.policy.wildcard import Matcher, Pattern


def _equals(pattern: Pattern) -> Matcher:
    wanted = b64decode(plain(pattern), validate=True)

    def matches(value: str) -> bool:
        try:
            return b64decode(value, validate=True) == wanted
        except (binascii.Error, ValueError):
            return False

    return matches


OPERATORS = {"BinaryEquals": Operator(prepare=_equals)}

"""Numeric operators, over integers and decimals."""

from __future__ import annotations

import re
from decimal import Decimal

from marinelayer.security.policy.conditions.comparison import comparisons

_NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is not a number")
    return Decimal(text.strip())


OPERATORS = comparisons("Numeric", _number)

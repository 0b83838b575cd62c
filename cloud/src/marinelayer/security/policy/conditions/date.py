"""Date operators, over W3C date times and seconds since the epoch."""

from __future__ import annotations

import re

from marinelayer.security import timestamps
from marinelayer.security.policy.conditions.comparison import comparisons

_EPOCH = re.compile(r"-?\d{1,15}", re.ASCII)


def _moment(text: str) -> int:
    """Microseconds since the epoch."""
    text = text.strip()
    if _EPOCH.fullmatch(text):
        return int(text) * timestamps.SECOND
    return timestamps.from_extended(text)


OPERATORS = comparisons("Date", _moment)

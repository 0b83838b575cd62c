"""Times as IAM shows them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(microseconds: int) -> datetime:
    """A stored time as IAM shows it: whole seconds."""
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC)

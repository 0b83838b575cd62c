"""The account that every operation of S3 Control names."""

from __future__ import annotations

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Caller


def demand_own(caller: Caller, account: str) -> None:
    """Raises AccessDenied where it is not the caller's: no policy lets another in."""
    if account != caller.account:
        raise AccessDenied

"""The rules of object lock: what a request says of a lock, what a bucket's default adds, and what may change. Pure.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html and .../object-lock-managing.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from marinelayer.model.errors import AccessDenied
from marinelayer.protocol.refusals import InvalidArgument, InvalidRequest, MalformedXML
from marinelayer.services.s3.conditions import MICROSECONDS
from marinelayer.services.s3.configurations import Document
from marinelayer.services.s3.errors import HeaderNotImplemented, InvalidRetentionPeriod
from marinelayer.services.s3.versions import PROTECTED, UNLOCKED, Lock

DAY = 24 * 60 * 60 * MICROSECONDS
DAYS_OF_A_YEAR = 365
MOST_DAYS = 36_500
MOST_YEARS = 100
MODES = frozenset({"GOVERNANCE", "COMPLIANCE"})
_EVENT_HOLDS = ("EventHold", "EventHoldDuration", "DefaultEventHold")
HOLDS: Mapping[str, bool] = {"ON": True, "OFF": False}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PAST = "The retain until date must be in the future!"


def microseconds(value: datetime) -> int:
    """A time as locks have it."""
    return ((value if value.tzinfo else value.replace(tzinfo=UTC)) - _EPOCH) // timedelta(microseconds=1)


def shown_time(value: int) -> datetime:
    """A lock's time as documents and headers show it."""
    return _EPOCH + timedelta(microseconds=value)


def given_lock(request: Mapping[str, Any]) -> Lock:
    """The lock that a request's headers give to the object that it makes.

    Raises:
        InvalidArgument: a header says what none may, or mode and date are not given together.
    """
    mode, until, hold = (request.get(f"ObjectLock{name}") for name in ("Mode", "RetainUntilDate", "LegalHoldStatus"))
    if (mode is None) != (until is None):
        raise InvalidArgument(
            "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
            ArgumentName="x-amz-object-lock-mode" if mode is None else "x-amz-object-lock-retain-until-date",
        )
    if mode is not None and mode not in MODES:
        raise InvalidArgument("Unknown wormMode directive.", ArgumentName="x-amz-object-lock-mode", ArgumentValue=mode)
    if hold is not None and hold not in HOLDS:
        raise InvalidArgument(
            "Legal Hold must be either of 'ON' or 'OFF'",
            ArgumentName="x-amz-object-lock-legal-hold",
            ArgumentValue=hold,
        )
    if mode is None and hold is None:
        return UNLOCKED
    return Lock(
        mode=mode,
        until=None if until is None else microseconds(until),
        hold=None if hold is None else HOLDS[hold],
    )


def lock_of_new(given: Lock, configuration: Document | None, now: int) -> Lock:
    """The lock of a version that is made `now` in a bucket of this object lock configuration: what its request gives,
    else the bucket's default retention.

    Raises:
        InvalidRequest: a lock is given, and the bucket has no object lock.
        InvalidArgument: its date has passed.
    """
    if configuration is None:
        if given != UNLOCKED:
            raise InvalidRequest("Bucket is missing Object Lock Configuration")
        return given
    if given.until is not None:
        if given.until <= now:
            raise InvalidArgument(
                _PAST,
                ArgumentName="x-amz-object-lock-retain-until-date",
                ArgumentValue=shown_time(given.until).isoformat(),
            )
        return given
    rule: Mapping[str, Any] = configuration.get("Rule") or {}
    default: Mapping[str, Any] | None = rule.get("DefaultRetention")
    if not default:
        return given
    days: int = default["Days"] if "Days" in default else default["Years"] * DAYS_OF_A_YEAR
    return Lock(mode=default["Mode"], until=now + days * DAY, hold=given.hold)


def check_configuration(configuration: Mapping[str, Any]) -> None:
    """What PutObjectLockConfiguration takes.

    Raises:
        MalformedXML: it does not enable, or a rule is incomplete or says days and years.
        HeaderNotImplemented: new objects are to be held for an event.
        InvalidRetentionPeriod: a period is not positive, or longer than 100 years.
    """
    if configuration.get("ObjectLockEnabled") != "Enabled":
        raise MalformedXML
    if "Rule" not in configuration:
        return
    default: Mapping[str, Any] = configuration["Rule"].get("DefaultRetention") or {}
    refuse_event_holds(default)
    if "Mode" not in default or ("Days" in default) == ("Years" in default):
        raise MalformedXML
    for period, most in (("Days", MOST_DAYS), ("Years", MOST_YEARS)):
        if default.get(period, 1) <= 0:
            raise InvalidRetentionPeriod("Default retention period must be a positive integer value.")
        if default.get(period, 1) > most:
            raise InvalidRetentionPeriod(f"Default retention period can be at most {most} {period.lower()}.")


def refuse_event_holds(given: Mapping[str, Any]) -> None:
    """Raises HeaderNotImplemented for a retention, or a bucket's default, that holds objects until an event."""
    for member in _EVENT_HOLDS:
        if member in given:
            raise HeaderNotImplemented("Event holds are not implemented here.", Header=member)


def asked_retention(retention: Mapping[str, Any], now: int) -> tuple[str | None, int | None]:
    """Mode and end of what PutObjectRetention asks for; both None where it takes the retention away.

    Raises:
        MalformedXML: one of them is missing.
        InvalidArgument: the end has passed.
    """
    mode, until = retention.get("Mode"), retention.get("RetainUntilDate")
    if (mode is None) != (until is None):
        raise MalformedXML
    if until is None:
        return None, None
    end = microseconds(until)
    if end <= now:
        raise InvalidArgument(_PAST, ArgumentName="RetainUntilDate", ArgumentValue=until.isoformat())
    return mode, end


def check_change(lock: Lock, mode: str | None, until: int | None, now: int, *, bypass: bool) -> None:
    """Whether a version's retention may become this one. It may always be made longer; else only governance yields,
    to who may bypass it.

    Raises:
        AccessDenied: it may not.
    """
    if lock.mode is None or lock.until is None or lock.until <= now:
        return
    if mode == lock.mode and until is not None and until >= lock.until:
        return
    if lock.mode == "COMPLIANCE" or not bypass:
        raise AccessDenied(PROTECTED)

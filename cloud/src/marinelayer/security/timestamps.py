"""Times as signatures and policies write them, to and from microseconds since the epoch."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from time import gmtime, strftime

SECOND = 1_000_000
"""Microseconds."""

_BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_EXTENDED = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)


@lru_cache(maxsize=256)
def from_basic(text: str) -> int:
    """`20260102T030405Z`, as X-Amz-Date has it.

    Raises:
        ValueError: it is not such a time.
    """
    found = _BASIC.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not of the form YYYYMMDDTHHMMSSZ")
    year, month, day, hour, minute, second = map(int, found.groups())
    moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    return timegm(moment.timetuple()) * SECOND


def to_basic(micros: int) -> str:
    """The time as X-Amz-Date has it."""
    return _written("%Y%m%dT%H%M%SZ", micros // SECOND)


def to_extended(micros: int) -> str:
    """The time as `2026-01-02T03:04:05Z`."""
    return _written("%Y-%m-%dT%H:%M:%SZ", micros // SECOND)


@lru_cache(maxsize=256)
def _written(form: str, seconds: int) -> str:
    """Cached, as the requests of one second are signed at one time."""
    return strftime(form, gmtime(seconds))


def from_http(text: str) -> int:
    """A Date field (RFC 9110, section 5.6.7), or the basic form that some signers put there.

    Raises:
        ValueError: it is neither.
    """
    if _BASIC.fullmatch(text):
        return from_basic(text)
    return int(parsedate_to_datetime(text).timestamp()) * SECOND


def from_extended(text: str) -> int:
    """A W3C date or time (`2026-01-02`, `2026-01-02T03:04Z`, `2026-01-02T03:04:05.123+01:00`); UTC where no zone
    is given.

    Raises:
        ValueError: it is not such a time.
    """
    found = _EXTENDED.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not an ISO 8601 time")
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    moment = datetime(
        int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=_zone(zone)
    )
    micros = int((fraction or "0").ljust(6, "0")[:6])
    return int(moment.timestamp()) * SECOND + micros


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)

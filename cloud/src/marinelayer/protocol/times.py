"""Moments on the wire: ISO 8601, the date of HTTP, and seconds since the epoch. Always aware, always UTC.

Source: https://smithy.io/2.0/spec/protocol-traits.html#timestampformat-trait, RFC 9110 section 5.6.7.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from marinelayer.model.shapes import TimestampFormat

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def read_time(text: str, form: TimestampFormat) -> datetime:
    """The moment that `text` names.

    Raises:
        ValueError: it names none in this form.
    """
    text = text.strip()
    try:
        if form == "unixTimestamp":
            return from_epoch(float(text))
        moment = parsedate_to_datetime(text) if form == "rfc822" else datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, TypeError, IndexError) as error:
        raise ValueError(text) from error


def from_epoch(seconds: float) -> datetime:
    """The moment `seconds` after 1970 began.

    Raises:
        ValueError: it is no number, or no year between 1 and 9999.
    """
    if not math.isfinite(seconds):
        raise ValueError(seconds)
    try:
        return EPOCH + timedelta(seconds=seconds)
    except OverflowError as error:
        raise ValueError(seconds) from error


@lru_cache(maxsize=1024)
def iso_milliseconds(moment: datetime) -> str:
    """`2021-04-01T12:00:00.000Z`, as S3 writes."""
    # isoformat is several times faster than strftime, which also pads no years before 1000 on Linux.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def iso_seconds(moment: datetime) -> str:
    """`2021-04-01T12:00:00Z`, with milliseconds only where there are some, as IAM, STS and SNS write."""
    return iso_milliseconds(moment).replace(".000Z", "Z")


@lru_cache(maxsize=1024)
def http_date(moment: datetime) -> str:
    """`Thu, 01 Apr 2021 12:00:00 GMT`."""
    moment = moment.astimezone(UTC)
    return (
        f"{_DAYS[moment.weekday()]}, {moment.day:02d} {_MONTHS[moment.month - 1]} {moment.year:04d} "
        f"{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d} GMT"
    )


def epoch_seconds(moment: datetime) -> int | float:
    """Seconds since 1970 began, to the millisecond; whole where they are."""
    milliseconds = (moment - EPOCH) // timedelta(milliseconds=1)
    return milliseconds // 1000 if milliseconds % 1000 == 0 else milliseconds / 1000

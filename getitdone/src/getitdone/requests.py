"""A month of the city's requests: its daily CSVs become one frame, and what can not be read is told, not lost.

Two schemas come: 22 columns with `2021-03-27T16:31:00`, and 23 (`service_name_detail`) with
`2026-08-24 23:37:00.000`; the coordinates are `lat` and `lng` (San Diego) or `lat` and `long` (the lesson), and a
photo's key stands in `image` where there is one; `generated` says what of a line was made up. The month of a request
is that of its `date_requested` as written, which is local time.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import polars as pl

from getitdone.months import Month
from getitdone.objects import Objects
from getitdone.records import Record, decoded, records
from getitdone.spreadsheets import harmless

NO_SERVICE = "(none)"
MAX_NAME = 100
"""Characters of a service's name, which is published: a longer one is a description in the wrong column."""
REQUIRED = ("service_request_id", "date_requested", "service_name")
TEXTS = (
    "service_request_id",
    "service_name",
    "service_name_detail",
    "public_description",
    "status",
    "street_address",
    "zipcode",
    "council_district",
    "comm_plan_name",
    "image",
    "generated",
)
SCHEMA: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(TEXTS, pl.String),
    "date_requested": pl.Datetime,
    "lat": pl.Float64,
    "long": pl.Float64,
}
"""The frame's columns: texts without outer blanks (empty where the file has none), the request's local time, and
WGS 84 degrees (null where they are missing or can not be)."""

_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?")
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)[^/]*\.csv$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A line (or, with line 0, a file) that could not be used, and why."""

    file: str
    line: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOfRequests:
    """What the daily files say of a month.

    `frame` has the columns of `SCHEMA`, one row a request. `superseded` rows were replaced by a later file's row of
    the same request; `other_months` rows lie in the files that were read but belong to another month.
    """

    month: Month
    frame: pl.DataFrame
    files: int
    rows: int
    superseded: int
    other_months: int
    quarantined: Sequence[Quarantined]


@dataclass(slots=True)
class _Reading:
    requests: dict[str, dict[str, object]] = field(default_factory=dict[str, dict[str, object]])
    quarantined: list[Quarantined] = field(default_factory=list[Quarantined])
    rows: int = 0


def read_month(
    objects: Objects,
    bucket: str,
    month: Month,
    *,
    late_days: int,
    threads: int = 8,
    each: Callable[[], object] = lambda: None,
) -> MonthOfRequests:
    """Every request of the month in the bucket's daily files `2021/04/2021-04-01.csv`.

    The first `late_days` files of the next month are read too: a correction of a late request comes there. `each` is
    called after every file.

    Raises:
        NotFound: the bucket does not exist.
    """
    keys = [item.key for item in objects.listing(bucket, month.prefix) if item.key.lower().endswith(".csv")]
    until = month.following.first + dt.timedelta(days=late_days)
    keys += [
        item.key
        for item in (objects.listing(bucket, month.following.prefix) if late_days else ())
        if (day := _day(item.key)) and day < until.isoformat()
    ]
    keys.sort(key=lambda key: (_day(key), key))

    def fetch(key: str) -> bytes:
        body = objects.get(bucket, key).body
        each()
        return body

    with ThreadPoolExecutor(max_workers=threads) as pool:
        return read_files(month, zip(keys, pool.map(fetch, keys), strict=True))


def read_files(month: Month, files: Iterable[tuple[str, bytes]]) -> MonthOfRequests:
    """The same of files in memory, `(name, content)`, the latest last: its rows win."""
    reading = _Reading()
    count = 0
    for name, content in files:
        count += 1
        _read_file(reading, name, content)
    of_month = [row for row in reading.requests.values() if _belongs(row["date_requested"], month)]
    return MonthOfRequests(
        month=month,
        frame=pl.DataFrame(of_month, schema=SCHEMA, orient="row").sort("date_requested", "service_request_id"),
        files=count,
        rows=reading.rows,
        superseded=reading.rows - len(reading.requests),
        other_months=len(reading.requests) - len(of_month),
        quarantined=tuple(reading.quarantined),
    )


def _day(key: str) -> str:
    found = _DAY.search(key)
    return found[1] if found else ""


def _belongs(when: object, month: Month) -> bool:
    return isinstance(when, dt.datetime) and (when.year, when.month) == (month.year, month.month)


def _read_file(reading: _Reading, name: str, content: bytes) -> None:
    lines = records(decoded(content))
    header = next(lines, None)
    if header is None:
        reading.quarantined.append(Quarantined(file=name, line=0, reason="the file is empty", text=""))
        return
    columns = [column.strip().lower() for column in header.fields]
    problem = header.problem or _problem_of_header(columns)
    if problem:
        reading.quarantined.append(Quarantined(file=name, line=0, reason=problem, text=header.text.strip()[:2000]))
        return
    for record in lines:
        row, reason = _request(record, columns)
        if reason:
            reading.quarantined.append(
                Quarantined(file=name, line=record.line, reason=reason, text=_readable(record.text))
            )
            continue
        reading.rows += 1
        # Taken out first, so that the row which wins stands where its file does.
        reading.requests.pop(str(row["service_request_id"]), None)
        reading.requests[str(row["service_request_id"])] = row


def _problem_of_header(columns: Sequence[str]) -> str:
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        return f"the header lacks {', '.join(missing)}"
    # Columns without a name are what a spreadsheet leaves at the end of a line.
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    return f"the header has {', '.join(twice)} twice" if twice else ""


def _request(record: Record, columns: Sequence[str]) -> tuple[dict[str, object], str]:
    if record.problem:
        return {}, record.problem
    values = {column: value.strip() for column, value in zip(columns, record.fields, strict=True)}
    if not values["service_request_id"]:
        return {}, "it has no service_request_id"
    when = _time(values["date_requested"])
    if when is None:
        return {}, f"date_requested {values['date_requested'][:40]!r} is no time"
    row: dict[str, object] = {name: values.get(name, "") for name in TEXTS}
    row["service_name"] = " ".join(values["service_name"].split()) or NO_SERVICE
    if len(str(row["service_name"])) > MAX_NAME:
        return {}, f"service_name is longer than {MAX_NAME} characters"
    row["date_requested"] = when
    row["lat"], row["long"] = _place(values.get("lat", ""), values.get("lng") or values.get("long", ""))
    return row, ""


def _time(text: str) -> dt.datetime | None:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups())
    try:
        # Without a zone on purpose: the city writes local time, and reports count by it.
        return dt.datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return None


def _place(lat: str, long: str) -> tuple[float | None, float | None]:
    try:
        north, east = float(lat), float(long)
    except ValueError:
        return None, None
    # Also refuses nan; and 0, 0 is what a phone without a position sends.
    if not (-90 <= north <= 90 and -180 <= east <= 180) or (north, east) == (0.0, 0.0):
        return None, None
    return north, east


def _readable(text: str) -> str:
    return text.strip().encode("utf-8", errors="replace").decode()[:2000]


def quarantine_csv(rows: Sequence[Quarantined]) -> bytes:
    """The quarantined lines as a CSV file with the columns file, line, reason, text, its cells defused: it is meant to
    be looked at."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["file", "line", "reason", "text"])
    writer.writerows([harmless(row.file), row.line, row.reason, harmless(row.text)] for row in rows)
    return out.getvalue().encode()

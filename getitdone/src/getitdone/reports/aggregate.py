"""A month's frame, aggregated. Pure: frames in, frames out."""

from __future__ import annotations

import calendar
import datetime as dt
import io
from collections.abc import Iterable

import polars as pl

from getitdone.errors import DataError
from getitdone.requests import MonthOfRequests
from getitdone.spreadsheets import harmless, original

COUNTS: dict[str, type[pl.DataType]] = {"service_name": pl.String, "count": pl.Int64}


def counts_by_service(frame: pl.DataFrame, *, always: Iterable[str] = ()) -> pl.DataFrame:
    """`service_name` and `count`, one row a service, the most frequent first; a service of `always` that nobody asked
    for counts 0, so that who looks it up finds it."""
    counted = frame.group_by("service_name").agg(pl.len().cast(pl.Int64).alias("count"))
    known = set(counted["service_name"].to_list())
    absent = [name for name in dict.fromkeys(always) if name not in known]
    zeros = pl.DataFrame({"service_name": absent, "count": [0] * len(absent)}, schema=COUNTS)
    return pl.concat([counted.select("service_name", "count"), zeros]).sort(
        "count", "service_name", descending=[True, False]
    )


def counts_by_day(requests: MonthOfRequests) -> pl.DataFrame:
    """`day` and `count`, one row for each day of the month."""
    month = requests.month
    last = calendar.monthrange(month.year, month.month)[1]
    days = pl.DataFrame({"day": [dt.date(month.year, month.month, number) for number in range(1, last + 1)]})
    counted = requests.frame.group_by(pl.col("date_requested").dt.date().alias("day")).agg(pl.len().alias("count"))
    return (
        days.join(counted, on="day", how="left").with_columns(pl.col("count").fill_null(0).cast(pl.Int64)).sort("day")
    )


def report_csv(counts: pl.DataFrame) -> bytes:
    """`final_report.csv`: the header `service_name,count` and one line a service, without an index column; a name that
    a spreadsheet would run is defused."""
    out = io.BytesIO()
    names = pl.Series("service_name", [harmless(name) for name in counts["service_name"].to_list()], pl.String)
    counts.with_columns(names).write_csv(out)
    return out.getvalue()


def report_counts(content: bytes) -> dict[str, int]:
    """The counts in a `final_report.csv`.

    Raises:
        DataError: it is none.
    """
    try:
        frame = pl.read_csv(io.BytesIO(content), schema_overrides=COUNTS, null_values=None)
        return {original(str(row["service_name"])): int(row["count"]) for row in frame.iter_rows(named=True)}
    except (pl.exceptions.PolarsError, KeyError, TypeError) as error:
        raise DataError(f"the final report can not be read: {error}") from error

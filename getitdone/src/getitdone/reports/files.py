"""What the report's files are called and of which types they are, and what a publication tells of itself.

Light to import: whoever only names a file does not load what draws it.
"""

from __future__ import annotations

from dataclasses import dataclass

from getitdone.months import Month

HTML = "text/html; charset=utf-8"
CSV = "text/csv; charset=utf-8"
INDEX = "index.html"
FRESH = "no-cache"
"""Readers ask whether a page changed: a corrected report shall be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What now stands on the site. `public` is whether a stranger could read the index when we tried, None where
    that could not be tried or was not meant."""

    month: Month
    keys: tuple[str, ...]
    index_url: str
    public: bool | None


FILES = {"csv": "final_report.csv", "table": "final_report.html", "chart": "final_chart.html"}


def csv_key(month: Month) -> str:
    """`2021/apr/final_report.csv`."""
    return f"{month.slug}/{FILES['csv']}"

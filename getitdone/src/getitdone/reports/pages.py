"""The pages as HTML, from templates that escape whatever is put into them.

Knows what a page shows and nothing of where it is stored. Every page stands alone: its style is inside, it loads
nothing from anywhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from getitdone.config import Settings
from getitdone.months import Month
from getitdone.objects import Listed
from getitdone.requests import MonthOfRequests


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("getitdone.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["thousands"] = lambda number: f"{number:,}"
    made.filters["size"] = _size
    return made


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:,.1f} KiB" if count < 1024**2 else f"{count / 1024**2:,.1f} MiB"


_PAGES = _environment()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What every page of a month says of it: `total` requests between `first` and `last`, and where they come from."""

    title: str
    month: Month
    total: int
    first: dt.datetime | None
    last: dt.datetime | None
    quarantined: int
    made: dt.datetime

    @property
    def span(self) -> str:
        """`1 April to 8 April 2021`, "" where nothing was requested."""
        if self.first is None or self.last is None:
            return ""
        return f"{self.first.day} {self.first:%B} to {self.last.day} {self.last:%B %Y}"


def facts_of(settings: Settings, requests: MonthOfRequests, made: dt.datetime) -> Facts:
    """What the pages of a month say of it."""
    times = requests.frame["date_requested"].to_list()
    return Facts(
        title=settings.reports.title,
        month=requests.month,
        total=requests.frame.height,
        first=times[0] if times else None,
        last=times[-1] if times else None,
        quarantined=len(requests.quarantined),
        made=made,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table: `share` is its part of all requests, `bar` its part of the most frequent, in percent."""

    name: str
    count: int
    share: float
    bar: float


def table_page(facts: Facts, counts: pl.DataFrame, *, links: Mapping[str, str]) -> bytes:
    """`final_report.html`: the counts as a table."""
    most = max([*counts["count"].to_list(), 1])
    rows = [
        Row(
            name=str(row["service_name"]),
            count=int(row["count"]),
            share=100 * row["count"] / max(facts.total, 1),
            bar=100 * row["count"] / most,
        )
        for row in counts.iter_rows(named=True)
    ]
    return _page("table.html", facts=facts, rows=rows, links=links)


def chart_page(facts: Facts, markup: Mapping[str, Markup], *, links: Mapping[str, str]) -> bytes:
    """`final_chart.html`: the charts."""
    return _page("chart.html", facts=facts, chart=markup, links=links)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the index."""

    key: str
    link: str
    modified: dt.datetime
    size: int


def index_page(title: str, listed: Sequence[Listed], *, base_url: str, made: dt.datetime) -> bytes:
    """`index.html`: Link, LastModified and Size of everything on the site but itself. Links are relative where
    `base_url` is empty, so that they work wherever the bucket stands."""
    entries = [
        Entry(key=item.key, link=_link(base_url, item.key), modified=item.modified, size=item.size)
        for item in listed
        if item.key != "index.html"
    ]
    months = sorted({entry.key.rsplit("/", 1)[0] for entry in entries if "/" in entry.key})
    return _page("index.html", title=title, entries=entries, months=len(months), made=made)


def _link(base_url: str, key: str) -> str:
    # A relative link that began with // would lead to another host.
    return (base_url or ("./" if key.startswith("/") else "")) + quote(key)


def dispatch_page(facts: Facts, dispatches: Sequence[Any], *, counts: Mapping[str, Any], until: dt.datetime) -> bytes:
    """`dispatches.html`: what was dispatched, why, and the counts by sentiment and language. The addresses of its
    photos work until `until`."""
    return _page("dispatches.html", facts=facts, dispatches=dispatches, counts=counts, until=until)


def _page(template: str, **values: Any) -> bytes:
    return _PAGES.get_template(template).render(**values).encode()

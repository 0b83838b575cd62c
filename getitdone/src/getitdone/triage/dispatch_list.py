"""The dispatch list of a month: as CSV and as a page, in a private bucket, shown by a link that expires.

Descriptions are citizens' words: the list never goes to the public site.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from getitdone.config import Settings
from getitdone.objects import Objects
from getitdone.reports.files import CSV, HTML
from getitdone.reports.pages import dispatch_page, facts_of
from getitdone.requests import MonthOfRequests
from getitdone.spreadsheets import harmless
from getitdone.triage.dispatching import Dispatch
from getitdone.triage.run import NOT_SCORED, Triaged

PRIVATE = "private, no-store"
"""No cache on the way shall keep it for longer than the link works."""
COLUMNS = (
    "service_request_id",
    "date_requested",
    "service_name",
    "lat",
    "long",
    "street_address",
    "rule",
    "found",
    "sentiment",
    "sentiment_score",
    "language",
    "public_description",
    "in_english",
    "words_in_photo",
    "image",
    "generated",
    "state",
    "sent_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchList:
    """Where the list lies, and a link to its page that works until `until`."""

    keys: tuple[str, str]
    link: str
    until: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A dispatch as the page shows it."""

    dispatch: Dispatch
    photo: str
    map: str


def write_dispatch_list(
    settings: Settings, objects: Objects, requests: MonthOfRequests, triaged: Triaged
) -> DispatchList:
    """Write `dispatches/2021/apr.csv` and `.html`, in place of what an earlier run wrote."""
    bucket, base = settings.buckets.dispatches, f"dispatches/{requests.month.slug}"
    made = dt.datetime.now(dt.UTC)
    until = made + dt.timedelta(hours=settings.triage.link_hours)
    seconds = int(settings.triage.link_hours * 3600)
    # The surer rule first; each rule's requests stay in the order of their time. What was sent earlier comes last.
    ordered = sorted(triaged.dispatched.dispatches, key=lambda dispatch: dispatch.verdict.rule != "picture")
    ordered += triaged.dispatched.earlier
    lines = [_line(settings, objects, dispatch, seconds) for dispatch in ordered]
    page = dispatch_page(facts_of(settings, requests, made), lines, counts=_counts(triaged), until=until)
    objects.put(bucket, f"{base}.csv", dispatch_csv(ordered), content_type=CSV, cache_control=PRIVATE)
    objects.put(bucket, f"{base}.html", page, content_type=HTML, cache_control=PRIVATE)
    return DispatchList(
        keys=(f"{base}.csv", f"{base}.html"),
        link=objects.private_link(bucket, f"{base}.html", seconds),
        until=until,
    )


def _line(settings: Settings, objects: Objects, dispatch: Dispatch, seconds: int) -> Line:
    image, lat, long = (dispatch.request[name] for name in ("image", "lat", "long"))
    return Line(
        dispatch=dispatch,
        photo=objects.private_link(settings.buckets.images, image, seconds) if image else "",
        map=""
        if lat is None or long is None
        else f"https://www.openstreetmap.org/?mlat={lat:.6f}&mlon={long:.6f}#map=19/{lat:.6f}/{long:.6f}",
    )


def _counts(triaged: Triaged) -> Mapping[str, Any]:
    sentiments = sorted({sentiment for sentiment, _ in triaged.sentiments}, key=lambda name: (name == NOT_SCORED, name))
    totals = {language: 0 for _, language in triaged.sentiments}
    for (_, language), count in triaged.sentiments.items():
        totals[language] += count
    return {
        "sentiments": sentiments,
        "rows": [
            (language, [triaged.sentiments[sentiment, language] for sentiment in sentiments], total)
            for language, total in sorted(totals.items(), key=lambda item: (-item[1], item[0]))
        ],
        "rules": dict(triaged.rules),
        "earlier": len(triaged.dispatched.earlier),
    }


def dispatch_csv(dispatches: Sequence[Dispatch]) -> bytes:
    """The list as CSV, its cells defused: descriptions are written by anyone, and opened by the city."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for dispatch in dispatches:
        row, read = dispatch.request, dispatch.read
        values: list[Any] = [
            row["service_request_id"],
            row["date_requested"].isoformat() if row["date_requested"] else "",
            row["service_name"],
            row["lat"],
            row["long"],
            row["street_address"],
            dispatch.verdict.rule,
            dispatch.verdict.found,
            read.sentiment,
            read.result.sentiment_score,
            read.language,
            row["public_description"],
            read.english if read.translated else "",
            " / ".join(dispatch.lines),
            row["image"],
            row["generated"],
            dispatch.state,
            dispatch.sent_at.isoformat(timespec="seconds") if dispatch.sent_at else "",
        ]
        writer.writerow([harmless(value) if isinstance(value, str) else value for value in values])
    return out.getvalue().encode()

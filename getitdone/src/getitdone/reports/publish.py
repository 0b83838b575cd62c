"""The first case study: a month's requests become three files on the public site, and the index that lists them."""

from __future__ import annotations

import datetime as dt

from getitdone.config import Settings
from getitdone.errors import GetItDoneError
from getitdone.objects import Objects
from getitdone.reports.aggregate import counts_by_day, counts_by_service, report_csv
from getitdone.reports.chart import chart_markup
from getitdone.reports.files import CSV, FILES, FRESH, HTML, INDEX, Published
from getitdone.reports.pages import chart_page, facts_of, index_page, table_page
from getitdone.reports.site import open_site
from getitdone.requests import MonthOfRequests, quarantine_csv


def publish_month(settings: Settings, objects: Objects, requests: MonthOfRequests) -> Published:
    """Write the month's report, table and chart, and the index anew. What could not be read of the month goes to the
    private bucket of the dispatch lists, as `quarantine/2021/apr.csv`.

    Raises:
        CloudError: a bucket is missing, or may not be written or opened.
    """
    month, bucket = requests.month, settings.buckets.reports
    made = dt.datetime.now(dt.UTC)
    facts = facts_of(settings, requests, made)
    counts = counts_by_service(
        requests.frame, always=(name for rule in settings.alerts.rules for name in rule.services)
    )
    base = settings.reports.base_url
    links = {
        "index": f"{base}{INDEX}" if base else f"../../{INDEX}",
        **{name: f"{base}{month.slug}/{file}" if base else file for name, file in FILES.items()},
    }
    markup = chart_markup(counts, counts_by_day(requests), top=settings.reports.top_services)
    bodies = {
        f"{month.slug}/{FILES['csv']}": (report_csv(counts), CSV),
        f"{month.slug}/{FILES['table']}": (table_page(facts, counts, links=links), HTML),
        f"{month.slug}/{FILES['chart']}": (chart_page(facts, markup, links=links), HTML),
    }
    open_site(objects, bucket, settings.reports.publish)
    by_acl = settings.reports.publish == "acl"
    for key, (body, kind) in bodies.items():
        objects.put(bucket, key, body, content_type=kind, public_by_acl=by_acl, cache_control=FRESH)
    index = index_page(settings.reports.title, list(objects.listing(bucket)), base_url=base, made=made)
    objects.put(bucket, INDEX, index, content_type=HTML, public_by_acl=by_acl, cache_control=FRESH)
    objects.put(
        settings.buckets.dispatches,
        f"quarantine/{month.slug}.csv",
        quarantine_csv(requests.quarantined),
        content_type=CSV,
    )
    return Published(
        month=month,
        keys=tuple(bodies),
        index_url=f"{base}{INDEX}" if base else objects.public_link(bucket, INDEX),
        public=_is_public(objects, bucket) if settings.reports.publish != "none" else None,
    )


def _is_public(objects: Objects, bucket: str) -> bool | None:
    try:
        return objects.stranger_may_read(bucket, INDEX)
    except GetItDoneError:
        return None

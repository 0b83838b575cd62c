"""The steps that a month takes (report, alert, triage), each adding to the summary what it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from getitdone.alerts.send import send_alerts, subscribe_contacts
from getitdone.errors import DataError, GetItDoneError
from getitdone.months import Month
from getitdone.reports.publish import publish_month
from getitdone.triage.dispatch_list import write_dispatch_list
from getitdone.triage.dispatching import subscribe_team
from getitdone.triage.run import triage_month
from getitdone.triage.services import AwsReaders
from getitdone.workshop import Workshop

Step = Callable[[Workshop, Month], None]


def take(shop: Workshop, months: Sequence[Month], *steps: Step) -> None:
    """Take the steps for each month.

    What a month lacks (`DataError`: no requests, no contacts) stops neither another month nor a later step that can do
    without; where the cloud refuses or is away, nothing more is tried. Both are told in the summary, beside what was
    done until then.
    """
    with shop.progress:
        for month in months:
            for step in steps:
                try:
                    step(shop, month)
                except GetItDoneError as error:
                    shop.summary.stopped(month, error)
                    if not isinstance(error, DataError):
                        return
                    if step is report:
                        break  # without requests there is nothing to tell or to triage either


def report(shop: Workshop, month: Month) -> None:
    """Publish the month's report."""
    shop.summary.published(publish_month(shop.settings, shop.objects, shop.requests(month)))


def alert(shop: Workshop, month: Month, *, resubscribe: bool = False) -> None:
    """Subscribe the contacts, and send the alerts that the month's report calls for."""
    sent = send_alerts(shop.settings, shop.objects, shop.topics, month, resubscribe=resubscribe)
    shop.summary.alerted(month, sent)


def triage(shop: Workshop, month: Month) -> None:
    """Read the month's descriptions, look at its photos, dispatch, and write the dispatch list."""
    settings, requests = shop.settings, shop.requests(month)
    readers = AwsReaders(
        shop.aws,
        shop.meter,
        images=settings.buckets.images,
        max_labels=settings.triage.max_labels,
        min_confidence=settings.triage.min_confidence,
    )
    triaged = triage_month(settings, shop.objects, shop.topics, readers, requests, progress=shop.progress)
    listed = write_dispatch_list(settings, shop.objects, requests, triaged)
    shop.summary.triaged(month, triaged, listed)


def subscribe(shop: Workshop, *, resubscribe: bool) -> dict[str, object]:
    """Subscribe everybody to alerts and dispatches without sending anything; the counts, and what could not be."""
    parts = (subscribe_contacts, subscribe_team)
    done = [part(shop.settings, shop.objects, shop.topics, again=resubscribe) for part in parts]
    subscribed = [each for each, _ in done]
    return {
        "confirmed": sum(each.confirmed for each in subscribed),
        "pending": sum(each.pending for each in subscribed),
        "new": sum(each.new for each in subscribed),
        "left_or_lapsed": sum(each.left for each in subscribed),
        "problems": sorted({problem for _, problems in done for problem in problems}),
    }

"""The second case study: contacts are subscribed by department and level, and told when a month passes a threshold."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from getitdone.alerts.thresholds import Alert, plan, topic_name
from getitdone.config import Settings
from getitdone.contacts import Subscribed, Wanted, load_contacts, subscribe, subscriptions_state
from getitdone.deliveries import Delivered, Deliveries, Ledger
from getitdone.errors import DataError, NotFound
from getitdone.messages import alert_message, marked_repeated
from getitdone.months import Month
from getitdone.objects import Objects
from getitdone.reports.aggregate import report_counts
from getitdone.reports.files import csv_key
from getitdone.state import StateObject
from getitdone.topics import Topics


@dataclass(slots=True)
class AlertsSent:
    """What became of a month's alerts. `by_channel` counts the alerts published in this run; `problems` are sentences
    about contacts and addresses that could not be used, without their addresses."""

    subscribed: Subscribed
    delivered: Delivered
    by_channel: Counter[str]
    covered: int
    problems: list[str] = field(default_factory=list[str])


def send_alerts(
    settings: Settings, objects: Objects, topics: Topics, month: Month, *, resubscribe: bool = False
) -> AlertsSent:
    """Subscribe the contacts, read the month's `final_report.csv`, and publish what its counts call for and nobody was
    told before.

    Raises:
        DataError: there are no contacts, or no report of this month yet.
    """
    subscribed, problems = subscribe_contacts(settings, objects, topics, again=resubscribe)
    counts = _report(settings, objects, month)
    state = StateObject(objects, settings.buckets.state, f"state/alerts/{month}.json", Deliveries)
    ledger = Ledger(state, lease=dt.timedelta(minutes=settings.alerts.lease_minutes))
    todo = plan(settings.alerts.rules, list(settings.alerts.channels), counts, mode=settings.alerts.levels)
    link = objects.public_link(settings.buckets.reports, f"{month.slug}/final_report.html")
    if settings.reports.base_url:
        link = f"{settings.reports.base_url}{month.slug}/final_report.html"
    alerts = {alert.name: alert for alert in todo.send}

    def publish(name: str, repeated: bool) -> str:
        alert = alerts[name]
        message = alert_message(settings.alerts, alert.level, _fields(alert, month, link))
        if repeated:
            message = marked_repeated(message)
        return topics.publish(subscribed.arns[alert.topic], subject=message.subject, text=message.text)

    delivered = ledger.deliver(list(alerts), publish)
    # Only after its higher level went out is a lower one covered: if that failed, nobody was told yet.
    gone = {*delivered.sent, *delivered.earlier}
    covered = {name: by for name, by in todo.covered.items() if by in gone}
    ledger.cover(list(covered), "a higher level was told")
    return AlertsSent(
        subscribed=subscribed,
        delivered=delivered,
        by_channel=Counter(settings.alerts.channels[alerts[name].level] for name in delivered.sent),
        covered=len(covered),
        problems=problems,
    )


def subscribe_contacts(
    settings: Settings, objects: Objects, topics: Topics, *, again: bool
) -> tuple[Subscribed, list[str]]:
    """Subscribe the contacts of every department that a rule is for, and say which could not be; with `again` those
    too who were asked before.

    Raises:
        DataError: there are no contacts.
    """
    listed = load_contacts(settings, objects)
    departments = {rule.department for rule in settings.alerts.rules}
    wanted = [
        Wanted(topic=topic_name(contact.department, level), channel=channel, endpoint=contact.endpoint(channel))
        for contact in listed.contacts
        if contact.department in departments
        for level, channel in settings.alerts.channels.items()
        if contact.endpoint(channel)
    ]
    every = [topic_name(name, level) for name in sorted(departments) for level in settings.alerts.channels]
    subscribed = subscribe(topics, subscriptions_state(settings, objects), wanted, also=every, again=again)
    strange = sorted({contact.department for contact in listed.contacts} - departments - {settings.triage.department})
    problems = [f"contacts, {problem}" for problem in listed.problems]
    problems += [f"no alert rule is for the department {name!r} of the contacts" for name in strange]
    problems += [f"not subscribed: {refused}" for refused in subscribed.refused]
    return subscribed, problems


def _report(settings: Settings, objects: Objects, month: Month) -> dict[str, int]:
    try:
        return report_counts(objects.get(settings.buckets.reports, csv_key(month)).body)
    except NotFound as error:
        raise DataError(f"there is no report of {month.title} yet; run `getitdone report {month}` first") from error


def _fields(alert: Alert, month: Month, link: str) -> dict[str, str]:
    return {
        "count": str(alert.count),
        "department": alert.rule.department,
        "what": alert.rule.what,
        "level": alert.level,
        "threshold": str(alert.threshold),
        "month": month.title,
        "report": link,
    }

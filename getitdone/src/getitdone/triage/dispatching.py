"""Dispatches: who fetches what was found is told, each once, and what was told under other rules stays in sight.

Messages go through a ledger (`deliveries.py`): none twice, none lost silently.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from getitdone.config import Settings
from getitdone.contacts import Subscribed, Wanted, load_contacts, subscribe, subscriptions_state
from getitdone.deliveries import Delivered, Deliveries, Delivery, Ledger
from getitdone.errors import DataError
from getitdone.messages import dispatch_message, marked_repeated
from getitdone.months import Month
from getitdone.objects import Objects
from getitdone.progress import Progress
from getitdone.requests import SCHEMA, TEXTS
from getitdone.state import StateObject
from getitdone.topics import Topics
from getitdone.triage.reading import Read, unread
from getitdone.triage.rules import Verdict

MAX_IN_MESSAGE = 500
"""Characters of a description in a message: the dispatch list has all of it."""
_BLANK: Mapping[str, Any] = {name: "" if name in TEXTS else None for name in SCHEMA}
"""A request of which nothing is known any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A request that is dispatched, why, and how far its message is ("sent", "claimed", ...)."""

    request: Mapping[str, Any]
    verdict: Verdict
    read: Read
    lines: Sequence[str] = ()
    state: str = ""
    sent_at: dt.datetime | None = None

    @property
    def name(self) -> str:
        """How the ledger knows it: the request's id."""
        return str(self.request["service_request_id"])


@dataclass(slots=True)
class Dispatched:
    """What became of the dispatches: `dispatches` with their states, `earlier` those that were sent before and that
    today's rules would not send, and what was delivered in this run."""

    dispatches: list[Dispatch] = field(default_factory=list[Dispatch])
    earlier: list[Dispatch] = field(default_factory=list[Dispatch])
    delivered: Delivered = field(default_factory=Delivered)
    subscribed: Subscribed = field(default_factory=Subscribed)
    problems: list[str] = field(default_factory=list[str])


def dispatch_all(
    settings: Settings,
    objects: Objects,
    topics: Topics,
    month: Month,
    dispatches: Sequence[Dispatch],
    *,
    rows: Sequence[Mapping[str, Any]],
    reads: Mapping[str, Read],
    progress: Progress,
) -> Dispatched:
    """Subscribe the team, and publish what was not published. `rows` are all requests of the month, `reads` what was
    read of their descriptions: for those that were sent earlier."""
    triage = settings.triage
    subscribed, problems = subscribe_team(settings, objects, topics)
    arn = subscribed.arns[triage.topic]
    by_id = {dispatch.name: dispatch for dispatch in dispatches}

    def publish(name: str, repeated: bool) -> str:
        message = dispatch_message(triage, _fields(by_id[name]))
        if repeated:
            message = marked_repeated(message)
        return topics.publish(arn, subject=message.subject, text=message.text)

    state = StateObject(objects, settings.buckets.state, f"state/dispatches/{month}.json", Deliveries)
    ledger = Ledger(state, lease=dt.timedelta(minutes=settings.alerts.lease_minutes))
    why = {name: f"{dispatch.verdict.rule} rule: {dispatch.verdict.found}" for name, dispatch in by_id.items()}
    each = progress.step("dispatches", len(by_id))
    delivered = ledger.deliver(list(by_id), publish, why=why, batch=triage.batch, each=each)
    entries = ledger.entries()
    return Dispatched(
        dispatches=[_with_state(dispatch, entries.get(name)) for name, dispatch in by_id.items()],
        earlier=list(_earlier({name: entries[name] for name in entries if name not in by_id}, rows, reads)),
        delivered=delivered,
        subscribed=subscribed,
        problems=problems,
    )


def _with_state(dispatch: Dispatch, entry: Delivery | None) -> Dispatch:
    return replace(
        dispatch,
        state=entry.state if entry else "not sent",
        sent_at=entry.at if entry and entry.state == "sent" else None,
    )


def _earlier(
    entries: Mapping[str, Delivery], rows: Sequence[Mapping[str, Any]], reads: Mapping[str, Read]
) -> Iterator[Dispatch]:
    """What people were told, or may have been, of requests that the rules do not find (any more): settings change, and
    so do requests and photos."""
    by_id = {str(row["service_request_id"]): row for row in rows} if entries else {}
    for name, entry in sorted(entries.items(), key=lambda item: (item[1].at, item[0])):
        if entry.state not in ("sent", "unsure", "claimed"):
            continue
        row = by_id.get(name) or {**_BLANK, "service_request_id": name}
        text = str(row["public_description"])
        verdict = Verdict(rule="earlier", found=entry.note if entry.state == "sent" else "")
        yield _with_state(Dispatch(request=row, verdict=verdict, read=reads.get(text) or unread(text)), entry)


def subscribe_team(
    settings: Settings, objects: Objects, topics: Topics, *, again: bool = False
) -> tuple[Subscribed, list[str]]:
    """Subscribe the contacts who fetch what is dispatched, and say which could not be."""
    triage = settings.triage
    wanted: list[Wanted] = []
    problems: list[str] = []
    try:
        contacts = load_contacts(settings, objects).contacts
    except DataError as error:
        # Requests are read and listed all the same; the topic may have subscribers from elsewhere.
        problems.append(f"{error}; nobody new is subscribed to {triage.topic}")
    else:
        wanted = [
            Wanted(topic=triage.topic, channel=triage.channel, endpoint=contact.endpoint(triage.channel))
            for contact in contacts
            if contact.department == triage.department and contact.endpoint(triage.channel)
        ]
    subscribed = subscribe(topics, subscriptions_state(settings, objects), wanted, also=[triage.topic], again=again)
    problems += [f"not subscribed: {refused}" for refused in subscribed.refused]
    return subscribed, problems


def _fields(dispatch: Dispatch) -> dict[str, str]:
    row = dispatch.request
    description = " ".join(dispatch.read.english.split())
    if len(description) > MAX_IN_MESSAGE:
        description = description[: MAX_IN_MESSAGE - 1] + "…"
    return {
        "long": _degrees(row["long"]),
        "lat": _degrees(row["lat"]),
        "description": description,
        "service": row["service_name"],
        "request": row["service_request_id"],
        "date": f"{row['date_requested']:%Y-%m-%d %H:%M}",
        "address": row["street_address"] or row["comm_plan_name"] or "no address",
        "rule": dispatch.verdict.rule,
        "found": dispatch.verdict.found,
    }


def _degrees(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.6f}"

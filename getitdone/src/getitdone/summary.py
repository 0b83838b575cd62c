"""What a run did, as numbers: for people a table, for programs JSON. Only what really happened is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from getitdone.alerts.send import AlertsSent
from getitdone.contacts import Subscribed
from getitdone.cost import Cost
from getitdone.deliveries import Delivered
from getitdone.errors import GetItDoneError, RetryableError
from getitdone.months import Month
from getitdone.reports.files import Published
from getitdone.requests import MonthOfRequests
from getitdone.triage.dispatch_list import DispatchList
from getitdone.triage.run import Triaged

Facts = dict[str, Any]


class Summary:
    """Collects what the steps of a run did, month by month."""

    def __init__(self) -> None:
        self.months: dict[str, Facts] = {}
        self.cost: Cost | None = None
        self.stops: list[str] = []
        self._codes: set[int] = set()

    def exit_code(self) -> int:
        """0; 75 where something is left that a later run may do; 1 where something was refused for good; 2 where the
        settings are wrong."""
        return next((code for code in (2, 1, 75) if code in self._codes), 0)

    def stopped(self, month: Month, error: GetItDoneError) -> None:
        """Something stopped a step of a month."""
        sentence = f"{month}: {error}"
        if sentence not in self.stops:
            self.stops.append(sentence)
        self._codes.add(error.exit_code)

    def messages(self, dispatch_channel: str) -> Counter[str]:
        """How many messages were published, by channel."""
        counts: Counter[str] = Counter()
        for facts in self.months.values():
            counts.update(facts.get("alerts", {}).get("by_channel", {}))
            counts[dispatch_channel] += facts.get("triage", {}).get("sent", 0)
        return counts

    def read(self, requests: MonthOfRequests) -> None:
        """The requests of a month were read."""
        self._of(requests.month)["requests"] = {
            "files": requests.files,
            "read": requests.frame.height,
            "superseded": requests.superseded,
            "other_months": requests.other_months,
            "quarantined": len(requests.quarantined),
            "quarantined_by_reason": dict(Counter(_kind(row.reason) for row in requests.quarantined).most_common()),
        }

    def published(self, published: Published) -> None:
        """A month's report was published."""
        self._of(published.month)["report"] = {
            "published": list(published.keys),
            "index": published.index_url,
            "public": published.public,
        }

    def alerted(self, month: Month, alerts: AlertsSent) -> None:
        """A month's alerts were sent."""
        self._of(month)["alerts"] = {
            "subscriptions": _subscriptions(alerts.subscribed),
            "by_channel": dict(alerts.by_channel),
            "covered_by_a_higher_level": alerts.covered,
            **self._delivered(alerts.delivered),
            "problems": alerts.problems,
        }

    def triaged(self, month: Month, triaged: Triaged, listed: DispatchList | None) -> None:
        """A month was triaged."""
        if any(gap.retry for gap in triaged.gaps):
            self._codes.add(75)
        dispatched = triaged.dispatched
        sentiments: dict[str, dict[str, int]] = {}
        for (sentiment, language), count in sorted(triaged.sentiments.items(), key=lambda item: -item[1]):
            sentiments.setdefault(sentiment, {})[language] = count
        self._of(month)["triage"] = {
            "requests": triaged.requests,
            "made_up": triaged.made_up,
            "without_description": triaged.without_description,
            "scored": triaged.scored,
            "translated": triaged.translated,
            "language_assumed": triaged.assumed,
            "truncated": triaged.truncated,
            "sentiments": sentiments,
            "photos": triaged.photos,
            "photos_looked_at": triaged.photos_looked_at,
            "photos_with_label": triaged.photos_with_label,
            "newly_asked": dict(triaged.asked),
            "dispatches_by_rule": {"picture": triaged.rules["picture"], "text": triaged.rules["text"]},
            "sent_under_other_rules": len(dispatched.earlier),
            "subscriptions": _subscriptions(dispatched.subscribed),
            **self._delivered(dispatched.delivered),
            "engines": dict(triaged.engines.most_common()),
            "not_answered": {str(gap): count for gap, count in triaged.gaps.most_common()},
            "dispatch_list": {"keys": list(listed.keys), "link": listed.link, "until": listed.until.isoformat()}
            if listed
            else None,
            "problems": dispatched.problems,
        }

    def as_dict(self) -> Facts:
        """For printing as JSON."""
        return {
            "months": self.months,
            "stopped": self.stops,
            "cost": self.cost.as_dict() if self.cost else None,
            "exit": self.exit_code(),
        }

    def table(self) -> Table:
        """For people."""
        table = Table(title="What was done", title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for month, facts in self.months.items():
            table.add_row(Text(month, style="bold cyan"), "")
            for label, value in _lines(facts):
                table.add_row(f"  {label}", Text(value))
        if self.cost:
            known = self.cost.as_dict()
            table.add_row("On AWS", f"about ${self.cost.dollars:.2f} ({known['prices_from']}, {known['prices_of']})")
        return table

    def links(self) -> Iterator[tuple[str, str]]:
        """Where to look: the site, and each month's dispatch list."""
        sites = {facts["report"]["index"] for facts in self.months.values() if "report" in facts}
        yield from (("report site", site) for site in sorted(sites))
        for month, facts in self.months.items():
            listed = facts.get("triage", {}).get("dispatch_list")
            if listed:
                yield f"dispatch list of {month}, until {listed['until'][:16]} UTC", listed["link"]

    def _of(self, month: Month) -> Facts:
        return self.months.setdefault(str(month), {})

    def _delivered(self, delivered: Delivered) -> Facts:
        for error in delivered.failed.values():
            self._codes.add(75 if isinstance(error, RetryableError) else 1)
        if delivered.held or delivered.unsure:
            self._codes.add(75)
        return {
            "sent": len(delivered.sent),
            "sent_with_notice_of_repetition": len(delivered.repeated),
            "sent_earlier": len(delivered.earlier),
            "held_by_another_run": len(delivered.held),
            "unsure": len(delivered.unsure),
            "failed": {name: str(error) for name, error in delivered.failed.items()},
        }


def _kind(reason: str) -> str:
    return "date_requested is no time" if reason.startswith("date_requested ") else reason


def _subscriptions(subscribed: Subscribed) -> Facts:
    return {
        "confirmed": subscribed.confirmed,
        "pending": subscribed.pending,
        "new": subscribed.new,
        "left_or_lapsed": subscribed.left,
    }


def _lines(facts: Facts) -> Iterator[tuple[str, str]]:
    if requests := facts.get("requests"):
        yield "requests read", f"{requests['read']:,} in {requests['files']} files"
        if requests["superseded"]:
            yield "  superseded", f"{requests['superseded']:,} by a later line of the same request"
        if requests["quarantined"]:
            reasons = _listed(requests["quarantined_by_reason"])
            yield "  quarantined", f"{requests['quarantined']:,} ({reasons})"
    if report := facts.get("report"):
        yield "report published", f"{len(report['published'])} files"
        if report["public"] is not None:
            yield "  site", "everyone can read it" if report["public"] else "a stranger can NOT read it"
    if alerts := facts.get("alerts"):
        yield "alerts", _listed(alerts["by_channel"]) or "none new"
        yield from _deliveries(alerts)
    if triage := facts.get("triage"):
        yield from _triage(triage)


def _triage(triage: Facts) -> Iterator[tuple[str, str]]:
    described = triage["requests"] - triage["without_description"]
    yield "descriptions", f"{described:,} of {triage['requests']:,} requests"
    if triage["made_up"]:
        yield "  labelled made up", f"{triage['made_up']:,} of the requests have a text or a photo that is made up"
    yield "  scored", f"{triage['scored']:,}, of which translated {triage['translated']:,}"
    for sentiment, languages in triage["sentiments"].items():
        yield f"  {sentiment.lower()}", _listed(languages)
    if triage["language_assumed"]:
        yield "  language unsure", f"{triage['language_assumed']:,}, taken as the settings say"
    if triage["truncated"]:
        yield "  cut to the limit", f"{triage['truncated']:,}"
    if triage["photos"]:
        seen = f"{triage['photos_looked_at']:,} of {triage['photos']:,}, {triage['photos_with_label']:,} with the label"
        yield "photos looked at", seen
    yield "newly asked", _listed(triage["newly_asked"]) or "nothing: all was known from earlier runs"
    yield "dispatches", _listed(triage["dispatches_by_rule"])
    if triage["sent_under_other_rules"]:
        yield "  sent under other rules", f"{triage['sent_under_other_rules']:,} in earlier runs; they stay on the list"
    yield from _deliveries(triage)
    for engine, count in triage["engines"].items():
        yield "answered by", f"{engine}: {count:,}"
    for gap, count in triage["not_answered"].items():
        yield "no answer", f"{gap}: {count:,}"
    if triage["dispatch_list"]:
        yield "dispatch list", ", ".join(triage["dispatch_list"]["keys"])


def _deliveries(facts: Facts) -> Iterator[tuple[str, str]]:
    subscriptions = facts["subscriptions"]
    yield "  subscriptions", _listed({key.replace("_", " "): value for key, value in subscriptions.items()})
    for key, words in _DELIVERY.items():
        if facts[key]:
            yield f"  {words}", f"{facts[key]:,}"
    for name, why in facts["failed"].items():
        yield "  FAILED", f"{name}: {why}"
    for problem in facts["problems"]:
        yield "  note", problem


_DELIVERY = {
    "sent": "sent",
    "sent_with_notice_of_repetition": "maybe a repetition",
    "sent_earlier": "sent earlier",
    "held_by_another_run": "held by another run",
    "unsure": "UNSURE, no answer",
}


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())

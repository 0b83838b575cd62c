"""Which alerts a month's counts call for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from getitdone.config import AlertRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A level of a department that its count passes."""

    rule: AlertRule
    level: str
    count: int

    @property
    def name(self) -> str:
        """`streets/critical`: how the ledger knows it."""
        return f"{self.rule.department}/{self.level}"

    @property
    def topic(self) -> str:
        """`streets_critical`."""
        return topic_name(self.rule.department, self.level)

    @property
    def threshold(self) -> int:
        """What the count passes."""
        return self.rule.over[self.level]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to send, and the lower levels that a higher one covers, each with the name of that one."""

    send: Sequence[Alert]
    covered: Mapping[str, str]


def topic_name(department: str, level: str) -> str:
    """`streets_critical`."""
    return f"{department}_{level}"


def plan(
    rules: Sequence[AlertRule],
    levels: Sequence[str],
    counts: Mapping[str, int],
    *,
    told: Collection[str],
    mode: Literal["highest", "all"],
) -> Plan:
    """The alerts that `counts` (by service name) call for and that are not among the names `told`.

    `levels` go from the lowest to the highest. With `highest`, a department is told of the highest level that it
    newly reached, and the lower ones are covered by it: who was told of 320 need not be told of 100 later. A level
    below one that was told before is covered too. With `all`, each level that is passed is told (the lesson's way).
    """
    send: list[Alert] = []
    covered: dict[str, str] = {}
    for rule in rules:
        count = sum(counts.get(service, 0) for service in rule.services)
        passed = [
            Alert(rule=rule, level=level, count=count)
            for level in levels
            if level in rule.over and count > rule.over[level]
        ]
        if mode == "all":
            send += [alert for alert in passed if alert.name not in told]
            continue
        if not passed:
            continue
        highest = passed[-1]
        if highest.name not in told:
            send.append(highest)
        covered |= {alert.name: highest.name for alert in passed[:-1] if alert.name not in told}
    return Plan(send=send, covered=covered)

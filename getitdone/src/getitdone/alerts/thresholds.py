"""Which alerts a month's counts call for. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    rules: Sequence[AlertRule], levels: Sequence[str], counts: Mapping[str, int], *, mode: Literal["highest", "all"]
) -> Plan:
    """The alerts that `counts` (by service name) call for; what was told before, the ledger knows.

    `levels` go from the lowest to the highest. With `highest`, a department is told of the highest level that it
    reached, and the lower ones are covered by it: who was told of 320 need not be told of 100 later. With `all`, each
    level that is passed is told (the lesson's way).
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
            send += passed
        elif passed:
            send.append(passed[-1])
            covered |= {alert.name: passed[-1].name for alert in passed[:-1]}
    return Plan(send=send, covered=covered)

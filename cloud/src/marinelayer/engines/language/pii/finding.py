"""Finding what identifies people in a text: every rule, telephone numbers, and of what overlaps the surest. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from phonenumbers import Leniency, PhoneNumberMatcher

from marinelayer.engines.language.pii.checks import CHECKS
from marinelayer.engines.language.pii.names import names

LANGUAGES = frozenset({"en", "es"})
REGIONS = {"en": ("US", "GB"), "es": ("US", "ES", "MX")}
"""Whose telephone numbers are known without their country's code."""
WORDED = frozenset({"ADDRESS"})
"""Whose words may have letters beyond ASCII; elsewhere a digit is one of 0 to 9."""
PHONE_SCORE, BARE_PHONE_SCORE = 0.89, 0.85
"""Of a telephone number that is written as one, and of digits alone: less than of what a label says it is."""
MOST_TRIES = 5000
"""Runs of digits that are no telephone number, after which no further is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found: AWS's type, the first code point and that after the last, and the degree of evidence (0-1)."""

    kind: str
    begin: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None
    score: float
    unchecked: float
    languages: frozenset[str]

    def evidence(self, text: str) -> float:
        """The score of what the pattern matched, 0 where it is no finding."""
        return self.score if self.check is None or self.check(text) else self.unchecked


@cache
def _rules() -> tuple[_Rule, ...]:
    data: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("rules.toml").read_text("utf-8"))["rule"]
    return tuple(
        _Rule(
            each["type"],
            re.compile(each["pattern"], 0 if each["type"] in WORDED else re.ASCII),
            CHECKS[each["check"]] if "check" in each else None,
            each["score"],
            each.get("unchecked", 0.0),
            frozenset(each.get("languages", LANGUAGES)),
        )
        for each in data
    )


def kinds() -> frozenset[str]:
    """Every type that can be found."""
    return frozenset(rule.kind for rule in _rules()) | {"PHONE", "NAME"}


def findings(text: str, language: str) -> list[Finding]:
    """What identifies people, in the text's order; none overlaps another."""
    found = [*_by_rules(text, language), *_phones(text, language), *_names(text, language)]
    found.sort(key=lambda each: (-each.score, each.begin - each.end, each.begin))
    taken: list[Finding] = []
    covered = bytearray(len(text))
    for each in found:
        if not any(covered[each.begin : each.end]):
            covered[each.begin : each.end] = b"\1" * (each.end - each.begin)
            taken.append(each)
    return sorted(taken, key=lambda each: each.begin)


def _by_rules(text: str, language: str) -> Iterator[Finding]:
    for rule in _rules():
        if language not in rule.languages:
            continue
        group = "it" if "it" in rule.pattern.groupindex else 0
        for match in rule.pattern.finditer(text):
            begin, end = match.span(group)
            score = rule.evidence(text[begin:end]) if begin < end else 0.0
            if score:
                yield Finding(kind=rule.kind, begin=begin, end=end, score=score)


def _phones(text: str, language: str) -> Iterator[Finding]:
    for region in REGIONS[language]:
        for match in PhoneNumberMatcher(text, region, leniency=Leniency.VALID, max_tries=MOST_TRIES):
            score = BARE_PHONE_SCORE if match.raw_string.isdigit() else PHONE_SCORE
            yield Finding(kind="PHONE", begin=match.start, end=match.end, score=score)


def _names(text: str, language: str) -> Iterator[Finding]:
    for begin, end, score in names(text, language):
        yield Finding(kind="NAME", begin=begin, end=end, score=score)

"""The rules of a lifecycle configuration, as they are put to versions and uploads. Pure.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html,
.../lifecycle-transition-general-considerations.html and .../lifecycle-conflicts.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from marinelayer.services.s3.configurations import Document, read_document
from marinelayer.services.s3.names import HIGHEST_KEY, after_prefix

SECOND = 1_000_000
DAY = 86_400 * SECOND
ALL_128K = "all_storage_classes_128K"
VARIES = "varies_by_storage_class"
SMALLEST = 128 * 1024
"""Bytes that an object has at least to be transitioned, unless a rule's filter says something of sizes."""

_COLD = ("GLACIER", "DEEP_ARCHIVE")
_DOWNWARD: Mapping[str, frozenset[str]] = {
    "STANDARD": frozenset({"STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", *_COLD}),
    "REDUCED_REDUNDANCY": frozenset({"STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", *_COLD}),
    "STANDARD_IA": frozenset({"INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", *_COLD}),
    "INTELLIGENT_TIERING": frozenset({"ONEZONE_IA", "GLACIER_IR", *_COLD}),
    "ONEZONE_IA": frozenset(_COLD),
    "GLACIER_IR": frozenset(_COLD),
    "GLACIER": frozenset({"DEEP_ARCHIVE"}),
}
"""Where an object of a class may be transitioned to."""
COLDNESS = ("STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", *_COLD)
"""The classes of transitions, the coldest last: of several that are due it is the one that counts."""


@dataclass(frozen=True, slots=True)
class Days:
    """How long a day of lifecycle rules is, in microseconds.

    Of AWS's length, what is due after so many days is due at the next midnight UTC, as S3 rounds it. Days of another
    length are counted from the moment itself.
    """

    length: int = DAY

    def after(self, moment: int, days: int) -> int:
        """When something that happened at `moment` is `days` days old."""
        due = moment + days * self.length
        return due if self.length != DAY else -(-due // DAY) * DAY

    def next_sweep(self, now: int) -> int:
        """When buckets are looked at again: at midnight, or twice in a shortened day."""
        return now + self.length // 2 if self.length != DAY else (now // DAY + 1) * DAY


AWS_DAYS = Days()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """To a storage class: after `days`, or from `date` on (microseconds), with `newer` noncurrent versions above it."""

    storage_class: str
    days: int | None
    date: int | None
    newer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An enabled rule. What it does not say is None, or empty."""

    id: str
    prefix: bytes
    tags: frozenset[tuple[str, str]]
    larger: int | None
    smaller: int | None
    days: int | None
    date: int | None
    marker: bool
    transitions: tuple[Transition, ...]
    noncurrent: Transition | None
    noncurrent_transitions: tuple[Transition, ...]
    abort_days: int | None
    small_to_archive: bool

    @property
    def by_key(self) -> bool:
        """Whether the filter looks at keys only: delete markers have neither tags nor size."""
        return not self.tags and self.larger is None and self.smaller is None

    def covers(self, key: bytes, size: int, tags: Iterable[tuple[str, str]]) -> bool:
        """Whether the rule applies to an object."""
        return (
            key.startswith(self.prefix)
            and (self.larger is None or size > self.larger)
            and (self.smaller is None or size < self.smaller)
            and self.tags.issubset(tags)
        )

    def allows(self, transition: Transition, storage_class: str, size: int) -> bool:
        """Whether a transition can be made of an object of this class and size."""
        if transition.storage_class not in _DOWNWARD.get(storage_class, ()):
            return False
        if size >= SMALLEST or self.larger is not None or self.smaller is not None:
            return True
        return self.small_to_archive and transition.storage_class in _COLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A version and its place among those of its key. Times are in microseconds.

    `since` is when it became noncurrent, None for the current one; `newer` counts the noncurrent versions above it.
    `alone` is whether its key has no other.
    """

    key: bytes
    size: int
    tags: Sequence[tuple[str, str]]
    modified: int
    storage_class: str
    is_marker: bool
    since: int | None
    newer: int
    alone: bool


Fate = Literal["expire", "remove"] | Transition
"""What a version is due for: to expire (a delete marker, where the bucket keeps versions), to be removed, or another
storage class."""


def fate(rules: Sequence[Rule], days: Days, standing: Standing, now: int, *, versioned: bool) -> Fate | None:
    """What becomes of a version now.

    To be removed comes before a transition, and a transition before a delete marker.
    """
    if standing.is_marker:
        return _fate_of_marker(rules, days, standing, now)
    covering = [rule for rule in rules if rule.covers(standing.key, standing.size, standing.tags)]
    if not covering:
        return None
    if standing.since is not None:
        if any(_due(rule.noncurrent, standing, days, now) for rule in covering):
            return "remove"
        return _transition(covering, days, standing, now)
    expires = any(_expires(rule, days, standing, now) for rule in covering)
    if expires and not versioned:
        return "expire"
    return _transition(covering, days, standing, now) or ("expire" if expires else None)


def _fate_of_marker(rules: Sequence[Rule], days: Days, standing: Standing, now: int) -> Fate | None:
    covering = [rule for rule in rules if rule.by_key and standing.key.startswith(rule.prefix)]
    if standing.since is not None:
        return "remove" if any(_due(rule.noncurrent, standing, days, now) for rule in covering) else None
    if not standing.alone:
        return None
    return "remove" if any(rule.marker or _expires(rule, days, standing, now) for rule in covering) else None


def _expires(rule: Rule, days: Days, standing: Standing, now: int) -> bool:
    if rule.date is not None:
        return now >= rule.date
    return rule.days is not None and now >= days.after(standing.modified, rule.days)


def _due(transition: Transition | None, standing: Standing, days: Days, now: int) -> bool:
    if transition is None or standing.newer < transition.newer:
        return False
    if transition.date is not None:
        return now >= transition.date
    begun = standing.modified if standing.since is None else standing.since
    return transition.days is not None and now >= days.after(begun, transition.days)


def _transition(rules: Sequence[Rule], days: Days, standing: Standing, now: int) -> Transition | None:
    due = [
        transition
        for rule in rules
        for transition in (rule.transitions if standing.since is None else rule.noncurrent_transitions)
        if _due(transition, standing, days, now) and rule.allows(transition, standing.storage_class, standing.size)
    ]
    return max(due, key=lambda transition: COLDNESS.index(transition.storage_class), default=None)


def expiry(
    rules: Sequence[Rule], key: bytes, size: int, tags: Sequence[tuple[str, str]], modified: int
) -> tuple[int, str] | None:
    """When an object expires that stays the current one, and by which rule; None where it never does.

    In AWS's days: what clients are told are dates.
    """
    dates = [
        (AWS_DAYS.after(modified, rule.days) if rule.date is None and rule.days is not None else rule.date, rule.id)
        for rule in rules
        if (rule.date is not None or rule.days is not None) and rule.covers(key, size, tags)
    ]
    # Of rules with one date the first.
    return min(((date, rule) for date, rule in dates if date is not None), key=lambda one: one[0], default=None)


def abortion(rules: Sequence[Rule], key: bytes, initiated: int, days: Days = AWS_DAYS) -> tuple[int, str] | None:
    """When an upload is given up that is not completed before, and by which rule; None where it never is."""
    return min(
        (
            (days.after(initiated, rule.abort_days), rule.id)
            for rule in rules
            if rule.abort_days is not None and key.startswith(rule.prefix)
        ),
        default=None,
    )


def ranges(rules: Sequence[Rule]) -> list[tuple[bytes, bytes]]:
    """The half-open ranges of keys that any of the rules may apply to, in order and apart from each other."""
    merged: list[tuple[bytes, bytes]] = []
    for prefix in sorted({rule.prefix for rule in rules}):
        if not merged or prefix >= merged[-1][1]:
            merged.append((prefix, after_prefix(prefix) if prefix else HIGHEST_KEY))
    return merged


@lru_cache(maxsize=256)
def rules_of_text(text: str) -> tuple[Rule, ...]:
    """The enabled rules of a stored configuration. Remembered by its text."""
    return enabled_rules(read_document(text))


def enabled_rules(document: Document) -> tuple[Rule, ...]:
    """The enabled rules of a configuration that was found right."""
    varies = document.get("TransitionDefaultMinimumObjectSize") == VARIES
    return tuple(_rule(rule, small_to_archive=varies) for rule in document["Rules"] if rule["Status"] == "Enabled")


def _rule(given: Mapping[str, Any], *, small_to_archive: bool) -> Rule:
    conditions = filter_of(given)
    expiration = given.get("Expiration", {})
    noncurrent = given.get("NoncurrentVersionExpiration")
    return Rule(
        id=given["ID"],
        prefix=conditions.get("Prefix", "").encode(),
        tags=frozenset((tag["Key"], tag["Value"]) for tag in conditions.get("Tags", ())),
        larger=conditions.get("ObjectSizeGreaterThan"),
        smaller=conditions.get("ObjectSizeLessThan"),
        days=expiration.get("Days"),
        date=_microseconds(expiration.get("Date")),
        marker=expiration.get("ExpiredObjectDeleteMarker", False),
        transitions=tuple(_read(one) for one in given.get("Transitions", ())),
        noncurrent=None if noncurrent is None else _read(noncurrent),
        noncurrent_transitions=tuple(_read(one) for one in given.get("NoncurrentVersionTransitions", ())),
        abort_days=given.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation"),
        small_to_archive=small_to_archive,
    )


def filter_of(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a rule says of its objects, in one form: `Prefix`, `Tags` and the two sizes."""
    if "Filter" not in rule:
        return {"Prefix": rule.get("Prefix", "")}
    conditions = dict(rule["Filter"])
    conditions |= conditions.pop("And", {})
    if "Tag" in conditions:
        conditions["Tags"] = [conditions.pop("Tag")]
    return conditions


def _read(action: Mapping[str, Any]) -> Transition:
    return Transition(
        storage_class=action.get("StorageClass", ""),
        days=action.get("Days", action.get("NoncurrentDays")),
        date=_microseconds(action.get("Date")),
        newer=action.get("NewerNoncurrentVersions", 0),
    )


def _microseconds(date: datetime | None) -> int | None:
    return None if date is None else int(date.timestamp()) * SECOND


def stored_tags(text: str | None) -> Sequence[tuple[str, str]]:
    """The tags of a version's row."""
    return [(key, value) for key, value in json.loads(text)] if text else ()

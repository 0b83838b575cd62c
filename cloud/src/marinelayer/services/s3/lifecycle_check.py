"""What PutBucketLifecycleConfiguration takes. Pure.

A configuration whose first rule has a `Filter` is in the second version of the schema, in which no rule has a `Prefix`
of its own; the others are in the first, which knows neither filters nor NewerNoncurrentVersions.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html; the words are those of
S3's answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from marinelayer.protocol.refusals import InvalidArgument, InvalidRequest, MalformedXML
from marinelayer.services.s3.lifecycle_rules import ALL_128K, COLDNESS, VARIES, filter_of
from marinelayer.services.s3.names import MAX_KEY
from marinelayer.services.s3.tags import MOST_OF_AN_OBJECT

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import LifecycleRule

MOST_RULES = 1000
LONGEST_ID = 255
LARGEST_SIZE = 1_099_511_627_776_000
LONGEST_WAIT = 2**31 - 1
MOST_KEPT = 100
DAYS_TO_INFREQUENT = 30
"""Days that an object must lie before it is accessed infrequently, and then before it is archived."""

_ACTIONS = (
    "Expiration",
    "Transitions",
    "NoncurrentVersionTransitions",
    "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload",
)
_INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")


def check_lifecycle(rules: Sequence[LifecycleRule]) -> None:
    """Refuse what S3 does.

    Raises:
        MalformedXML: an element is missing, too much, or of no form that the schema knows.
        InvalidArgument: an id, a number or a date can not be.
        InvalidRequest: two things do not go together.
    """
    if not rules:
        raise MalformedXML
    if len(rules) > MOST_RULES:
        raise InvalidRequest(f"The number of lifecycle rules must not exceed the allowed limit of {MOST_RULES} rules")
    _check_ids(rules)
    second = "Filter" in rules[0]
    for rule in rules:
        _check_rule(dict(rule), second=second)
    if not second:
        _check_overlaps(rules)


def check_minimum_size(asked: str | None) -> str:
    """The smallest objects that are transitioned: what x-amz-transition-default-minimum-object-size says."""
    if asked is None:
        return ALL_128K
    if asked not in (ALL_128K, VARIES):
        raise InvalidRequest(f"Invalid TransitionDefaultMinimumObjectSize found: {asked}")
    return asked


def _check_ids(rules: Sequence[LifecycleRule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        name = rule.get("ID") or ""
        if len(name) > LONGEST_ID:
            raise InvalidArgument(f"ID length should not exceed allowed limit of {LONGEST_ID}")
        if name and name in seen:
            raise InvalidArgument("Rule ID must be unique. Found same ID for more than one rule")
        seen.add(name)


def _check_rule(rule: Mapping[str, Any], *, second: bool) -> None:
    if "Filter" not in rule and "Prefix" not in rule:
        raise MalformedXML
    if second and "Prefix" in rule:
        raise InvalidRequest(
            "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter."
        )
    if not second and "Filter" in rule:
        raise InvalidRequest("Filter element can only be used in Lifecycle V2.")
    conditions = _check_filter(rule)
    if not any(action in rule for action in _ACTIONS):
        raise InvalidRequest("At least one action needs to be specified in a rule")
    _check_expiration(rule)
    _check_noncurrent(rule, second=second)
    _check_abort(rule)
    _check_unfiltered(rule, conditions)
    _check_transitions(rule)


# --- the filter -----------------------------------------------------------------------------------------------


def _check_filter(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    if len(rule.get("Filter", {})) > 1:
        raise MalformedXML
    together = rule.get("Filter", {}).get("And")
    if together is not None and len(together) - 1 + len(together.get("Tags", ("",))) < 2:
        raise MalformedXML
    conditions = filter_of(rule)
    if len(conditions.get("Prefix", "").encode()) > MAX_KEY:
        raise InvalidArgument(f"The maximum size of a prefix is {MAX_KEY}")
    _check_tags(conditions.get("Tags", ()))
    larger, smaller = conditions.get("ObjectSizeGreaterThan"), conditions.get("ObjectSizeLessThan")
    if larger is not None and not 0 <= larger <= LARGEST_SIZE:
        raise InvalidRequest(f"'ObjectSizeGreaterThan' should be between 0 and {LARGEST_SIZE}.")
    if smaller is not None and not 1 <= smaller <= LARGEST_SIZE:
        raise InvalidRequest(f"'ObjectSizeLessThan' should be between 1 and {LARGEST_SIZE}.")
    if larger is not None and smaller is not None and smaller <= larger:
        raise InvalidRequest("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.")
    return conditions


def _check_tags(tags: Sequence[Mapping[str, str]]) -> None:
    if not all(tag["Key"] for tag in tags):
        raise MalformedXML
    if len({tag["Key"] for tag in tags}) < len(tags):
        raise InvalidRequest("Duplicate Tag Keys are not allowed.")
    if len(tags) > MOST_OF_AN_OBJECT:
        raise InvalidArgument(f"Object tags cannot be greater than {MOST_OF_AN_OBJECT}")


def _filter_text(rule: Mapping[str, Any]) -> str:
    """A filter as S3 writes it into its refusals."""
    conditions = filter_of(rule)
    said = [f"prefix={conditions['Prefix']}"] if "Prefix" in conditions else []
    said += [f"tag={{key={tag['Key']}, value={tag['Value']}}}" for tag in conditions.get("Tags", ())]
    said += [f"{name.lower()}={value}" for name, value in conditions.items() if name.startswith("ObjectSize")]
    return f"'({' and '.join(said)})'"


def _check_unfiltered(rule: Mapping[str, Any], conditions: Mapping[str, Any]) -> None:
    """What has no tags and no size can not be chosen by them."""
    unfiltered = [
        name
        for name, given in (
            ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker" in rule.get("Expiration", {})),
            ("AbortIncompleteMultipartUpload", "AbortIncompleteMultipartUpload" in rule),
        )
        if given
    ]
    for name in unfiltered:
        if conditions.get("Tags"):
            raise InvalidRequest(f"{name} cannot be specified with Tags.")
        if "ObjectSizeGreaterThan" in conditions or "ObjectSizeLessThan" in conditions:
            raise InvalidRequest(f"{name} cannot be specified with Object Size.")


# --- actions --------------------------------------------------------------------------------------------------


def _check_expiration(rule: Mapping[str, Any]) -> None:
    expiration = rule.get("Expiration")
    if expiration is None:
        return
    if len(expiration) != 1:
        raise MalformedXML
    _check_positive(expiration.get("Days"), "Days", "Expiration")
    _check_midnight(expiration.get("Date"))


def _check_noncurrent(rule: Mapping[str, Any], *, second: bool) -> None:
    expiration = rule.get("NoncurrentVersionExpiration")
    if expiration is not None:
        if "NoncurrentDays" not in expiration:
            raise MalformedXML
        _check_positive(expiration["NoncurrentDays"], "NoncurrentDays", "NoncurrentVersionExpiration")
    for action in (*([expiration] if expiration else []), *rule.get("NoncurrentVersionTransitions", ())):
        newer = action.get("NewerNoncurrentVersions")
        if newer is None:
            continue
        if not second:
            raise InvalidRequest("NewerNoncurrentVersions element can only be used in Lifecycle V2.")
        if newer < 1:
            raise InvalidArgument("'NewerNoncurrentVersions' must be a positive integer")
        if newer > MOST_KEPT:
            # "You can specify up to 100 noncurrent versions to retain"; S3's words for more are not documented.
            raise InvalidArgument(f"'NewerNoncurrentVersions' must not be greater than {MOST_KEPT}")


def _check_abort(rule: Mapping[str, Any]) -> None:
    abort = rule.get("AbortIncompleteMultipartUpload")
    if abort is None:
        return
    if "DaysAfterInitiation" not in abort:
        raise MalformedXML
    _check_positive(abort["DaysAfterInitiation"], "DaysAfterInitiation", "AbortIncompleteMultipartUpload")


def _check_positive(days: int | None, name: str, action: str) -> None:
    if days is not None and days > LONGEST_WAIT:
        raise MalformedXML
    if days is not None and days < 1:
        raise InvalidArgument(f"'{name}' for {action} action must be a positive integer")


def _check_midnight(date: datetime | None) -> None:
    if date is not None and date.astimezone(UTC).time() != time(0):
        raise InvalidArgument("'Date' must be at midnight GMT", ArgumentName="Date", ArgumentValue=date.isoformat())


def _check_transitions(rule: Mapping[str, Any]) -> None:
    transitions = rule.get("Transitions", ())
    for transition in transitions:
        if "StorageClass" not in transition or ("Days" in transition and "Date" in transition):
            raise MalformedXML
        if "Days" not in transition and "Date" not in transition:
            raise InvalidArgument("'Transition' action must specify either 'Days' or 'Date'")
        _check_wait(transition, "Days", "Transition")
        _check_midnight(transition.get("Date"))
    for transition in rule.get("NoncurrentVersionTransitions", ()):
        if "StorageClass" not in transition or "NoncurrentDays" not in transition:
            raise MalformedXML
        _check_wait(transition, "NoncurrentDays", "NoncurrentVersionTransition")
    _check_mixture(rule, transitions)
    _check_order(rule, transitions, "Transition", "Expiration", "Date" if _dated(transitions) else "Days")
    noncurrent = rule.get("NoncurrentVersionTransitions", ())
    _check_order(rule, noncurrent, "NoncurrentVersionTransition", "NoncurrentVersionExpiration", "NoncurrentDays")


def _dated(actions: Sequence[Mapping[str, Any]]) -> bool:
    return any("Date" in action for action in actions)


def _check_wait(transition: Mapping[str, Any], name: str, action: str) -> None:
    days, storage_class = transition.get(name), transition["StorageClass"]
    if days is None:
        return
    if days > LONGEST_WAIT:
        raise MalformedXML
    if days < 0:
        raise InvalidArgument(f"'{name}' in {action} action must be nonnegative")
    if storage_class in _INFREQUENT and days < DAYS_TO_INFREQUENT:
        raise InvalidArgument(
            f"'{name}' in {action} action must be greater than or equal to {DAYS_TO_INFREQUENT} for storageClass"
            f" '{storage_class}'"
        )


def _check_mixture(rule: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]]) -> None:
    """A rule counts days or names dates, not both."""
    expiration = rule.get("Expiration", {})
    for actions, words in ((transitions, "Transition"), ((*transitions, expiration), "Expiration and Transition")):
        if transitions and _dated(actions) and any("Days" in action for action in actions):
            raise InvalidRequest(
                f"Found mixed 'Date' and 'Days' based {words} actions in lifecycle rule for filter {_filter_text(rule)}"
            )


def _check_order(
    rule: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]], action: str, expiration: str, name: str
) -> None:
    """Each class once, the colder the later, and all before the end."""
    words = _filter_text(rule)
    if len({transition["StorageClass"] for transition in transitions}) < len(transitions):
        raise InvalidRequest(
            f"'StorageClass' must be different for '{action}' actions in same 'Rule' with filter {words}"
        )
    ordered = sorted(transitions, key=lambda transition: COLDNESS.index(transition["StorageClass"]))
    for warmer, colder in pairwise(ordered):
        place = f"in the {action} action for StorageClass '{{}}' for filter {words}"
        first, then = place.format(colder["StorageClass"]), place.format(warmer["StorageClass"])
        if colder[name] <= warmer[name]:
            raise InvalidArgument(f"'{name}' {first} must be greater than '{name}' {then}")
        if (
            name != "Date"
            and warmer["StorageClass"] in _INFREQUENT
            and colder[name] < warmer[name] + DAYS_TO_INFREQUENT
        ):
            raise InvalidArgument(f"'{name}' {first} must be {DAYS_TO_INFREQUENT} days more than '{name}' {then}")
    end = rule.get(expiration, {}).get(name)
    if end is not None and any(end <= transition[name] for transition in transitions):
        raise InvalidArgument(
            f"'{name}' in the {expiration} action for filter {words} must be greater than '{name}' in the {action}"
            " action"
        )


def _check_overlaps(rules: Sequence[LifecycleRule]) -> None:
    """In the first version of the schema no two rules do the same to one object."""
    for action in _ACTIONS:
        prefixes = sorted(rule.get("Prefix", "") for rule in rules if action in rule)
        for shorter, longer in pairwise(prefixes):
            if longer.startswith(shorter):
                raise InvalidRequest(
                    f"Found overlapping prefixes '{shorter}' and '{longer}' for same action type"
                    f" '{action.removesuffix('s')}'"
                )

"""Which events of a bucket are to be told to whom: event types with their wildcards, filters of keys. Pure.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from marinelayer.services.s3.configurations import Document

TYPES = (
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:LifecycleTransition",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:IntelligentTiering",
    "s3:ObjectAcl:Put",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
    "s3:ObjectAnnotation:Put",
    "s3:ObjectAnnotation:Delete",
    "s3:ObjectRetention:Put",
)
"""Every type of event that S3 has."""
FAMILIES = frozenset(
    f"s3:{family}:*"
    for family in (
        "ObjectCreated",
        "ObjectRemoved",
        "ObjectRestore",
        "Replication",
        "LifecycleExpiration",
        "ObjectTagging",
        "ObjectAnnotation",
    )
)
"""The wildcards that S3 takes, each for all types of a family."""


def types_of(event: str) -> frozenset[str]:
    """The types that an event of a configuration stands for; none where S3 has no such event."""
    if event in FAMILIES:
        return frozenset(name for name in TYPES if name.startswith(event[:-1]))
    return frozenset({event}) if event in TYPES else frozenset()


def form_encoded(key: bytes) -> str:
    """A key as events say it, and as filters are put to it: form-encoded, but for its slashes.

    "If your prefix or suffix contains a space, you must replace it with the "+" character. If you use any other special
    characters [...], you must enter them in URL-encoded (percent-encoded) format" (notification-how-to-filtering).
    """
    return quote_plus(key, safe="/")


@dataclass(frozen=True, slots=True)
class Filter:
    """What keys, form-encoded, must begin and end with."""

    prefix: str = ""
    suffix: str = ""

    def passes(self, encoded: str) -> bool:
        """Whether a form-encoded key has both."""
        return encoded.startswith(self.prefix) and encoded.endswith(self.suffix)

    def overlaps(self, other: Filter) -> bool:
        """Whether some key could pass both filters."""
        return _one_begins(self.prefix, other.prefix) and _one_begins(self.suffix[::-1], other.suffix[::-1])


def _one_begins(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def filter_rules(configuration: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    """The filter rules of a configuration."""
    return configuration.get("Filter", {}).get("Key", {}).get("FilterRules", ())


def filter_of(configuration: Mapping[str, Any]) -> Filter:
    """The filter of a configuration whose rules were checked."""
    values = {rule["Name"].lower(): rule.get("Value", "") for rule in filter_rules(configuration)}
    return Filter(**values)


@dataclass(frozen=True, slots=True)
class Rule:
    """One configuration: which types of events, of which keys, are told to which topic."""

    configuration_id: str
    topic: str
    types: frozenset[str]
    filter: Filter


def rules_of(document: Document) -> Sequence[Rule]:
    """The rules of a bucket's document."""
    return tuple(
        Rule(
            configuration_id=one["Id"],
            topic=one["TopicArn"],
            types=frozenset[str]().union(*(types_of(event) for event in one["Events"])),
            filter=filter_of(one),
        )
        for one in document["TopicConfigurations"]
    )


def listening(rules: Sequence[Rule], event: str, encoded: str) -> Iterator[Rule]:
    """The rules that an event (without its `s3:`) of a form-encoded key is told by."""
    name = f"s3:{event}"
    return (rule for rule in rules if name in rule.types and rule.filter.passes(encoded))

"""The rules of a replication configuration, as they are put to versions. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from marinelayer.services.s3.configurations import read_document
from marinelayer.services.s3.lifecycle_rules import filter_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a rule copies to: the bucket's name and, where the rule says so, its account, the replicas' storage class,
    whether the bucket's owner is to own them, and the KMS key of those that have one; else "". `rule_id` is the rule's,
    `tracked` whether its failures are told, `role` the ARN of the role that copies."""

    bucket: str
    account: str = ""
    storage_class: str = ""
    owned_there: bool = False
    kms_key: str = ""
    rule_id: str = ""
    tracked: bool = False
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An enabled rule. `markers` is whether it copies delete markers, `by_kms` whether what KMS keys encrypt,
    `modifications` whether what is changed of replicas."""

    prefix: bytes
    tags: frozenset[tuple[str, str]]
    priority: int
    markers: bool
    by_kms: bool
    modifications: bool
    destination: Destination

    def covers(self, key: bytes, tags: Iterable[tuple[str, str]]) -> bool:
        """Whether the rule is about an object."""
        return key.startswith(self.prefix) and self.tags.issubset(tags)


def covering(rules: Sequence[Rule], key: bytes, tags: Sequence[tuple[str, str]]) -> list[Rule]:
    """The rules about an object: for each destination the one of the highest priority."""
    found: dict[str, Rule] = {}
    for rule in rules:
        if rule.covers(key, tags):
            other = found.get(rule.destination.bucket)
            if other is None or rule.priority > other.priority:
                found[rule.destination.bucket] = rule
    return list(found.values())


@lru_cache(maxsize=256)
def rules_of_text(text: str) -> tuple[Rule, ...]:
    """The enabled rules of a stored configuration. Remembered by its text."""
    document = read_document(text)
    return tuple(_rule(rule, document["Role"]) for rule in document["Rules"] if rule["Status"] == "Enabled")


def _rule(given: Mapping[str, Any], role: str) -> Rule:
    conditions = filter_of(given)
    criteria: Mapping[str, Any] = given.get("SourceSelectionCriteria") or {}
    return Rule(
        prefix=conditions.get("Prefix", "").encode(),
        tags=frozenset((tag["Key"], tag["Value"]) for tag in conditions.get("Tags", ())),
        priority=given.get("Priority", 0),
        # The first version of the schema copies them, and has no word for it.
        markers="Filter" not in given or _enabled(given, "DeleteMarkerReplication"),
        by_kms=_enabled(criteria, "SseKmsEncryptedObjects"),
        modifications=_enabled(criteria, "ReplicaModifications"),
        destination=_destination(given["Destination"], given.get("ID") or "", role),
    )


def _destination(given: Mapping[str, Any], rule_id: str, role: str) -> Destination:
    return Destination(
        bucket=given["Bucket"].rpartition(":")[2],
        account=given.get("Account") or "",
        storage_class=given.get("StorageClass") or "",
        owned_there="AccessControlTranslation" in given,
        kms_key=_within(given, "EncryptionConfiguration").get("ReplicaKmsKeyID") or "",
        rule_id=rule_id,
        tracked=_enabled(given, "Metrics"),
        role=role,
    )


def _enabled(document: Mapping[str, Any], member: str) -> bool:
    return _within(document, member).get("Status") == "Enabled"


def _within(document: Mapping[str, Any], member: str) -> Mapping[str, Any]:
    return document.get(member) or {}

"""What PutBucketReplication takes. Pure.

A configuration in which a rule has no `Filter` is in the first version of the schema, in which rules have prefixes,
and neither priorities nor a say in delete markers.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html; the words are those of S3's
answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from marinelayer.protocol.refusals import InvalidArgument, InvalidRequest, MalformedXML
from marinelayer.services.s3.headers import STORAGE_CLASSES
from marinelayer.services.s3.listed_configurations import check_filter
from marinelayer.services.s3.names import MAX_KEY

MOST_RULES = 1000
LONGEST_ID = 255
LARGEST_PRIORITY = 2**31 - 1
MINUTES = 15
"""The only time that replication can be promised within."""

_BUCKET_ARN = "arn:aws:s3:::"
_IAM_ARN = re.compile(r"arn:aws:iam::[0-9]{12}:(.+)", re.ASCII)
_KEY_ARN = re.compile(r"arn:aws:kms:[a-z0-9-]+:[0-9]{12}:(?:key|alias)/.+", re.ASCII)
_STATUSES = ("Enabled", "Disabled")
_GUIDE = "of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information."


def check_replication(configuration: Mapping[str, Any], bucket: str) -> None:
    """Refuse what S3 does of a configuration for `bucket`, as far as that can be told from the document.

    Raises:
        MalformedXML: an element is missing, too much, or of no form that the schema knows.
        InvalidArgument: a role, an id, a bucket, a key or a time can not be.
        InvalidRequest: two things do not go together.
    """
    rules: Sequence[Mapping[str, Any]] = configuration.get("Rules") or ()
    if not rules:
        raise MalformedXML
    if len(rules) > MOST_RULES:
        raise InvalidRequest(
            f"The number of replication rules must not exceed the allowed limit of {MOST_RULES} rules."
        )
    _check_role(configuration.get("Role") or "")
    first = any("Filter" not in rule for rule in rules)
    for rule in rules:
        _check_rule(rule, bucket, first=first)
    _check_ids(rules)
    if first:
        _check_prefixes(rules)
    else:
        _check_priorities(rules)


def _check_role(role: str) -> None:
    arn = _IAM_ARN.fullmatch(role)
    if arn is None:
        raise InvalidArgument(
            "Invalid Role specified in replication configuration", ArgumentName="Role", ArgumentValue=role
        )
    if not arn[1].startswith("role/") or arn[1] == "role/":
        raise InvalidArgument("The relative id should start with role", ArgumentName="Role", ArgumentValue=role)


def _check_ids(rules: Sequence[Mapping[str, Any]]) -> None:
    seen: set[str] = set()
    for rule in rules:
        name: str = rule.get("ID") or ""
        if len(name) > LONGEST_ID:
            raise InvalidArgument(f"Rule Id cannot be greater than {LONGEST_ID}", ArgumentName="ID", ArgumentValue=name)
        if name and name in seen:
            raise InvalidArgument("Rule Id must be unique", ArgumentName="ID", ArgumentValue=name)
        seen.add(name)


def _check_prefixes(rules: Sequence[Mapping[str, Any]]) -> None:
    if len({rule["Destination"]["Bucket"] for rule in rules}) > 1:
        raise InvalidRequest("Number of distinct destination bucket ARNs cannot exceed 1")
    for one, other in combinations([str(rule["Prefix"]) for rule in rules], 2):
        if one.startswith(other) or other.startswith(one):
            raise InvalidRequest(f"Found overlapping prefixes '{one}' and '{other}'")


def _check_priorities(rules: Sequence[Mapping[str, Any]]) -> None:
    seen: set[int] = set()
    for rule in rules:
        priority: int = rule["Priority"]
        if not 0 <= priority <= LARGEST_PRIORITY:
            raise InvalidRequest(f"Priority must be between 0 and {LARGEST_PRIORITY}.")
        if priority in seen:
            raise InvalidRequest(f"Found duplicate priority {priority}.")
        seen.add(priority)


# --- a rule ---------------------------------------------------------------------------------------------------


def _check_rule(rule: Mapping[str, Any], bucket: str, *, first: bool) -> None:
    # "This parameter is no longer supported" (ReplicationRule).
    if "ExistingObjectReplication" in rule:
        raise MalformedXML
    _check_status(rule)
    _check_filter(rule)
    for member in ("Priority", "DeleteMarkerReplication"):
        if first and member in rule:
            raise InvalidRequest(f"{member} cannot be used for this version {_GUIDE}")
        if not first and member not in rule:
            raise InvalidRequest(f"{member} must be specified for this version {_GUIDE}")
    if not first:
        _check_markers(rule)
    criteria: Mapping[str, Any] = rule.get("SourceSelectionCriteria") or {}
    if "SourceSelectionCriteria" in rule and not criteria:
        raise InvalidRequest("SourceSelectionCriteria cannot be empty.")
    for chosen in criteria.values():
        _check_status(chosen)
    if first and "ReplicaModifications" in criteria:
        raise InvalidRequest(f"ReplicaModifications cannot be used for this version {_GUIDE}")
    _check_destination(rule["Destination"], bucket, by_kms="SseKmsEncryptedObjects" in criteria)


def _check_status(document: Mapping[str, Any]) -> None:
    if document.get("Status") not in _STATUSES:
        raise MalformedXML


def _check_filter(rule: Mapping[str, Any]) -> None:
    if ("Filter" in rule) == ("Prefix" in rule):
        raise MalformedXML
    chosen: Mapping[str, Any] = rule.get("Filter") or {}
    if chosen:
        check_filter(rule)
    prefix: str = chosen.get("And", chosen).get("Prefix", rule.get("Prefix", ""))
    if len(prefix.encode()) > MAX_KEY:
        raise InvalidArgument(f"The maximum size of a prefix is {MAX_KEY}")


def _check_markers(rule: Mapping[str, Any]) -> None:
    _check_status(rule["DeleteMarkerReplication"])
    chosen: Mapping[str, Any] = rule["Filter"]
    if rule["DeleteMarkerReplication"]["Status"] == "Enabled" and ("Tag" in chosen or "Tags" in chosen.get("And", {})):
        raise InvalidRequest(
            "Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer "
            "Guide for more information."
        )


# --- its destination ------------------------------------------------------------------------------------------


def _check_destination(destination: Mapping[str, Any], bucket: str, *, by_kms: bool) -> None:
    arn: str = destination["Bucket"]
    if not arn.startswith(_BUCKET_ARN) or arn == _BUCKET_ARN:
        raise InvalidArgument("Invalid bucket ARN", ArgumentName="Bucket", ArgumentValue=arn)
    if arn == _BUCKET_ARN + bucket:
        raise InvalidRequest("Destination bucket cannot be the same as the source bucket.")
    if destination.get("StorageClass", "STANDARD") not in STORAGE_CLASSES:
        raise MalformedXML
    if "AccessControlTranslation" in destination:
        if destination["AccessControlTranslation"].get("Owner") != "Destination":
            raise MalformedXML
        if not destination.get("Account"):
            raise InvalidRequest("Account must be specified if the Owner in AccessControlTranslation has a value")
    _check_key(destination.get("EncryptionConfiguration"), by_kms=by_kms)
    _check_times(destination)


def _check_key(encryption: Mapping[str, Any] | None, *, by_kms: bool) -> None:
    if encryption is not None and not by_kms:
        raise InvalidRequest("SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.")
    if not by_kms:
        return
    key: str = (encryption or {}).get("ReplicaKmsKeyID") or ""
    if not key:
        raise InvalidRequest("ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.")
    if _KEY_ARN.fullmatch(key) is None:
        raise InvalidArgument("Invalid ReplicaKmsKeyID ARN.", ArgumentName="ReplicaKmsKeyID", ArgumentValue=key)


def _check_times(destination: Mapping[str, Any]) -> None:
    metrics: Mapping[str, Any] | None = destination.get("Metrics")
    time: Mapping[str, Any] | None = destination.get("ReplicationTime")
    for given in (metrics, time):
        if given is not None:
            _check_status(given)
    if time is not None and metrics is None:
        raise InvalidRequest("Replication destination must contain both ReplicationTime and Metrics or neither.")
    threshold: Mapping[str, Any] | None = (metrics or {}).get("EventThreshold")
    if time is not None and time["Time"].get("Minutes") != MINUTES:
        raise InvalidArgument("Invalid time minute value", ArgumentName="ReplicationTime")
    if time is not None and time["Status"] == "Enabled":
        if threshold is None:
            raise InvalidArgument(
                "ReplicationMetrics must contain an event threshold", ArgumentName="ReplicationMetrics"
            )
        if threshold.get("Minutes") != MINUTES:
            raise InvalidArgument("Invalid event threshold minute value", ArgumentName="ReplicationMetrics")
    elif threshold is not None:
        raise InvalidArgument(
            "Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled",
            ArgumentName="Metrics",
        )

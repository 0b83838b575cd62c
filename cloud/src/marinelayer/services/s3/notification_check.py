"""What S3 refuses of a notification configuration before it looks at its destinations. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.protocol.refusals import InvalidArgument, MalformedXML
from marinelayer.services.s3.notification_rules import Filter, filter_of, filter_rules, types_of

MOST_CONFIGURATIONS = 100
"""Of a bucket ("Event notifications 100 per bucket", AWS General Reference, S3 quotas)."""
MOST_FILTER_BYTES = 1024
_TOPIC = re.compile(r"arn:aws:sns:(?P<region>[a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,256}")
_ELSEWHERE = {
    "QueueConfigurations": "SQS queues",
    "LambdaFunctionConfigurations": "Lambda functions",
    "EventBridgeConfiguration": "EventBridge",
}


def check_notification(configuration: Mapping[str, Any], region: str) -> Sequence[Mapping[str, Any]]:
    """The topic configurations of a document for a bucket in `region`, if S3 takes them.

    Raises:
        OperationNotImplemented: it names destinations that are not there.
        MalformedXML: a configuration lacks its topic or its events.
        InvalidArgument: a topic, an event or a filter is none, or two configurations have the same id or overlap.
    """
    for member, destinations in _ELSEWHERE.items():
        if member in configuration:
            raise OperationNotImplemented(f"Notifications to {destinations} are not implemented here.")
    topics: Sequence[Mapping[str, Any]] = configuration.get("TopicConfigurations", ())
    for one in topics:
        if not one.get("TopicArn") or not one.get("Events"):
            raise MalformedXML
        _check_topic(one["TopicArn"], region)
        _check_events(one["Events"])
        _check_filter(filter_rules(one))
    if len(topics) > MOST_CONFIGURATIONS:
        raise InvalidArgument(f"A bucket can have no more than {MOST_CONFIGURATIONS} notification configurations.")
    ids = [one["Id"] for one in topics if one.get("Id")]
    if len(set(ids)) < len(ids):
        raise InvalidArgument("Same ID used for multiple configurations. IDs must be unique")
    for one, other in combinations(topics, 2):
        _check_overlap(one, other)
    return topics


def _check_topic(arn: str, region: str) -> None:
    if not arn.startswith("arn:") or arn.count(":") < 5:
        raise InvalidArgument("The ARN could not be parsed", ArgumentName="Topic", ArgumentValue=arn)
    topic = _TOPIC.fullmatch(arn)
    if topic is None:
        raise InvalidArgument("The ARN is not well formed", ArgumentName="Topic", ArgumentValue=arn)
    if topic["region"] != region:
        raise InvalidArgument(
            "The notification destination service region is not valid for the bucket location constraint",
            ArgumentName="Topic",
            ArgumentValue=arn,
        )


def _check_events(events: Sequence[str]) -> None:
    for event in events:
        if not types_of(event):
            raise InvalidArgument(
                "The event is not supported for notifications", ArgumentName="Event", ArgumentValue=event
            )


def _check_filter(rules: Sequence[Mapping[str, str]]) -> None:
    seen: set[str] = set()
    for rule in rules:
        name, value = rule.get("Name", ""), rule.get("Value", "")
        if name.lower() not in ("prefix", "suffix"):
            raise InvalidArgument(
                "filter rule name must be either prefix or suffix",
                ArgumentName="FilterRule.Name",
                ArgumentValue=name,
            )
        if name.lower() in seen:
            raise InvalidArgument(
                f"Cannot specify more than one {name.lower()} rule in a filter.",
                ArgumentName="FilterRule.Name",
                ArgumentValue=name,
            )
        if len(value.encode()) > MOST_FILTER_BYTES:
            raise InvalidArgument(
                f"Size of filter rule value cannot exceed {MOST_FILTER_BYTES} bytes in UTF-8 representation",
                ArgumentName="FilterRule.Value",
                ArgumentValue=value,
            )
        seen.add(name.lower())


def _check_overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    if not _types(one) & _types(other) or not filter_of(one).overlaps(filter_of(other)):
        return
    if filter_of(one) == filter_of(other) == Filter():
        message = "Configurations overlap. Configurations on the same bucket cannot share a common event type."
    else:
        message = (
            "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are "
            "overlapping for the same event type."
        )
    events = ", ".join((*one["Events"], *other["Events"]))
    raise InvalidArgument(message, ArgumentName="Event", ArgumentValue=events)


def _types(configuration: Mapping[str, Any]) -> frozenset[str]:
    return frozenset[str]().union(*(types_of(event) for event in configuration["Events"]))

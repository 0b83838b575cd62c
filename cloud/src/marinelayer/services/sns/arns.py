"""Names and ARNs of topics and subscriptions.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-create-topic.html. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from marinelayer.services.sns.errors import InvalidParameter

_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TOPIC = re.compile(r"arn:aws:sns:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):(?P<name>[A-Za-z0-9_-]{1,256})")
_SUBSCRIPTION = re.compile(
    rf"{_TOPIC.pattern}:(?P<id>[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}})"
)


@dataclass(frozen=True, slots=True)
class TopicName:
    """What tells one topic from all others."""

    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        """`arn:aws:sns:REGION:ACCOUNT:NAME`."""
        return f"arn:aws:sns:{self.region}:{self.account}:{self.name}"


def checked_topic_name(name: str, *, fifo: bool = False) -> str:
    """`name` if a standard topic may have it, or a FIFO topic with `fifo`.

    Raises:
        InvalidParameter: it has other letters than a-z, A-Z, 0-9, - and _, or more than 256 of them; or it ends in
            `.fifo` and the topic is none, or the other way round.
    """
    letters = name.removesuffix(".fifo") if fifo else name
    if not _NAME.fullmatch(letters) or len(name) > 256 or (fifo and letters == name):
        raise InvalidParameter("Invalid parameter: Topic Name")
    return name


def find_topic_name(arn: str) -> TopicName | None:
    """What the ARN of a topic names, None if it is none."""
    match = _TOPIC.fullmatch(arn)
    return TopicName(match["account"], match["region"], match["name"]) if match else None


def topic_name(arn: str, region: str, member: str = "TopicArn") -> TopicName:
    """What the input's `member` names; `region` is the one asked ("" accepts any).

    Raises:
        InvalidParameter: it is no topic's ARN, or one of another region.
    """
    topic = find_topic_name(arn)
    if topic is None or (region and topic.region != region):
        raise InvalidParameter(f"Invalid parameter: {member}{_too_short(arn)}")
    return topic


def subscription_arn(topic: TopicName, subscription_id: str) -> str:
    """`TOPIC_ARN:UUID`."""
    return f"{topic.arn}:{subscription_id}"


def subscription_id(arn: str) -> tuple[TopicName, str]:
    """The topic and the UUID that a subscription's ARN names.

    Raises:
        InvalidParameter: it is none, `PendingConfirmation` for example.
    """
    match = _SUBSCRIPTION.fullmatch(arn)
    if match is None and find_topic_name(arn) is not None:
        raise InvalidParameter("Invalid parameter: SubscriptionId")
    if match is None:
        raise InvalidParameter(f"Invalid parameter: SubscriptionArn{_too_short(arn)}")
    return TopicName(match["account"], match["region"], match["name"]), match["id"]


def uuid(digits: str) -> str:
    """32 random hex digits as a UUID of version 4."""
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def _too_short(arn: str) -> str:
    elements = arn.count(":") + 1
    return f" Reason: An ARN must have at least 6 elements, not {elements}" if elements < 6 else ""

"""SNS topics: made, subscribed to once, published to.

Knows SNS and nothing of requests. A publish is never repeated by the SDK: a lost answer is told to the caller, who
keeps a ledger (`deliveries.py`); only what SNS certainly did not take (throttled, no connection) is tried again here.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from getitdone.aws import Aws, domain_errors
from getitdone.config import Channel
from getitdone.errors import RetryableError
from getitdone.meter import Meter

MAX_SUBJECT = 99
MAX_MESSAGE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who hears of a topic, and whether they confirmed it."""

    channel: str
    endpoint: str
    pending: bool


class Topics:
    """Topics of the account and region that the credentials and the settings say."""

    def __init__(self, aws: Aws, meter: Meter, *, pause: Callable[[float], object] = time.sleep) -> None:
        self._sns = aws.sns
        self._once = aws.sns_once
        self._attempts = aws.settings.max_attempts
        self._meter = meter
        self._pause = pause

    def ensure(self, name: str) -> str:
        """The ARN of the topic, made where it is missing."""
        with domain_errors():
            self._meter.add("sns.requests")
            return self._sns.create_topic(Name=name)["TopicArn"]

    def subscriptions(self, arn: str) -> list[Subscription]:
        """Everybody who is subscribed, confirmed or pending."""
        with domain_errors():
            self._meter.add("sns.requests")
            pages = self._sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
            return [
                Subscription(
                    channel=item.get("Protocol", ""),
                    endpoint=item.get("Endpoint", ""),
                    pending=not item.get("SubscriptionArn", "").startswith("arn:"),
                )
                for page in pages
                for item in page.get("Subscriptions", [])
            ]

    def subscribe(self, arn: str, channel: Channel, endpoint: str) -> bool:
        """Subscribe; whether that is confirmed already (an SMS is, an e-mail waits for its link)."""
        with domain_errors():
            self._meter.add("sns.requests")
            answer = self._sns.subscribe(TopicArn=arn, Protocol=channel, Endpoint=endpoint)
        return answer["SubscriptionArn"].startswith("arn:")

    def publish(self, arn: str, *, subject: str, text: str) -> str:
        """Publish to the topic, at most once; the message id.

        Raises:
            Unavailable: no answer came, so that it may have been published.
            CloudError: it was not.
        """
        for attempt in range(self._attempts):
            try:
                with domain_errors():
                    self._meter.add("sns.publish")
                    answer = self._once.publish(TopicArn=arn, Subject=subject_line(subject), Message=message_text(text))
                    return answer["MessageId"]
            except RetryableError as error:
                if error.maybe_done or attempt + 1 == self._attempts:
                    raise
                self._pause(min(8.0, 0.2 * 2**attempt))
        raise AssertionError("settings allow one attempt or more")


def subject_line(text: str) -> str:
    """A subject as SNS takes it: ASCII, one line, under 100 characters, beginning with a letter, digit or mark.

    (Publish, `Subject`: "must be ASCII text that begins with a letter, number, or punctuation mark; must not include
    line breaks or control characters; and must be less than 100 characters long.")
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    # Blanks inside are kept as they are: the lesson's subjects have two after a full stop.
    line = re.sub(r"[\x00-\x1f\x7f]+", " ", plain).strip()
    return line[:MAX_SUBJECT].rstrip() or "Alert"


def message_text(text: str) -> str:
    """A message without control characters but line breaks and tabs, within SNS's 256 KiB."""
    clean = "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc").strip()
    return cut(clean, MAX_MESSAGE_BYTES) or "-"


def cut(text: str, limit: int) -> str:
    """The longest beginning of `text` that has at most `limit` bytes of UTF-8, ending between characters."""
    content = text.encode("utf-8", errors="replace")
    if len(content) <= limit:
        return text
    return content[:limit].decode("utf-8", errors="ignore")

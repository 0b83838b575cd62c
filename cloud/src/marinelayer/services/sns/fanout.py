"""From one publish to a delivery for each subscriber, in the transaction that accepts the publish.

A delivery is an outbox job that holds all it needs (text, subject, names); the job's id is made of message and
subscription, so that doing anything twice never delivers twice. A transaction writes one page of jobs; what remains is
a job of its own, `sns.fanout`, which goes on behind the last subscriber that it served.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from marinelayer import outbox
from marinelayer.ports import Transaction
from marinelayer.services.sns.arns import TopicName
from marinelayer.services.sns.content import Content
from marinelayer.services.sns.sieve import Sieve
from marinelayer.services.sns.sms_attributes import sending
from marinelayer.services.sns.store import SQL, filter_of, require_topic

DELIVER = "sns.deliver"
FAN_OUT = "sns.fanout"

PAGE_ROWS = 500
PAGE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A message on its way to a topic's subscribers. `published` and later times are in microseconds; `base_url` is
    how this cloud is reached from outside."""

    message_id: str
    topic: TopicName
    content: Content
    published: int
    base_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message for one endpoint: what an outbox job of the kind `sns.deliver` holds. `subscription_id` and
    `topic_arn` are "" for a message published to a phone number."""

    message_id: str
    account: str
    protocol: str
    endpoint: str
    subject: str
    text: str
    published: int
    sender: str = ""
    topic_arn: str = ""
    subscription_id: str = ""
    base_url: str = ""
    sender_id: str = ""
    sms_type: str = ""
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, "Mapping[str, str]"])
    """Of the message, where the protocol's notifications show them."""

    @property
    def id(self) -> str:
        """The same at every retry, and no other delivery's. It goes to mail servers and gateways, and so does not
        tell the subscription's id, which would let them end it."""
        if not self.subscription_id:
            return self.message_id
        return f"{self.message_id}.{hashlib.sha256(self.subscription_id.encode()).hexdigest()[:16]}"


def publish_to_topic(tx: Transaction, publication: Publication) -> None:
    """Accept the message: its first page of deliveries, and a job for the pages behind.

    Raises:
        NotFound: there is no such topic.
    """
    topic = require_topic(tx, publication.topic)
    fan_out(tx, publication, topic.topic_id, topic.display_name, after="")


def publish_to_phone(tx: Transaction, delivery: Delivery, region: str) -> None:
    """Accept a message to one phone number, sent as it or its account says."""
    how = sending(tx, delivery.account, region, delivery.attributes)
    delivery = replace(delivery, sender_id=how.sender_id, sms_type=how.sms_type, attributes={})
    _enqueue(tx, delivery, group=f"sns:{delivery.account}:{delivery.endpoint}")


def fan_out(tx: Transaction, publication: Publication, topic_id: str, sender: str, *, after: str) -> None:
    """One page of deliveries, to the subscribers behind the subscription `after`."""
    content = publication.content
    longest = max(map(len, (content.default, *content.by_protocol.values()))) + content.attributes_size
    size = max(1, min(PAGE_ROWS, PAGE_BYTES // longest))
    rows = tx.all(SQL.recipients, topic_id=topic_id, after=after, size=size)
    wanted = Sieve(content)
    topic = publication.topic
    by_sms = any(row["protocol"] == "sms" for row in rows)
    how = sending(tx, topic.account, topic.region, content.attributes) if by_sms else None
    for row in rows:
        if not wanted.lets_through(filter_of(row), row["protocol"]):
            continue
        delivery = Delivery(
            message_id=publication.message_id,
            account=topic.account,
            protocol=row["protocol"],
            endpoint=row["endpoint"],
            subject=content.subject,
            text=content.text(row["protocol"]),
            published=publication.published,
            sender=sender,
            topic_arn=topic.arn,
            subscription_id=row["subscription_id"],
            base_url=publication.base_url,
            attributes=content.attributes if row["protocol"] == "email-json" else {},
        )
        if how and row["protocol"] == "sms":
            delivery = replace(delivery, sender_id=how.sender_id, sms_type=how.sms_type)
        _enqueue(tx, delivery, group=f"sns:{delivery.subscription_id}")
    if len(rows) == size:
        _continue(tx, publication, topic_id, sender, after=rows[-1]["subscription_id"])


def _enqueue(tx: Transaction, delivery: Delivery, *, group: str) -> None:
    fields = {name: getattr(delivery, name) for name in Delivery.__slots__}
    outbox.enqueue(
        tx,
        job_id=f"{DELIVER}:{delivery.id}",
        kind=DELIVER,
        group=group,
        payload=json.dumps(fields).encode(),
        due=delivery.published,
    )


def read_delivery(payload: bytes) -> Delivery:
    """The delivery that a job holds."""
    return Delivery(**json.loads(payload))


def _continue(tx: Transaction, publication: Publication, topic_id: str, sender: str, *, after: str) -> None:
    topic, content = publication.topic, publication.content
    rest = {
        "message_id": publication.message_id,
        "topic": [topic.account, topic.region, topic.name],
        "subject": content.subject,
        "default": content.default,
        "by_protocol": dict(content.by_protocol),
        "attributes": dict(content.attributes),
        "published": publication.published,
        "base_url": publication.base_url,
        "topic_id": topic_id,
        "sender": sender,
        "after": after,
    }
    outbox.enqueue(
        tx,
        job_id=f"{FAN_OUT}:{publication.message_id}:{after}",
        kind=FAN_OUT,
        group=f"{FAN_OUT}:{publication.message_id}",
        payload=json.dumps(rest).encode(),
        due=publication.published,
    )


def continue_fan_out(tx: Transaction, payload: bytes) -> None:
    """The next page of what a job of the kind `sns.fanout` holds."""
    rest = json.loads(payload)
    publication = Publication(
        message_id=rest["message_id"],
        topic=TopicName(*rest["topic"]),
        content=Content(
            subject=rest["subject"],
            default=rest["default"],
            by_protocol=rest["by_protocol"],
            attributes=rest.get("attributes") or {},
        ),
        published=rest["published"],
        base_url=rest["base_url"],
    )
    fan_out(tx, publication, rest["topic_id"], rest["sender"], after=rest["after"])

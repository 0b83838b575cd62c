"""Events: what happened to an object, published to the topics that the bucket's notification configuration names.

An event is an outbox row for each topic, written with the change. Events of one key reach a topic in the order in which
they happened. The row holds the message; only the sequencer is added at the delivery, from the row's number, since
rows are numbered in the order of their commits. A topic that is gone, or does not let S3 publish any more, gets nothing
more, and the log says so.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from marinelayer import outbox
from marinelayer.model.errors import Refusal
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import Access, Calls, Transaction
from marinelayer.security.requirement import Requirement
from marinelayer.services.s3.bucket import Bucket
from marinelayer.services.s3.change import Change, Origin
from marinelayer.services.s3.configurations import configuration
from marinelayer.services.s3.notification_record import record_of, with_sequencer
from marinelayer.services.s3.notification_rules import form_encoded, listening, rules_of
from marinelayer.services.s3.service_delivery import S3_ITSELF, ServiceDelivery, Source

EVENT = "s3.event"
SUBJECT = "Amazon S3 Notification"

_logger = logging.getLogger(__name__)


def notify(tx: Transaction, bucket: Bucket, change: Change, origin: Origin) -> bool:
    """Have the topics told that are to be; whether there are any."""
    document = configuration(tx, bucket, "notification")
    if document is None:
        return False
    encoded = form_encoded(change.key)
    told = False
    for rule in listening(rules_of(document), change.event, encoded):
        key = hashlib.sha256(change.key).hexdigest()[:32]
        message = {
            "source": asdict(Source.of(bucket)),
            "topic": rule.topic,
            "record": record_of(bucket, change, origin, rule.configuration_id, encoded),
        }
        outbox.enqueue(
            tx,
            job_id=f"{EVENT}/{origin.request_id}/{change.event}/{change.seq}/{key}/{rule.configuration_id}",
            kind=EVENT,
            group=f"{EVENT}/{bucket.bucket_id}/{key}/{rule.topic}",
            payload=json.dumps(message, ensure_ascii=False).encode(),
            due=origin.time,
        )
        told = True
    return told


def to_publish(topic: str) -> Requirement:
    """What telling a topic needs."""
    return Requirement(action="sns:Publish", resource=topic)


async def publish(
    calls: Calls, delivery: ServiceDelivery, topic: str, message: Mapping[str, Any], *, request_id: str, base_url: str
) -> None:
    """Publish a message about a bucket to a topic, as S3 does it: in its own name, on the bucket's behalf.

    Raises:
        AccessDenied: the topic's policy does not let it.
        Refusal: as SNS's Publish; NotFound where there is no such topic.
    """
    caller = delivery.caller(request_id, base_url)
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    await calls.call(caller, "sns", "Publish", {"TopicArn": topic, "Subject": SUBJECT, "Message": text})


class EventPublishing:
    """Publishes events to their topics. `topics` says what topics let in, `base_url` how this cloud is reached."""

    def __init__(self, calls: Calls, topics: Access, base_url: Callable[[], str]) -> None:
        self._calls = calls
        self._topics = topics
        self._base_url = base_url

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of job."""
        return {EVENT: self.publish}

    async def publish(self, job: Job) -> None:
        """Publish one event to one topic."""
        event: dict[str, Any] = json.loads(job.payload)
        source, topic = Source(**event["source"]), event["topic"]
        delivery = ServiceDelivery(S3_ITSELF, self._topics, source)
        message = {"Records": [with_sequencer(event["record"], job.seq)]}
        try:
            await publish(self._calls, delivery, topic, message, request_id=job.id, base_url=self._base_url())
        except Refusal as refusal:
            _logger.warning("an event of %s could not be published to %s: %s", source.name, topic, refusal)

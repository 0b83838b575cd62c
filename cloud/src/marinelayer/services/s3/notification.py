"""PutBucketNotificationConfiguration and GetBucketNotificationConfiguration. Events are published by
`notification_events`.

PutBucketNotification and GetBucketNotification, which AWS has deprecated, are the same requests.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import Refusal
from marinelayer.ports import Caller, Calls, Clock, Ids, Tables, Topics, Transaction
from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import Bucket, the_bucket
from marinelayer.services.s3.change import Origin, origin_of
from marinelayer.services.s3.configurations import Document, configuration, delete_configuration, put_configuration
from marinelayer.services.s3.needs import on_bucket
from marinelayer.services.s3.notification_check import check_notification
from marinelayer.services.s3.notification_events import publish, to_publish
from marinelayer.services.s3.notification_record import event_time
from marinelayer.services.s3.notification_rules import filter_rules
from marinelayer.services.s3.regions import shown_region
from marinelayer.services.s3.service_delivery import S3_ITSELF, ServiceDelivery, Source

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        GetBucketNotificationConfigurationRequest,
        PutBucketNotificationConfigurationRequest,
    )

ID_SIZE = 48
_MISSING = "The destination topic does not exist"
_CLOSED = "Permissions on the destination topic do not allow S3 to publish notifications from this bucket"


def put_notification(
    tx: Transaction, request: PutBucketNotificationConfigurationRequest, document: Document, now: int
) -> None:
    """Set what the bucket's events are told to; nobody, where the document names no one."""
    bucket = the_bucket(tx, request)
    if document["TopicConfigurations"]:
        put_configuration(tx, bucket, "notification", document, now)
    else:
        delete_configuration(tx, bucket, "notification")


def get_notification(tx: Transaction, request: GetBucketNotificationConfigurationRequest) -> dict[str, Any]:
    """What the bucket's events are told to; nothing where it has no configuration."""
    return dict(configuration(tx, the_bucket(tx, request), "notification") or {})


def test_message(bucket: str, origin: Origin) -> dict[str, str]:
    """What a topic is sent when it becomes a destination."""
    return {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": event_time(origin.time),
        "Bucket": bucket,
        "RequestId": origin.request_id,
        "HostId": origin.host_id,
    }


class Notifications:
    """Which events of buckets are told to which topics."""

    def __init__(self, tables: Tables, clock: Clock, ids: Ids, calls: Calls, topics: Topics) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._calls = calls
        self._topics = topics

    @operation("PutBucketNotificationConfiguration", needs=on_bucket("s3:PutBucketNotification"), anonymous=True)
    async def put(self, caller: Caller, request: PutBucketNotificationConfigurationRequest) -> None:
        """Replace the bucket's configuration. Each topic is looked at and sent a test message before that, unless the
        request skips it; an empty configuration ends all events.

        Raises:
            InvalidArgument, MalformedXML: S3 takes no such configuration, or a topic does not exist, or does not let S3
                publish.
            OperationNotImplemented: it names destinations other than topics.
        """
        bucket = await self._tables.read(the_bucket, request)
        given = check_notification(request["NotificationConfiguration"], shown_region(bucket.region))
        if not request.get("SkipDestinationValidation"):
            await self._validate(caller, bucket, list(dict.fromkeys(one["TopicArn"] for one in given)))
        document = {"TopicConfigurations": [self._kept(one) for one in given]}
        await self._tables.write(put_notification, request, document, self._clock.now())

    @operation("GetBucketNotificationConfiguration", needs=on_bucket("s3:GetBucketNotification"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketNotificationConfigurationRequest) -> dict[str, Any]:
        """The bucket's configuration, as it was given, each with its id."""
        return await self._tables.read(get_notification, request)

    def _kept(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """A configuration as S3 keeps it: with an id, and the names of its filter's rules written large."""
        kept = {**given, "Id": given.get("Id") or self._ids.token(ID_SIZE)}
        rules = [{"Name": rule["Name"].capitalize(), "Value": rule.get("Value", "")} for rule in filter_rules(given)]
        return {**kept, "Filter": {"Key": {"FilterRules": rules}}} if rules else kept

    async def _validate(self, caller: Caller, bucket: Bucket, topics: Sequence[str]) -> None:
        """Send each topic a test message.

        Raises:
            InvalidArgument: some do not exist, or do not let S3 publish; then none is sent any.
        """
        source = Source.of(bucket)
        delivery = ServiceDelivery(S3_ITSELF, self._topics, source)
        refused: dict[str, str] = {}
        for topic in topics:
            if not await self._topics.exists(topic):
                refused[topic] = _MISSING
            elif not await delivery.may(to_publish(topic)):
                refused[topic] = _CLOSED
        message = test_message(bucket.name, origin_of(caller, self._clock.now()))
        for number, topic in enumerate(topics if not refused else ()):
            try:
                await publish(
                    self._calls,
                    delivery,
                    topic,
                    message,
                    request_id=f"{caller.request_id}/{number}",
                    base_url=caller.base_url,
                )
            except Refusal:
                # It was there, and open, a moment ago.
                refused[topic] = _CLOSED
        if refused:
            details = {f"ArgumentName{number}": topic for number, topic in enumerate(refused, 1)}
            details |= {f"ArgumentValue{number}": why for number, why in enumerate(refused.values(), 1)}
            raise InvalidArgument("Unable to validate the following destination configurations", **details)

"""Publish: to a topic, or to a phone number, one message or a batch. Acknowledged when its deliveries are on disk."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Ids, Tables
from marinelayer.services.operation import need, operation
from marinelayer.services.sns.arns import TopicName, topic_name, uuid
from marinelayer.services.sns.batch import checked_entries
from marinelayer.services.sns.content import SMS_LETTERS, Content, read_content
from marinelayer.services.sns.endpoints import to_e164
from marinelayer.services.sns.errors import InvalidParameter
from marinelayer.services.sns.fanout import Delivery, Publication, publish_to_phone, publish_to_topic
from marinelayer.services.sns.topics import on_topic

if TYPE_CHECKING:
    from marinelayer.model.types import sns as wire

_ENDPOINT = re.compile(r"arn:aws:sns:[a-z0-9-]+:\d{12}:endpoint/.+")
"""The ARN of a mobile device, of which there are none here."""
_TARGETS = ("TopicArn", "TargetArn", "PhoneNumber")


def _published_on(request: Mapping[str, Any], _: Caller) -> str:
    # A phone number is no resource: AWS wants "*" for it.
    return request.get("TopicArn") or request.get("TargetArn") or "*"


def _target(arn: str, region: str, member: str) -> TopicName:
    if member == "TargetArn" and _ENDPOINT.fullmatch(arn):
        raise InvalidParameter("Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified")
    return topic_name(arn, region, member)


def _refuse_deduplication(message: Mapping[str, Any]) -> None:
    if "MessageDeduplicationId" in message:
        raise InvalidParameter(
            "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
            "that is not valid for this topic type"
        )


class Publishing:
    """Takes messages in. `poke` is called when there is something to deliver."""

    def __init__(self, tables: Tables, clock: Clock, ids: Ids, poke: Callable[[], None], sms_country: str) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._poke = poke
        self._country = sms_country

    @operation("Publish", needs=need("sns:Publish", on=_published_on))
    async def publish(self, caller: Caller, request: wire.PublishInput) -> wire.PublishResponse:
        """Send a message to all subscribers of a topic, or to a phone number."""
        given = [name for name in _TARGETS if name in request]
        if not given:
            raise InvalidParameter("Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter")
        if len(given) > 1:
            raise InvalidParameter(
                "Invalid parameter: TopicArn, TargetArn or PhoneNumber Reason: only one of them may be given"
            )
        _refuse_deduplication(request)
        message_id = self._message_id(caller)
        if "PhoneNumber" in given:
            await self._to_phone(caller, request, message_id)
        else:
            topic = _target(str(request.get(given[0])), caller.region, given[0])
            await self._to_topic(caller, topic, read_content(request), message_id)
        self._poke()
        return {"MessageId": message_id}

    @operation("PublishBatch", needs=need("sns:Publish", on=on_topic))
    async def publish_batch(self, caller: Caller, request: wire.PublishBatchInput) -> wire.PublishBatchResponse:
        """Send up to ten messages to all subscribers of a topic; one that breaks a rule has the batch refused, as AWS
        does it, so that Failed is empty here."""
        topic = topic_name(request["TopicArn"], caller.region)
        entries = checked_entries(request["PublishBatchRequestEntries"])
        contents = [read_content(entry) for entry in entries]
        for entry in entries:
            _refuse_deduplication(entry)
        successful: list[wire.PublishBatchResultEntry] = []
        for entry, content in zip(entries, contents, strict=True):
            message_id = uuid(self._ids.token(32))
            await self._to_topic(caller, topic, content, message_id)
            successful.append({"Id": entry["Id"], "MessageId": message_id})
        self._poke()
        return {"Successful": successful, "Failed": []}

    def _message_id(self, caller: Caller) -> str:
        """A new id; for a service the same whenever it comes with the same request, as it does after a kill, so that
        the message is the same one."""
        if caller.principal.kind == "service":
            return uuid(hashlib.sha256(caller.request_id.encode()).hexdigest()[:32])
        return uuid(self._ids.token(32))

    async def _to_topic(self, caller: Caller, topic: TopicName, content: Content, message_id: str) -> None:
        publication = Publication(
            message_id=message_id,
            topic=topic,
            content=content,
            published=self._clock.now(),
            base_url=caller.base_url,
        )
        await self._tables.write(publish_to_topic, publication)

    async def _to_phone(self, caller: Caller, request: wire.PublishInput, message_id: str) -> None:
        given = request.get("PhoneNumber", "")
        number = to_e164(given, self._country)
        if number is None:
            raise InvalidParameter(f"Invalid parameter: PhoneNumber Reason: {given[:64]} is not valid to publish to")
        content = read_content(request)
        text = content.text("sms")
        if len(text) > SMS_LETTERS:
            raise InvalidParameter("Invalid parameter: Message too long")
        delivery = Delivery(
            message_id=message_id,
            account=caller.account,
            protocol="sms",
            endpoint=number,
            subject="",
            text=text,
            published=self._clock.now(),
            attributes=content.attributes,
        )
        await self._tables.write(publish_to_phone, delivery, caller.region)

"""A batch is up to ten messages, accepted or refused whole."""

from __future__ import annotations

from typing import Any

import pytest

from marinelayer.model.errors import ServiceError
from marinelayer.services.sns.errors import (
    BatchEntryIdsNotDistinct,
    BatchRequestTooLong,
    EmptyBatchRequest,
    InvalidBatchEntryId,
    InvalidParameter,
    InvalidParameterValue,
    NotFound,
    TooManyEntriesInBatchRequest,
)


def entry(identifier: str, message: str = "RUN!", **more: Any) -> dict[str, Any]:
    return {"Id": identifier, "Message": message, **more}


NO_VALUE = (
    "The message attribute 'n' must contain non-empty message attribute value for message attribute type 'Number'."
)
ATTRIBUTE = {"n": {"DataType": "Number", "StringValue": "1"}}  # 8 bytes


async def test_every_message_of_a_batch_is_published(exchange: Any) -> None:
    topic = await exchange.topic()
    await exchange.phone(topic)
    entries = [entry("a", "first"), entry("x" * 80, "second"), entry("c", "third")]
    answer = await exchange.ask("PublishBatch", TopicArn=topic, PublishBatchRequestEntries=entries)
    assert [one["Id"] for one in answer["Successful"]] == ["a", "x" * 80, "c"]
    assert answer["Failed"] == []
    messages = await exchange.caught()
    assert [one.text for one in messages] == ["first", "second", "third"]
    for one, accepted in zip(messages, answer["Successful"], strict=True):
        assert one.id.startswith(accepted["MessageId"])


@pytest.mark.parametrize(
    ("entries", "error", "message"),
    [
        ([], EmptyBatchRequest, "The batch request doesn't contain any entries."),
        (
            [entry(str(number)) for number in range(11)],
            TooManyEntriesInBatchRequest,
            "The batch request contains more entries than permissible.",
        ),
        (
            [entry("a"), entry("a")],
            BatchEntryIdsNotDistinct,
            "Two or more batch entries in the request have the same Id.",
        ),
        (
            [entry("a b")],
            InvalidBatchEntryId,
            "The Id of a batch entry in the batch request contains an impermissible character: a b",
        ),
        (
            [entry("." * 81)],
            InvalidBatchEntryId,
            f"The Id of a batch entry in the batch request is too long: {'.' * 81}",
        ),
        (
            [entry("a", "x" * 131_072), entry("b", "x" * 131_073)],
            BatchRequestTooLong,
            "The length of all the messages put together is more than the limit.",
        ),
        (
            [entry("a", "x" * 131_072), entry("b", "x" * 131_065, MessageAttributes=ATTRIBUTE)],
            BatchRequestTooLong,
            "The length of all the messages put together is more than the limit.",
        ),
        ([entry("a"), entry("b", Subject="a\nb")], InvalidParameter, "Invalid parameter: Subject"),
        (
            [entry("a"), entry("b", '{"sms": "x"}', MessageStructure="json")],
            InvalidParameter,
            "Invalid parameter: Message Structure - No default entry in JSON message body",
        ),
        (
            [entry("a"), entry("b", MessageAttributes={"n": {"DataType": "Number"}})],
            InvalidParameterValue,
            NO_VALUE,
        ),
    ],
)
async def test_a_batch_that_breaks_the_rules_is_refused_whole(
    exchange: Any, entries: list[dict[str, Any]], error: type[ServiceError], message: str
) -> None:
    topic = await exchange.topic()
    await exchange.phone(topic)
    with pytest.raises(error) as refusal:
        await exchange.ask("PublishBatch", TopicArn=topic, PublishBatchRequestEntries=entries)
    assert refusal.value.message == message
    assert await exchange.caught() == []


async def test_a_batch_for_a_topic_that_is_not_there_is_not_found(exchange: Any) -> None:
    arn = "arn:aws:sns:us-east-1:320333787981:absent"
    with pytest.raises(NotFound):
        await exchange.ask("PublishBatch", TopicArn=arn, PublishBatchRequestEntries=[entry("a")])


async def test_a_deduplication_id_is_for_fifo_topics_only(exchange: Any) -> None:
    topic = await exchange.topic()
    with pytest.raises(InvalidParameter, match="MessageDeduplicationId"):
        await exchange.ask("Publish", TopicArn=topic, Message="m", MessageDeduplicationId="d")
    entries = [entry("a"), entry("b", MessageDeduplicationId="d")]
    with pytest.raises(InvalidParameter, match="MessageDeduplicationId"):
        await exchange.ask("PublishBatch", TopicArn=topic, PublishBatchRequestEntries=entries)

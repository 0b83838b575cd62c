"""A batch is up to ten messages, each accepted or refused by itself."""

from __future__ import annotations

from typing import Any

import pytest

from marinelayer.services.sns.errors import (
    BatchEntryIdsNotDistinct,
    BatchRequestTooLong,
    EmptyBatchRequest,
    InvalidBatchEntryId,
    InvalidParameter,
    NotFound,
    TooManyEntriesInBatchRequest,
)


def entry(identifier: str, message: str = "RUN!", **more: Any) -> dict[str, Any]:
    return {"Id": identifier, "Message": message, **more}


async def test_each_message_of_a_batch_is_accepted_or_refused_by_itself(exchange: Any) -> None:
    topic = await exchange.topic()
    await exchange.phone(topic)
    entries = [entry("a", "first"), entry("b", "second", Subject="a\nb"), entry("c", "third")]
    answer = await exchange.ask("PublishBatch", TopicArn=topic, PublishBatchRequestEntries=entries)
    assert [one["Id"] for one in answer["Successful"]] == ["a", "c"]
    assert answer["Failed"] == [
        {"Id": "b", "Code": "InvalidParameter", "Message": "Invalid parameter: Subject", "SenderFault": True}
    ]
    messages = await exchange.caught()
    assert [one.text for one in messages] == ["first", "third"]
    for one, accepted in zip(messages, answer["Successful"], strict=True):
        assert one.id.startswith(accepted["MessageId"])


@pytest.mark.parametrize(
    ("entries", "error"),
    [
        ([], EmptyBatchRequest),
        ([entry(str(number)) for number in range(11)], TooManyEntriesInBatchRequest),
        ([entry("a"), entry("a")], BatchEntryIdsNotDistinct),
        ([entry("a b")], InvalidBatchEntryId),
        ([entry("x" * 81)], InvalidBatchEntryId),
        ([entry("a", "x" * 131_072), entry("b", "x" * 131_073)], BatchRequestTooLong),
    ],
)
async def test_a_batch_that_breaks_the_rules_is_refused_whole(
    exchange: Any, entries: list[dict[str, Any]], error: type[Exception]
) -> None:
    topic = await exchange.topic()
    await exchange.phone(topic)
    with pytest.raises(error):
        await exchange.ask("PublishBatch", TopicArn=topic, PublishBatchRequestEntries=entries)
    assert await exchange.caught() == []


async def test_a_batch_for_a_topic_that_is_not_there_is_not_found(exchange: Any) -> None:
    arn = "arn:aws:sns:us-east-1:320333787981:absent"
    with pytest.raises(NotFound):
        await exchange.ask("PublishBatch", TopicArn=arn, PublishBatchRequestEntries=[entry("a")])


async def test_a_deduplication_id_is_for_fifo_topics_only(exchange: Any) -> None:
    topic = await exchange.topic()
    with pytest.raises(InvalidParameter, match="MessageDeduplicationId"):
        await exchange.ask("Publish", TopicArn=topic, Message="m", MessageDeduplicationId="d")

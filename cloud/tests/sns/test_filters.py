"""Subscriptions with filter policies: set, shown, refused, and what their phones get."""

from __future__ import annotations

import json
from typing import Any

import pytest

from marinelayer.model.errors import AccessDenied, OperationNotImplemented
from marinelayer.services.sns import fanout
from marinelayer.services.sns.errors import InvalidParameter, NotFound

PHONE = "+13125551123"


async def subscribed(exchange: Any, topic: str, endpoint: str = PHONE, **attributes: str) -> str:
    made = await exchange.ask("Subscribe", TopicArn=topic, Protocol="sms", Endpoint=endpoint, Attributes=attributes)
    return made["SubscriptionArn"]


async def set_attribute(exchange: Any, arn: str, name: str, value: Any, **more: Any) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    await exchange.ask(
        "SetSubscriptionAttributes", SubscriptionArn=arn, AttributeName=name, AttributeValue=text, **more
    )


async def shown(exchange: Any, arn: str) -> dict[str, str]:
    return (await exchange.ask("GetSubscriptionAttributes", SubscriptionArn=arn))["Attributes"]


async def publish(exchange: Any, topic: str, message: str, **attributes: tuple[str, str]) -> None:
    given = {name: {"DataType": kind, "StringValue": value} for name, (kind, value) in attributes.items()}
    await exchange.ask("Publish", TopicArn=topic, Message=message, MessageAttributes=given)


async def texts(exchange: Any) -> list[str]:
    return [one.text for one in await exchange.caught()]


async def test_only_messages_whose_attributes_meet_the_policy_arrive(exchange: Any) -> None:
    topic = await exchange.topic()
    await subscribed(exchange, topic, FilterPolicy=json.dumps({"dept": ["streets"], "level": [{"numeric": [">", 2]}]}))
    await publish(exchange, topic, "right", dept=("String", "streets"), level=("Number", "3.5"))
    await publish(exchange, topic, "right too", dept=("String.Array", '["parks", "streets"]'), level=("Number.x", "9"))
    await publish(exchange, topic, "low", dept=("String", "streets"), level=("Number", "2"))
    await publish(exchange, topic, "no number", dept=("String", "streets"), level=("String", "3"))
    await publish(exchange, topic, "no array", dept=("String.Array", "streets"), level=("Number", "3"))
    await publish(exchange, topic, "none")
    binary = {"dept": {"DataType": "Binary", "BinaryValue": b"streets"}}
    await exchange.ask("Publish", TopicArn=topic, Message="bytes", MessageAttributes=binary)
    assert await texts(exchange) == ["right", "right too"]


async def test_a_policy_of_bodies_is_asked_of_the_text_that_a_protocol_gets(exchange: Any) -> None:
    topic = await exchange.topic()
    policy = json.dumps({"alert": {"dept": ["streets"]}})
    await subscribed(exchange, topic, FilterPolicyScope="MessageBody", FilterPolicy=policy)
    right, wrong = ({"alert": {"dept": dept}} for dept in ("streets", "parks"))
    await publish(exchange, topic, json.dumps(right))
    await publish(exchange, topic, json.dumps(wrong), alert=("String", "streets"))
    for text in ("streets", '"streets"', json.dumps([right]), '{"alert": NaN}', "{" * 100):
        await publish(exchange, topic, text)
    structured = json.dumps({"default": json.dumps(wrong), "sms": json.dumps(right)})
    await exchange.ask("Publish", TopicArn=topic, Message=structured, MessageStructure="json")
    assert await texts(exchange) == [json.dumps(right)] * 2


async def test_each_message_of_a_batch_is_held_against_the_policy(exchange: Any) -> None:
    topic = await exchange.topic()
    await subscribed(exchange, topic, FilterPolicy='{"n": [1]}')
    entries = [
        {"Id": str(n), "Message": str(n), "MessageAttributes": {"n": {"DataType": "Number", "StringValue": str(n)}}}
        for n in range(3)
    ]
    await exchange.ask("PublishBatch", TopicArn=topic, PublishBatchRequestEntries=entries)
    assert await texts(exchange) == ["1"]


async def test_pages_of_subscribers_behind_the_first_are_filtered_too(
    exchange: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "PAGE_ROWS", 3)
    topic = await exchange.topic()
    for number in range(10):
        await subscribed(exchange, topic, f"+1312555{number:04}", FilterPolicy=json.dumps({"n": [number % 2]}))
    await publish(exchange, topic, "odd", n=("Number", "1"))
    assert sorted(one.to for one in await exchange.caught()) == [f"+1312555{number:04}" for number in (1, 3, 5, 7, 9)]


async def test_a_policy_is_changed_and_taken_off_again(exchange: Any) -> None:
    topic = await exchange.topic()
    arn = await exchange.phone(topic)
    assert "FilterPolicyScope" not in await shown(exchange, arn)
    await set_attribute(exchange, arn, "FilterPolicyScope", "MessageBody")
    assert "FilterPolicyScope" not in await shown(exchange, arn)  # as long as there is no policy
    await set_attribute(exchange, arn, "FilterPolicy", '{ "dept": ["streets"] }')
    attributes = await shown(exchange, arn)
    assert attributes["FilterPolicy"] == '{ "dept": ["streets"] }'
    assert attributes["FilterPolicyScope"] == "MessageBody"
    await publish(exchange, topic, "filtered")
    await set_attribute(exchange, arn, "FilterPolicy", "")
    assert "FilterPolicy" not in await shown(exchange, arn)
    await publish(exchange, topic, "free")
    assert await texts(exchange) == ["free"]


async def test_subscribing_again_is_refused_with_other_attributes_only(exchange: Any) -> None:
    topic = await exchange.topic()
    policy = json.dumps({"a": ["x"]})
    arn = await subscribed(exchange, topic, FilterPolicy=policy)
    for attributes in ({}, {"FilterPolicy": policy}, {"FilterPolicyScope": "MessageAttributes"}):
        assert await subscribed(exchange, topic, **attributes) == arn
    for attributes in ({"FilterPolicy": '{"a": ["y"]}'}, {"FilterPolicyScope": "MessageBody"}, {"FilterPolicy": ""}):
        with pytest.raises(InvalidParameter) as refusal:
            await subscribed(exchange, topic, **attributes)
        assert refusal.value.message == (
            "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"
        )


SCOPE = "FilterPolicyScope: Invalid value [Body]. Please use either MessageBody or MessageAttributes"
NESTED = "Filter policy scope MessageAttributes does not support nested filter policy"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("FilterPolicyScope", "Body", SCOPE),
        ("FilterPolicy", '{"a": {"b": ["x"]}}', NESTED),
        ("FilterPolicy", '{"a": []}', "FilterPolicy: Empty arrays are not allowed\n at"),
        ("FilterPolicy", "x", "FilterPolicy: failed to parse JSON. Unrecognized token 'x'"),
        ("RawMessageDelivery", "maybe", "RawMessageDelivery: Invalid value [maybe]. Must be true or false."),
        ("RawMessageDelivery", "", "RawMessageDelivery: Invalid value []. Must be true or false."),
        ("RawMessageDelivery", "True", "Delivery protocol [sms] does not support raw message delivery."),
    ],
)
async def test_a_value_that_can_not_be_is_refused_by_both_operations(
    exchange: Any, name: str, value: str, reason: str
) -> None:
    topic = await exchange.topic()
    with pytest.raises(InvalidParameter) as refusal:
        await subscribed(exchange, topic, **{name: value})
    assert refusal.value.message.startswith(f"Invalid parameter: Attributes Reason: {reason}")
    arn = await exchange.phone(topic)
    with pytest.raises(InvalidParameter) as refusal:
        await set_attribute(exchange, arn, name, value)
    assert refusal.value.message.startswith(f"Invalid parameter: {reason}")
    assert "FilterPolicy" not in await shown(exchange, arn)


async def test_an_attribute_that_no_subscription_has_is_refused(exchange: Any) -> None:
    arn = await exchange.phone(await exchange.topic())
    with pytest.raises(InvalidParameter, match=r"Invalid parameter: AttributeName$"):
        await set_attribute(exchange, arn, "Colour", "red")
    for name in ("RedrivePolicy", "DeliveryPolicy", "SubscriptionRoleArn", "ReplayPolicy"):
        with pytest.raises(OperationNotImplemented, match=name):
            await set_attribute(exchange, arn, name, "{}")


async def test_a_scope_that_a_nested_policy_can_not_have_is_refused(exchange: Any) -> None:
    topic = await exchange.topic()
    arn = await subscribed(exchange, topic, FilterPolicyScope="MessageBody", FilterPolicy='{"a": {"b": ["x"]}}')
    with pytest.raises(InvalidParameter, match=NESTED):
        await set_attribute(exchange, arn, "FilterPolicyScope", "MessageAttributes")


async def test_attributes_are_set_by_the_subscriptions_account_or_the_topics(exchange: Any) -> None:
    topic = await exchange.topic()
    arn = await exchange.phone(topic)
    everything = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    stranger = exchange.user(everything, account="111122223333")
    with pytest.raises(AccessDenied):
        await set_attribute(exchange, arn, "FilterPolicy", "{}", by=stranger)
    await exchange.ask("Unsubscribe", SubscriptionArn=arn)
    with pytest.raises(NotFound, match="Subscription does not exist"):
        await set_attribute(exchange, arn, "FilterPolicy", "")

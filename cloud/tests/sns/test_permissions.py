"""Statements of a topic's policy are added and removed by their label, and let in whom they name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from marinelayer.model.errors import AccessDenied
from marinelayer.services.sns.errors import InvalidParameter, NotFound

OTHER = "111122223333"
EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


async def policy_of(exchange: Any, topic: str) -> dict[str, Any]:
    return json.loads((await exchange.ask("GetTopicAttributes", TopicArn=topic))["Attributes"]["Policy"])


async def allow(exchange: Any, topic: str, *actions: str, label: str = "friends", accounts: Any = (OTHER,)) -> None:
    await exchange.ask(
        "AddPermission", TopicArn=topic, Label=label, AWSAccountId=list(accounts), ActionName=list(actions)
    )


async def test_a_permission_lets_another_account_in_until_it_is_removed(exchange: Any) -> None:
    topic = await exchange.topic()
    stranger = exchange.user(EVERYTHING, account=OTHER)
    with pytest.raises(AccessDenied):
        await exchange.ask("Publish", by=stranger, TopicArn=topic, Message="m")
    await allow(exchange, topic, "Publish")
    await exchange.ask("Publish", by=stranger, TopicArn=topic, Message="m")
    with pytest.raises(AccessDenied):
        await exchange.ask("DeleteTopic", by=stranger, TopicArn=topic)
    await exchange.ask("RemovePermission", TopicArn=topic, Label="friends")
    with pytest.raises(AccessDenied):
        await exchange.ask("Publish", by=stranger, TopicArn=topic, Message="m")


async def test_a_permission_is_a_statement_behind_the_default_one(exchange: Any) -> None:
    topic = await exchange.topic()
    before = await policy_of(exchange, topic)
    await allow(exchange, topic, "Publish")
    await allow(exchange, topic, "Publish", "Subscribe", label="more", accounts=(OTHER, "444455556666"))
    assert await policy_of(exchange, topic) == before | {
        "Statement": [
            *before["Statement"],
            {
                "Sid": "friends",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
                "Action": "SNS:Publish",
                "Resource": topic,
            },
            {
                "Sid": "more",
                "Effect": "Allow",
                "Principal": {"AWS": [f"arn:aws:iam::{OTHER}:root", "arn:aws:iam::444455556666:root"]},
                "Action": ["SNS:Publish", "SNS:Subscribe"],
                "Resource": topic,
            },
        ]
    }
    for label in ("friends", "more", "absent"):
        await exchange.ask("RemovePermission", TopicArn=topic, Label=label)
    assert await policy_of(exchange, topic) == before


async def test_a_policy_of_ones_own_keeps_what_it_said(exchange: Any) -> None:
    topic = await exchange.topic()
    ann = exchange.user()
    statement = {"Effect": "Allow", "Principal": {"AWS": ann.principal.arn}, "Action": "sns:Publish", "Resource": topic}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    await exchange.ask("SetTopicAttributes", TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    await allow(exchange, topic, "Publish")
    assert (await policy_of(exchange, topic))["Statement"][0] == statement
    await exchange.ask("Publish", by=ann, TopicArn=topic, Message="m")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Label": "friends"}, "Invalid parameter: Statement already exists"),
        ({"ActionName": ["Fly"]}, "Invalid parameter: Policy statement action out of service scope!"),
        ({"ActionName": ["Publish", "ListTopics"]}, "Invalid parameter: Policy statement action out of service scope!"),
        ({"AWSAccountId": ["12"]}, "Invalid parameter: AWSAccountId"),
    ],
)
async def test_a_permission_that_can_not_be_is_refused(exchange: Any, changes: dict[str, Any], message: str) -> None:
    topic = await exchange.topic()
    await allow(exchange, topic, "Publish")
    wish = {"TopicArn": topic, "Label": "new", "AWSAccountId": [OTHER], "ActionName": ["Publish"]} | changes
    with pytest.raises(InvalidParameter) as refusal:
        await exchange.ask("AddPermission", **wish)
    assert refusal.value.message == message


async def test_permissions_are_of_topics_that_are_there(exchange: Any) -> None:
    absent = f"{await exchange.topic()}-absent"
    with pytest.raises(NotFound, match="Topic does not exist"):
        await allow(exchange, absent, "Publish")
    with pytest.raises(NotFound, match="Topic does not exist"):
        await exchange.ask("RemovePermission", TopicArn=absent, Label="friends")

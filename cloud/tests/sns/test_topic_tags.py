"""A topic's tags come and go one by one, and policies see them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from marinelayer.model.errors import AccessDenied
from marinelayer.services.sns.errors import InvalidParameter, ResourceNotFound, TagLimitExceeded


def tags(**values: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


async def listed(exchange: Any, topic: str) -> list[dict[str, str]]:
    return (await exchange.ask("ListTagsForResource", ResourceArn=topic))["Tags"]


async def test_tags_are_added_changed_and_removed(exchange: Any) -> None:
    topic = await exchange.topic(Tags=tags(dept="streets"))
    await exchange.ask("TagResource", ResourceArn=topic, Tags=tags(city="SF", stage="test"))
    await exchange.ask("UntagResource", ResourceArn=topic, TagKeys=["dept", "absent"])
    await exchange.ask("TagResource", ResourceArn=topic, Tags=tags(stage="live"))
    assert await listed(exchange, topic) == tags(city="SF", stage="live")


async def test_a_topic_made_again_has_no_tags_of_the_old_one(exchange: Any) -> None:
    topic = await exchange.topic(Tags=tags(dept="streets"))
    await exchange.ask("DeleteTopic", TopicArn=topic)
    assert await exchange.topic() == topic
    assert await listed(exchange, topic) == []


async def test_tags_that_break_the_rules_are_refused_whole(exchange: Any) -> None:
    topic = await exchange.topic(Tags=[{"Key": str(number), "Value": ""} for number in range(49)])
    before = await listed(exchange, topic)
    with pytest.raises(InvalidParameter, match=r"Invalid parameter: Duplicated keys are not allowed\."):
        await exchange.ask("TagResource", ResourceArn=topic, Tags=[*tags(a="1"), *tags(a="1")])
    with pytest.raises(TagLimitExceeded):
        await exchange.ask("TagResource", ResourceArn=topic, Tags=tags(a="1", b="2"))
    assert await listed(exchange, topic) == before


async def test_tags_are_of_topics_that_are_there(exchange: Any) -> None:
    absent = f"{await exchange.topic()}-absent"
    for operation, more in (
        ("TagResource", {"Tags": tags(a="1")}),
        ("UntagResource", {"TagKeys": ["a"]}),
        ("ListTagsForResource", {}),
    ):
        with pytest.raises(ResourceNotFound, match="Resource does not exist"):
            await exchange.ask(operation, ResourceArn=absent, **more)
        with pytest.raises(InvalidParameter, match="Invalid parameter: ResourceArn"):
            await exchange.ask(operation, ResourceArn="absent", **more)


async def test_a_policy_judges_by_the_tags_of_request_and_topic(exchange: Any) -> None:
    def policy(action: str, condition: dict[str, Any]) -> str:
        statement = {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition}
        return json.dumps({"Version": "2012-10-17", "Statement": statement})

    topic = await exchange.topic()
    tagger = exchange.user(policy("sns:TagResource", {"StringEquals": {"aws:RequestTag/dept": "streets"}}))
    with pytest.raises(AccessDenied):
        await exchange.ask("TagResource", by=tagger, ResourceArn=topic, Tags=tags(dept="parks"))
    publisher = exchange.user(policy("sns:Publish", {"StringEquals": {"aws:ResourceTag/dept": "streets"}}))
    with pytest.raises(AccessDenied):
        await exchange.ask("Publish", by=publisher, TopicArn=topic, Message="m")
    await exchange.ask("TagResource", by=tagger, ResourceArn=topic, Tags=tags(dept="streets"))
    await exchange.ask("Publish", by=publisher, TopicArn=topic, Message="m")
    untagger = exchange.user(policy("sns:UntagResource", {"ForAllValues:StringEquals": {"aws:TagKeys": ["stage"]}}))
    with pytest.raises(AccessDenied):
        await exchange.ask("UntagResource", by=untagger, ResourceArn=topic, TagKeys=["dept"])

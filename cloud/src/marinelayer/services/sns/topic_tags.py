"""The tags of topics: add, remove, list.

Source: https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html and its neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.operation import need, operation
from marinelayer.services.sns.arns import TopicName, topic_name
from marinelayer.services.sns.errors import ResourceNotFound
from marinelayer.services.sns.store import SQL, Topic, find_topic
from marinelayer.services.sns.tags import check_number, checked_tags, tag_context

if TYPE_CHECKING:
    from marinelayer.model.types import sns as wire


def _on_resource(request: Mapping[str, Any], _: Caller) -> str:
    return request["ResourceArn"]


def _keys_context(request: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {"aws:tagkeys": tuple(request["TagKeys"])}


class TopicTags:
    """The tags of topics."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("TagResource", needs=need("sns:TagResource", on=_on_resource, context=tag_context))
    async def tag(self, caller: Caller, request: wire.TagResourceRequest) -> wire.TagResourceResponse:
        """Add tags; a key that is there already gets the new value."""
        topic = topic_name(request["ResourceArn"], caller.region, "ResourceArn")
        await self._tables.write(_tag, topic, checked_tags(request["Tags"]))
        return {}

    @operation("UntagResource", needs=need("sns:UntagResource", on=_on_resource, context=_keys_context))
    async def untag(self, caller: Caller, request: wire.UntagResourceRequest) -> wire.UntagResourceResponse:
        """Remove tags by their keys; those that are not there are none."""
        topic = topic_name(request["ResourceArn"], caller.region, "ResourceArn")
        await self._tables.write(_untag, topic, request["TagKeys"])
        return {}

    @operation("ListTagsForResource", needs=need("sns:ListTagsForResource", on=_on_resource))
    async def list(self, caller: Caller, request: wire.ListTagsForResourceRequest) -> wire.ListTagsForResourceResponse:
        """All tags of a topic."""
        topic = topic_name(request["ResourceArn"], caller.region, "ResourceArn")
        found = await self._tables.read(_require, topic)
        return {"Tags": [{"Key": key, "Value": value} for key, value in found.tags.items()]}


def _tag(tx: Transaction, name: TopicName, tags: Mapping[str, str]) -> None:
    topic = _require(tx, name)
    merged = dict(topic.tags) | dict(tags)
    check_number(merged)
    tx.run(SQL.set_tags, topic_id=topic.topic_id, tags=json.dumps(merged))


def _untag(tx: Transaction, name: TopicName, keys: Sequence[str]) -> None:
    topic = _require(tx, name)
    rest = {key: value for key, value in topic.tags.items() if key not in keys}
    tx.run(SQL.set_tags, topic_id=topic.topic_id, tags=json.dumps(rest))


def _require(tx: Transaction, name: TopicName) -> Topic:
    topic = find_topic(tx, name)
    if topic is None:
        raise ResourceNotFound
    return topic

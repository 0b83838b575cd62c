"""TagResource, UntagResource, ListTagsForResource; and what tags tell decisions.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_TagResource.html.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.comprehend.errors import (
    InvalidRequestException,
    TooManyTagKeysException,
    TooManyTagsException,
)
from marinelayer.services.comprehend.resources import SQL, Resource, require_resource
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

MOST = 50


def tag_context(request: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The condition keys that a request's tags give."""
    tags = request.get("Tags") or ()
    context = {f"aws:requesttag/{tag['Key'].lower()}": (tag.get("Value", ""),) for tag in tags}
    return context | ({"aws:tagkeys": tuple(tag["Key"] for tag in tags)} if tags else {})


def given_tags(request: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a request by their keys.

    Raises:
        InvalidRequestException: a key stands twice, or is AWS's own.
        TooManyTagsException: there are more than 50.
    """
    tags: dict[str, str] = {}
    for tag in request.get("Tags") or ():
        if tag["Key"] in tags or tag["Key"].lower().startswith("aws:"):
            raise InvalidRequestException(f"The tag key {tag['Key']} is reserved or given twice.")
        tags[tag["Key"]] = tag.get("Value", "")
    if len(tags) > MOST:
        raise TooManyTagsException
    return tags


def add_tags(tx: Transaction, arn: str, tags: Mapping[str, str]) -> None:
    """Add tags to a resource. Raises ResourceNotFoundException and TooManyTagsException."""
    all_tags = {**require_resource(tx, arn).tags, **tags}
    if len(all_tags) > MOST:
        raise TooManyTagsException
    tx.run(SQL.set_tags, arn=arn, tags=json.dumps(all_tags))


def remove_tags(tx: Transaction, arn: str, keys: Iterable[str]) -> None:
    """Take tags from a resource. Raises ResourceNotFoundException."""
    left = {key: value for key, value in require_resource(tx, arn).tags.items() if key not in set(keys)}
    tx.run(SQL.set_tags, arn=arn, tags=json.dumps(left))


def on_resource(request: Mapping[str, Any], _: Caller) -> str:
    """The ARN that the input names."""
    return request["ResourceArn"]


def _untag_context(request: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {"aws:tagkeys": tuple(request["TagKeys"])}


class Tags:
    """Tags of models, endpoints and jobs."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("TagResource", needs=need("comprehend:TagResource", on=on_resource, context=tag_context))
    async def tag(self, caller: Caller, request: wire.TagResourceRequest) -> wire.TagResourceResponse:
        """Add tags, replacing those of the same key."""
        await self._tables.write(add_tags, request["ResourceArn"], given_tags(request))
        return {}

    @operation("UntagResource", needs=need("comprehend:UntagResource", on=on_resource, context=_untag_context))
    async def untag(self, caller: Caller, request: wire.UntagResourceRequest) -> wire.UntagResourceResponse:
        """Take tags away. Raises ResourceNotFoundException, and TooManyTagKeysException over 50 keys."""
        if len(request["TagKeys"]) > MOST:
            raise TooManyTagKeysException
        await self._tables.write(remove_tags, request["ResourceArn"], request["TagKeys"])
        return {}

    @operation("ListTagsForResource", needs=need("comprehend:ListTagsForResource", on=on_resource))
    async def list(self, caller: Caller, request: wire.ListTagsForResourceRequest) -> wire.ListTagsForResourceResponse:
        """All tags of a resource."""
        resource: Resource = await self._tables.read(require_resource, request["ResourceArn"])
        tags: list[wire.Tag] = [{"Key": key, "Value": value} for key, value in resource.tags.items()]
        return {"ResourceArn": resource.arn, "Tags": tags}

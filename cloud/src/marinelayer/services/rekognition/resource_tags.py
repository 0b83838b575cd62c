"""Tags of resources: TagResource, UntagResource, ListTagsForResource.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_TagResource.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from marinelayer.model.errors import ServiceError
from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.operation import need, operation
from marinelayer.services.rekognition.custom_label_arns import in_reach, on
from marinelayer.services.rekognition.errors import ResourceNotFoundException, ServiceQuotaExceededException
from marinelayer.statements import Statements

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

SQL = Statements("marinelayer.services.rekognition", "resource_tags.sql")
MOST_TAGS = 50
_ARN = "ResourceArn"


class ResourceTags:
    """The tags of collections, projects, datasets and versions."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("TagResource", needs=need("rekognition:TagResource", on=on(_ARN)))
    async def tag(self, caller: Caller, request: wire.TagResourceRequest) -> wire.TagResourceResponse:
        """Give it tags; one of a key that it has is replaced."""
        await self._tables.write(_tag, _reached(request[_ARN], caller), request["Tags"])
        return {}

    @operation("UntagResource", needs=need("rekognition:UntagResource", on=on(_ARN)))
    async def untag(self, caller: Caller, request: wire.UntagResourceRequest) -> wire.UntagResourceResponse:
        """Take tags from it. Keys that it has not are passed over."""
        await self._tables.write(_untag, _reached(request[_ARN], caller), request["TagKeys"])
        return {}

    @operation("ListTagsForResource", needs=need("rekognition:ListTagsForResource", on=on(_ARN)))
    async def tags(self, caller: Caller, request: wire.ListTagsForResourceRequest) -> wire.ListTagsForResourceResponse:
        """All of its tags."""
        return {"Tags": await self._tables.read(_tags_of_known, _reached(request[_ARN], caller))}


def put_tags(
    tx: Transaction,
    arn: str,
    tags: Mapping[str, str],
    too_many: type[ServiceError] = ServiceQuotaExceededException,
) -> None:
    """Give a resource tags.

    Raises:
        ServiceQuotaExceededException: it would have too many; or `too_many`, which the operation has for it instead.
    """
    for key, value in tags.items():
        tx.run(SQL.put_tag, arn=arn, key=key, value=value)
    if len(tx.all(SQL.tags, arn=arn)) > MOST_TAGS:
        raise too_many(f"A resource can have at most {MOST_TAGS} tags.")


def forget_tags(tx: Transaction, arn: str) -> None:
    """Take all tags from a resource that goes."""
    tx.run(SQL.delete_tags, arn=arn)


def _tag(tx: Transaction, arn: str, tags: Mapping[str, str]) -> None:
    _demand(tx, arn)
    put_tags(tx, arn, tags)


def _untag(tx: Transaction, arn: str, keys: Sequence[str]) -> None:
    _demand(tx, arn)
    for key in keys:
        tx.run(SQL.delete_tag, arn=arn, key=key)


def _tags_of_known(tx: Transaction, arn: str) -> dict[str, str]:
    _demand(tx, arn)
    return {row["key"]: row["value"] for row in tx.all(SQL.tags, arn=arn)}


def _demand(tx: Transaction, arn: str) -> None:
    _, _, _, region, account, resource = arn.split(":", 5)
    kind, _, name = resource.partition("/")
    if kind == "collection":
        known = tx.one(SQL.known_collection, account=account, region=region, name=name)
    else:
        known = tx.one(SQL.known, arn=arn)
    if known is None:
        raise ResourceNotFoundException


def _reached(arn: str, caller: Caller) -> str:
    if not in_reach(arn, caller):
        raise ResourceNotFoundException
    return arn

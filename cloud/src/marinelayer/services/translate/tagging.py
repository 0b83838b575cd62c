"""Tags of terminologies, and what they say about access.

Source: https://docs.aws.amazon.com/translate/latest/dg/tagging.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.security.requirement import NO_RESOURCE, ContextKeys, Requirement, ResourceAccess
from marinelayer.services.operation import need, operation
from marinelayer.services.translate.errors import (
    InvalidParameterValueException,
    ResourceNotFoundException,
    TooManyTagsException,
)
from marinelayer.services.translate.terminology_store import SQL, TerminologyName, find, the

if TYPE_CHECKING:
    from marinelayer.model.types import translate as wire

MOST_TAGS = 50
_ARN = re.compile(
    r"arn:aws:translate:([a-z0-9-]+):([0-9]{12}):(terminology|parallel-data)/([^/]+)(?:/LATEST)?", re.ASCII
)


def named_terminology(arn: str) -> TerminologyName | None:
    """The terminology of an ARN, None if it is none's."""
    match = _ARN.fullmatch(arn)
    return TerminologyName(match[2], match[1], match[4]) if match and match[3] == "terminology" else None


def checked_tags(tags: Iterable[wire.Tag]) -> dict[str, str]:
    """The tags of a request. Raises InvalidParameterValueException: a key is AWS's own, or stands twice."""
    found: dict[str, str] = {}
    for tag in tags:
        if tag["Key"].lower().startswith("aws:"):
            raise InvalidParameterValueException("The prefix aws: is reserved for use by AWS.")
        if tag["Key"] in found:
            raise InvalidParameterValueException(f"The tag key {tag['Key']} stands twice.")
        found[tag["Key"]] = tag["Value"]
    return found


def tagged(tags: Mapping[str, str], added: Mapping[str, str], arn: str) -> dict[str, str]:
    """`tags` with `added`, which replace those of the same key. Raises TooManyTagsException over fifty."""
    found = {**tags, **added}
    if len(found) > MOST_TAGS:
        raise TooManyTagsException(ResourceArn=arn)
    return found


def request_tag_context(request: Mapping[str, Any]) -> ContextKeys:
    """The condition keys that say which tags (or, for removal, keys) a request names."""
    tags: Sequence[Mapping[str, Any]] = request.get("Tags") or ()
    keys = tuple(tag["Key"] for tag in tags) or tuple(request.get("TagKeys") or ())
    context = {f"aws:requesttag/{tag['Key'].lower()}": (tag["Value"],) for tag in tags}
    return context | ({"aws:tagkeys": keys} if keys else {})


class TerminologyAccess:
    """What terminologies say of access: nothing but their tags (ports.Access)."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def of(self, requirement: Requirement) -> ResourceAccess:
        """The owner and the tags of the terminology that the requirement names."""
        name = named_terminology(requirement.resource)
        if name is None:
            return NO_RESOURCE
        terminology = await self._tables.read(find, name)
        tags = terminology.tags if terminology else dict[str, str]()
        context = {f"aws:resourcetag/{key.lower()}": (value,) for key, value in tags.items()}
        return ResourceAccess(account=name.account, context=context)


def add_tags(tx: Transaction, name: TerminologyName, tags: Mapping[str, str]) -> None:
    """Raises ResourceNotFoundException and TooManyTagsException."""
    tx.run(SQL.set_tags, **name.key, tags=json.dumps(tagged(the(tx, name).tags, tags, name.arn)))


def remove_tags(tx: Transaction, name: TerminologyName, keys: Iterable[str]) -> None:
    """Keys that no tag has are no matter. Raises ResourceNotFoundException."""
    gone = set(keys)
    left = {key: value for key, value in the(tx, name).tags.items() if key not in gone}
    tx.run(SQL.set_tags, **name.key, tags=json.dumps(left))


def _arn(request: Mapping[str, Any], _: Caller) -> str:
    return request["ResourceArn"]


class Tagging:
    """Tags of what Translate has."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("TagResource", needs=need("translate:TagResource", on=_arn, context=request_tag_context))
    async def tag(self, caller: Caller, request: wire.TagResourceRequest) -> None:
        """Add tags, or change those of the same keys.

        Raises:
            InvalidParameterValueException: the ARN is none, or a tag is not allowed.
            ResourceNotFoundException: there is nothing of that ARN.
            TooManyTagsException: it would have more than fifty.
        """
        name = _resource(request["ResourceArn"], caller)
        await self._tables.write(add_tags, name, checked_tags(request["Tags"]))

    @operation("UntagResource", needs=need("translate:UntagResource", on=_arn, context=request_tag_context))
    async def untag(self, caller: Caller, request: wire.UntagResourceRequest) -> None:
        """Remove tags. Raises InvalidParameterValueException and ResourceNotFoundException, as `tag`."""
        await self._tables.write(remove_tags, _resource(request["ResourceArn"], caller), request["TagKeys"])

    @operation("ListTagsForResource", needs=need("translate:ListTagsForResource", on=_arn))
    async def tags(self, caller: Caller, request: wire.ListTagsForResourceRequest) -> wire.ListTagsForResourceResponse:
        """All tags. Raises InvalidParameterValueException and ResourceNotFoundException, as `tag`."""
        terminology = await self._tables.read(the, _resource(request["ResourceArn"], caller))
        return {"Tags": [{"Key": key, "Value": value} for key, value in terminology.tags.items()]}


def _resource(arn: str, caller: Caller) -> TerminologyName:
    if _ARN.fullmatch(arn) is None:
        raise InvalidParameterValueException(f"Invalid resource ARN: {arn}")
    name = named_terminology(arn)
    if name is None or (name.account, name.region) != (caller.account, caller.region):
        raise ResourceNotFoundException(f"The resource {arn} was not found.")
    return name

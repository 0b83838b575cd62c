"""TagResource, UntagResource and ListTagsForResource, for buckets.

Of what AWS tags here (access points, access grants, Storage Lens groups, directory buckets) only general purpose
buckets exist. Their tags are S3's, behind a port: PutBucketTagging and these know the same.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_TagResource.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, TaggedBuckets
from marinelayer.security.requirement import ContextKeys
from marinelayer.services.operation import need, operation
from marinelayer.services.s3control.accounts import demand_own
from marinelayer.services.s3control.errors import NoSuchResource

if TYPE_CHECKING:
    from marinelayer.model.types.s3control import (
        ListTagsForResourceRequest,
        ListTagsForResourceResult,
        TagResourceRequest,
        UntagResourceRequest,
    )

_BUCKET = re.compile(r"arn:aws:s3:::([^/:]+)")


def _arn(request: Mapping[str, Any], _: Caller) -> str:
    return request["ResourceArn"]


def _given(request: Mapping[str, Any]) -> ContextKeys:
    tags = request["Tags"]
    context = {f"aws:requesttag/{tag['Key'].lower()}": (tag["Value"],) for tag in tags}
    return {**context, "aws:tagkeys": tuple(tag["Key"] for tag in tags)}


def _keys(request: Mapping[str, Any]) -> ContextKeys:
    return {"aws:tagkeys": tuple(request["TagKeys"])}


class ResourceTags:
    """The tags of resources, of which buckets are the only ones."""

    def __init__(self, buckets: TaggedBuckets) -> None:
        self._buckets = buckets

    @operation("ListTagsForResource", needs=need("s3:ListTagsForResource", on=_arn))
    async def list(self, caller: Caller, request: ListTagsForResourceRequest) -> ListTagsForResourceResult:
        """The tags of a bucket; it may have none. Raises NoSuchResource."""
        demand_own(caller, request["AccountId"])
        tags = await self._buckets.of(_bucket(request["ResourceArn"]))
        if tags is None:
            raise NoSuchResource
        return {"Tags": [{"Key": tag["Key"], "Value": tag["Value"]} for tag in tags]}

    @operation("TagResource", needs=need("s3:TagResource", on=_arn, context=_given))
    async def tag(self, caller: Caller, request: TagResourceRequest) -> None:
        """Give a bucket tags, or other values to those that it has.

        Raises:
            NoSuchResource: there is no such bucket.
            InvalidTag, BadRequest: it takes no such tags, or not so many.
        """
        demand_own(caller, request["AccountId"])
        tags = [{"Key": tag["Key"], "Value": tag["Value"]} for tag in request["Tags"]]
        if not await self._buckets.add(_bucket(request["ResourceArn"]), tags):
            raise NoSuchResource

    @operation("UntagResource", needs=need("s3:UntagResource", on=_arn, context=_keys))
    async def untag(self, caller: Caller, request: UntagResourceRequest) -> None:
        """Take tags from a bucket, of which it needs to have none. Raises NoSuchResource."""
        demand_own(caller, request["AccountId"])
        if not await self._buckets.remove(_bucket(request["ResourceArn"]), frozenset(request["TagKeys"])):
            raise NoSuchResource


def _bucket(arn: str) -> str:
    """The name in a bucket's ARN.

    Raises:
        NoSuchResource: it is the ARN of something else, of which there is nothing here.
    """
    found = _BUCKET.fullmatch(arn)
    if found is None:
        raise NoSuchResource
    return found[1]

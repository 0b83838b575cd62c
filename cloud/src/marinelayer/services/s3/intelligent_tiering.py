"""Configurations of S3 Intelligent-Tiering: kept and shown. Nothing here moves between tiers by them.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_IntelligentTieringConfiguration.html, .../API_Tiering.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Tables
from marinelayer.protocol.refusals import InvalidArgument, MalformedXML
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.s3.listed_configurations import ListedConfigurations, check_filter, check_id
from marinelayer.services.s3.needs import on_bucket

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        DeleteBucketIntelligentTieringConfigurationRequest,
        GetBucketIntelligentTieringConfigurationRequest,
        IntelligentTieringConfiguration,
        ListBucketIntelligentTieringConfigurationsRequest,
        PutBucketIntelligentTieringConfigurationRequest,
    )

FEWEST_DAYS = {"ARCHIVE_ACCESS": 90, "DEEP_ARCHIVE_ACCESS": 180}
MOST_DAYS = 730


def check_configuration(identifier: str, document: IntelligentTieringConfiguration) -> None:
    """What PutBucketIntelligentTieringConfiguration takes.

    Raises:
        InvalidArgument: the id may not be one, or a tier comes too soon or too late.
        MalformedXML: the document has another id or a filter that is none, or does not name one tier or both.
        InvalidTag: it asks for a tag that nothing can have.
    """
    check_id(identifier)
    tiers = [tiering["AccessTier"] for tiering in document["Tierings"]]
    if document["Id"] != identifier or not tiers or len(set(tiers)) != len(tiers):
        raise MalformedXML
    check_filter(document)
    for tiering in document["Tierings"]:
        tier, days = tiering["AccessTier"], tiering["Days"]
        if days < FEWEST_DAYS[tier]:
            raise InvalidArgument(f"Days specified in {tier} tier should not be less than {FEWEST_DAYS[tier]}")
        if days > MOST_DAYS:
            raise InvalidArgument(f"Days specified in {tier} tier should not be more than {MOST_DAYS}")


class IntelligentTieringConfigurations:
    """When buckets' unread objects are to be archived."""

    def __init__(self, tables: Tables, clock: Clock, tokens: PageTokens) -> None:
        self._kept = ListedConfigurations(
            tables=tables,
            clock=clock,
            tokens=tokens,
            kind="intelligent-tiering",
            listed="IntelligentTieringConfigurationList",
        )

    @operation(
        "PutBucketIntelligentTieringConfiguration",
        needs=on_bucket("s3:PutIntelligentTieringConfiguration"),
        anonymous=True,
    )
    async def put(self, caller: Caller, request: PutBucketIntelligentTieringConfigurationRequest) -> None:
        """Set a configuration, whole."""
        document = request["IntelligentTieringConfiguration"]
        check_configuration(request["Id"], document)
        await self._kept.put(request, document)

    @operation(
        "GetBucketIntelligentTieringConfiguration",
        needs=on_bucket("s3:GetIntelligentTieringConfiguration"),
        anonymous=True,
    )
    async def get(self, caller: Caller, request: GetBucketIntelligentTieringConfigurationRequest) -> dict[str, Any]:
        """A configuration by its id."""
        return {"IntelligentTieringConfiguration": await self._kept.get(request)}

    @operation(
        "ListBucketIntelligentTieringConfigurations",
        needs=on_bucket("s3:GetIntelligentTieringConfiguration"),
        anonymous=True,
    )
    async def list_configurations(
        self, caller: Caller, request: ListBucketIntelligentTieringConfigurationsRequest
    ) -> dict[str, Any]:
        """The bucket's configurations by id, a hundred a page."""
        return await self._kept.page(request)

    @operation(
        "DeleteBucketIntelligentTieringConfiguration",
        needs=on_bucket("s3:PutIntelligentTieringConfiguration"),
        anonymous=True,
    )
    async def delete(self, caller: Caller, request: DeleteBucketIntelligentTieringConfigurationRequest) -> None:
        """Remove a configuration by its id."""
        await self._kept.delete(request)

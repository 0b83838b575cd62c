"""Configurations of request metrics: kept and shown. Nothing here measures by them.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_MetricsConfiguration.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller, Clock, Tables
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.s3.errors import IdMismatch
from marinelayer.services.s3.listed_configurations import ListedConfigurations, check_filter, check_id
from marinelayer.services.s3.needs import on_bucket

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        DeleteBucketMetricsConfigurationRequest,
        GetBucketMetricsConfigurationRequest,
        ListBucketMetricsConfigurationsRequest,
        MetricsConfiguration,
        PutBucketMetricsConfigurationRequest,
    )


def check_configuration(identifier: str, document: MetricsConfiguration) -> None:
    """What PutBucketMetricsConfiguration takes.

    Raises:
        InvalidArgument, IdMismatch, MalformedXML, InvalidTag: id or filter are not what they may be.
        OperationNotImplemented: it filters by access point; there are none here.
    """
    check_id(identifier)
    if document["Id"] != identifier:
        raise IdMismatch
    check_filter(document, others=("AccessPointArn",))
    chosen = document.get("Filter") or {}
    if "AccessPointArn" in chosen or "AccessPointArn" in (chosen.get("And") or {}):
        raise OperationNotImplemented("Access points are not implemented here.")


class MetricsConfigurations:
    """What buckets' requests are to be measured by."""

    def __init__(self, tables: Tables, clock: Clock, tokens: PageTokens) -> None:
        self._kept = ListedConfigurations(
            tables=tables, clock=clock, tokens=tokens, kind="metrics", listed="MetricsConfigurationList"
        )

    @operation("PutBucketMetricsConfiguration", needs=on_bucket("s3:PutMetricsConfiguration"), anonymous=True)
    async def put(self, caller: Caller, request: PutBucketMetricsConfigurationRequest) -> None:
        """Set a configuration, whole."""
        document = request["MetricsConfiguration"]
        check_configuration(request["Id"], document)
        await self._kept.put(request, document)

    @operation("GetBucketMetricsConfiguration", needs=on_bucket("s3:GetMetricsConfiguration"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketMetricsConfigurationRequest) -> dict[str, Any]:
        """A configuration by its id."""
        return {"MetricsConfiguration": await self._kept.get(request)}

    @operation("ListBucketMetricsConfigurations", needs=on_bucket("s3:GetMetricsConfiguration"), anonymous=True)
    async def list_configurations(
        self, caller: Caller, request: ListBucketMetricsConfigurationsRequest
    ) -> dict[str, Any]:
        """The bucket's configurations by id, a hundred a page."""
        return await self._kept.page(request)

    @operation("DeleteBucketMetricsConfiguration", needs=on_bucket("s3:PutMetricsConfiguration"), anonymous=True)
    async def delete(self, caller: Caller, request: DeleteBucketMetricsConfigurationRequest) -> None:
        """Remove a configuration by its id."""
        await self._kept.delete(request)

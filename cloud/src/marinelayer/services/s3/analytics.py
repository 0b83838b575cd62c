"""Configurations of storage class analysis: kept and shown. Nothing here analyses by them, and no report is written.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_AnalyticsConfiguration.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Tables
from marinelayer.protocol.refusals import MalformedXML
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.s3.errors import InvalidS3DestinationBucket
from marinelayer.services.s3.listed_configurations import ListedConfigurations, check_filter, check_id
from marinelayer.services.s3.needs import on_bucket

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        AnalyticsConfiguration,
        DeleteBucketAnalyticsConfigurationRequest,
        GetBucketAnalyticsConfigurationRequest,
        ListBucketAnalyticsConfigurationsRequest,
        PutBucketAnalyticsConfigurationRequest,
    )

_BUCKET_ARN = "arn:aws:s3:::"


def check_configuration(identifier: str, document: AnalyticsConfiguration) -> None:
    """What PutBucketAnalyticsConfiguration takes.

    Raises:
        InvalidArgument, MalformedXML, InvalidTag: id or filter are not what they may be.
        InvalidS3DestinationBucket: the reports are to go to what is no bucket's ARN.
    """
    check_id(identifier)
    if document["Id"] != identifier:
        raise MalformedXML
    check_filter(document)
    export = document["StorageClassAnalysis"].get("DataExport")
    if export is not None:
        arn = export["Destination"]["S3BucketDestination"]["Bucket"]
        if not arn.startswith(_BUCKET_ARN) or arn == _BUCKET_ARN:
            raise InvalidS3DestinationBucket


class AnalyticsConfigurations:
    """What buckets' storage is to be analysed by."""

    def __init__(self, tables: Tables, clock: Clock, tokens: PageTokens) -> None:
        self._kept = ListedConfigurations(
            tables=tables, clock=clock, tokens=tokens, kind="analytics", listed="AnalyticsConfigurationList"
        )

    @operation("PutBucketAnalyticsConfiguration", needs=on_bucket("s3:PutAnalyticsConfiguration"), anonymous=True)
    async def put(self, caller: Caller, request: PutBucketAnalyticsConfigurationRequest) -> None:
        """Set a configuration, whole."""
        document = request["AnalyticsConfiguration"]
        check_configuration(request["Id"], document)
        await self._kept.put(request, document)

    @operation("GetBucketAnalyticsConfiguration", needs=on_bucket("s3:GetAnalyticsConfiguration"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketAnalyticsConfigurationRequest) -> dict[str, Any]:
        """A configuration by its id."""
        return {"AnalyticsConfiguration": await self._kept.get(request)}

    @operation("ListBucketAnalyticsConfigurations", needs=on_bucket("s3:GetAnalyticsConfiguration"), anonymous=True)
    async def list_configurations(
        self, caller: Caller, request: ListBucketAnalyticsConfigurationsRequest
    ) -> dict[str, Any]:
        """The bucket's configurations by id, a hundred a page."""
        return await self._kept.page(request)

    @operation("DeleteBucketAnalyticsConfiguration", needs=on_bucket("s3:PutAnalyticsConfiguration"), anonymous=True)
    async def delete(self, caller: Caller, request: DeleteBucketAnalyticsConfigurationRequest) -> None:
        """Remove a configuration by its id."""
        await self._kept.delete(request)

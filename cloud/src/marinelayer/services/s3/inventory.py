"""Inventory configurations: put, got, listed and deleted. Reports are written by `inventory_report`.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketInventoryConfiguration.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Tables, Transaction
from marinelayer.protocol.refusals import MalformedXML
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.s3.bucket import the_bucket
from marinelayer.services.s3.errors import HeaderNotImplemented, IdMismatch, InvalidS3DestinationBucket
from marinelayer.services.s3.inventory_fields import FIELDS
from marinelayer.services.s3.inventory_report import begin_reports
from marinelayer.services.s3.listed_configurations import ListedConfigurations, check_id, put_listed
from marinelayer.services.s3.needs import on_bucket

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        DeleteBucketInventoryConfigurationRequest,
        GetBucketInventoryConfigurationRequest,
        InventoryConfiguration,
        ListBucketInventoryConfigurationsRequest,
        PutBucketInventoryConfigurationRequest,
    )

_BUCKET_ARN = "arn:aws:s3:::"


def check_configuration(identifier: str, document: InventoryConfiguration) -> None:
    """What PutBucketInventoryConfiguration takes.

    Raises:
        InvalidArgument, IdMismatch: the id is none, or another one than the request's.
        InvalidS3DestinationBucket: the reports are to go to what is no bucket's ARN.
        MalformedXML: a field is asked for twice, or two encryptions.
        HeaderNotImplemented: a format or a field is asked for that reports here do not have.
    """
    check_id(identifier)
    if document["Id"] != identifier:
        raise IdMismatch
    destination = document["Destination"]["S3BucketDestination"]
    arn = destination["Bucket"]
    if not arn.startswith(_BUCKET_ARN) or arn == _BUCKET_ARN:
        raise InvalidS3DestinationBucket
    fields = document.get("OptionalFields") or []
    if len(set(fields)) < len(fields):
        raise MalformedXML
    if "Encryption" in destination and len(destination["Encryption"]) != 1:
        raise MalformedXML
    if destination["Format"] == "ORC":
        raise HeaderNotImplemented("Inventory reports in ORC are not implemented here.", Header="Format")
    for field in fields:
        if field not in FIELDS:
            raise HeaderNotImplemented(f"The inventory field {field} is not implemented here.", Header=field)


def put_inventory(tx: Transaction, request: PutBucketInventoryConfigurationRequest, now: int) -> None:
    """Set a configuration, and have its reports written from now on. Raises TooManyConfigurations."""
    document = request["InventoryConfiguration"]
    put_listed(tx, request, "inventory", document, now)
    if document["IsEnabled"]:
        begin_reports(tx, the_bucket(tx, request).bucket_id, request["Id"], now)


class InventoryConfigurations:
    """What reports of buckets' contents are to be written."""

    def __init__(self, tables: Tables, clock: Clock, tokens: PageTokens, poke: Callable[[], None]) -> None:
        self._tables = tables
        self._clock = clock
        self._poke = poke
        self._kept = ListedConfigurations(
            tables=tables, clock=clock, tokens=tokens, kind="inventory", listed="InventoryConfigurationList"
        )

    @operation("PutBucketInventoryConfiguration", needs=on_bucket("s3:PutInventoryConfiguration"), anonymous=True)
    async def put(self, caller: Caller, request: PutBucketInventoryConfigurationRequest) -> None:
        """Set a configuration, whole."""
        check_configuration(request["Id"], request["InventoryConfiguration"])
        await self._tables.write(put_inventory, request, self._clock.now())
        self._poke()

    @operation("GetBucketInventoryConfiguration", needs=on_bucket("s3:GetInventoryConfiguration"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketInventoryConfigurationRequest) -> dict[str, Any]:
        """A configuration by its id."""
        return {"InventoryConfiguration": await self._kept.get(request)}

    @operation("ListBucketInventoryConfigurations", needs=on_bucket("s3:GetInventoryConfiguration"), anonymous=True)
    async def list_configurations(
        self, caller: Caller, request: ListBucketInventoryConfigurationsRequest
    ) -> dict[str, Any]:
        """The bucket's configurations by id, a hundred a page."""
        return await self._kept.page(request)

    @operation("DeleteBucketInventoryConfiguration", needs=on_bucket("s3:PutInventoryConfiguration"), anonymous=True)
    async def delete(self, caller: Caller, request: DeleteBucketInventoryConfigurationRequest) -> None:
        """Remove a configuration by its id. The reports that were written stay."""
        await self._kept.delete(request)

"""PutBucketAccelerateConfiguration and GetBucketAccelerateConfiguration: kept and shown, and nothing is faster for it.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Tables, Transaction
from marinelayer.protocol.refusals import InvalidRequest, MalformedXML
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import the_bucket
from marinelayer.services.s3.configurations import configuration, configure
from marinelayer.services.s3.needs import on_bucket

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        GetBucketAccelerateConfigurationRequest,
        PutBucketAccelerateConfigurationRequest,
    )


def get_acceleration(tx: Transaction, request: GetBucketAccelerateConfigurationRequest) -> dict[str, Any]:
    """The bucket's state, nothing where none was ever set."""
    return dict(configuration(tx, the_bucket(tx, request), "accelerate") or {})


class Acceleration:
    """Whether buckets are to be reached by way of AWS's edge."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    @operation("PutBucketAccelerateConfiguration", needs=on_bucket("s3:PutAccelerateConfiguration"), anonymous=True)
    async def put(self, caller: Caller, request: PutBucketAccelerateConfigurationRequest) -> None:
        """Set the state of a bucket.

        Raises:
            InvalidRequest: the bucket's name has dots, which no accelerated address can have.
            MalformedXML: it is no state.
        """
        if "." in request["Bucket"]:
            raise InvalidRequest(
                "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names"
            )
        document = dict(request["AccelerateConfiguration"])
        if document.get("Status") not in ("Enabled", "Suspended"):
            raise MalformedXML
        await self._tables.write(configure, request, "accelerate", document, self._clock.now())

    @operation("GetBucketAccelerateConfiguration", needs=on_bucket("s3:GetAccelerateConfiguration"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketAccelerateConfigurationRequest) -> dict[str, Any]:
        """The state of a bucket."""
        return await self._tables.read(get_acceleration, request)

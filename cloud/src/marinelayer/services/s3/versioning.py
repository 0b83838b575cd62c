"""PutBucketVersioning and GetBucketVersioning.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.protocol.refusals import MalformedXML
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import Versioning, the_bucket
from marinelayer.services.s3.errors import (
    HeaderNotImplemented,
    IllegalVersioningConfigurationException,
    InvalidBucketState,
)
from marinelayer.services.s3.needs import on_bucket
from marinelayer.services.s3.statements import SQL

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import GetBucketVersioningRequest, PutBucketVersioningRequest

_STATES: Mapping[str, Versioning] = {"Enabled": "Enabled", "Suspended": "Suspended"}


def put_versioning(tx: Transaction, request: PutBucketVersioningRequest, state: Versioning) -> None:
    """Set whether the bucket keeps versions. Those that it has stay.

    Raises:
        InvalidBucketState: it locks objects or copies them to other buckets, so that it must keep versions.
    """
    bucket = the_bucket(tx, request)
    if state != "Enabled" and "object-lock" in bucket.configured:
        raise InvalidBucketState(
            "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
        )
    if state != "Enabled" and "replication" in bucket.configured:
        raise InvalidBucketState(
            "A replication configuration is present on this bucket, so the versioning state cannot be changed."
        )
    tx.run(SQL.set_versioning, bucket_id=bucket.bucket_id, versioning=state)


class BucketVersioning:
    """Whether buckets keep versions."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("PutBucketVersioning", needs=on_bucket("s3:PutBucketVersioning"), anonymous=True)
    async def put(self, caller: Caller, request: PutBucketVersioningRequest) -> None:
        """Have a bucket keep versions, or no more.

        Raises:
            IllegalVersioningConfigurationException: it says neither.
            MalformedXML: it says something else.
            HeaderNotImplemented: deleting is to need a second factor, which nobody here has.
        """
        configuration = request["VersioningConfiguration"]
        second_factor = configuration.get("MFADelete")
        if second_factor not in (None, "Enabled", "Disabled"):
            raise MalformedXML
        if second_factor == "Enabled" or "MFA" in request:
            raise HeaderNotImplemented("MFA Delete is not implemented here.", Header="x-amz-mfa")
        asked = configuration.get("Status")
        if asked is None:
            raise IllegalVersioningConfigurationException("The Versioning element must be specified")
        state = _STATES.get(asked)
        if state is None:
            raise MalformedXML
        await self._tables.write(put_versioning, request, state)

    @operation("GetBucketVersioning", needs=on_bucket("s3:GetBucketVersioning"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketVersioningRequest) -> dict[str, Any]:
        """The bucket's versioning; nothing where it was never set."""
        bucket = await self._tables.read(the_bucket, request)
        return {} if bucket.versioning is None else {"Status": bucket.versioning}

"""PutBucketRequestPayment and GetBucketRequestPayment. What Requester means for others is `security.payment`.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Tables, Transaction
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import the_bucket
from marinelayer.services.s3.configurations import delete_configuration, put_configuration
from marinelayer.services.s3.needs import on_bucket

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import GetBucketRequestPaymentRequest, PutBucketRequestPaymentRequest

REQUESTER = "Requester"
BUCKET_OWNER = "BucketOwner"


def put_payment(tx: Transaction, request: PutBucketRequestPaymentRequest, now: int) -> None:
    """Set who pays. Only Requester is kept: buckets whose owner pays cost requests nothing."""
    bucket = the_bucket(tx, request)
    if request["RequestPaymentConfiguration"]["Payer"] == REQUESTER:
        put_configuration(tx, bucket, "request-payment", {"Payer": REQUESTER}, now)
    else:
        delete_configuration(tx, bucket, "request-payment")


class RequestPayment:
    """Who pays for what is read from buckets."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    @operation("PutBucketRequestPayment", needs=on_bucket("s3:PutBucketRequestPayment"), anonymous=True)
    async def put(self, caller: Caller, request: PutBucketRequestPaymentRequest) -> None:
        """Set who pays for a bucket's requests."""
        await self._tables.write(put_payment, request, self._clock.now())

    @operation("GetBucketRequestPayment", needs=on_bucket("s3:GetBucketRequestPayment"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketRequestPaymentRequest) -> dict[str, Any]:
        """Who pays for a bucket's requests."""
        bucket = await self._tables.read(the_bucket, request)
        return {"Payer": REQUESTER if "request-payment" in bucket.configured else BUCKET_OWNER}

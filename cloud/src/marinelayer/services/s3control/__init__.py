"""S3 Control: what belongs to an account and not to one of its buckets.

Of its operations only those of the account's public access block are here. The block is a row of its own, which S3
reads with the bucket: neither service knows the other.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_AWS_S3_Control.html
"""

from __future__ import annotations

from marinelayer.ports import Tables
from marinelayer.services.operation import CheckDocument, ServiceTable, service_table
from marinelayer.services.s3control.public_access import AccountPublicAccess, forget_public_access

__all__ = ["forget_public_access", "s3control_service"]


def s3control_service(*, tables: Tables, check_document: CheckDocument) -> ServiceTable:
    """S3 Control on the given adapters; `check_document` holds a body against its digests, as S3 does."""
    return service_table("s3control", (AccountPublicAccess(tables),), check_document=check_document)

"""S3 Control: what belongs to an account and not to one of its buckets.

Of its operations those of the account's public access block are here, and those of tags, for buckets. The block is a
row of its own, which S3 reads with the bucket; the tags are S3's, behind a port: neither service knows the other.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_AWS_S3_Control.html
"""

from __future__ import annotations

from marinelayer.ports import Tables, TaggedBuckets
from marinelayer.services.operation import CheckDocument, ServiceTable, service_table
from marinelayer.services.s3control.public_access import AccountPublicAccess, forget_public_access
from marinelayer.services.s3control.tagging import ResourceTags

__all__ = ["forget_public_access", "s3control_service"]


def s3control_service(*, tables: Tables, buckets: TaggedBuckets, check_document: CheckDocument) -> ServiceTable:
    """S3 Control on the given adapters; `check_document` holds a body against its digests, as S3 does."""
    nouns = (AccountPublicAccess(tables), ResourceTags(buckets))
    return service_table("s3control", nouns, check_document=check_document)

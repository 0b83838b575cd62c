"""What is copied: the version that CopyObject and UploadPartCopy name, whether it may be, and where its bytes are.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marinelayer.ports import Transaction
from marinelayer.protocol.refusals import InvalidRequest
from marinelayer.services.s3.blob_keys import KeySource
from marinelayer.services.s3.blobs import Piece, pieces_of
from marinelayer.services.s3.bucket import Bucket, bucket_of
from marinelayer.services.s3.conditions import check_copy_source
from marinelayer.services.s3.customer_keys import CustomerKey, unlocked
from marinelayer.services.s3.digests import CRC64NVME, Algorithm, algorithm_named
from marinelayer.services.s3.encryption import SSE_S3, read_encryption
from marinelayer.services.s3.errors import InvalidObjectState
from marinelayer.services.s3.names import NULL_VERSION, copy_source, key_bytes
from marinelayer.services.s3.versions import DeleteMarker, Version, any_version, present

ATTEMPTS = 3
"""How often a copy begins again because its source was replaced while it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The version that is copied, and the bucket that it lies in. `named` is whether it was asked for by its id."""

    bucket: Bucket
    version: Version
    named: bool

    @property
    def members(self) -> dict[str, str]:
        """What an answer says of the source: its version, where it has an id of its own. Of a null version S3 says
        nothing."""
        version_id = self.version.version_id
        return {} if version_id == NULL_VERSION else {"CopySourceVersionId": version_id}


def find_source(tx: Transaction, request: Mapping[str, Any], now: int) -> Source | None:
    """The source of CopyObject or UploadPartCopy, if its conditions hold `now`; None where the key has none.

    Raises:
        PreconditionFailed: they do not.
        InvalidRequest: a delete marker is named by its id.
    """
    source = _source(tx, request)
    if source is not None:
        check_copy_source(request, etag=source.version.etag, modified=source.version.modified, now=now)
        if not source.version.readable:
            raise InvalidObjectState(
                "Operation is not valid for the source object's storage class",
                StorageClass=source.version.description.storage_class,
            )
    return source


def _source(tx: Transaction, request: Mapping[str, Any]) -> Source | None:
    name, key, version_id = copy_source(request)
    bucket = bucket_of(tx, name, request.get("ExpectedSourceBucketOwner"))
    version = any_version(tx, bucket.bucket_id, key_bytes(key), version_id)
    if isinstance(version, DeleteMarker) and version_id is not None:
        raise InvalidRequest(
            "The source of a copy request may not specifically refer to a delete marker by version id."
        )
    version = present(version)
    if version is None:
        return None
    return Source(bucket=bucket, version=version, named=version_id is not None)


def source_pieces(
    tx: Transaction, request: Mapping[str, Any], given: CustomerKey | None
) -> tuple[Version, list[Piece], KeySource] | None:
    """The source with where all its bytes are, and what opens them, whatever its conditions are. `given` is the key
    that came for it."""
    source = _source(tx, request)
    if source is None:
        return None
    version = source.version
    keys = unlocked(read_encryption(version.encryption), given)
    return version, pieces_of(tx, version.blob_id, 0, version.size), keys


def may_share(one: str | None, other: str | None) -> bool:
    """Whether two encryptions (as they are stored) let bytes be shared: both SSE-S3, or none at all. Keys that others
    hold open what was given to them, and nothing besides."""
    return one == other and one in (None, SSE_S3.text)


def wanted_algorithm(request: Mapping[str, Any], source: Version) -> Algorithm | None:
    """The checksum algorithm of a copy whose sums can not be taken over from the source; None where they can."""
    asked = algorithm_named(request["ChecksumAlgorithm"]) if "ChecksumAlgorithm" in request else None
    has = source.checksum
    if "-" not in source.etag and has and has.type == "FULL_OBJECT" and (asked is None or asked.name == has.algorithm):
        return None
    return asked or (algorithm_named(has.algorithm) if has else CRC64NVME)

"""A request's document (DeleteObjects', PutBucketPolicy's, ...) against what its headers and trailers say of it. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html and the operations' pages.
"""

from __future__ import annotations

from collections.abc import Mapping

from marinelayer.http import Headers
from marinelayer.model.errors import RequestTooLarge
from marinelayer.protocol.refusals import InvalidRequest
from marinelayer.services.s3.digests import ALGORITHMS, algorithm_named, verify_document

_CHECKED_ONLY = frozenset({"DeleteObjects", "PutObjectLegalHold", "PutObjectLockConfiguration", "PutObjectRetention"})
"""Operations that S3 refuses without a digest: too much is lost when a list of keys, or a lock, arrives damaged."""

_OF_THE_OBJECT = frozenset({"CompleteMultipartUpload"})
"""Operations whose checksum headers speak of the object, not of the document that is sent."""

_LIMITS = {"PutBucketCors": 64 * 1024, "PutBucketWebsite": 128 * 1024}
"""Bytes that a document may have, where that is less than all documents may."""

_CHECKSUMS = tuple(algorithm.header for algorithm in ALGORITHMS.values())

_SAID = frozenset({"content-md5", "x-amz-sdk-checksum-algorithm", *_CHECKSUMS})
"""Headers that say something of a document."""


def check_document(operation: str, data: bytes, headers: Headers, trailers: Mapping[str, str]) -> None:
    """Check a whole document against its Content-MD5 and its checksum, which is a header or a trailer.

    Raises:
        InvalidRequest: a digest must be given, can not be read, or there are several.
        InvalidDigest: the MD5 is not 16 bytes of base64.
        BadDigest: one does not fit.
        RequestTooLarge: S3 takes no such document of this length.
    """
    if not data and not trailers and operation not in _CHECKED_ONLY and _SAID.isdisjoint(headers.first):
        return
    if len(data) > _LIMITS.get(operation, len(data)):
        raise RequestTooLarge
    md5 = headers.get("content-md5")
    checksums: dict[str, str] = {}
    if operation not in _OF_THE_OBJECT:
        checksums = {name: value for name in _CHECKSUMS if (value := headers.get(name, trailers.get(name))) is not None}
        named = headers.get("x-amz-sdk-checksum-algorithm")
        if named is not None and algorithm_named(named).header not in checksums:
            raise InvalidRequest(
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer "
                "headers were found."
            )
    if md5 is None and not checksums:
        if operation in _CHECKED_ONLY:
            raise InvalidRequest("Missing required header for this request: Content-MD5")
        return
    verify_document(data, md5, checksums)

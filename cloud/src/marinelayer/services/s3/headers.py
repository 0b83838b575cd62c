"""What a request says of the object that it makes, and what an answer says of the object that it shows. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marinelayer.protocol.refusals import InvalidRequest, InvalidStorageClass
from marinelayer.services.s3.archive import restore_header
from marinelayer.services.s3.conditions import MICROSECONDS, moment
from marinelayer.services.s3.encryption import read_encryption
from marinelayer.services.s3.errors import HeaderNotImplemented, MetadataTooLarge
from marinelayer.services.s3.locks import given_lock
from marinelayer.services.s3.tags import Tags, tags_of_header
from marinelayer.services.s3.versions import Description, Sum, Version
from marinelayer.services.s3.website_rules import check_redirect_location

DEFAULT_CONTENT_TYPE = "binary/octet-stream"
MAX_METADATA = 2048
STANDARD = "STANDARD"
STORAGE_CLASSES = frozenset(
    {
        STANDARD,
        "REDUCED_REDUNDANCY",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER",
        "DEEP_ARCHIVE",
        "GLACIER_IR",
    }
)
REDIRECT = "WebsiteRedirectLocation"
"""The header that is each object's own: no copy takes it over."""

_TEXT_HEADERS = ("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", REDIRECT)
_UNSERVED: Mapping[str, str] = {
    "WriteOffsetBytes": "x-amz-write-offset-bytes",
    "ObjectLockEventHold": "x-amz-object-lock-event-hold",
    "ObjectLockEventHoldDurationDays": "x-amz-object-lock-event-hold-duration-days",
    "ObjectLockEventHoldDurationYears": "x-amz-object-lock-event-hold-duration-years",
    "MFA": "x-amz-mfa",
    "IfMatchLastModifiedTime": "x-amz-if-match-last-modified-time",
    "IfMatchSize": "x-amz-if-match-size",
    "IfMatchInitiatedTime": "x-amz-if-match-initiated-time",
}
_OVERRIDES: Mapping[str, str] = {
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseContentType": "ContentType",
    "ResponseExpires": "Expires",
}


def refuse_unserved(request: Mapping[str, Any]) -> None:
    """Raises HeaderNotImplemented for a header that would have to change what is done, and does not here."""
    for member, header in _UNSERVED.items():
        if member in request:
            raise HeaderNotImplemented(Header=header)


def described(request: Mapping[str, Any]) -> Description:
    """What the request says of its object.

    Raises:
        InvalidArgument, InvalidTag: its tags or its lock are none.
        MetadataTooLarge: the user metadata has more than 2 KB.
        InvalidStorageClass: S3 has no such class, or not for such a bucket.
        InvalidRedirectLocation: it is to lead where no website leads.
    """
    check_redirect_location(request.get(REDIRECT))
    headers: dict[str, Any] = {member: request[member] for member in _TEXT_HEADERS if request.get(member)}
    encoding = _without_chunking(headers.pop("ContentEncoding", ""))
    if encoding:
        headers["ContentEncoding"] = encoding
    if "Expires" in request:
        headers["Expires"] = _microseconds(request["Expires"])
    return Description(
        content_type=request.get("ContentType") or DEFAULT_CONTENT_TYPE,
        headers=headers,
        metadata=_metadata(request.get("Metadata") or {}),
        storage_class=storage_class(request),
        tags=given_tags(request),
        lock=given_lock(request),
    )


def given_tags(request: Mapping[str, Any]) -> Tags:
    """The tags that the request gives to the object that it makes. Raises as `tags_of_header`."""
    text: str | None = request.get("Tagging")
    return tags_of_header(text) if text else ()


def storage_class(request: Mapping[str, Any]) -> str:
    """The storage class that the request asks for. Raises InvalidStorageClass."""
    asked: str = request.get("StorageClass") or STANDARD
    if asked not in STORAGE_CLASSES:
        raise InvalidStorageClass(StorageClassRequested=asked)
    return asked


def _without_chunking(encoding: str) -> str:
    # aws-chunked is the transfer's, not the object's: what is stored and shown is what remains, as it was written.
    tokens = encoding.split(",")
    return ",".join(token for token in tokens if token.strip().lower() != "aws-chunked").strip()


def _metadata(metadata: Mapping[str, str]) -> Mapping[str, str]:
    size = sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
    if size > MAX_METADATA:
        raise MetadataTooLarge(Size=str(size), MaxSizeAllowed=str(MAX_METADATA))
    return {name.lower(): value for name, value in metadata.items()}


def _microseconds(value: datetime) -> int:
    return int((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()) * MICROSECONDS


def shown(version: Version) -> dict[str, Any]:
    """The members that GetObject and HeadObject show of a version, but for its bytes' own."""
    description = version.description
    output: dict[str, Any] = {
        "AcceptRanges": "bytes",
        "LastModified": moment(version.modified),
        "ETag": f'"{version.etag}"',
        "ContentType": description.content_type,
        "Metadata": dict(description.metadata),
        **description.headers,
    }
    if "Expires" in output:
        output["Expires"] = moment(output["Expires"])
    if description.storage_class != STANDARD:
        output["StorageClass"] = description.storage_class
        restore = restore_header(version.restoring, version.restored_until)
        if restore is not None:
            output["Restore"] = restore
    if version.replication is not None:
        output["ReplicationStatus"] = version.replication
    encryption = read_encryption(version.encryption)
    if encryption is not None:
        output |= encryption.members
    return output


def overrides(request: Mapping[str, Any], *, anonymous: bool) -> dict[str, Any]:
    """The members that `response-...` parameters replace.

    Raises:
        InvalidRequest: an anonymous request may not give them.
    """
    given = {member: request[name] for name, member in _OVERRIDES.items() if name in request}
    if given and anonymous:
        raise InvalidRequest("Request specific response headers cannot be used for anonymous GET requests.")
    return given


def checksum_members(checksum: Sum | None) -> dict[str, str]:
    """A checksum as the members of an output."""
    if checksum is None:
        return {}
    return {f"Checksum{checksum.algorithm}": checksum.value, "ChecksumType": checksum.type}

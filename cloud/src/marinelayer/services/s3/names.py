"""Names: of buckets, of keys, and the ARNs of both. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html and .../object-keys.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from marinelayer.ports import Caller
from marinelayer.protocol.refusals import InvalidArgument, InvalidURI, KeyTooLongError
from marinelayer.services.s3.errors import InvalidBucketName, InvalidBucketNamespace

MAX_KEY = 1024
HIGHEST_KEY = b"\xff"
"""Higher than every key: no UTF-8 has this byte."""

NULL_VERSION = "null"
"""The id of the version that was written while its bucket was not versioned, or no more."""

_VERSION_ID = re.compile(r"[0-9a-f]{32,40}")
_BUCKET = re.compile(r"(?=.{3,63}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_OF_A_URL = re.compile(r"https?://[^/]*/")
_IP_ADDRESS = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an")


def check_bucket_name(name: str) -> None:
    """Raises InvalidBucketName unless a general purpose bucket may be called so in the namespace of all accounts."""
    if not _is_well_formed(name) or name.endswith(_RESERVED_SUFFIXES):
        raise InvalidBucketName(BucketName=name)


def check_accounts_bucket_name(name: str, account: str, region: str) -> None:
    """Check the name of a bucket in the namespace of an account and region: PREFIX-ACCOUNT-REGION-an.

    Source: Amazon S3 User Guide, "Namespaces for general purpose buckets".

    Raises:
        InvalidBucketNamespace: it ends otherwise, so that it is for everyone or for others.
        InvalidBucketName: no bucket may be called so.
    """
    if not name.endswith(f"-{account}-{region}-an"):
        raise InvalidBucketNamespace(BucketName=name)
    if not _is_well_formed(name):
        raise InvalidBucketName(BucketName=name)


def _is_well_formed(name: str) -> bool:
    return bool(_BUCKET.fullmatch(name)) and not (_IP_ADDRESS.fullmatch(name) or name.startswith(_RESERVED_PREFIXES))


def key_bytes(key: str) -> bytes:
    """The key as it is stored.

    Raises:
        KeyTooLongError: it has more than 1,024 bytes.
        InvalidURI: it can not be written in UTF-8.
    """
    data = text_bytes(key)
    if len(data) > MAX_KEY:
        raise KeyTooLongError(Size=str(len(data)), MaxSizeAllowed=str(MAX_KEY))
    return data


def is_version_id(text: str) -> bool:
    """Whether it can be the id of a version: `null`, or of the form that ids have here."""
    return text == NULL_VERSION or _VERSION_ID.fullmatch(text) is not None


def check_version_id(version_id: str, *, argument: str = "versionId") -> None:
    """Raises InvalidArgument for what can be the id of no version: S3 tells an id that it never gave from one whose
    version is gone."""
    if not version_id:
        message = "Version id cannot be the empty string"
    elif not is_version_id(version_id):
        message = "Invalid version id specified"
    else:
        return
    raise InvalidArgument(message, ArgumentName=argument, ArgumentValue=version_id)


def text_bytes(text: str) -> bytes:
    """A prefix, delimiter or marker in UTF-8.

    Raises:
        InvalidURI: it can not be written so (a lone surrogate).
    """
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise InvalidURI from None


def after_prefix(prefix: bytes) -> bytes:
    """The lowest bytes above everything that begins with `prefix`."""
    trimmed = prefix.rstrip(b"\xff")
    return trimmed[:-1] + bytes([trimmed[-1] + 1]) if trimmed else HIGHEST_KEY


def bucket_arn(request: Mapping[str, Any], _: Caller | None = None) -> str:
    """The ARN of the request's bucket."""
    return f"arn:aws:s3:::{request['Bucket']}"


def object_arn(request: Mapping[str, Any], _: Caller | None = None) -> str:
    """The ARN of the request's object."""
    return f"arn:aws:s3:::{request['Bucket']}/{request['Key']}"


def bucket_and_key(arn: str) -> tuple[str, str]:
    """The bucket and the key ("" for the bucket itself) that an S3 ARN names."""
    bucket, _, key = arn.removeprefix("arn:aws:s3:::").partition("/")
    return bucket, key


def copy_source(request: Mapping[str, Any]) -> tuple[str, str, str | None]:
    """Bucket, key and version id that `CopySource` names (`bucket/key?versionId=...`, percent-encoded, blanks perhaps
    as in a form; or the URL of that).

    Raises:
        InvalidArgument: it is not of that form.
    """
    text: str = request["CopySource"]
    path, _, version = _OF_A_URL.sub("", text).partition("?versionId=")
    try:
        bucket, _, key = unquote_plus(path, errors="strict").removeprefix("/").partition("/")
    except UnicodeDecodeError:
        bucket = key = ""
    if not bucket or not key:
        raise InvalidArgument(
            "Invalid copy source object key" if bucket else "Invalid copy source bucket name",
            ArgumentName="x-amz-copy-source",
            ArgumentValue="x-amz-copy-source",
        )
    return bucket, key, version or None

"""Conditional requests: reads, writes and copies that depend on an object's ETag or age. Pure.

Sources: RFC 9110, section 13.2.2 (precedence);
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from marinelayer.protocol.refusals import PreconditionFailed
from marinelayer.services.s3.errors import HeaderNotImplemented, NoSuchKey, NotModified

MICROSECONDS = 1_000_000


def moment(microseconds: int) -> datetime:
    """A time as S3 shows it: whole seconds."""
    return _second(microseconds // MICROSECONDS)


@lru_cache(maxsize=1024)
def _second(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(value: datetime) -> float:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()


def etag_matches(header: str, etag: str) -> bool:
    """Whether a list of entity tags (quoted or bare, weak or strong, `*`) has `etag`."""
    tags = (tag.strip().removeprefix("W/").strip('"') for tag in header.split(","))
    return any(tag in ("*", etag) for tag in tags)


def without_future(request: Mapping[str, Any], now: int) -> Mapping[str, Any]:
    """A read without an If-Modified-Since that is still to come, which S3 passes over: nothing can have been modified
    since."""
    since = request.get("IfModifiedSince")
    if since is None or _seconds(since) <= now / MICROSECONDS:
        return request
    return {name: value for name, value in request.items() if name != "IfModifiedSince"}


def check_read(request: Mapping[str, Any], *, etag: str, modified: int) -> None:
    """The conditions of GetObject and HeadObject against an object that exists.

    Raises:
        PreconditionFailed: If-Match or, without it, If-Unmodified-Since does not hold.
        NotModified: If-None-Match or, without it, If-Modified-Since does not hold.
    """
    second = modified // MICROSECONDS
    if "IfMatch" in request:
        if not etag_matches(request["IfMatch"], etag):
            raise PreconditionFailed(Condition="If-Match")
    elif "IfUnmodifiedSince" in request and second > _seconds(request["IfUnmodifiedSince"]):
        raise PreconditionFailed(Condition="If-Unmodified-Since")
    if "IfNoneMatch" in request:
        if etag_matches(request["IfNoneMatch"], etag):
            raise NotModified
    elif "IfModifiedSince" in request and second <= _seconds(request["IfModifiedSince"]):
        raise NotModified


def check_copy_source(request: Mapping[str, Any], *, etag: str, modified: int, now: int) -> None:
    """The x-amz-copy-source-if-... conditions against the source. A time to come is passed over, as what nothing can
    have been modified since.

    Raises:
        PreconditionFailed: one does not hold.
    """
    second = modified // MICROSECONDS
    if "CopySourceIfMatch" in request:
        if not etag_matches(request["CopySourceIfMatch"], etag):
            raise PreconditionFailed(Condition="x-amz-copy-source-If-Match")
    elif "CopySourceIfUnmodifiedSince" in request and second > _seconds(request["CopySourceIfUnmodifiedSince"]):
        raise PreconditionFailed(Condition="x-amz-copy-source-If-Unmodified-Since")
    if "CopySourceIfNoneMatch" in request:
        if etag_matches(request["CopySourceIfNoneMatch"], etag):
            raise PreconditionFailed(Condition="x-amz-copy-source-If-None-Match")
    elif "CopySourceIfModifiedSince" in request and (
        second <= _seconds(request["CopySourceIfModifiedSince"]) <= now / MICROSECONDS
    ):
        raise PreconditionFailed(Condition="x-amz-copy-source-If-Modified-Since")


def refuse_unknown_write_conditions(request: Mapping[str, Any]) -> None:
    """Writes know `If-None-Match: *` and `If-Match` with an entity tag, one of them at a time.

    Raises:
        HeaderNotImplemented: anything else, as S3 answers it.
    """
    none_match, match = request.get("IfNoneMatch"), request.get("IfMatch")
    if none_match is not None and match is not None:
        raise HeaderNotImplemented(
            Header="If-Match,If-None-Match",
            additionalMessage="Multiple conditional request headers present in the request",
        )
    for header, refused in (
        ("If-None-Match", none_match is not None and none_match.strip() != "*"),
        ("If-Match", match is not None and match.strip() == "*"),
    ):
        if refused:
            raise HeaderNotImplemented(
                Header=header, additionalMessage=f"We don't accept the provided value of {header} header for this API"
            )


def check_write(request: Mapping[str, Any], *, key: str, etag: str | None) -> None:
    """The conditions of a write against the object that it would replace (`etag` is None where there is none).

    Raises:
        PreconditionFailed: it does not hold.
        NoSuchKey: If-Match, and there is no object.
    """
    if "IfNoneMatch" in request and etag is not None:
        raise PreconditionFailed(Condition="If-None-Match")
    if "IfMatch" in request:
        if etag is None:
            raise NoSuchKey(Key=key)
        if not etag_matches(request["IfMatch"], etag):
            raise PreconditionFailed(Condition="If-Match")

"""Conditional reads, writes and deletes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from marinelayer.protocol.refusals import PreconditionFailed
from marinelayer.services.s3.conditions import check_read
from marinelayer.services.s3.errors import NotModified

AT = datetime(2021, 4, 1, tzinfo=UTC)
BEFORE, AFTER = AT - timedelta(days=1), AT + timedelta(days=1)
MATCH, OTHER = '"abc"', '"xyz"'


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"IfMatch": MATCH}, None),
        ({"IfMatch": "abc"}, None),
        ({"IfMatch": "*"}, None),
        ({"IfMatch": f"{OTHER}, {MATCH}"}, None),
        ({"IfMatch": OTHER}, PreconditionFailed),
        ({"IfNoneMatch": MATCH}, NotModified),
        ({"IfNoneMatch": f"W/{MATCH}"}, NotModified),
        ({"IfNoneMatch": OTHER}, None),
        ({"IfModifiedSince": BEFORE}, None),
        ({"IfModifiedSince": AT}, NotModified),
        ({"IfModifiedSince": AFTER}, NotModified),
        ({"IfUnmodifiedSince": BEFORE}, PreconditionFailed),
        ({"IfUnmodifiedSince": AT}, None),
        ({"IfUnmodifiedSince": AT.replace(tzinfo=None)}, None),
        # RFC 9110, 13.2.2: the entity tag decides where both are given.
        ({"IfMatch": MATCH, "IfUnmodifiedSince": BEFORE}, None),
        ({"IfNoneMatch": OTHER, "IfModifiedSince": AFTER}, None),
        ({"IfNoneMatch": MATCH, "IfModifiedSince": BEFORE}, NotModified),
        ({"IfMatch": OTHER, "IfNoneMatch": MATCH}, PreconditionFailed),
    ],
)
def test_conditions_are_judged_in_the_rfcs_order(request_: dict[str, Any], expected: Any) -> None:
    modified = int(AT.timestamp()) * 1_000_000 + 999_999
    if expected is None:
        check_read(request_, etag="abc", modified=modified)
    else:
        with pytest.raises(expected):
            check_read(request_, etag="abc", modified=modified)


async def test_a_304_carries_the_validators(s3: Any) -> None:
    put = await s3("PutObject", Bucket="photos", Key="one", Body=b"1", CacheControl="max-age=1", Expires=AT)
    with pytest.raises(NotModified) as unchanged:
        await s3("GetObject", Bucket="photos", Key="one", IfNoneMatch=put["ETag"])
    assert unchanged.value.headers == (
        ("etag", put["ETag"]),
        ("last-modified", "Thu, 01 Apr 2021 00:00:00 GMT"),
        ("cache-control", "max-age=1"),
        ("expires", "Thu, 01 Apr 2021 00:00:00 GMT"),
    )


@pytest.mark.parametrize("size", [1, 100_000])
async def test_if_none_match_writes_only_what_is_not_there(s3: Any, size: int) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1" * size, IfNoneMatch="*")
    with s3.refused("PreconditionFailed", Condition="If-None-Match"):
        await s3("PutObject", Bucket="photos", Key="one", Body=b"2" * size, IfNoneMatch="*")
    assert await s3.content("photos", "one") == b"1" * size


@pytest.mark.parametrize("size", [1, 100_000])
async def test_if_match_writes_only_over_what_was_seen(s3: Any, size: int) -> None:
    with s3.refused("NoSuchKey"):
        await s3("PutObject", Bucket="photos", Key="one", Body=b"1" * size, IfMatch=MATCH)
    seen = (await s3("PutObject", Bucket="photos", Key="one", Body=b"1" * size))["ETag"]
    await s3("PutObject", Bucket="photos", Key="one", Body=b"2" * size, IfMatch=seen)
    with s3.refused("PreconditionFailed", Condition="If-Match"):
        await s3("PutObject", Bucket="photos", Key="one", Body=b"3" * size, IfMatch=seen)
    assert await s3.content("photos", "one") == b"2" * size


async def test_a_large_write_that_would_be_refused_is_not_read(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1")
    body = s3.sent(b"2" * 100_000)
    with s3.refused("PreconditionFailed"):
        await s3("PutObject", Bucket="photos", Key="one", Body=body, IfNoneMatch="*")
    assert not body.begun


async def test_a_write_condition_that_s3_does_not_know_is_not_implemented(s3: Any) -> None:
    for conditions in ({"IfNoneMatch": MATCH}, {"IfMatch": "*"}, {"IfNoneMatch": "*", "IfMatch": MATCH}):
        with s3.refused("NotImplemented"):
            await s3("PutObject", Bucket="photos", Key="one", Body=b"1", **conditions)


async def test_to_compare_an_etag_one_must_be_allowed_to_read_it(s3: Any) -> None:
    writer = s3.user("writer", s3.allow("s3:PutObject", on="arn:aws:s3:::photos/*"))
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1", by=writer, IfNoneMatch="*")
    with s3.refused("AccessDenied"):
        await s3("PutObject", Bucket="photos", Key="one", Body=b"1", by=writer, IfMatch=MATCH)


async def test_a_conditional_delete_removes_only_what_was_seen(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1")
    with s3.refused("PreconditionFailed", Condition="If-Match"):
        await s3("DeleteObject", Bucket="photos", Key="one", IfMatch=OTHER)
    await s3(
        "DeleteObject", Bucket="photos", Key="one", IfMatch=(await s3("HeadObject", Bucket="photos", Key="one"))["ETag"]
    )
    with s3.refused("NoSuchKey"):
        await s3("HeadObject", Bucket="photos", Key="one")


async def test_a_conditional_delete_of_nothing_is_refused(s3: Any) -> None:
    for tag in ("*", MATCH):
        with s3.refused("NoSuchKey", Key="nothing"):
            await s3("DeleteObject", Bucket="photos", Key="nothing", IfMatch=tag)
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1")
    deleter = s3.user("deleter", s3.allow("s3:DeleteObject", on="arn:aws:s3:::photos/*"))
    with s3.refused("AccessDenied"):
        await s3("DeleteObject", Bucket="photos", Key="one", IfMatch=MATCH, by=deleter)
    await s3("DeleteObject", Bucket="photos", Key="one", IfMatch="*", by=deleter)


async def test_a_completion_may_be_conditional(s3: Any) -> None:
    seen = (await s3("PutObject", Bucket="photos", Key="one", Body=b"1"))["ETag"]
    begun = await s3("CreateMultipartUpload", Bucket="photos", Key="one")
    part = await s3.part("one", begun["UploadId"], 1, b"2")
    with s3.refused("PreconditionFailed", Condition="If-None-Match"):
        await s3.complete("one", begun["UploadId"], part, IfNoneMatch="*")
    with s3.refused("PreconditionFailed", Condition="If-Match"):
        await s3.complete("one", begun["UploadId"], part, IfMatch=OTHER)
    await s3.complete("one", begun["UploadId"], part, IfMatch=seen)
    assert await s3.content("photos", "one") == b"2"


async def test_a_time_to_come_is_no_condition(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1")
    s3.clock.forward(10)
    past, future = (datetime.fromtimestamp(s3.clock.now() / 1_000_000 + away, UTC) for away in (-5, 5))
    for operation in ("GetObject", "HeadObject"):
        with s3.refused("NotModified"):
            await s3(operation, Bucket="photos", Key="one", IfModifiedSince=past)
        await s3(operation, Bucket="photos", Key="one", IfModifiedSince=future)
    copy = {"Bucket": "photos", "Key": "two", "CopySource": "photos/one"}
    with s3.refused("PreconditionFailed", Condition="x-amz-copy-source-If-Modified-Since"):
        await s3("CopyObject", **copy, CopySourceIfModifiedSince=past)
    await s3("CopyObject", **copy, CopySourceIfModifiedSince=future)

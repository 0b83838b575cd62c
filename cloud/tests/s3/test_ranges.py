"""Ranges of objects."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.protocol.refusals import InvalidArgument, InvalidRequest
from marinelayer.services.s3.errors import InvalidRange
from marinelayer.services.s3.ranges import copied_range, requested_range

SIZES = st.integers(0, 40)
PLACES = st.integers(0, 50)


@given(SIZES, PLACES, PLACES)
def test_a_closed_range_is_the_bytes_from_first_to_last(size: int, first: int, last: int) -> None:
    data = bytes(range(size))
    if first >= size and first <= last:
        with pytest.raises(InvalidRange) as refusal:
            requested_range(f"bytes={first}-{last}", size)
        assert refusal.value.details == {"RangeRequested": f"bytes={first}-{last}", "ActualObjectSize": str(size)}
        return
    found = requested_range(f"bytes={first}-{last}", size)
    if first > last:
        assert found is None
        return
    assert found is not None
    assert data[found.offset : found.offset + found.length] == data[first : last + 1]
    assert found.content_range == f"bytes {first}-{min(last, size - 1)}/{size}"


@given(SIZES, PLACES)
def test_an_open_range_goes_to_the_end(size: int, first: int) -> None:
    if first >= size:
        with pytest.raises(InvalidRange):
            requested_range(f"bytes={first}-", size)
    else:
        found = requested_range(f"bytes={first}-", size)
        assert found is not None
        assert (found.offset, found.length) == (first, size - first)


@given(SIZES, PLACES)
def test_a_suffix_is_the_last_bytes(size: int, length: int) -> None:
    if min(size, length) == 0:
        with pytest.raises(InvalidRange):
            requested_range(f"bytes=-{length}", size)
    else:
        found = requested_range(f"bytes=-{length}", size)
        assert found is not None
        assert (found.offset, found.length) == (size - min(size, length), min(size, length))


@pytest.mark.parametrize(
    "header", [None, "", "bytes", "bytes=", "bytes=-", "lines=0-1", "bytes=0-1,3-4", "bytes=a-b", "bytes=٣-٤"]
)
def test_what_is_no_single_range_is_passed_over(header: str) -> None:
    assert requested_range(header, 10) is None


def test_a_copied_range_lies_in_its_source() -> None:
    assert copied_range(None, 0).length == 0
    assert copied_range("bytes=2-9", 10).offset == 2
    for header in ("bytes=2-10", "bytes=5-", "bytes=-5", "bytes=5-4", "2-3"):
        with pytest.raises(InvalidArgument):
            copied_range(header, 10)


async def test_a_range_comes_with_its_place_and_no_checksum(s3: Any) -> None:
    for data in (b"0123456789", b"0123456789" * 10_000):
        await s3("PutObject", Bucket="photos", Key="one", Body=data)
        got = await s3("GetObject", Bucket="photos", Key="one", Range="bytes=2-4", ChecksumMode="ENABLED")
        assert got["ContentRange"] == f"bytes 2-4/{len(data)}"
        assert got["ContentLength"] == 3
        assert "ChecksumCRC64NVME" not in got
        assert await s3.content("photos", "one", Range="bytes=2-4") == b"234"
        assert await s3.content("photos", "one", Range="bytes=-2") == b"89"
        assert (await s3("HeadObject", Bucket="photos", Key="one", Range="bytes=9-"))["ContentLength"] == len(data) - 9
        with s3.refused("InvalidRange", ActualObjectSize=str(len(data))):
            await s3("GetObject", Bucket="photos", Key="one", Range=f"bytes={len(data)}-")


async def test_a_range_of_all_bytes_has_the_checksum_of_the_object(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=b"0123456789")
    whole = await s3("HeadObject", Bucket="photos", Key="one", ChecksumMode="ENABLED")
    for asked in ("bytes=0-100", "bytes=-15"):
        got = await s3("GetObject", Bucket="photos", Key="one", Range=asked, ChecksumMode="ENABLED")
        assert got["ContentRange"] == "bytes 0-9/10"
        assert (got["ChecksumCRC64NVME"], got["ChecksumType"]) == (whole["ChecksumCRC64NVME"], "FULL_OBJECT")


def test_a_copied_range_that_begins_behind_its_source_is_refused_otherwise_than_one_that_ends_there() -> None:
    with pytest.raises(InvalidRequest, match="The specified copy range is invalid for the source object size"):
        copied_range("bytes=100-200", 10)
    with pytest.raises(InvalidArgument, match="Range specified is not valid for source object of size: 10"):
        copied_range("bytes=0-100", 10)

"""What is read again and again is kept opened in memory: always right, bounded, and only what our own key opens."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from marinelayer.ports import Tables
from marinelayer.services.s3.hot_pieces import SEEN_AT_MOST, HotPieces, Place
from marinelayer.services.s3.sealing import BytesDamagedError

MIB = 1024 * 1024
DATA = os.urandom(2 * MIB + 5)
CUSTOMER = {
    "SSECustomerAlgorithm": "AES256",
    "SSECustomerKey": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=",
    "SSECustomerKeyMD5": "GAOkzT7rsdElAo2zGgrSgQ==",
}


def place(number: int) -> Place:
    return Place("blob", number, 10)


def read_twice(hot: HotPieces, number: int, piece: bytes) -> None:
    for _ in range(2):
        hot.read(place(number), memoryview(bytearray(piece)))


@pytest.fixture
async def hot(sqlite: Tables, tmp_path: Path, s3_on: Any) -> AsyncIterator[Any]:
    """S3 that may keep 6 MiB of what is read often."""
    service = s3_on(sqlite, tmp_path, hot_bytes=6 * MIB)
    await service("CreateBucket", Bucket="photos")
    yield service
    await service.close()


async def damage(s3: Any) -> None:
    """Overwrite every file of bytes."""
    for name in await s3.stored():
        path = s3.files.path(name)
        path.write_bytes(bytes(path.stat().st_size))


def test_a_piece_is_kept_when_it_is_read_for_the_second_time() -> None:
    hot, buffer = HotPieces(100), bytearray(b"0123456789")
    hot.read(place(0), memoryview(buffer))
    assert hot.get(place(0)) is None
    hot.read(place(0), memoryview(buffer))
    buffer[:] = b"overwritte"
    assert hot.get(place(0)) == b"0123456789"
    assert hot.get(Place("other", 0, 10)) is None


def test_the_piece_that_nobody_asked_for_the_longest_goes_first() -> None:
    hot = HotPieces(30)
    for number in range(3):
        read_twice(hot, number, b"%010d" % number)
    assert hot.get(place(0)) == b"0000000000"
    read_twice(hot, 3, b"0000000003")
    assert [hot.get(place(number)) is not None for number in range(4)] == [True, False, True, True]


def test_what_is_remembered_of_pieces_read_once_is_bounded() -> None:
    hot = HotPieces(30)
    for number in range(SEEN_AT_MOST + 1):
        hot.read(place(number), memoryview(b"x"))
    hot.read(place(0), memoryview(b"x"))
    hot.read(place(SEEN_AT_MOST), memoryview(b"x"))
    assert hot.get(place(0)) is None
    assert hot.get(place(SEEN_AT_MOST)) == b"x"


def test_nothing_is_kept_of_what_would_push_itself_out() -> None:
    assert HotPieces(30).takes(20)
    assert not HotPieces(30).takes(21)
    assert not HotPieces(0).takes(1)


async def test_what_is_read_a_third_time_does_not_need_its_file(hot: Any) -> None:
    await hot("PutObject", Bucket="photos", Key="one", Body=DATA)
    for _ in range(2):
        assert await hot.content("photos", "one") == DATA
    await damage(hot)
    assert await hot.content("photos", "one") == DATA
    assert await hot.content("photos", "one", Range=f"bytes=7-{MIB - 1}") == DATA[7:MIB]
    assert await hot.content("photos", "one", Range="bytes=5-") == DATA[5:]
    with pytest.raises(BytesDamagedError):
        await hot.content("photos", "one", Range=f"bytes={MIB // 2}-{MIB}")


async def test_ranges_of_what_is_kept_are_right(hot: Any) -> None:
    await hot.upload("big", b"1" * (5 * MIB), DATA)
    for _ in range(3):
        assert await hot.content("photos", "big") == b"1" * (5 * MIB) + DATA
        for first, last in ((5 * MIB - 1, 5 * MIB), (5 * MIB + 3, 6 * MIB + 1), (3, 7 * MIB), (6 * MIB, 7 * MIB + 4)):
            whole = b"1" * (5 * MIB) + DATA
            assert await hot.content("photos", "big", Range=f"bytes={first}-{last}") == whole[first : last + 1]


async def test_what_takes_a_customers_or_a_kms_key_is_opened_each_time(hot: Any) -> None:
    await hot("PutObject", Bucket="photos", Key="customer", Body=DATA, **CUSTOMER)
    await hot("PutObject", Bucket="photos", Key="kms", Body=DATA, ServerSideEncryption="aws:kms")
    for _ in range(3):
        assert await hot.content("photos", "customer", **CUSTOMER) == DATA
        assert await hot.content("photos", "kms") == DATA
    await damage(hot)
    for key, given in (("customer", CUSTOMER), ("kms", {})):
        with pytest.raises(BytesDamagedError):
            await hot.content("photos", key, **given)


async def test_what_is_deleted_or_replaced_is_not_given_any_more(hot: Any) -> None:
    await hot("PutObject", Bucket="photos", Key="one", Body=DATA)
    for _ in range(3):
        assert await hot.content("photos", "one") == DATA
    await hot("PutObject", Bucket="photos", Key="one", Body=DATA[::-1])
    assert await hot.content("photos", "one") == DATA[::-1]
    await hot("DeleteObject", Bucket="photos", Key="one")
    with hot.refused("NoSuchKey"):
        await hot.content("photos", "one")

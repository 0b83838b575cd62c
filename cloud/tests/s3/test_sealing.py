"""Sealed bytes: any range opens, and nothing that was changed, moved or cut does."""

import os
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.services.s3.sealing import CHUNK, BytesDamagedError, Opening, Seal, Sealing

KEY = bytes(range(32))
SIZES = st.one_of(
    st.integers(0, 200),
    st.sampled_from([CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 3 * CHUNK + 7]),
)


def bytes_of(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def sealed(data: bytes, *cuts: int, key: bytes = KEY, blob_id: str = "blob") -> bytes:
    sealing = Sealing(Seal(key, blob_id))
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    pieces = [data[begin:end] for begin, end in pairwise(edges)]
    return b"".join([sealing.update(piece) for piece in pieces]) + sealing.finish()


def opened(
    stored: bytes, size: int, offset: int, length: int, *, key: bytes = KEY, blob_id: str = "blob", at_once: int = 2
) -> bytes:
    seal = Seal(key, blob_id)
    opening = Opening(seal, size=size, offset=offset, length=length)
    part = memoryview(stored)[opening.begin : opening.begin + opening.stored]
    step = at_once * (CHUNK + seal.overhead)
    out = memoryview(bytearray(at_once * CHUNK))
    return b"".join(
        [bytes(opening.take(opening.open(part[begin : begin + step], out))) for begin in range(0, len(part), step)]
    )


@given(
    SIZES, st.lists(st.integers(0, 4 * CHUNK), max_size=4), st.integers(0), st.integers(0), st.sampled_from([32, 64])
)
def test_any_range_of_what_was_sealed_in_any_pieces_opens(
    size: int, cuts: list[int], first: int, second: int, key_size: int
) -> None:
    data, key = bytes_of(size), os.urandom(key_size)
    stored = sealed(data, *cuts, key=key)
    assert len(stored) == size + max(1, -(-size // CHUNK)) * key_size // 2
    begin, end = sorted((first % (size + 1), second % (size + 1)))
    if begin < end:
        assert opened(stored, size, begin, end - begin, key=key) == data[begin:end]


@given(st.integers(0, 2 * (CHUNK + 16) + 100 + 15), st.integers(0, 7))
def test_a_flipped_bit_does_not_open(place: int, bit: int) -> None:
    size = 2 * CHUNK + 100
    stored = bytearray(sealed(bytes_of(size)))
    stored[place] ^= 1 << bit
    with pytest.raises(BytesDamagedError):
        opened(bytes(stored), size, 0, size)


def test_what_is_cut_at_a_chunk_lengthened_moved_or_of_another_blob_does_not_open() -> None:
    size = 2 * CHUNK
    stored, step = sealed(bytes_of(size)), CHUNK + 16
    other = sealed(bytes_of(size), blob_id="other")
    for wrong, claimed in (
        (stored[:step], CHUNK),
        (stored + stored[:step], size + CHUNK),
        (stored[step:] + stored[:step], size),
        (other, size),
        (stored[:step] + other[step:], size),
        (stored[:10], 10),
    ):
        with pytest.raises(BytesDamagedError):
            opened(wrong, claimed, 0, claimed)
    with pytest.raises(BytesDamagedError):
        opened(stored, size, 0, size, key=bytes(32))


def test_equal_bytes_of_two_blobs_have_nothing_in_common() -> None:
    data = bytes(CHUNK)
    one, two = sealed(data, key=os.urandom(32)), sealed(data, key=os.urandom(32))
    assert not {one[at : at + 16] for at in range(0, CHUNK, 16)} & {two[at : at + 16] for at in range(0, CHUNK, 16)}

"""Digests: declared by header or trailer, verified, kept and shown."""

import base64
import hashlib
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.services.s3.digests import ALGORITHMS, verify_document
from marinelayer.services.s3.errors import BadDigest, InvalidDigest

SMALL, LARGE = b"hello world", b"hello world" * 10_000


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_digests_are_those_of_the_standard_library_in_one_piece_or_two(first: bytes, second: bytes) -> None:
    reference = {
        "CRC32": zlib.crc32(first + second).to_bytes(4, "big"),
        "SHA1": hashlib.sha1(first + second).digest(),
        "SHA256": hashlib.sha256(first + second).digest(),
        "SHA512": hashlib.sha512(first + second).digest(),
        "MD5": hashlib.md5(first + second).digest(),
    }
    for algorithm in ALGORITHMS.values():
        whole, pieces = algorithm.new(), algorithm.new()
        whole.update(first + second)
        pieces.update(first)
        pieces.update(second)
        digest = whole.digest()
        assert len(digest) == algorithm.size
        assert digest == pieces.digest() == reference.get(algorithm.name, digest)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_crcs_of_neighbours_combine(first: bytes, second: bytes) -> None:
    def value(algorithm: Any, data: bytes) -> Any:
        digest = algorithm.new()
        digest.update(data)
        return int.from_bytes(digest.digest(), "big")

    combining = [algorithm for algorithm in ALGORITHMS.values() if algorithm.combine]
    assert [algorithm.name for algorithm in combining] == ["CRC32", "CRC32C", "CRC64NVME"]
    for algorithm in combining:
        assert algorithm.combine is not None
        joined = algorithm.combine(value(algorithm, first), value(algorithm, second), len(second))
        assert joined == value(algorithm, first + second)


def test_crc64nvme_and_crc32c_have_their_published_check_values() -> None:
    # The check values of "123456789" in the catalogue of parametrised CRC algorithms (CRC-32/ISCSI, CRC-64/NVME).
    for name, check in (("CRC32C", "e3069283"), ("CRC64NVME", "ae8b14860a799888")):
        digest = ALGORITHMS[name].new()
        digest.update(b"123456789")
        assert digest.digest().hex() == check


@pytest.mark.parametrize("data", [SMALL, LARGE])
async def test_content_md5_is_verified(s3: Any, data: bytes) -> None:
    right, wrong = b64(hashlib.md5(data).digest()), b64(b"0" * 16)
    await s3("PutObject", Bucket="photos", Key="one", Body=data, ContentMD5=right)
    with s3.refused("BadDigest", ExpectedDigest=wrong, CalculatedDigest=right):
        await s3("PutObject", Bucket="photos", Key="two", Body=data, ContentMD5=wrong)
    for invalid in ("", "no base64", b64(b"short")):
        with s3.refused("InvalidDigest", **{"Content-MD5": invalid}):
            await s3("PutObject", Bucket="photos", Key="two", Body=data, ContentMD5=invalid)
    assert [one["Key"] for one in (await s3("ListObjects", Bucket="photos"))["Contents"]] == ["one"]


@pytest.mark.parametrize("data", [SMALL, LARGE])
@pytest.mark.parametrize("name", list(ALGORITHMS))
async def test_a_checksum_in_the_header_is_verified_kept_and_shown(s3: Any, data: bytes, name: str) -> None:
    algorithm = ALGORITHMS[name]
    digest = algorithm.new()
    digest.update(data)
    right, wrong = b64(digest.digest()), b64(b"\0" * algorithm.size)
    put = await s3(
        "PutObject", Bucket="photos", Key="one", Body=data, **{algorithm.member: right, "ChecksumAlgorithm": name}
    )
    assert (put[algorithm.member], put["ChecksumType"]) == (right, "FULL_OBJECT")
    with s3.refused("BadDigest", f"The {name} you specified did not match the calculated checksum."):
        await s3("PutObject", Bucket="photos", Key="two", Body=data, **{algorithm.member: wrong})
    with s3.refused("InvalidRequest", f"Value for {algorithm.header} header is invalid."):
        await s3("PutObject", Bucket="photos", Key="two", Body=data, **{algorithm.member: "AAAA" * 30})
    assert algorithm.member not in await s3("GetObject", Bucket="photos", Key="one")
    assert (await s3("HeadObject", Bucket="photos", Key="one", ChecksumMode="ENABLED"))[algorithm.member] == right
    (listed,) = (await s3("ListObjectsV2", Bucket="photos"))["Contents"]
    assert (listed["ChecksumAlgorithm"], listed["ChecksumType"]) == ([name], "FULL_OBJECT")
    assert len(await s3.stored()) == (data is LARGE)


@pytest.mark.parametrize("data", [SMALL, LARGE])
@pytest.mark.parametrize("announced", [True, False])
async def test_a_checksum_in_the_trailer_is_verified_and_kept(s3: Any, data: bytes, announced: bool) -> None:
    right = b64(hashlib.sha256(data).digest())
    named = {"ChecksumAlgorithm": "SHA256"} if announced else {}

    def body(value: Any) -> Any:
        return s3.sent(data[:7], data[7:], trailers={"x-amz-checksum-sha256": value})

    put = await s3("PutObject", Bucket="photos", Key="one", Body=body(right), **named)
    assert put["ChecksumSHA256"] == right
    for wrong, code in ((b64(b"0" * 32), "BadDigest"), ("????", "InvalidRequest")):
        with s3.refused(code):
            await s3("PutObject", Bucket="photos", Key="one", Body=body(wrong), **named)
    assert await s3.content("photos", "one") == data


async def test_without_a_checksum_crc64nvme_is_calculated(s3: Any) -> None:
    put = await s3("PutObject", Bucket="photos", Key="one", Body=b"123456789")
    assert put["ChecksumCRC64NVME"] == b64(bytes.fromhex("ae8b14860a799888"))


async def test_contradictory_checksums_are_refused(s3: Any) -> None:
    two = {"ChecksumCRC32": b64(b"1234"), "ChecksumCRC32C": b64(b"1234")}
    for request in (two, {"ChecksumCRC32": b64(b"1234"), "ChecksumAlgorithm": "SHA1"}, {"ChecksumAlgorithm": "CRC16"}):
        with s3.refused("InvalidRequest"):
            await s3("PutObject", Bucket="photos", Key="one", Body=b"1", **request)
    with s3.refused("InvalidRequest"):
        await s3("PutObject", Bucket="photos", Key="one", Body=b"1", ChecksumAlgorithm="CRC32")


def test_a_documents_digests_are_verified() -> None:
    data = b"<Delete/>"
    md5, crc = b64(hashlib.md5(data).digest()), b64(zlib.crc32(data).to_bytes(4, "big"))
    verify_document(data, md5, {"x-amz-checksum-crc32": crc, "x-amz-sdk-checksum-algorithm": "CRC32", "host": "x"})
    verify_document(data, None, {})
    with pytest.raises(BadDigest):
        verify_document(data + b" ", md5, {})
    with pytest.raises(BadDigest):
        verify_document(data + b" ", None, {"x-amz-checksum-crc32": crc})
    with pytest.raises(InvalidDigest):
        verify_document(data, "x", {})

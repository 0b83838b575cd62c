"""Checksums of uploads in parts, composite and of the full object, and of their parts."""

import hashlib
from typing import Any

import pytest

from .uploading import FIRST, LAST, b64, begin, digest


@pytest.mark.parametrize("name", ["CRC32", "CRC32C", "SHA1", "SHA256"])
async def test_a_composite_checksum_is_that_of_the_parts_checksums(s3: Any, name: str) -> None:
    member = f"Checksum{name}"
    upload = await begin(s3, ChecksumAlgorithm=name)
    sums = [digest(name, FIRST), digest(name, LAST)]
    parts = [
        {**await s3.part("big", upload, number, data, **{member: b64(one)}), member: b64(one)}
        for number, data, one in ((1, FIRST, sums[0]), (2, LAST, sums[1]))
    ]
    listed = await s3("ListParts", Bucket="photos", Key="big", UploadId=upload)
    assert (listed["ChecksumAlgorithm"], listed["ChecksumType"]) == (name, "COMPOSITE")
    assert [part[member] for part in listed["Parts"]] == [b64(one) for one in sums]
    with s3.refused("InvalidRequest"):
        await s3.complete("big", upload, parts[0], {key: parts[1][key] for key in ("PartNumber", "ETag")})
    with s3.refused("InvalidPart"):
        await s3.complete("big", upload, parts[0], {**parts[1], member: b64(sums[0])})
    with s3.refused("BadDigest"):
        await s3.complete("big", upload, *parts, **{member: b64(sums[0])})
    with s3.refused("InvalidRequest"):
        await s3.complete("big", upload, *parts, ChecksumType="FULL_OBJECT")
    expected = b64(digest(name, b"".join(sums)))
    output = await s3.complete("big", upload, *parts, **{member: expected}, ChecksumType="COMPOSITE")
    assert (output[member], output["ChecksumType"]) == (f"{expected}-2", "COMPOSITE")
    assert (await s3("HeadObject", Bucket="photos", Key="big", ChecksumMode="ENABLED"))[member] == f"{expected}-2"


@pytest.mark.parametrize("name", ["CRC32", "CRC32C", "CRC64NVME"])
async def test_a_full_object_checksum_is_that_of_all_bytes(s3: Any, name: str) -> None:
    member = f"Checksum{name}"
    upload = await begin(s3, ChecksumAlgorithm=name, ChecksumType="FULL_OBJECT")
    parts = [
        await s3.part("big", upload, number, data, **{member: b64(digest(name, data))})
        for number, data in ((1, FIRST), (2, LAST))
    ]
    whole = b64(digest(name, FIRST + LAST))
    refusal = f"The {name.lower()} you specified did not match the calculated checksum."
    for wrong in ({member: b64(digest(name, FIRST))}, {"ChecksumSHA1": b64(digest("SHA1", FIRST + LAST))}):
        with s3.refused("BadDigest", refusal):
            await s3.complete("big", upload, *parts, **wrong, ChecksumType="FULL_OBJECT")
    if name != "CRC64NVME":
        with s3.refused("BadDigest", refusal):  # without a type it is taken for a composite one
            await s3.complete("big", upload, *parts, **{member: whole})
    output = await s3.complete("big", upload, *parts, **{member: whole}, ChecksumType="FULL_OBJECT")
    assert (output[member], output["ChecksumType"]) == (whole, "FULL_OBJECT")


async def test_an_upload_without_an_algorithm_has_no_type_of_checksum(s3: Any) -> None:
    upload = await begin(s3)
    part = await s3.part("big", upload, 1, LAST)
    message = (
        "The upload was created using the null checksum mode. The complete request must use the same checksum mode."
    )
    for kind in ("FULL_OBJECT", "COMPOSITE"):
        with s3.refused("InvalidRequest", message):
            await s3.complete("big", upload, part, ChecksumType=kind)
    await s3.complete("big", upload, part, ChecksumCRC64NVME=b64(digest("CRC64NVME", LAST)))


async def test_a_composite_checksum_is_not_made_of_parts_that_are_listed_with_others(s3: Any) -> None:
    upload = await begin(s3, ChecksumAlgorithm="CRC32", ChecksumType="COMPOSITE")
    part = await s3.part("big", upload, 1, LAST, ChecksumCRC32=b64(digest("CRC32", LAST)))
    listed = {"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": b64(digest("SHA256", LAST))}
    with s3.refused("BadDigest", "The sha256 you specified for part 1 did not match what we received."):
        await s3.complete("big", upload, listed)


async def test_parts_with_checksums_are_numbered_from_one_without_a_gap(s3: Any) -> None:
    for algorithm, kind in (("CRC32", "COMPOSITE"), ("CRC32", "FULL_OBJECT"), ("SHA256", "COMPOSITE")):
        upload = await begin(s3, ChecksumAlgorithm=algorithm, ChecksumType=kind)
        member = f"Checksum{algorithm}"
        first, third = [
            {**await s3.part("big", upload, number, data, **{member: one}), member: one}
            for number, data in ((1, FIRST), (3, LAST))
            for one in (b64(digest(algorithm, data)),)
        ]
        for parts in ([first, third], [third]):
            with s3.refused("InvalidPartOrder", UploadId=upload):
                await s3.complete("big", upload, *parts)
        await s3.complete("big", upload, first)
    upload = await begin(s3)
    await s3.complete("big", upload, await s3.part("big", upload, 7, LAST))  # without checksums gaps are let be


async def test_the_checksum_of_a_part_is_told_where_the_request_gave_it(s3: Any) -> None:
    upload = await begin(s3)
    request = {"Bucket": "photos", "Key": "big", "UploadId": upload, "PartNumber": 1}
    output = await s3("UploadPart", **request, Body=LAST)
    assert [member for member in output if member.startswith("Checksum")] == []
    # Some clients list when they complete what was told here, which an upload without an algorithm does not take.
    await s3.complete("big", upload, {"PartNumber": 1, **output})
    upload = await begin(s3)
    output = await s3(
        "UploadPart", **{**request, "UploadId": upload}, Body=LAST, ChecksumCRC32=b64(digest("CRC32", LAST))
    )
    assert output["ChecksumCRC32"] == b64(digest("CRC32", LAST))


async def test_checksum_types_that_do_not_fit_are_refused(s3: Any) -> None:
    for request in (
        {"ChecksumAlgorithm": "SHA256", "ChecksumType": "FULL_OBJECT"},
        {"ChecksumAlgorithm": "CRC64NVME", "ChecksumType": "COMPOSITE"},
        {"ChecksumAlgorithm": "CRC32", "ChecksumType": "HALF"},
        {"ChecksumAlgorithm": "CRC7"},
        {"ChecksumType": "FULL_OBJECT"},
    ):
        with s3.refused("InvalidRequest"):
            await begin(s3, **request)
    upload = await begin(s3, ChecksumAlgorithm="CRC32")
    with s3.refused(
        "InvalidRequest", "Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: null"
    ):
        await s3.part("big", upload, 1, LAST)
    with s3.refused("InvalidRequest"):
        await s3.part("big", upload, 1, LAST, ChecksumSHA1=b64(hashlib.sha1(LAST).digest()))

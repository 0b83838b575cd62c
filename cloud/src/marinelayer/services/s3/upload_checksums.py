"""The checksums of an upload in parts: the algorithm and type that it is begun with, those of its parts, and the
object's, which is composite (the checksum of those of the parts) or that of the full object.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Row
from marinelayer.protocol.refusals import InvalidRequest
from marinelayer.services.s3.digests import ALGORITHMS, CRC64NVME, Algorithm, algorithm_named, encode
from marinelayer.services.s3.errors import BadDigest
from marinelayer.services.s3.uploads import Upload
from marinelayer.services.s3.versions import Sum

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import CompleteMultipartUploadRequest


def checksum_of_upload(request: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Algorithm and type of the checksum that an upload is begun with; None where the client names none.

    Raises:
        InvalidRequest: the two do not fit.
    """
    kind = request.get("ChecksumType")
    if "ChecksumAlgorithm" not in request:
        if kind is not None:
            raise InvalidRequest(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
            )
        return None, None
    algorithm = algorithm_named(request["ChecksumAlgorithm"])
    if kind is None:
        kind = "COMPOSITE" if algorithm.composite else "FULL_OBJECT"
    fits = algorithm.composite if kind == "COMPOSITE" else algorithm.combine is not None
    if kind not in ("COMPOSITE", "FULL_OBJECT"):
        raise InvalidRequest("Value for x-amz-checksum-type header is invalid.")
    if not fits:
        raise InvalidRequest(_unfit(kind, algorithm))
    return algorithm.name, kind


def checksum_of_parts(upload: Upload, parts: Sequence[Row]) -> Sum:
    """The object's checksum, from those of its parts. Raises InvalidRequest where they can not be combined."""
    algorithm = upload.algorithm or CRC64NVME
    column = "checksum" if upload.algorithm else "crc64nvme"
    digests = [row[column] for row in parts]
    if upload.checksum_type == "COMPOSITE":
        whole = algorithm.new()
        whole.update(b"".join(digests))
        return Sum(algorithm=algorithm.name, type="COMPOSITE", value=f"{encode(whole.digest())}-{len(parts)}")
    return Sum(
        algorithm=algorithm.name,
        type="FULL_OBJECT",
        value=encode(_combined(algorithm, digests, [row["part_size"] for row in parts])),
    )


def part_fits(upload: Upload, row: Row, entry: Mapping[str, Any]) -> bool:
    """Whether the checksum that the request lists for a part, if it lists one, is the part's. An upload that was begun
    without an algorithm knows none of its parts."""
    if upload.algorithm is None:
        return not any(algorithm.member in entry for algorithm in ALGORITHMS.values())
    given = entry.get(upload.algorithm.member)
    return given is None or given == encode(row["checksum"])


def check_checksum(request: CompleteMultipartUploadRequest, upload: Upload, checksum: Sum) -> None:
    """Refuse a checksum of the object that is not what was calculated. Where the upload was begun with an algorithm,
    one of another algorithm never is, nor is one of another type: without a type it is composite, where it can be.

    Raises:
        InvalidRequest: the upload was begun with another type.
        BadDigest: it is another checksum.
    """
    kind = request.get("ChecksumType")
    if kind is not None and kind != upload.checksum_type:
        raise InvalidRequest(
            f"The upload was created using the {upload.checksum_type or 'null'} checksum mode. The complete request "
            "must use the same checksum mode."
        )
    given = {algorithm: dict(request).get(algorithm.member) for algorithm in ALGORITHMS.values()}
    own = given.pop(ALGORITHMS[checksum.algorithm])
    wrong = own is not None and str(own).partition("-")[0] != checksum.value.partition("-")[0]
    if upload.algorithm is not None:
        meant = kind or ("COMPOSITE" if upload.algorithm.composite else "FULL_OBJECT")
        wrong = wrong or (own is not None and meant != checksum.type) or any(given.values())
    if wrong:
        raise BadDigest(f"The {checksum.algorithm.lower()} you specified did not match the calculated checksum.")


def demand_part_checksums(request: CompleteMultipartUploadRequest, upload: Upload) -> None:
    """Raises InvalidRequest where a composite checksum is to be made of parts that are listed without theirs, and
    BadDigest where one is listed with another."""
    algorithm = upload.algorithm
    if algorithm is None or upload.checksum_type != "COMPOSITE":
        return
    for entry in request.get("MultipartUpload", {}).get("Parts") or []:
        if algorithm.member not in entry:
            for other in ALGORITHMS.values():
                if other.member in entry:
                    raise BadDigest(
                        f"The {other.name.lower()} you specified for part {entry.get('PartNumber')} did not match what "
                        "we received."
                    )
            raise InvalidRequest(
                f"The upload was created using a {algorithm.name.lower()} checksum. The complete request must include "
                f"the checksum for each part. It was missing for part {entry.get('PartNumber')} in the request."
            )


def _combined(algorithm: Algorithm, digests: Sequence[bytes], sizes: Sequence[int]) -> bytes:
    if algorithm.combine is None:
        raise InvalidRequest(_unfit("FULL_OBJECT", algorithm))
    value = int.from_bytes(digests[0], "big")
    for digest, size in zip(digests[1:], sizes[1:], strict=True):
        value = algorithm.combine(value, int.from_bytes(digest, "big"), size)
    return value.to_bytes(algorithm.size, "big")


def _unfit(kind: str, algorithm: Algorithm) -> str:
    return f"The {kind} checksum type cannot be used with the {algorithm.name.lower()} checksum algorithm."

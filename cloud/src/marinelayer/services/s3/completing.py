"""CompleteMultipartUpload as it is written: the upload becomes a blob whose bytes are those of its parts, one after the
other. Nothing is copied.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from marinelayer.ports import Row, Transaction
from marinelayer.protocol.refusals import InvalidRequest, MalformedXML
from marinelayer.security.refusals import EntityTooSmall
from marinelayer.services.s3.blobs import release_part
from marinelayer.services.s3.bucket import Bucket
from marinelayer.services.s3.change import Origin, created
from marinelayer.services.s3.changes import announce
from marinelayer.services.s3.conditions import check_write
from marinelayer.services.s3.customer_keys import CustomerKey, unlocked_upload
from marinelayer.services.s3.errors import ConditionalRequestConflict, InvalidPart, InvalidPartOrder, NoSuchUpload
from marinelayer.services.s3.lifecycle import read_members, written_members
from marinelayer.services.s3.names import key_bytes
from marinelayer.services.s3.placing import NewVersion, put_version
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.upload_checksums import check_checksum, checksum_of_parts, demand_part_checksums, part_fits
from marinelayer.services.s3.uploads import MAX_PARTS, Upload, check_part_number, find_upload, identity
from marinelayer.services.s3.versions import Sum, Version, newest_version, present

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import CompleteMultipartUploadRequest

MIN_PART = 5 * 1024 * 1024
_NOT_FOUND = InvalidPart.default_message.replace(". ", ".  ")
"""S3 puts two blanks between the sentences of this one."""


def complete_upload(
    tx: Transaction,
    origin: Origin,
    request: CompleteMultipartUploadRequest,
    given: CustomerKey | None,
    entropy: str,
    *,
    classic: bool,
) -> tuple[Version | NewVersion, dict[str, str]]:
    """Make the upload's parts the object. What was completed already is answered again.

    Returns the object, and what an answer says of it.
    """
    bucket, upload = find_upload(tx, request)
    key = key_bytes(request["Key"])
    newest = newest_version(tx, bucket.bucket_id, key)
    replaced = present(newest)
    if upload is None:
        return _completed_before(tx, bucket, replaced, request)
    # "needed only when the object was created using a checksum algorithm" (CompleteMultipartUpload).
    if given is not None or upload.algorithm is not None:
        unlocked_upload(upload.encrypted, given)
    check_write(request, key=request["Key"], etag=replaced.etag if replaced else None)
    _check_conflict(request, upload, identity(replaced))
    parts, checksum = _joined(tx, upload, request, origin.time, classic=classic)
    size = sum(row["part_size"] for row in parts)
    tx.run(SQL.insert_blob, blob_id=upload.upload_id, place="parts", size=size, crc64nvme=None, wrapped_key=None)
    tx.run(SQL.delete_upload, bucket_id=bucket.bucket_id, key=key, upload_id=upload.upload_id)
    version = NewVersion(
        blob_id=upload.upload_id,
        size=size,
        etag=f"{hashlib.md5(b''.join(row['md5'] for row in parts), usedforsecurity=False).hexdigest()}-{len(parts)}",
        # "For multipart uploads, the object creation date is the date of initiation" (UsingMetadata).
        modified=upload.initiated,
        owner=upload.owner,
        acl_text=upload.acl_text,
        description=upload.description,
        checksum=checksum,
        entropy=entropy,
        encryption=upload.encryption,
    )
    placed = put_version(tx, bucket, key, version, newest, origin.time)
    announce(tx, bucket, created("ObjectCreated:CompleteMultipartUpload", key, version, placed), origin)
    return version, written_members(tx, bucket, key, version, placed)


def _completed_before(
    tx: Transaction, bucket: Bucket, found: Version | None, request: CompleteMultipartUploadRequest
) -> tuple[Version, dict[str, str]]:
    """The object that the upload became earlier. Raises NoSuchUpload where the key has another one now."""
    if found is None or found.blob_id != request["UploadId"]:
        raise NoSuchUpload(UploadId=request["UploadId"])
    named = {} if bucket.versioning is None else {"VersionId": found.version_id}
    return found, named | read_members(tx, bucket, found)


def _joined(
    tx: Transaction, upload: Upload, request: CompleteMultipartUploadRequest, now: int, *, classic: bool
) -> tuple[Sequence[Row], Sum]:
    """The parts that become the object, and its checksum; what else was sent is let go of. Raises where they are not
    what was sent, or too small, or their checksums are not those that the request names."""
    stored = {row["n"]: row for row in tx.all(SQL.parts_after, upload_id=upload.upload_id, after=0, limit=MAX_PARTS)}
    if classic and not request.get("MultipartUpload", {}).get("Parts"):
        raise MalformedXML
    parts = _listed_parts(request, upload, stored)
    _check_sizes(request, parts)
    checksum = checksum_of_parts(upload, parts)
    check_checksum(request, upload, checksum)
    demand_part_checksums(request, upload)
    for number in stored.keys() - {row["n"] for row in parts}:
        release_part(tx, upload.upload_id, number, now)
    return parts, checksum


def _check_conflict(request: CompleteMultipartUploadRequest, upload: Upload, present_one: str) -> None:
    """Raises ConditionalRequestConflict for a condition that holds only since the key changed after the upload was
    begun: "you must re-initiate the entire multipart upload" (ConditionalWrites)."""
    for member, condition in (("IfMatch", "If-Match"), ("IfNoneMatch", "If-None-Match")):
        if member in request and upload.replaces not in (None, present_one):
            raise ConditionalRequestConflict(Condition=condition, Key=request["Key"])


def _listed_parts(request: CompleteMultipartUploadRequest, upload: Upload, stored: Mapping[int, Row]) -> Sequence[Row]:
    """The stored parts that the request lists, in its order, which must be theirs."""
    listed = request.get("MultipartUpload", {}).get("Parts") or []
    if not listed:
        raise InvalidRequest("You must specify at least one part")
    parts: list[Row] = []
    for entry in listed:
        if "PartNumber" not in entry or "ETag" not in entry:
            raise MalformedXML
        number, etag = entry["PartNumber"], entry["ETag"].strip('"')
        check_part_number(number)
        if parts and number <= parts[-1]["n"]:
            raise InvalidPartOrder(UploadId=upload.upload_id)
        if upload.algorithm is not None and number != len(parts) + 1:
            # "when a additional checksum [...] is applied to each part, the PartNumber must start at 1 and the part
            # numbers must be consecutive".
            raise InvalidPartOrder(UploadId=upload.upload_id)
        row = stored.get(number)
        if row is None or row["md5"].hex() != etag or not part_fits(upload, row, entry):
            raise InvalidPart(_NOT_FOUND, UploadId=upload.upload_id, PartNumber=str(number), ETag=etag)
        parts.append(row)
    return parts


def _check_sizes(request: CompleteMultipartUploadRequest, parts: Sequence[Row]) -> None:
    """Raises EntityTooSmall for a small part that is not the last, and InvalidRequest for another size than named."""
    for row in parts[:-1]:
        if row["part_size"] < MIN_PART:
            raise EntityTooSmall(
                ETag=row["md5"].hex(),
                MinSizeAllowed=str(MIN_PART),
                PartNumber=str(row["n"]),
                ProposedSize=str(row["part_size"]),
            )
    size = sum(row["part_size"] for row in parts)
    if "MpuObjectSize" in request and request["MpuObjectSize"] != size:
        raise InvalidRequest(
            f"The provided 'x-amz-mp-object-size' header value {request['MpuObjectSize']} does not match what was "
            f"computed: {size}"
        )

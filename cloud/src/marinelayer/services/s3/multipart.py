"""CreateMultipartUpload, CompleteMultipartUpload and AbortMultipartUpload.

Completing copies nothing: the upload becomes a blob whose bytes are those of its parts, one after the other.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from marinelayer.ports import Caller, Clock, Ids, Row, Tables, Transaction
from marinelayer.protocol.refusals import InvalidRequest, MalformedXML
from marinelayer.security.refusals import EntityTooSmall
from marinelayer.services.operation import operation
from marinelayer.services.s3.blobs import release_part, release_parts
from marinelayer.services.s3.bucket import the_bucket
from marinelayer.services.s3.change import Origin, created
from marinelayer.services.s3.changes import Changes, announce
from marinelayer.services.s3.conditions import check_write, refuse_unknown_write_conditions
from marinelayer.services.s3.customer_keys import CustomerKey, customer_key, unlocked_upload
from marinelayer.services.s3.defaults import S3Defaults
from marinelayer.services.s3.digests import ALGORITHMS, CRC64NVME, Algorithm, algorithm_named, encode
from marinelayer.services.s3.encrypting import Encrypting, asked_encryption, demand_key, encryption_members
from marinelayer.services.s3.encryption import read_encryption
from marinelayer.services.s3.errors import (
    BadDigest,
    ConditionalRequestConflict,
    InvalidPart,
    InvalidPartOrder,
    NoSuchUpload,
)
from marinelayer.services.s3.grants import given_object_acl
from marinelayer.services.s3.headers import checksum_members, described, refuse_unserved
from marinelayer.services.s3.lifecycle import abort_members, read_members, written_members
from marinelayer.services.s3.names import key_bytes
from marinelayer.services.s3.needs import NO_STRANGERS_UPLOAD, on_object, to_put
from marinelayer.services.s3.object_lock import with_lock
from marinelayer.services.s3.placing import NewVersion, put_version
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.uploads import MAX_PARTS, Upload, check_part_number, find_upload, identity, the_upload
from marinelayer.services.s3.versions import (
    ENTROPY,
    Description,
    Sum,
    Version,
    description_columns,
    newest_version,
    present,
)

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        AbortMultipartUploadRequest,
        CompleteMultipartUploadRequest,
        CreateMultipartUploadRequest,
    )

MIN_PART = 5 * 1024 * 1024
_NOT_FOUND = InvalidPart.default_message.replace(". ", ".  ")
"""S3 puts two blanks between the sentences of this one."""
UPLOAD_ID = 64
"""Hexadecimal digits of an upload id: its time in 14, then random ones."""


def create_upload(
    tx: Transaction,
    caller: Caller,
    request: CreateMultipartUploadRequest,
    *,
    upload_id: str,
    description: Description,
    sums: tuple[str | None, str | None],
    encryption: str,
    now: int,
) -> dict[str, Any]:
    """Write a new upload. `sums` are the algorithm and type of its checksum, where the client named any. Returns what
    an answer says of when it is given up."""
    bucket = the_bucket(tx, request)
    key = key_bytes(request["Key"])
    owner, acl = given_object_acl(request, bucket, caller.principal)
    principal = caller.principal
    tx.run(
        SQL.insert_upload,
        bucket_id=bucket.bucket_id,
        key=key,
        upload_id=upload_id,
        initiated=now,
        initiator=principal.canonical_id if principal.kind == "root" else principal.arn,
        initiator_name=principal.name,
        owner=owner,
        acl=acl,
        checksum_algorithm=sums[0],
        checksum_type=sums[1],
        encryption=encryption,
        replaces=identity(present(newest_version(tx, bucket.bucket_id, key))),
        **description_columns(with_lock(tx, bucket, description, now)),
    )
    return abort_members(tx, bucket, key, now)


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
        if replaced is not None and replaced.blob_id == request["UploadId"]:
            named = {} if bucket.versioning is None else {"VersionId": replaced.version_id}
            return replaced, named | read_members(tx, bucket, replaced)
        raise NoSuchUpload(UploadId=request["UploadId"])
    # "needed only when the object was created using a checksum algorithm" (CompleteMultipartUpload).
    if given is not None or upload.algorithm is not None:
        unlocked_upload(upload.encrypted, given)
    check_write(request, key=request["Key"], etag=replaced.etag if replaced else None)
    _check_conflict(request, upload, identity(replaced))
    stored = {row["n"]: row for row in tx.all(SQL.parts_after, upload_id=upload.upload_id, after=0, limit=MAX_PARTS)}
    if classic and not request.get("MultipartUpload", {}).get("Parts"):
        raise MalformedXML
    parts = _listed_parts(request, upload, stored)
    _check_sizes(request, parts)
    checksum = _checksum(upload, parts)
    _check_checksum(request, upload, checksum)
    _demand_part_checksums(request, upload)
    for number in stored.keys() - {row["n"] for row in parts}:
        release_part(tx, upload.upload_id, number, origin.time)
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
        if row is None or row["md5"].hex() != etag or not _fits(upload, row, entry):
            raise InvalidPart(_NOT_FOUND, UploadId=upload.upload_id, PartNumber=str(number), ETag=etag)
        parts.append(row)
    return parts


def _fits(upload: Upload, row: Row, entry: Mapping[str, Any]) -> bool:
    """Whether the checksum that the request lists for a part, if it lists one, is the part's. An upload that was begun
    without an algorithm knows none of its parts."""
    if upload.algorithm is None:
        return not any(algorithm.member in entry for algorithm in ALGORITHMS.values())
    given = entry.get(upload.algorithm.member)
    return given is None or given == encode(row["checksum"])


def _demand_part_checksums(request: CompleteMultipartUploadRequest, upload: Upload) -> None:
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


def _check_sizes(request: CompleteMultipartUploadRequest, parts: Sequence[Row]) -> None:
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


def _checksum(upload: Upload, parts: Sequence[Row]) -> Sum:
    """The object's checksum, from those of its parts."""
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


def _combined(algorithm: Algorithm, digests: Sequence[bytes], sizes: Sequence[int]) -> bytes:
    if algorithm.combine is None:
        raise InvalidRequest(_unfit("FULL_OBJECT", algorithm))
    value = int.from_bytes(digests[0], "big")
    for digest, size in zip(digests[1:], sizes[1:], strict=True):
        value = algorithm.combine(value, int.from_bytes(digest, "big"), size)
    return value.to_bytes(algorithm.size, "big")


def _check_checksum(request: CompleteMultipartUploadRequest, upload: Upload, checksum: Sum) -> None:
    """Refuse a checksum of the object that is not what was calculated. Where the upload was begun with an algorithm,
    one of another algorithm never is, nor is one of another type: without a type it is composite, where it can be."""
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


def abort_upload(tx: Transaction, request: AbortMultipartUploadRequest, now: int) -> None:
    """Forget the upload and let go of its parts."""
    bucket = the_bucket(tx, request)
    upload = the_upload(tx, request)
    tx.run(SQL.delete_upload, bucket_id=bucket.bucket_id, key=upload.key, upload_id=upload.upload_id)
    release_parts(tx, upload.upload_id, now)


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


def _unfit(kind: str, algorithm: Algorithm) -> str:
    return f"The {kind} checksum type cannot be used with the {algorithm.name.lower()} checksum algorithm."


class Multipart:
    """Uploads in parts: begun, completed, aborted."""

    def __init__(
        self,
        tables: Tables,
        clock: Clock,
        ids: Ids,
        changes: Changes,
        encrypting: Encrypting,
        defaults: S3Defaults,
    ) -> None:
        self._classic = defaults == "classic"
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._changes = changes
        self._encrypting = encrypting

    @operation("CreateMultipartUpload", needs=to_put, to_strangers=NO_STRANGERS_UPLOAD)
    async def create(self, caller: Caller, request: CreateMultipartUploadRequest) -> dict[str, Any]:
        """Begin an upload; what is said of the object is said here."""
        refuse_unserved(request)
        sums = checksum_of_upload(request)
        now = self._clock.now()
        time = f"{now:014x}"
        upload_id = time + self._ids.token(UPLOAD_ID - len(time))
        description = described(request)
        asked = asked_encryption(request, caller)
        source = await self._encrypting.target(caller, request, asked)
        # "the requester must have permission to the kms:Decrypt and kms:GenerateDataKey actions" (mpuoverview).
        await demand_key(caller, source.encryption, "kms:Decrypt")
        aborted = await self._tables.write(
            create_upload,
            caller,
            request,
            upload_id=upload_id,
            description=description,
            sums=sums,
            encryption=source.encryption.text,
            now=now,
        )
        output: dict[str, Any] = {
            "Bucket": request["Bucket"],
            "Key": request["Key"],
            "UploadId": upload_id,
            **aborted,
            **encryption_members(source, asked.customer),
        }
        if sums[0] is not None:
            output |= {"ChecksumAlgorithm": sums[0], "ChecksumType": sums[1]}
        return output

    @operation("CompleteMultipartUpload", needs=to_put, anonymous=True)
    async def complete(self, caller: Caller, request: CompleteMultipartUploadRequest) -> dict[str, Any]:
        """Join the listed parts to the object; parts that are not listed are let go of."""
        refuse_unserved(request)
        refuse_unknown_write_conditions(request)
        given = customer_key(request, caller)
        await self._demand_key_of_checksums(caller, request)
        version, written = await self._changes.write(
            caller, complete_upload, request, given, self._ids.token(ENTROPY), classic=self._classic
        )
        encryption = read_encryption(version.encryption)
        bucket, key = request["Bucket"], request["Key"]
        return {
            "Location": f"{caller.base_url}/{bucket}/{quote(key)}",
            "Bucket": bucket,
            "Key": key,
            "ETag": f'"{version.etag}"',
            **checksum_members(version.checksum),
            **(encryption.members if encryption else {}),
            **written,
        }

    async def _demand_key_of_checksums(self, caller: Caller, request: CompleteMultipartUploadRequest) -> None:
        """Refuse who may not use the upload's KMS key, where its checksums are known: "you must have permission to use
        the kms:Decrypt action for the CompleteMultipartUpload request to succeed"."""
        _, upload = await self._tables.read(find_upload, request)
        if upload is not None and upload.algorithm is not None and upload.encrypted is not None:
            await demand_key(caller, upload.encrypted, "kms:Decrypt")

    @operation("AbortMultipartUpload", needs=on_object("s3:AbortMultipartUpload"), anonymous=True)
    async def abort(self, caller: Caller, request: AbortMultipartUploadRequest) -> None:
        """Give an upload up."""
        refuse_unserved(request)
        await self._tables.write(abort_upload, request, self._clock.now())

"""ListMultipartUploads and ListParts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Row, Tables, Transaction
from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import the_bucket
from marinelayer.services.s3.conditions import moment
from marinelayer.services.s3.digests import encode
from marinelayer.services.s3.encrypting import demand_key
from marinelayer.services.s3.lifecycle import abort_members
from marinelayer.services.s3.listing import common_prefixes, echoed, encoder, name_of, page_size
from marinelayer.services.s3.names import text_bytes
from marinelayer.services.s3.needs import on_bucket, on_object
from marinelayer.services.s3.owners import Named, Owners
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.uploads import Upload, the_upload
from marinelayer.services.s3.walk import Page, walk

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import ListMultipartUploadsRequest, ListPartsRequest


def page_of_uploads(tx: Transaction, request: Mapping[str, Any], *, limit: int) -> Page:
    """The page of a bucket's uploads behind the key marker and, of that key, behind the upload id marker.

    Raises:
        InvalidArgument: the upload is one of another key.
    """
    bucket = the_bucket(tx, request)
    key, upload_id = text_bytes(request.get("KeyMarker", "")), request.get("UploadIdMarker", "")
    if (
        key
        and upload_id
        and tx.one(SQL.upload_of_another_key, bucket_id=bucket.bucket_id, key=key, upload_id=upload_id)
    ):
        raise InvalidArgument("Invalid uploadId marker", ArgumentName="upload-id-marker", ArgumentValue=upload_id)
    return walk(
        partial(_uploads_from, tx, bucket.bucket_id),
        prefix=text_bytes(request.get("Prefix", "")),
        delimiter=text_bytes(request.get("Delimiter", "")),
        marker=key,
        marker_id=upload_id if key else "",
        limit=limit,
        next_of=lambda row: (row["key"], row["upload_id"]),
    )


def _uploads_from(
    tx: Transaction, bucket_id: int, first: bytes, after_id: str, end: bytes, limit: int
) -> Sequence[Row]:
    return tx.all(SQL.uploads_from, bucket_id=bucket_id, first=first, after_id=after_id, end=end, limit=limit)


def page_of_parts(
    tx: Transaction, request: Mapping[str, Any], *, limit: int
) -> tuple[Upload, list[Row], bool, dict[str, Any]]:
    """An upload, the page of its parts behind the marker, whether more follow, and what is said of when it is given
    up."""
    upload = the_upload(tx, request)
    after = request.get("PartNumberMarker", 0)
    rows = tx.all(SQL.parts_after, upload_id=upload.upload_id, after=int(after or 0), limit=limit + 1)
    aborted = abort_members(tx, the_bucket(tx, request), upload.key, upload.initiated)
    return upload, rows[:limit], len(rows) > limit > 0, aborted


class UploadListings:
    """Listing uploads, and the parts of one."""

    def __init__(self, tables: Tables, owners: Owners) -> None:
        self._tables = tables
        self._owners = owners

    @operation("ListMultipartUploads", needs=on_bucket("s3:ListBucketMultipartUploads"), anonymous=True)
    async def list_uploads(self, caller: Caller, request: ListMultipartUploadsRequest) -> dict[str, Any]:
        """The bucket's unfinished uploads by key and, within a key, by age."""
        limit = page_size(request, "MaxUploads", "max-uploads")
        encode_key = encoder(request)
        page = await self._tables.read(page_of_uploads, request, limit=limit)
        output: dict[str, Any] = {
            "Bucket": request["Bucket"],
            "KeyMarker": encode_key(request.get("KeyMarker", "")),
            "UploadIdMarker": request.get("UploadIdMarker", "") if request.get("KeyMarker") else "",
            "MaxUploads": limit,
            "IsTruncated": page.next is not None,
            **echoed(request, encode_key, "Prefix", "Delimiter"),
            **echoed(request, str, "EncodingType"),
            **common_prefixes(page, encode_key),
        }
        named = await self._owners.named(who for row in page.rows for who in (row["owner"], row["initiator"]))
        uploads = [_upload_entry(row, encode_key(row["key"].decode()), named) for row in page.rows]
        if uploads:
            output["Uploads"] = uploads
        # The last upload is named whether more follow or not, as S3 does; a common prefix only where it is to go on.
        last = page.next or (page.rows[-1] if page.rows else b"")
        output["NextKeyMarker"] = encode_key(name_of(last))
        output["NextUploadIdMarker"] = "" if isinstance(last, bytes) else last["upload_id"]
        return output

    @operation("ListParts", needs=on_object("s3:ListMultipartUploadParts"), anonymous=True)
    async def list_parts(self, caller: Caller, request: ListPartsRequest) -> dict[str, Any]:
        """The parts that have arrived, by number."""
        limit = page_size(request, "MaxParts", "max-parts")
        upload, rows, truncated, aborted = await self._tables.read(page_of_parts, request, limit=limit)
        if upload.encrypted is not None:
            # "you must have permission to the kms:Decrypt action for the ListParts request to succeed".
            await demand_key(caller, upload.encrypted, "kms:Decrypt")
        named = await self._owners.named((upload.owner, upload.initiator))
        output: dict[str, Any] = {
            "Bucket": request["Bucket"],
            "Key": request["Key"],
            "UploadId": upload.upload_id,
            "PartNumberMarker": int(request.get("PartNumberMarker", 0) or 0),
            "MaxParts": limit,
            "IsTruncated": truncated,
            "Initiator": named.initiator(upload.initiator, upload.initiator_name),
            "Owner": named.owner(upload.owner),
            "StorageClass": upload.description.storage_class,
            "NextPartNumberMarker": rows[-1]["n"] if rows else 0,
            **aborted,
        }
        if rows:
            output["Parts"] = [_part_entry(row, upload) for row in rows]
        if upload.algorithm is not None:
            output |= {"ChecksumAlgorithm": upload.algorithm.name, "ChecksumType": upload.checksum_type}
        return output


def _upload_entry(row: Row, key: str, named: Named) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "UploadId": row["upload_id"],
        "Key": key,
        "Initiated": moment(row["initiated"]),
        "StorageClass": row["storage_class"],
        "Owner": named.owner(row["owner"]),
        "Initiator": named.initiator(row["initiator"], row["initiator_name"]),
    }
    if row["checksum_algorithm"] is not None:
        entry |= {"ChecksumAlgorithm": row["checksum_algorithm"], "ChecksumType": row["checksum_type"]}
    return entry


def _part_entry(row: Row, upload: Upload) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "PartNumber": row["n"],
        "LastModified": moment(row["modified"]),
        "ETag": f'"{row["md5"].hex()}"',
        "Size": row["part_size"],
    }
    if upload.algorithm is not None:
        entry[upload.algorithm.member] = encode(row["checksum"])
    return entry

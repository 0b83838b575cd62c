"""ListObjectVersions.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Row, Tables, Transaction
from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.protocol.s3_order import ALTERNATING
from marinelayer.services.operation import operation
from marinelayer.services.s3.archive import restore_status, tells_restores
from marinelayer.services.s3.bucket import the_bucket
from marinelayer.services.s3.conditions import moment
from marinelayer.services.s3.listing import Encode, common_prefixes, echoed, encoder, name_of, page_size
from marinelayer.services.s3.names import NULL_VERSION, check_version_id, text_bytes
from marinelayer.services.s3.needs import on_bucket
from marinelayer.services.s3.owners import Named, Owners
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.versions import newest_version, place_of
from marinelayer.services.s3.walk import Page, walk

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import ListObjectVersionsRequest

_ABOVE_ALL = 2**62
"""A place above that of every version."""


def page_of_versions(
    tx: Transaction, request: Mapping[str, Any], *, limit: int
) -> tuple[Page, tuple[bytes, int] | None]:
    """The page of a bucket's versions behind the key marker and, of that key, behind the version id marker; and of a
    page that goes on within a key, that key with the place of its newest version."""
    bucket = the_bucket(tx, request)
    marker = text_bytes(request.get("KeyMarker", ""))
    newest = newest_version(tx, bucket.bucket_id, marker) if request.get("VersionIdMarker") else None
    page = walk(
        partial(_versions_from, tx, bucket.bucket_id),
        prefix=text_bytes(request.get("Prefix", "")),
        delimiter=text_bytes(request.get("Delimiter", "")),
        marker=marker,
        marker_id=_place(tx, bucket.bucket_id, marker, request.get("VersionIdMarker")),
        limit=limit,
        next_of=lambda row: (row["key"], str(row["seq"])),
    )
    return page, None if newest is None else (marker, newest.seq)


def _versions_from(tx: Transaction, bucket_id: int, first: bytes, below: str, end: bytes, limit: int) -> Sequence[Row]:
    place = int(below) if below else _ABOVE_ALL
    return tx.all(SQL.versions_from, bucket_id=bucket_id, first=first, below=place, end=end, limit=limit)


def _place(tx: Transaction, bucket_id: int, key: bytes, version_id: str | None) -> str:
    """The place of the marker's version among those of its key, even if it was removed meanwhile; "" without one."""
    if not version_id:
        return ""
    check_version_id(version_id, argument="version-id-marker")
    if version_id == NULL_VERSION:
        row = tx.one(SQL.null_version, bucket_id=bucket_id, key=key)
        return str(_ABOVE_ALL if row is None else row["seq"])
    # Of a replica the id says another bucket's place.
    row = tx.one(SQL.version_by_id, bucket_id=bucket_id, key=key, version_id=version_id)
    return str(place_of(version_id) if row is None else row["seq"])


class VersionListings:
    """Listing the versions of a bucket's objects."""

    def __init__(self, tables: Tables, owners: Owners) -> None:
        self._tables = tables
        self._owners = owners

    @operation("ListObjectVersions", needs=on_bucket("s3:ListBucketVersions"), anonymous=True)
    async def list_versions(self, caller: Caller, request: ListObjectVersionsRequest) -> dict[str, Any]:
        """Versions and delete markers by key and, within a key, from the newest to the oldest."""
        limit = page_size(request, "MaxKeys", "max-keys")
        encode = encoder(request)
        if request.get("VersionIdMarker") is not None and not request.get("KeyMarker"):
            raise InvalidArgument(
                "A version-id marker cannot be specified without a key marker.",
                ArgumentName="version-id-marker",
                ArgumentValue=request.get("VersionIdMarker", ""),
            )
        page, within = await self._tables.read(page_of_versions, request, limit=limit)
        output: dict[str, Any] = {
            "Name": request["Bucket"],
            "Prefix": encode(request.get("Prefix", "")),
            "KeyMarker": encode(request.get("KeyMarker", "")),
            "VersionIdMarker": request.get("VersionIdMarker", ""),
            "MaxKeys": limit,
            "IsTruncated": page.next is not None,
            **echoed(request, encode, "Delimiter"),
            **echoed(request, str, "EncodingType"),
            **common_prefixes(page, encode),
        }
        restores = tells_restores(request)
        named = await self._owners.named(row["owner"] for row in page.rows)
        alternating: list[tuple[str, dict[str, Any]]] = []
        for row, latest in _with_latest(page, within):
            kind = "DeleteMarkers" if row["is_marker"] else "Versions"
            entry = _entry(row, encode, named, latest=latest)
            if restores and not row["is_marker"]:
                entry |= restore_status(row)
            output.setdefault(kind, []).append(entry)
            alternating.append((kind, entry))
        output[ALTERNATING] = alternating
        if page.next is not None:
            output["NextKeyMarker"] = encode(name_of(page.next))
            if not isinstance(page.next, bytes):
                output["NextVersionIdMarker"] = page.next["version_id"]
        return output


def _with_latest(page: Page, within: tuple[bytes, int] | None) -> Iterator[tuple[Row, bool]]:
    """The page's rows, each with whether it is the newest of its key: the first of its key is, but on a page that goes
    on within a key, whose newest version stands in `within`."""
    seen = None
    for row in page.rows:
        place = within[1] if within is not None and row["key"] == within[0] else row["seq"]
        yield row, row["key"] != seen and row["seq"] == place
        seen = row["key"]


def _entry(row: Row, encode: Encode, named: Named, *, latest: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "Key": encode(row["key"].decode()),
        "VersionId": row["version_id"],
        "IsLatest": latest,
        "LastModified": moment(row["modified"]),
        "Owner": named.owner(row["owner"]),
    }
    if row["is_marker"]:
        return entry
    entry |= {"ETag": f'"{row["etag"]}"', "Size": row["size"], "StorageClass": row["storage_class"]}
    if row["checksum_algorithm"] is not None:
        entry |= {"ChecksumAlgorithm": [row["checksum_algorithm"]], "ChecksumType": row["checksum_type"]}
    return entry

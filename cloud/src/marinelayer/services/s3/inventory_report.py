"""Inventory reports: what a bucket holds, as gzipped CSV with a manifest, daily or weekly in another bucket.

A configuration that is enabled has one chain of outbox jobs; each writes a report and the job of the next one. A report
flows from the tables to the destination a page at a time, each page a snapshot of its own moment, as S3's inventory is
of no one moment either. A job that is done again writes the same keys again.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html and
.../storage-inventory.html
"""

from __future__ import annotations

import hashlib
import json
import logging
import zlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from marinelayer import outbox
from marinelayer.http import BytesBody
from marinelayer.model.errors import AccessDenied, ServiceError
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import Access, Clock, Row, Tables, Transaction
from marinelayer.services.s3.bucket import Bucket, bucket_of
from marinelayer.services.s3.configurations import Document, read_document
from marinelayer.services.s3.lifecycle_rules import DAY, Days
from marinelayer.services.s3.names import HIGHEST_KEY, after_prefix
from marinelayer.services.s3.service_delivery import REPORTS, TO_BUCKET_OWNER, Put, ServiceDelivery
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.s3", "inventory.sql")

_logger = logging.getLogger(__name__)

REPORT = "s3.inventory.report"
PAGE = 500
_NEWEST = 2**62
_GZIP = 31
"""zlib's number for the window and format of gzip."""
_SUNDAY = 3
"""The days since 1970-01-01, a Thursday, leave this by seven."""


def _time(microseconds: int) -> str:
    moment = datetime.fromtimestamp(microseconds // 1_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S.000Z}"


def _hold(row: Row) -> str:
    return "" if row["legal_hold"] is None else ("On" if row["legal_hold"] else "Off")


FIELDS: Mapping[str, Callable[[Row], str]] = {
    "Size": lambda row: str(row["size"]),
    "LastModifiedDate": lambda row: _time(row["modified"]),
    "ETag": lambda row: row["etag"],
    "StorageClass": lambda row: row["storage_class"],
    "IsMultipartUploaded": lambda row: "true" if "-" in row["etag"] else "false",
    "ReplicationStatus": lambda row: row["replication"] or "",
    "ObjectLockRetainUntilDate": lambda row: "" if row["retain_until"] is None else _time(row["retain_until"]),
    "ObjectLockMode": lambda row: row["retention_mode"] or "",
    "ObjectLockLegalHoldStatus": _hold,
    "ChecksumAlgorithm": lambda row: row["checksum_algorithm"] or "",
    "ObjectOwner": lambda row: row["owner"],
}
"""The optional fields of a report, in the order in which they stand in it."""
_OF_MARKERS = frozenset({"LastModifiedDate", "ObjectOwner"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The reports of one configuration, as it was set at `changed`; `number` counts them."""

    bucket_id: int
    id: str
    changed: int
    number: int = 0


def begin_reports(tx: Transaction, bucket_id: int, identifier: str, now: int) -> None:
    """Start a configuration's chain, inside the write that sets it."""
    _enqueue(tx, Series(bucket_id=bucket_id, id=identifier, changed=now), now)


def _enqueue(tx: Transaction, series: Series, due: int) -> None:
    chain = f"{REPORT}/{series.bucket_id}/{series.id}/{series.changed}"
    members = {name: getattr(series, name) for name in Series.__slots__} | {"due": due}
    outbox.enqueue(
        tx,
        job_id=f"{chain}/{series.number}",
        kind=REPORT,
        group=chain,
        payload=json.dumps(members).encode(),
        due=due,
    )


def go_on(tx: Transaction, series: Series, due: int) -> None:
    """Write the job of the next report, if the configuration is still that of the chain."""
    if inventory_of(tx, series) is not None:
        _enqueue(tx, series, due)


def inventory_of(tx: Transaction, series: Series) -> tuple[Bucket, Document] | None:
    """The bucket and the configuration of a chain; None where the chain has ended."""
    row = tx.one(SQL.inventory, bucket_id=series.bucket_id, id=series.id)
    if row is None or row["changed"] != series.changed:
        return None
    document = read_document(row["document"])
    return (bucket_of(tx, row["name"], None), document) if document["IsEnabled"] else None


def next_report(frequency: str, days: Days, now: int) -> int:
    """When the next report is written: at midnight, weekly ones on Sundays; after shortened days, where they are so."""
    if days.length != DAY:
        return now + days.length * (7 if frequency == "Weekly" else 1)
    day = now // DAY + 1
    return (day + (_SUNDAY - day) % 7 if frequency == "Weekly" else day) * DAY


# --- the data -------------------------------------------------------------------------------------------------


def columns_of(document: Document) -> list[str]:
    """The columns of a report."""
    versions = ["VersionId", "IsLatest", "IsDeleteMarker"] if document["IncludedObjectVersions"] == "All" else []
    asked = document.get("OptionalFields") or ()
    return ["Bucket", "Key", *versions, *(field for field in FIELDS if field in asked)]


def line_of(columns: Sequence[str], bucket: str, row: Row, *, latest: bool) -> str:
    """A version's line: every value in quotes, the key percent-encoded."""
    marker = bool(row["is_marker"])
    known = {
        "Bucket": bucket,
        "Key": quote(row["key"].decode()),
        "VersionId": "" if row["is_null"] else row["version_id"],
        "IsLatest": "true" if latest else "false",
        "IsDeleteMarker": "true" if marker else "false",
    }
    values = [
        known[column] if column in known else "" if marker and column not in _OF_MARKERS else FIELDS[column](row)
        for column in columns
    ]
    return ",".join(f'"{value}"' for value in values) + "\n"


def page_of(tx: Transaction, series: Series, document: Document, first: bytes, below: int) -> Sequence[Row]:
    """The next rows of a report: objects, or versions, from a key on."""
    prefix = document.get("Filter", {}).get("Prefix", "").encode()
    end = after_prefix(prefix) if prefix else HIGHEST_KEY
    statement = SQL.versions_from if document["IncludedObjectVersions"] == "All" else SQL.current_from
    return tx.all(statement, bucket_id=series.bucket_id, first=max(first, prefix), end=end, below=below, limit=PAGE)


class ReportBody:
    """The gzipped lines of a report as a body, written as they are read (http.Body). Read once; `size` counts."""

    length: int | None = None
    trailers: Mapping[str, str] = {}

    def __init__(self, tables: Tables, series: Series, bucket: str, document: Document) -> None:
        self._tables = tables
        self._series = series
        self._bucket = bucket
        self._document = document
        self.size = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        packed = zlib.compressobj(wbits=_GZIP)
        columns = columns_of(self._document)
        key, below = b"", _NEWEST
        seen: bytes | None = None
        while True:
            rows = await self._tables.read(page_of, self._series, self._document, key, below)
            lines: list[str] = []
            for row in rows:
                lines.append(line_of(columns, self._bucket, row, latest=row["key"] != seen))
                seen = row["key"]
            full = len(rows) == PAGE
            piece = packed.compress("".join(lines).encode()) + (b"" if full else packed.flush())
            self.size += len(piece)
            if piece:
                yield piece
            if not full:
                return
            key, below = rows[-1]["key"], rows[-1]["seq"]


# --- the reports ----------------------------------------------------------------------------------------------


def manifest_of(bucket: str, document: Document, created: int, files: Sequence[Mapping[str, Any]]) -> bytes:
    """The manifest of a report that was begun at `created` (microseconds)."""
    manifest = {
        "sourceBucket": bucket,
        "destinationBucket": document["Destination"]["S3BucketDestination"]["Bucket"],
        "version": "2016-11-30",
        "creationTimestamp": str(created // 1000),
        "fileFormat": "CSV",
        "fileSchema": ", ".join(columns_of(document)),
        "files": files,
    }
    return json.dumps(manifest, indent=2).encode()


class InventoryReports:
    """Writes the reports of inventory configurations, in days of a given length; `put` is PutObject."""

    def __init__(self, tables: Tables, access: Access, clock: Clock, days: Days, put: Put) -> None:
        self._tables = tables
        self._access = access
        self._clock = clock
        self._days = days
        self._put = put

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of job."""
        return {REPORT: self.report}

    async def report(self, job: Job) -> None:
        """Write one report, and the job of the next. What the destination does not let in is left out."""
        members: dict[str, Any] = json.loads(job.payload)
        due: int = members.pop("due")
        series = Series(**members)
        found = await self._tables.read(inventory_of, series)
        if found is None:
            return
        bucket, document = found
        try:
            await self._write(job, series, bucket, document, due)
        except (AccessDenied, ServiceError) as refusal:
            _logger.warning("the inventory %s of %s could not be delivered: %s", series.id, bucket.name, refusal)
        onward = Series(bucket_id=series.bucket_id, id=series.id, changed=series.changed, number=series.number + 1)
        later = next_report(document["Schedule"]["Frequency"], self._days, self._clock.now())
        await self._tables.write(go_on, onward, later)

    async def _write(self, job: Job, series: Series, bucket: Bucket, document: Document, due: int) -> None:
        destination = document["Destination"]["S3BucketDestination"]
        target = destination["Bucket"].rpartition(":")[2]
        folder = "/".join(piece for piece in (destination.get("Prefix"), bucket.name, series.id) if piece)
        delivery = ServiceDelivery(REPORTS, self._access, bucket)

        async def put(key: str, body: Any, content_type: str) -> str:
            request = {"Bucket": target, "Key": key, "Body": body, "ContentType": content_type, "ACL": TO_BUCKET_OWNER}
            return str((await delivery.put(self._put, request, job.id))["ETag"]).strip('"')

        begun = datetime.fromtimestamp(due // 1_000_000, UTC)
        data = f"{folder}/data/{uuid5(NAMESPACE_URL, job.id)}.csv.gz"
        body = ReportBody(self._tables, series, bucket.name, document)
        md5 = await put(data, body, "application/octet-stream")
        files = [{"key": data, "size": body.size, "MD5checksum": md5}]
        manifest = manifest_of(bucket.name, document, due, files)
        await put(f"{folder}/hive/dt={begun:%Y-%m-%d-%H-%M}/symlink.txt", _text(f"s3://{target}/{data}"), "text/plain")
        checksum = hashlib.md5(manifest, usedforsecurity=False).hexdigest()
        place = f"{folder}/{begun:%Y-%m-%dT%H-%MZ}"
        await put(f"{place}/manifest.json", BytesBody(manifest), "application/json")
        # The checksum comes last: who waits for it finds the rest.
        await put(f"{place}/manifest.checksum", _text(checksum), "text/plain")


def _text(text: str) -> BytesBody:
    return BytesBody(text.encode())

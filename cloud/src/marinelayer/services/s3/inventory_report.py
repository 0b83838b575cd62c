"""Inventory reports: what a bucket holds, as gzipped CSV or Parquet with a manifest, daily or weekly in another bucket.

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
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from marinelayer import outbox
from marinelayer.http import BytesBody
from marinelayer.model.errors import AccessDenied, ServiceError
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import Access, Clock, ColumnKind, ParquetWriter, Row, Tables, Transaction, Value
from marinelayer.services.s3.bucket import Bucket, bucket_of
from marinelayer.services.s3.configurations import Document, configuration, read_document
from marinelayer.services.s3.inventory_fields import Entry, Field, csv_line, fields_of, parquet_schema
from marinelayer.services.s3.lifecycle_rules import DAY, Days, Rule, enabled_rules
from marinelayer.services.s3.names import HIGHEST_KEY, after_prefix
from marinelayer.services.s3.service_delivery import S3_ITSELF, TO_BUCKET_OWNER, Put, ServiceDelivery
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.s3", "inventory.sql")

_logger = logging.getLogger(__name__)

REPORT = "s3.inventory.report"
PAGE = 500
FILE_BYTES = 64 << 20
"""About as much of a report, uncompressed, as one file has: a worker that writes Parquet holds it all."""
_ROW_BYTES = 300
"""About as many has a row besides its key and its ACL."""
_ENDINGS = {"CSV": "csv.gz", "Parquet": "parquet"}
_NEWEST = 2**62
_GZIP = 31
"""zlib's number for the window and format of gzip."""
_SUNDAY = 3
"""The days since 1970-01-01, a Thursday, leave this by seven."""


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


def page_of(tx: Transaction, series: Series, document: Document, first: bytes, below: int) -> Sequence[Row]:
    """The next rows of a report: objects, or versions, from a key on."""
    prefix = document.get("Filter", {}).get("Prefix", "").encode()
    end = after_prefix(prefix) if prefix else HIGHEST_KEY
    statement = SQL.versions_from if document["IncludedObjectVersions"] == "All" else SQL.current_from
    return tx.all(statement, bucket_id=series.bucket_id, first=max(first, prefix), end=end, below=below, limit=PAGE)


class Contents:
    """What a report tells, read once from its beginning to its end. `ended` is whether there is no more."""

    def __init__(
        self, tables: Tables, series: Series, bucket: Bucket, document: Document, rules: Sequence[Rule]
    ) -> None:
        self._tables = tables
        self._series = series
        self._bucket = bucket
        self._document = document
        self._key, self._below = b"", _NEWEST
        self._rules = rules
        self._above: Entry | None = None
        self.ended = False

    async def pages(self) -> AsyncGenerator[Sequence[Entry]]:
        """The next entries, as many as one file has."""
        left = FILE_BYTES
        while left > 0 and not self.ended:
            rows = await self._tables.read(page_of, self._series, self._document, self._key, self._below)
            entries: list[Entry] = []
            for row in rows:
                self._above = self._entry(row, self._above)
                entries.append(self._above)
            left -= sum(_ROW_BYTES + len(row["key"]) + 2 * len(row["acl"] or "") for row in rows)
            self.ended = len(rows) < PAGE
            if not self.ended:
                self._key, self._below = rows[-1]["key"], rows[-1]["seq"]
            yield entries

    def _entry(self, row: Row, above: Entry | None) -> Entry:
        """The entry of a row, `above` being the one before it."""
        if above is None or above.row["key"] != row["key"]:
            return Entry(row=row, bucket=self._bucket, rules=self._rules)
        # Delete markers are no versions that NewerNoncurrentVersions would keep.
        kept = int(above.since is not None and not above.row["is_marker"])
        since = above.row["modified"]
        return Entry(row=row, bucket=self._bucket, rules=self._rules, since=since, newer=above.newer + kept)


async def csv_file(fields: Mapping[str, Field], pages: AsyncGenerator[Sequence[Entry]]) -> AsyncGenerator[bytes]:
    """The gzipped lines of a file."""
    packed = zlib.compressobj(wbits=_GZIP)
    async for page in pages:
        yield packed.compress("".join(csv_line(fields, entry) for entry in page).encode())
    yield packed.flush()


async def rows_of(
    fields: Mapping[str, Field], pages: AsyncGenerator[Sequence[Entry]]
) -> AsyncGenerator[Sequence[Sequence[Value]]]:
    """The values of entries, for a file in Parquet."""
    async for page in pages:
        yield [[field.of(entry) for field in fields.values()] for entry in page]


class FileBody:
    """A file of a report as a body, written as its contents are read (http.Body). Read once; `size` counts."""

    length: int | None = None
    trailers: Mapping[str, str] = {}

    def __init__(self, pieces: AsyncGenerator[bytes]) -> None:
        self._pieces = pieces
        self.size = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(self._pieces) as pieces:
            async for piece in pieces:
                self.size += len(piece)
                if piece:
                    yield piece


# --- the reports ----------------------------------------------------------------------------------------------


def manifest_of(bucket: str, document: Document, created: int, files: Sequence[Mapping[str, Any]]) -> bytes:
    """The manifest of a report that was begun at `created` (microseconds)."""
    destination = document["Destination"]["S3BucketDestination"]
    fields = fields_of(document)
    manifest = {
        "sourceBucket": bucket,
        "destinationBucket": destination["Bucket"],
        "version": "2016-11-30",
        "creationTimestamp": str(created // 1000),
        "fileFormat": destination["Format"],
        "fileSchema": parquet_schema(fields) if destination["Format"] == "Parquet" else ", ".join(fields),
        "files": files,
    }
    return json.dumps(manifest, indent=2).encode()


def encryption_members(destination: Mapping[str, Any]) -> dict[str, str]:
    """What a configuration says of the encryption of its reports, as PutObject is told it."""
    encryption: Mapping[str, Any] = destination.get("Encryption") or {}
    if "SSEKMS" in encryption:
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": encryption["SSEKMS"]["KeyId"]}
    return {"ServerSideEncryption": "AES256"} if "SSES3" in encryption else {}


class InventoryReports:
    """Writes the reports of inventory configurations, in days of a given length; `put` is PutObject."""

    def __init__(
        self, tables: Tables, access: Access, clock: Clock, days: Days, parquet: ParquetWriter, put: Put
    ) -> None:
        self._tables = tables
        self._access = access
        self._clock = clock
        self._days = days
        self._parquet = parquet
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
        delivery = ServiceDelivery(S3_ITSELF, self._access, bucket, account=bucket.account)
        encryption = encryption_members(destination)

        async def put(key: str, body: Any, content_type: str) -> str:
            request = {"Bucket": target, "Key": key, "Body": body, "ContentType": content_type, "ACL": TO_BUCKET_OWNER}
            answer = await delivery.put(self._put, {**request, **encryption}, job.id)
            return str(answer["ETag"]).strip('"')

        lifecycle = await self._tables.read(configuration, bucket, "lifecycle")
        rules = enabled_rules(lifecycle) if lifecycle else ()
        contents = Contents(self._tables, series, bucket, document, rules)
        files: list[Mapping[str, Any]] = []
        while not files or not contents.ended:
            name = uuid5(NAMESPACE_URL, f"{job.id}/{len(files)}")
            data = f"{folder}/data/{name}.{_ENDINGS[destination['Format']]}"
            body = FileBody(self._file(fields_of(document), destination["Format"], contents.pages()))
            md5 = await put(data, body, "application/octet-stream")
            files.append({"key": data, "size": body.size, "MD5checksum": md5})
        links = "\n".join(f"s3://{target}/{file['key']}" for file in files)
        begun = datetime.fromtimestamp(due // 1_000_000, UTC)
        await put(f"{folder}/hive/dt={begun:%Y-%m-%d-%H-%M}/symlink.txt", _text(links), "text/plain")
        manifest = manifest_of(bucket.name, document, due, files)
        checksum = hashlib.md5(manifest, usedforsecurity=False).hexdigest()
        place = f"{folder}/{begun:%Y-%m-%dT%H-%MZ}"
        await put(f"{place}/manifest.json", BytesBody(manifest), "application/json")
        # The checksum comes last: who waits for it finds the rest.
        await put(f"{place}/manifest.checksum", _text(checksum), "text/plain")

    def _file(
        self, fields: Mapping[str, Field], form: str, pages: AsyncGenerator[Sequence[Entry]]
    ) -> AsyncGenerator[bytes]:
        if form == "CSV":
            return csv_file(fields, pages)
        columns: list[tuple[str, ColumnKind]] = [(field.column, field.kind) for field in fields.values()]
        return self._parquet.write(columns, rows_of(fields, pages))


def _text(text: str) -> BytesBody:
    return BytesBody(text.encode())

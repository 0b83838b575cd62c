"""What a bucket is configured with: documents by kind, stored as they were understood.

A kind has one document (its id is "") or one for each id. `Bucket.configured` names the kinds that a bucket has, so
that a request reads no document that is not there. What a document means is its noun's affair; this only keeps it.

Write functions: re-runnable, without I/O, clock or randomness.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

from marinelayer.model.errors import ServiceError
from marinelayer.ports import Transaction
from marinelayer.services.s3.bucket import Bucket, the_bucket
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.s3", "configurations.sql")

Kind = Literal[
    "accelerate",
    "analytics",
    "cors",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "lifecycle",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "replication",
    "request-payment",
    "tagging",
    "website",
]
Document = Mapping[str, Any]
"""Members as the model names them; times are datetimes in UTC."""

_TIME = "$time"


def document_text(document: Document) -> str:
    """A document as it is stored."""
    return json.dumps(document, default=_written, ensure_ascii=False, separators=(",", ":"))


def _written(value: object) -> dict[str, str]:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no place in a configuration")
    return {_TIME: (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()}


@lru_cache(maxsize=1024)
def read_document(text: str) -> Document:
    """A document from where it is stored. Remembered by its text: who changes it must copy it."""
    return json.loads(text, object_hook=_read)


def _read(value: dict[str, Any]) -> Any:
    return datetime.fromisoformat(value[_TIME]) if value.keys() == {_TIME} else value


def configuration(tx: Transaction, bucket: Bucket, kind: Kind, identifier: str = "") -> Document | None:
    """The bucket's document of a kind, None where it has none."""
    if kind not in bucket.configured:
        return None
    row = tx.one(SQL.configuration, bucket_id=bucket.bucket_id, kind=kind, id=identifier)
    return None if row is None else read_document(row["document"])


def configurations(
    tx: Transaction, bucket: Bucket, kind: Kind, *, after: str = "", limit: int = 1000
) -> list[tuple[str, Document]]:
    """The bucket's documents of a kind with their ids, in their order, behind the id `after`."""
    rows = tx.all(SQL.configurations_after, bucket_id=bucket.bucket_id, kind=kind, after=after, limit=limit)
    return [(row["id"], read_document(row["document"])) for row in rows]


def count_configurations(tx: Transaction, bucket: Bucket, kind: Kind) -> int:
    """How many documents of a kind the bucket has."""
    row = tx.one(SQL.count_configurations, bucket_id=bucket.bucket_id, kind=kind)
    return 0 if row is None else row["count"]


def the_configuration(tx: Transaction, request: Mapping[str, Any], kind: Kind, missing: type[ServiceError]) -> Document:
    """The document of a kind that the request's bucket has. Raises `missing` where it has none."""
    bucket = the_bucket(tx, request)
    document = configuration(tx, bucket, kind)
    if document is None:
        raise missing(BucketName=bucket.name)
    return document


def configure(tx: Transaction, request: Mapping[str, Any], kind: Kind, document: Document, now: int) -> None:
    """Set the document of a kind of the request's bucket. `now` in microseconds."""
    put_configuration(tx, the_bucket(tx, request), kind, document, now)


def unconfigure(tx: Transaction, request: Mapping[str, Any], kind: Kind) -> None:
    """Remove the document of a kind of the request's bucket; there may be none."""
    delete_configuration(tx, the_bucket(tx, request), kind)


def put_configuration(
    tx: Transaction, bucket: Bucket, kind: Kind, document: Document, now: int, identifier: str = ""
) -> None:
    """Set the bucket's document of a kind. `now` in microseconds."""
    text = document_text(document)
    tx.run(SQL.put_configuration, bucket_id=bucket.bucket_id, kind=kind, id=identifier, document=text, now=now)
    _note_kinds(tx, bucket)


def delete_configuration(tx: Transaction, bucket: Bucket, kind: Kind, identifier: str = "") -> bool:
    """Remove the bucket's document of a kind; whether there was one."""
    found = tx.run(SQL.delete_configuration, bucket_id=bucket.bucket_id, kind=kind, id=identifier)
    _note_kinds(tx, bucket)
    return found > 0


def delete_configurations(tx: Transaction, bucket: Bucket) -> None:
    """Remove all documents of a bucket that is being deleted."""
    tx.run(SQL.delete_configurations, bucket_id=bucket.bucket_id)


def _note_kinds(tx: Transaction, bucket: Bucket) -> None:
    kinds = [row["kind"] for row in tx.all(SQL.configured_kinds, bucket_id=bucket.bucket_id)]
    tx.run(SQL.set_configured, bucket_id=bucket.bucket_id, configured=" ".join(kinds))

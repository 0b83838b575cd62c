"""Making and removing versions of objects, with the current version that LIST shows changed in the same function.

Write functions: re-runnable, without I/O, clock or randomness. Knows no requests.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
"""

from __future__ import annotations

from dataclasses import dataclass

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Transaction
from marinelayer.services.s3 import blobs
from marinelayer.services.s3.bucket import Bucket
from marinelayer.services.s3.names import NULL_VERSION
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.versions import (
    PROTECTED,
    AnyVersion,
    Description,
    Sum,
    Version,
    description_columns,
    newest_version,
    read_version,
)


@dataclass(slots=True, kw_only=True)
class NewVersion:
    """A version to be written, whose blob is named already (its reference is the version's). `entropy` makes its
    id unguessable: ENTROPY random hexadecimal digits."""

    blob_id: str
    size: int
    etag: str
    modified: int
    owner: str
    acl_text: str | None
    description: Description
    checksum: Sum | None
    entropy: str
    encryption: str | None = None
    replication: str | None = None


@dataclass(slots=True, kw_only=True)
class Placed:
    """Where a new version, or delete marker, came to stand: its place among those of its key, and its id."""

    seq: int
    version_id: str


def put_version(
    tx: Transaction, bucket: Bucket, key: bytes, version: NewVersion, newest: AnyVersion | None, now: int
) -> Placed:
    """Make `version` the current one. `newest` is the newest of the key so far, as the same transaction read it.

    In a versioned bucket it comes on top of the others; else it is the null version, in place of an earlier one.
    """
    placed = _begin(tx, bucket, key, version.entropy, newest, now)
    place_version(tx, bucket.bucket_id, key, version, placed)
    return placed


def place_version(tx: Transaction, bucket_id: int, key: bytes, version: NewVersion, placed: Placed) -> None:
    """Write a version in a place above all others of its key."""
    checksum = version.checksum
    listed = {
        "bucket_id": bucket_id,
        "key": key,
        "seq": placed.seq,
        "size": version.size,
        "etag": version.etag,
        "modified": version.modified,
        "owner": version.owner,
        "storage_class": version.description.storage_class,
        "checksum_algorithm": checksum.algorithm if checksum else None,
        "checksum_type": checksum.type if checksum else None,
    }
    tx.run(
        SQL.insert_version,
        **{
            **listed,
            **description_columns(version.description),
            "version_id": placed.version_id,
            "is_null": int(placed.version_id == NULL_VERSION),
            "blob_id": version.blob_id,
            "acl": version.acl_text,
            "checksum": checksum.value if checksum else None,
            "encryption": version.encryption,
            "replication": version.replication,
        },
    )
    tx.run(SQL.put_object, **listed)


def put_marker(
    tx: Transaction, bucket: Bucket, key: bytes, owner: str, entropy: str, newest: AnyVersion | None, now: int
) -> Placed:
    """Delete the object of a key whose bucket keeps versions: a delete marker comes on top of them, or, while
    versioning is suspended, in place of the null version."""
    placed = _begin(tx, bucket, key, entropy, newest, now)
    tx.run(
        SQL.insert_marker,
        bucket_id=bucket.bucket_id,
        key=key,
        seq=placed.seq,
        version_id=placed.version_id,
        is_null=int(placed.version_id == NULL_VERSION),
        modified=now,
        owner=owner,
    )
    if isinstance(newest, Version):
        tx.run(SQL.delete_object, bucket_id=bucket.bucket_id, key=key)
    return placed


def _begin(tx: Transaction, bucket: Bucket, key: bytes, entropy: str, newest: AnyVersion | None, now: int) -> Placed:
    """Place and id of a version to come. The null version that it replaces, if any, goes.

    An id begins with its place, so that a listing can go on behind a version that was removed meanwhile.
    """
    seq = 1 if newest is None else newest.seq + 1
    if bucket.versioning == "Enabled":
        return Placed(seq=seq, version_id=f"{seq:08x}{entropy}")
    replaced = newest
    if newest is not None and newest.version_id != NULL_VERSION:
        row = tx.one(SQL.null_version, bucket_id=bucket.bucket_id, key=key)
        replaced = None if row is None else read_version(row)
    if replaced is not None:
        tx.run(SQL.delete_version, bucket_id=bucket.bucket_id, key=key, seq=replaced.seq)
        if isinstance(replaced, Version):
            blobs.release(tx, replaced.blob_id, now)
    return Placed(seq=seq, version_id=NULL_VERSION)


def remove_version(tx: Transaction, bucket_id: int, version: AnyVersion, now: int, *, bypass: bool = False) -> None:
    """Remove a version for good and let go of its bytes. The next older one becomes the current one, if it was that.

    Raises:
        AccessDenied: its lock protects it, and is none that `bypass` overrules.
    """
    if isinstance(version, Version) and version.description.lock.protects(now, bypass=bypass):
        raise AccessDenied(PROTECTED)
    tx.run(SQL.delete_version, bucket_id=bucket_id, key=version.key, seq=version.seq)
    if isinstance(version, Version):
        blobs.release(tx, version.blob_id, now)
    newest = newest_version(tx, bucket_id, version.key)
    if newest is not None and newest.seq > version.seq:
        return
    if isinstance(newest, Version):
        checksum = newest.checksum
        tx.run(
            SQL.put_object,
            bucket_id=bucket_id,
            key=newest.key,
            seq=newest.seq,
            size=newest.size,
            etag=newest.etag,
            modified=newest.modified,
            owner=newest.owner,
            storage_class=newest.description.storage_class,
            checksum_algorithm=checksum.algorithm if checksum else None,
            checksum_type=checksum.type if checksum else None,
        )
    else:
        tx.run(SQL.delete_object, bucket_id=bucket_id, key=version.key)

"""Versions of objects: reading the current one, and the writes that make and remove them.

`versions` has every version of a key, `objects` the current one with what LIST shows; both change together. An object
of an unversioned bucket is the null version, so that there is one at most of a key.

Write functions: re-runnable, without I/O, clock or randomness.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from marinelayer.ports import Row, Transaction
from marinelayer.security.requirement import Acl
from marinelayer.services.s3 import blobs
from marinelayer.services.s3.bucket import version_acl
from marinelayer.services.s3.errors import NoSuchVersion
from marinelayer.services.s3.names import NULL_VERSION, check_version_id
from marinelayer.services.s3.statements import SQL


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What an object says of itself besides its bytes. `headers` are the stored content headers by their member names
    (`Expires` in microseconds), `metadata` the user's own."""

    content_type: str
    headers: Mapping[str, Any]
    metadata: Mapping[str, str]
    storage_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """An object's checksum: the algorithm's name, its type, and the value as headers show it."""

    algorithm: str
    type: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an object."""

    key: bytes
    seq: int
    version_id: str
    blob_id: str
    size: int
    etag: str
    modified: int
    owner: str
    acl_text: str | None
    description: Description
    checksum: Sum | None

    @property
    def acl(self) -> Acl:
        """Its access control list."""
        return version_acl(self.owner, self.acl_text)


@lru_cache(maxsize=1024)
def _object(text: str) -> Mapping[str, Any]:
    return json.loads(text)


def object_text(value: Mapping[str, Any]) -> str | None:
    """Headers or metadata as they are stored: NULL for none."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else None


def description_columns(description: Description) -> dict[str, str | None]:
    """The columns of `versions` and `uploads` that a description fills."""
    return {
        "content_type": description.content_type,
        "headers": object_text(description.headers),
        "metadata": object_text(description.metadata),
        "storage_class": description.storage_class,
    }


def read_description(row: Row) -> Description:
    """A description from a row of `versions` or `uploads`."""
    return Description(
        content_type=row["content_type"],
        headers=_object(row["headers"]) if row["headers"] else {},
        metadata=_object(row["metadata"]) if row["metadata"] else {},
        storage_class=row["storage_class"],
    )


def _read(row: Row) -> Version:
    return Version(
        key=row["key"],
        seq=row["seq"],
        version_id=row["version_id"],
        blob_id=row["blob_id"],
        size=row["size"],
        etag=row["etag"],
        modified=row["modified"],
        owner=row["owner"],
        acl_text=row["acl"],
        description=read_description(row),
        checksum=Sum(algorithm=row["checksum_algorithm"], type=row["checksum_type"], value=row["checksum"])
        if row["checksum"] is not None
        else None,
    )


def current_version(tx: Transaction, bucket_id: int, key: bytes) -> Version | None:
    """The current version of a key, or None where there is none."""
    row = tx.one(SQL.newest_version, bucket_id=bucket_id, key=key)
    return None if row is None or row["is_marker"] else _read(row)


def asked_version(tx: Transaction, bucket_id: int, key: bytes, version_id: str | None) -> Version | None:
    """The version that a request asks for, None where its key has none.

    Raises:
        InvalidArgument: a version id was given that can be none.
        NoSuchVersion: a version id was given, and there is no such version.
    """
    if version_id is not None:
        check_version_id(version_id)
    version = current_version(tx, bucket_id, key)
    if version_id is not None and (version is None or version.version_id != version_id):
        raise NoSuchVersion(Key=key.decode(), VersionId=version_id)
    return version


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A version to be written, whose blob is named already (its reference is the version's)."""

    blob_id: str
    size: int
    etag: str
    modified: int
    owner: str
    acl_text: str | None
    description: Description
    checksum: Sum | None


def put_version(
    tx: Transaction, bucket_id: int, key: bytes, version: NewVersion, replaced: Version | None, now: int
) -> None:
    """Make `version` the null version and the current one, in place of `replaced`, the key's current version."""
    seq = 1
    if replaced is not None:
        seq = replaced.seq + 1
        tx.run(SQL.delete_version, bucket_id=bucket_id, key=key, seq=replaced.seq)
        blobs.release(tx, replaced.blob_id, now)
    checksum = version.checksum
    listed = {
        "bucket_id": bucket_id,
        "key": key,
        "seq": seq,
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
            "version_id": NULL_VERSION,
            "is_null": 1,
            "blob_id": version.blob_id,
            "acl": version.acl_text,
            "checksum": checksum.value if checksum else None,
        },
    )
    tx.run(SQL.put_object, **listed)


def remove_version(tx: Transaction, bucket_id: int, version: Version, now: int) -> None:
    """Remove the null version, which is the current one, and let go of its bytes."""
    tx.run(SQL.delete_version, bucket_id=bucket_id, key=version.key, seq=version.seq)
    tx.run(SQL.delete_object, bucket_id=bucket_id, key=version.key)
    blobs.release(tx, version.blob_id, now)

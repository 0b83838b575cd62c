"""Versions of objects: what is kept of each, and finding them.

`versions` has every version of a key, delete markers among them, the newest first by `seq`; `objects` has the current
version with what LIST shows, unless that is a delete marker. Both change together, in `placing.py`. The null version is
the one that was written while the bucket was not versioned, or its versioning suspended: there is one at most of a key.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from marinelayer.ports import Row, Transaction
from marinelayer.protocol.refusals import InvalidArgument, MethodNotAllowed
from marinelayer.protocol.times import http_date
from marinelayer.security.requirement import Acl
from marinelayer.services.s3.archive import ARCHIVED, Restoring, read_restoring
from marinelayer.services.s3.bucket import version_acl
from marinelayer.services.s3.conditions import moment
from marinelayer.services.s3.errors import NoSuchVersion
from marinelayer.services.s3.names import NULL_VERSION, check_version_id
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.tags import Tags

ENTROPY = 24
"""Random hexadecimal digits in a version id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What protects a version from being removed: retention (`mode` GOVERNANCE or COMPLIANCE, `until` in microseconds)
    and legal hold; each None where it was never set."""

    mode: str | None = None
    until: int | None = None
    hold: bool | None = None

    def protects(self, now: int, *, bypass: bool = False) -> bool:
        """Whether it keeps its version from being removed `now`, `bypass` being the right to overrule governance."""
        retained = self.until is not None and self.until > now and not (bypass and self.mode == "GOVERNANCE")
        return retained or self.hold is True


UNLOCKED = Lock()
PROTECTED = "Access Denied because object protected by object lock."


@dataclass(slots=True, kw_only=True)
class Description:
    """What an object says of itself besides its bytes. `headers` are the stored content headers by their member names
    (`Expires` in microseconds), `metadata` the user's own, `tags` in the order of their keys."""

    content_type: str
    headers: Mapping[str, Any]
    metadata: Mapping[str, str]
    storage_class: str
    tags: Tags = ()
    lock: Lock = UNLOCKED


@dataclass(slots=True, kw_only=True)
class Sum:
    """An object's checksum: the algorithm's name, its type, and the value as headers show it."""

    algorithm: str
    type: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an object. `encryption` says in JSON how its bytes are encrypted, None where they are not;
    `restoring` is the restore of it that is under way, `restored_until` (microseconds) until when its restored copy
    stays; `replication` is the status of its replication."""

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
    encryption: str | None = None
    restoring: Restoring | None = None
    restored_until: int | None = None
    replication: str | None = None

    @property
    def acl(self) -> Acl:
        """Its access control list."""
        return version_acl(self.owner, self.acl_text)

    @property
    def readable(self) -> bool:
        """Whether its bytes can be read: not while it is archived and no restored copy is there."""
        return self.description.storage_class not in ARCHIVED or self.restored_until is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteMarker:
    """What stands for a deletion among the versions of a key."""

    key: bytes
    seq: int
    version_id: str
    modified: int
    owner: str

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """What an answer says of an object that is gone by this marker."""
        return (("x-amz-delete-marker", "true"), ("x-amz-version-id", self.version_id))


AnyVersion = Version | DeleteMarker


@lru_cache(maxsize=1024)
def _object(text: str) -> Mapping[str, Any]:
    return json.loads(text)


def object_text(value: Mapping[str, Any]) -> str | None:
    """Headers or metadata as they are stored: NULL for none."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else None


@lru_cache(maxsize=1024)
def read_tags(text: str) -> Tags:
    """Tags from where they are stored."""
    return tuple((key, value) for key, value in json.loads(text))


def tags_text(tags: Tags) -> str | None:
    """Tags as they are stored: NULL for none."""
    return json.dumps(tags, ensure_ascii=False, separators=(",", ":")) if tags else None


def description_columns(description: Description) -> dict[str, str | int | None]:
    """The columns of `versions` and `uploads` that a description fills."""
    return {
        "content_type": description.content_type,
        "headers": object_text(description.headers),
        "metadata": object_text(description.metadata),
        "storage_class": description.storage_class,
        "tags": tags_text(description.tags),
        **lock_columns(description.lock),
    }


def lock_columns(lock: Lock) -> dict[str, str | int | None]:
    """The columns that a lock fills."""
    return {
        "retention_mode": lock.mode,
        "retain_until": lock.until,
        "legal_hold": None if lock.hold is None else int(lock.hold),
    }


def _lock(row: Row) -> Lock:
    hold = row["legal_hold"]
    if row["retention_mode"] is None and hold is None:
        return UNLOCKED
    return Lock(mode=row["retention_mode"], until=row["retain_until"], hold=None if hold is None else bool(hold))


def read_description(row: Row) -> Description:
    """A description from a row of `versions` or `uploads`."""
    return Description(
        content_type=row["content_type"],
        headers=_object(row["headers"]) if row["headers"] else {},
        metadata=_object(row["metadata"]) if row["metadata"] else {},
        storage_class=row["storage_class"],
        tags=read_tags(row["tags"]) if row["tags"] else (),
        lock=_lock(row),
    )


def read_version(row: Row) -> AnyVersion:
    """A version from its row."""
    if row["is_marker"]:
        return DeleteMarker(
            key=row["key"],
            seq=row["seq"],
            version_id=row["version_id"],
            modified=row["modified"],
            owner=row["owner"],
        )
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
        encryption=row["encryption"],
        restoring=read_restoring(row["restoring"]) if row["restoring"] else None,
        restored_until=row["restored_until"],
        replication=row["replication"],
    )


def newest_version(tx: Transaction, bucket_id: int, key: bytes) -> AnyVersion | None:
    """The newest version of a key, which may be a delete marker; None where there is none."""
    row = tx.one(SQL.newest_version, bucket_id=bucket_id, key=key)
    return None if row is None else read_version(row)


def present(newest: AnyVersion | None) -> Version | None:
    """The object that the newest version of a key makes; None where there is none."""
    return newest if isinstance(newest, Version) else None


def version_named(tx: Transaction, bucket_id: int, key: bytes, version_id: str) -> AnyVersion | None:
    """The version of a key with this id, None where there is none.

    Raises:
        InvalidArgument: it can be no version's id.
    """
    check_version_id(version_id)
    if version_id == NULL_VERSION:
        row = tx.one(SQL.null_version, bucket_id=bucket_id, key=key)
    else:
        row = tx.one(SQL.version_by_id, bucket_id=bucket_id, key=key, version_id=version_id)
    return None if row is None else read_version(row)


def any_version(tx: Transaction, bucket_id: int, key: bytes, version_id: str | None) -> AnyVersion | None:
    """The version, or delete marker, that a request asks for: the newest without an id; None where its key has none.

    Raises:
        InvalidArgument: a version id was given that can be none.
        NoSuchVersion: a version id was given, and there is no such version.
    """
    if version_id is None:
        return newest_version(tx, bucket_id, key)
    version = version_named(tx, bucket_id, key, version_id)
    if version is None:
        raise NoSuchVersion(Key=key.decode(), VersionId=version_id)
    return version


def asked_version(
    tx: Transaction, bucket_id: int, key: bytes, version_id: str | None, *, method: str = "GET"
) -> Version | None:
    """The version that a request asks for; None where its key has none, or was deleted last.

    Raises:
        InvalidArgument, NoSuchVersion: as `any_version`.
        MethodNotAllowed: the id is that of a delete marker, with which `method` can do nothing.
    """
    version = any_version(tx, bucket_id, key, version_id)
    if version_id is not None and isinstance(version, DeleteMarker):
        raise marker_refused(version, method)
    return present(version)


def written_version(
    tx: Transaction, bucket_id: int, key: bytes, version_id: str | None, *, method: str = "GET"
) -> Version | None:
    """The version whose tags, or ACL, a request is about; None where its key has none.

    Raises:
        InvalidArgument, NoSuchVersion: as `any_version`.
        MethodNotAllowed: it is a delete marker, named by its id or as the newest.
    """
    version = any_version(tx, bucket_id, key, version_id)
    if isinstance(version, DeleteMarker):
        raise marker_refused(version, method)
    return version


def marker_refused(marker: DeleteMarker, method: str) -> MethodNotAllowed:
    """What `method` is answered that is asked of a delete marker."""
    refusal = MethodNotAllowed(Method=method, ResourceType="DeleteMarker")
    refusal.headers = (("allow", "DELETE"), ("last-modified", http_date(moment(marker.modified))), *marker.headers)
    return refusal


def place_of(version_id: str) -> int:
    """The place (`seq`) that a version id names.

    Raises:
        InvalidArgument: no version can have this id.
    """
    try:
        return int(version_id[:-ENTROPY], 16)
    except ValueError:
        raise InvalidArgument(
            "Invalid version id specified", ArgumentName="version-id-marker", ArgumentValue=version_id
        ) from None

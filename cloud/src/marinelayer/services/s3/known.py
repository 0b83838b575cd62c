"""What was read of buckets and of current versions lately, kept for as long as nobody has changed it.

A request needs the same rows twice, to be allowed and to be carried out, and the next one often needs them again. What
is kept is what was read: it holds until a write to one of its tables is acknowledged (`ports.Revision`), so that
whoever was told of a write finds it. A write may take a bucket from here, where it still holds in its own transaction;
all else it reads there.

Must not know what is done with what it gives.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from marinelayer.ports import Revision, Row, Tables, Transaction
from marinelayer.security.requirement import ResourceAccess, ResourcePolicy
from marinelayer.services.s3.blobs import Piece, piece_of
from marinelayer.services.s3.bucket import Bucket, demand_owner, effective_block, read_bucket, the_bucket
from marinelayer.services.s3.headers import shown
from marinelayer.services.s3.regions import shown_region
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.versions import AnyVersion, Version, read_version

_BUCKET_TABLES = ("buckets", "account_public_access_blocks")
_MOST = 256
"""Entries of each kind, each of at most an inline blob's size."""

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class KnownBucket:
    """A bucket, and what it says of access to itself."""

    bucket: Bucket
    access: ResourceAccess


@dataclass(slots=True)
class KnownVersion:
    """The newest version of a key, which may be a delete marker, and the one blob that holds its bytes; `whole` is None
    where they lie in the parts of an upload, or nowhere."""

    version: AnyVersion
    whole: Piece | None
    _shown: Mapping[str, Any] | None = None
    _access: tuple[KnownBucket, ResourceAccess] | None = None

    @property
    def shown(self) -> Mapping[str, Any]:
        """What answers show of it, made when it is first asked for."""
        if self._shown is None:
            self._shown = shown(self.version) if isinstance(self.version, Version) else {}
        return self._shown

    def access(self, known: KnownBucket) -> ResourceAccess:
        """What it says of access to itself, in its bucket."""
        if self._access is None or self._access[0] is not known:
            self._access = (known, access_to(known, self.version))
        return self._access[1]


def access_to(known: KnownBucket, version: AnyVersion | None) -> ResourceAccess:
    """What a bucket and a version in it say of access to the version."""
    return replace(known.access, object_acl=version.acl) if isinstance(version, Version) else known.access


class _Kept(Generic[K, V]):
    """Values by key, all read at one revision."""

    def __init__(self, revision: Revision) -> None:
        self._revision = revision
        self._values: dict[K, V] = {}
        self._number: int | None = None

    def look(self) -> int | None:
        """The revision now: `keep` is told that of before the reading."""
        return self._revision.number

    def find(self, key: K) -> V | None:
        """What is kept under the key and still holds."""
        number = self._revision.number
        return self._values.get(key) if number is not None and number == self._number else None

    def keep(self, key: K, value: V, number: int | None) -> None:
        """Keep what was read when the revision was `number`, or later."""
        if number is None:
            return
        if number != self._number or len(self._values) >= _MOST:
            self._values.clear()
            self._number = number
        self._values[key] = value


class Known:
    """Reads buckets and current versions, and keeps them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._buckets: _Kept[str, KnownBucket] = _Kept(tables.revision(*_BUCKET_TABLES))
        self._versions: _Kept[tuple[int, bytes], KnownVersion] = _Kept(
            tables.revision("versions", "blobs", "inline_bytes")
        )

    @property
    def keeps(self) -> bool:
        """Whether anything is kept: not where others write to the same tables unseen."""
        return self._buckets.look() is not None

    async def bucket(self, name: str) -> KnownBucket | None:
        """The bucket called `name`, None where there is none."""
        known = self._buckets.find(name)
        if known is None:
            number = self._buckets.look()
            row = await self._tables.read(_bucket_row, name)
            if row is None:
                return None
            known = KnownBucket(bucket=read_bucket(row), access=_access(row))
            self._buckets.keep(name, known, number)
        return known

    def bucket_for(self, tx: Transaction, request: Mapping[str, Any]) -> Bucket:
        """The bucket that a request names, for a write. Writes run one after the other: what no commit has changed
        since it was read, and nothing in this transaction, is what would be read now. Raises as `the_bucket`."""
        known = self._buckets.find(request["Bucket"])
        if known is None or tx.changed(*_BUCKET_TABLES):
            return the_bucket(tx, request)
        demand_owner(known.bucket, request.get("ExpectedBucketOwner"))
        return known.bucket

    async def newest(self, bucket: Bucket, key: bytes) -> KnownVersion | None:
        """The newest version of a key, None where it has none."""
        place = (bucket.bucket_id, key)
        known = self._versions.find(place)
        if known is None:
            number = self._versions.look()
            row = await self._tables.read(_newest_row, *place)
            if row is None:
                return None
            known = KnownVersion(version=read_version(row), whole=_whole(row))
            self._versions.keep(place, known, number)
        return known


def _bucket_row(tx: Transaction, name: str) -> Row | None:
    return None if "\0" in name else tx.one(SQL.bucket_named, name=name)


def _newest_row(tx: Transaction, bucket_id: int, key: bytes) -> Row | None:
    return tx.one(SQL.newest_with_blob, bucket_id=bucket_id, key=key)


def _whole(row: Row) -> Piece | None:
    if row["place"] not in ("inline", "file"):
        return None
    return piece_of(row, row["blob_id"], 0, row["blob_size"], row["bytes"])


def _access(row: Row) -> ResourceAccess:
    bucket = read_bucket(row)
    policy = row["policy"]
    return ResourceAccess(
        account=bucket.account,
        policy=None if policy is None else ResourcePolicy(text=policy, principals=json.loads(row["policy_principals"])),
        bucket_acl=bucket.acl,
        ownership=bucket.ownership or "ObjectWriter",
        block=effective_block(row),
        requester_pays="request-payment" in bucket.configured,
        region=shown_region(bucket.region),
    )

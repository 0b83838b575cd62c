"""RestoreObject: a temporary copy of an archived object, which can be read until it expires.

The bytes of archived objects lie where all bytes lie: what is restored is the right to read them. The outbox ends a
restore after its retrieval time, and its copy on the date that it was given; both jobs look whether the version is
still what they were written for.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from marinelayer import outbox
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import Caller, Clock, Ids, Tables, Transaction
from marinelayer.protocol.refusals import InvalidArgument, MalformedXML, MissingRequestBodyError
from marinelayer.services.operation import operation
from marinelayer.services.s3.archive import ARCHIVED, TIERS, Restoring, retrieval_time
from marinelayer.services.s3.bucket import Bucket, read_bucket, the_bucket
from marinelayer.services.s3.change import Origin, changed, origin_of_s3, restored
from marinelayer.services.s3.changes import Changes, announce
from marinelayer.services.s3.errors import (
    HeaderNotImplemented,
    InvalidObjectState,
    ObjectAlreadyInActiveTierError,
    RestoreAlreadyInProgress,
)
from marinelayer.services.s3.get import missing
from marinelayer.services.s3.lifecycle_rules import Days
from marinelayer.services.s3.names import key_bytes
from marinelayer.services.s3.needs import on_object
from marinelayer.services.s3.service_delivery import request_id_of
from marinelayer.services.s3.versions import Version, asked_version, version_named
from marinelayer.statements import Statements

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import RestoreObjectRequest

SQL = Statements("marinelayer.services.s3", "restores.sql")

RESTORE = "s3.restore"
EXPIRE = "s3.restore.expire"
TOKEN = 32
MOST_DAYS = 1_000_000
"""So that dates have four digits of years."""
_UNSERVED = ("Type", "SelectParameters", "OutputLocation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The version that a job is about. `token` is that of its restore, `until` the end of its copy."""

    bucket_id: int
    key: str
    version_id: str
    token: str = ""
    until: int = 0


def check_request(request: Mapping[str, Any]) -> None:
    """Raises HeaderNotImplemented for a restore that would write its result elsewhere."""
    asked: Mapping[str, Any] = request.get("RestoreRequest") or {}
    for member in _UNSERVED:
        if member in asked:
            raise HeaderNotImplemented("Restores of the type SELECT are not implemented here.", Header=member)


def asked_restore(request: Mapping[str, Any], storage_class: str) -> tuple[int, str]:
    """Days and tier that a request asks for, of an object of this class.

    Raises:
        InvalidObjectState, ObjectAlreadyInActiveTierError: it is not archived.
        MissingRequestBodyError, MalformedXML: the request does not say for how many days.
        InvalidArgument: these are no days, or this class has no such tier.
    """
    asked: Mapping[str, Any] | None = request.get("RestoreRequest")
    days: int | None = None if asked is None else asked.get("Days")
    if storage_class == "INTELLIGENT_TIERING":
        if days is not None:
            raise InvalidArgument(
                "INTELLIGENT_TIERING objects are not subject to restore expiry. Do not specify Days when restoring "
                "this object"
            )
        raise ObjectAlreadyInActiveTierError
    if storage_class not in ARCHIVED:
        raise InvalidObjectState("Restore is not allowed for the object's current storage class")
    if asked is None:
        raise MissingRequestBodyError
    if days is None:
        raise MalformedXML
    if not 1 <= days <= MOST_DAYS:
        limit = "least 1" if days < 1 else f"most {MOST_DAYS}"
        raise InvalidArgument(f"restoration days should be at {limit}", ArgumentName="Days", ArgumentValue=str(days))
    parameters: Mapping[str, Any] = asked.get("GlacierJobParameters") or asked
    tier: str = parameters.get("Tier", "Standard")
    if tier == "Expedited" and storage_class == "DEEP_ARCHIVE":
        raise InvalidArgument(
            "Retrieval option is not supported by this storage class", ArgumentName="Tier", ArgumentValue=tier
        )
    return days, tier


def restore_object(
    tx: Transaction, origin: Origin, request: Mapping[str, Any], key: bytes, days: Days, token: str
) -> Literal[200, 202] | None:
    """Begin to restore an object, or have its restored copy stay for other days; the status that says which of both.
    None where there is no object.

    A restore under way may be asked for again with a faster tier.

    Raises:
        RestoreAlreadyInProgress: it is under way, and would not become faster.
        Refusal: as `asked_restore`.
    """
    bucket = the_bucket(tx, request)
    version = asked_version(tx, bucket.bucket_id, key, request.get("VersionId"), method="POST")
    if version is None:
        return None
    storage_class = version.description.storage_class
    count, tier = asked_restore(request, storage_class)
    about = Restored(bucket_id=bucket.bucket_id, key=key.hex(), version_id=version.version_id)
    if version.restored_until is not None:
        _stay(tx, about, version, days.after(origin.time, count))
        return 200
    restoring = version.restoring
    if restoring is not None:
        if restoring.days != count or TIERS.index(tier) <= TIERS.index(restoring.tier):
            raise RestoreAlreadyInProgress
        restoring = replace(restoring, tier=tier)
    else:
        restoring = Restoring(days=count, tier=tier, token=token)
    _set(tx, about, version, restoring=restoring.text)
    job_id = f"{RESTORE}/{restoring.token}/{tier}"
    about = replace(about, token=restoring.token)
    _enqueue(tx, RESTORE, job_id, about, origin.time + retrieval_time(days, storage_class, tier))
    announce(tx, bucket, changed("ObjectRestore:Post", version), origin)
    return 202


def complete_restore(tx: Transaction, origin: Origin, about: Restored, days: Days) -> None:
    """End a restore: its copy is there now, for its days."""
    bucket, version = _version(tx, about)
    if bucket is None or version is None or version.restoring is None or version.restoring.token != about.token:
        return
    until = days.after(origin.time, version.restoring.days)
    _stay(tx, about, version, until)
    announce(tx, bucket, restored(version, until), origin)


def expire_restored(tx: Transaction, origin: Origin, about: Restored) -> None:
    """Let a restored copy go, if its end was not put off."""
    bucket, version = _version(tx, about)
    if bucket is not None and version is not None and version.restored_until == about.until:
        _set(tx, about, version)
        announce(tx, bucket, changed("ObjectRestore:Delete", version), origin)


def _stay(tx: Transaction, about: Restored, version: Version, until: int) -> None:
    _set(tx, about, version, until=until)
    job_id = f"{EXPIRE}/{about.bucket_id}/{about.key}/{about.version_id}/{until}"
    _enqueue(tx, EXPIRE, job_id, replace(about, until=until), until)


def _set(
    tx: Transaction, about: Restored, version: Version, *, restoring: str | None = None, until: int | None = None
) -> None:
    tx.run(
        SQL.set_restore,
        bucket_id=about.bucket_id,
        key=version.key,
        seq=version.seq,
        restoring=restoring,
        restored_until=until,
    )


def _version(tx: Transaction, about: Restored) -> tuple[Bucket | None, Version | None]:
    row = tx.one(SQL.bucket, bucket_id=about.bucket_id)
    version = version_named(tx, about.bucket_id, bytes.fromhex(about.key), about.version_id)
    return None if row is None else read_bucket(row), version if isinstance(version, Version) else None


def _enqueue(tx: Transaction, kind: str, job_id: str, about: Restored, due: int) -> None:
    payload = json.dumps({name: getattr(about, name) for name in Restored.__slots__}).encode()
    outbox.enqueue(tx, job_id=job_id, kind=kind, group=job_id, payload=payload, due=due)


class Restores:
    """Restoring archived objects, in days of a given length."""

    def __init__(self, ids: Ids, days: Days, poke: Callable[[], None], changes: Changes) -> None:
        self._ids = ids
        self._days = days
        self._poke = poke
        self._changes = changes

    @operation("RestoreObject", needs=on_object("s3:RestoreObject"), anonymous=True)
    async def restore(self, caller: Caller, request: RestoreObjectRequest) -> dict[str, Any]:
        """Begin to restore an archived object (202), or have its restored copy expire at another date (200)."""
        check_request(request)
        key = key_bytes(request["Key"])
        token = self._ids.token(TOKEN)
        status = await self._changes.write(caller, restore_object, request, key, self._days, token)
        if status is None:
            raise await missing(caller, request["Bucket"], request["Key"])
        self._poke()
        return {"StatusCode": status}


class RestoreJobs:
    """Ends restores, and the time of restored copies."""

    def __init__(self, tables: Tables, clock: Clock, days: Days) -> None:
        self._tables = tables
        self._clock = clock
        self._days = days

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of job."""
        return {RESTORE: self.complete, EXPIRE: self.expire}

    async def complete(self, job: Job) -> None:
        """The retrieval time of a restore is over."""
        about = Restored(**json.loads(job.payload))
        await self._tables.write(complete_restore, self._origin(job), about, self._days)

    async def expire(self, job: Job) -> None:
        """The days of a restored copy are over."""
        await self._tables.write(expire_restored, self._origin(job), Restored(**json.loads(job.payload)))

    def _origin(self, job: Job) -> Origin:
        return origin_of_s3(request_id_of(job.id), self._clock.now())

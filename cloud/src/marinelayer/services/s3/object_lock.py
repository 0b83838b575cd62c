"""Object lock: of buckets (PutObjectLockConfiguration, GetObjectLockConfiguration) and of versions
(PutObjectRetention, GetObjectRetention, PutObjectLegalHold, GetObjectLegalHold).

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from marinelayer.ports import Caller, Clock, Tables, Transaction
from marinelayer.protocol.refusals import InvalidRequest, MalformedXML
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import Bucket, the_bucket
from marinelayer.services.s3.change import Origin, retained
from marinelayer.services.s3.changes import Changes, announce, announce_hold
from marinelayer.services.s3.configurations import configuration, put_configuration
from marinelayer.services.s3.errors import (
    InvalidBucketState,
    NoSuchObjectLockConfiguration,
    ObjectLockConfigurationNotFoundError,
)
from marinelayer.services.s3.get import missing
from marinelayer.services.s3.locks import (
    HOLDS,
    asked_retention,
    check_change,
    check_configuration,
    lock_of_new,
    refuse_event_holds,
    shown_time,
)
from marinelayer.services.s3.names import key_bytes
from marinelayer.services.s3.needs import may_bypass, on_bucket, on_object
from marinelayer.services.s3.versions import UNLOCKED, Description, Version, asked_version
from marinelayer.statements import Statements

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        GetObjectLegalHoldRequest,
        GetObjectLockConfigurationRequest,
        GetObjectRetentionRequest,
        PutObjectLegalHoldRequest,
        PutObjectLockConfigurationRequest,
        PutObjectRetentionRequest,
    )

SQL = Statements("marinelayer.services.s3", "object_lock.sql")


def put_lock_configuration(tx: Transaction, request: PutObjectLockConfigurationRequest, now: int) -> None:
    """Set a bucket's object lock, for good: it can be changed, and not be taken away.

    Raises:
        InvalidBucketState: it does not keep versions.
    """
    bucket = the_bucket(tx, request)
    if bucket.versioning != "Enabled":
        raise InvalidBucketState("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
    put_configuration(tx, bucket, "object-lock", dict(request.get("ObjectLockConfiguration") or {}), now)


def get_lock_configuration(tx: Transaction, request: GetObjectLockConfigurationRequest) -> Mapping[str, Any]:
    """A bucket's object lock. Raises ObjectLockConfigurationNotFoundError where it has none."""
    bucket = the_bucket(tx, request)
    found = configuration(tx, bucket, "object-lock")
    if found is None:
        raise ObjectLockConfigurationNotFoundError(BucketName=bucket.name)
    return found


def put_retention(tx: Transaction, origin: Origin, request: PutObjectRetentionRequest, *, bypass: bool) -> bool:
    """Set a version's retention; False where there is no object."""
    bucket, version = _lockable(tx, request, "PUT")
    if version is None:
        return False
    mode, until = asked_retention(request.get("Retention") or {}, origin.time)
    check_change(version.description.lock, mode, until, origin.time, bypass=bypass)
    place = {"bucket_id": bucket.bucket_id, "key": version.key, "seq": version.seq}
    tx.run(SQL.set_version_retention, mode=mode, until=until, **place)
    announce(tx, bucket, retained(version, mode, until), origin)
    return True


def put_hold(tx: Transaction, origin: Origin, request: PutObjectLegalHoldRequest, *, hold: bool) -> bool:
    """Set a version's legal hold; False where there is no object."""
    bucket, version = _lockable(tx, request, "PUT")
    if version is None:
        return False
    place = {"bucket_id": bucket.bucket_id, "key": version.key, "seq": version.seq}
    tx.run(SQL.set_version_hold, hold=int(hold), **place)
    announce_hold(tx, bucket, version, origin)
    return True


def with_lock(tx: Transaction, bucket: Bucket, description: Description, now: int) -> Description:
    """The description of a version that is made in a bucket, with the retention that the bucket gives where its
    request gives none.

    Raises:
        InvalidRequest, InvalidArgument: as `lock_of_new`.
    """
    lock = lock_of_new(description.lock, configuration(tx, bucket, "object-lock"), now)
    return description if lock == description.lock else replace(description, lock=lock)


def check_digested(description: Description, *, digested: bool, what: Literal["Object", "Part"] = "Object") -> None:
    """Raises InvalidRequest for a locked object, or a part of one, whose bytes came without a digest of theirs."""
    if description.lock != UNLOCKED and not digested:
        raise InvalidRequest(
            f"Content-MD5 OR x-amz-checksum- HTTP header is required for Put {what} requests with Object Lock "
            "parameters"
        )


def _lockable(tx: Transaction, request: Mapping[str, Any], method: str = "GET") -> tuple[Bucket, Version | None]:
    """The version that a request names; None where there is no object.

    Raises:
        InvalidRequest: its bucket has no object lock.
    """
    bucket = the_bucket(tx, request)
    if "object-lock" not in bucket.configured:
        raise InvalidRequest("Bucket is missing Object Lock Configuration")
    key = key_bytes(request["Key"])
    return bucket, asked_version(tx, bucket.bucket_id, key, request.get("VersionId"), method=method)


def locked_version(tx: Transaction, request: Mapping[str, Any]) -> Version | None:
    """The version whose lock is asked for. Raises as `_lockable`."""
    return _lockable(tx, request)[1]


class ObjectLock:
    """Locks of buckets and of versions."""

    def __init__(self, tables: Tables, clock: Clock, changes: Changes) -> None:
        self._tables = tables
        self._clock = clock
        self._changes = changes

    @operation("PutObjectLockConfiguration", needs=on_bucket("s3:PutBucketObjectLockConfiguration"), anonymous=True)
    async def put_configuration(self, caller: Caller, request: PutObjectLockConfigurationRequest) -> None:
        """Have a bucket lock its objects, with a default retention or without."""
        check_configuration(request.get("ObjectLockConfiguration") or {})
        await self._tables.write(put_lock_configuration, request, self._clock.now())

    @operation("GetObjectLockConfiguration", needs=on_bucket("s3:GetBucketObjectLockConfiguration"), anonymous=True)
    async def get_configuration(self, caller: Caller, request: GetObjectLockConfigurationRequest) -> dict[str, Any]:
        """A bucket's object lock, as it was given."""
        return {"ObjectLockConfiguration": await self._tables.read(get_lock_configuration, request)}

    @operation("PutObjectRetention", needs=on_object("s3:PutObjectRetention"), anonymous=True)
    async def put_retention(self, caller: Caller, request: PutObjectRetentionRequest) -> None:
        """Retain a version for a time. What would weaken governance needs the header that bypasses it, and
        s3:BypassGovernanceRetention."""
        refuse_event_holds(request.get("Retention") or {})
        bypass = await may_bypass(caller, request, request)
        if not await self._changes.write(caller, put_retention, request, bypass=bypass):
            raise await missing(caller, request["Bucket"], request["Key"])

    @operation("GetObjectRetention", needs=on_object("s3:GetObjectRetention"), anonymous=True)
    async def get_retention(self, caller: Caller, request: GetObjectRetentionRequest) -> dict[str, Any]:
        """A version's retention, also when its time is over."""
        lock = (await self._version(caller, request)).description.lock
        if lock.mode is None or lock.until is None:
            raise NoSuchObjectLockConfiguration
        return {"Retention": {"Mode": lock.mode, "RetainUntilDate": shown_time(lock.until)}}

    @operation("PutObjectLegalHold", needs=on_object("s3:PutObjectLegalHold"), anonymous=True)
    async def put_hold(self, caller: Caller, request: PutObjectLegalHoldRequest) -> None:
        """Hold a version until that is taken back."""
        status = (request.get("LegalHold") or {}).get("Status")
        if status is None or status not in HOLDS:
            raise MalformedXML
        if not await self._changes.write(caller, put_hold, request, hold=HOLDS[status]):
            raise await missing(caller, request["Bucket"], request["Key"])

    @operation("GetObjectLegalHold", needs=on_object("s3:GetObjectLegalHold"), anonymous=True)
    async def get_hold(self, caller: Caller, request: GetObjectLegalHoldRequest) -> dict[str, Any]:
        """Whether a version is held; an error where that was never said."""
        hold = (await self._version(caller, request)).description.lock.hold
        if hold is None:
            raise NoSuchObjectLockConfiguration
        return {"LegalHold": {"Status": "ON" if hold else "OFF"}}

    async def _version(self, caller: Caller, request: Mapping[str, Any]) -> Version:
        version = await self._tables.read(locked_version, request)
        if version is None:
            raise await missing(caller, request["Bucket"], request["Key"])
        return version

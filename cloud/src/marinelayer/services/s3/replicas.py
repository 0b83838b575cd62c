"""Replicas: versions, delete markers and changes copied to the buckets that replication rules name.

A replica has the id, the time, the metadata and the tags of its version, and names the same blob, unless a KMS key is
to encrypt it anew. It is written in one transaction with the status of its version. What a destination does not let in
has failed, and stays so: the log says why.

S3 acts in the name of the role that the configuration names, and does what that role may (`replication_permissions`).

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import replace

from marinelayer.model.errors import Refusal
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import Blobs, Caller, Clock, Errand, Ids, ServiceRoles, Tables, Transaction
from marinelayer.security.acl import is_public
from marinelayer.services.s3.blob_keys import BlobKeys, KeySource, new_salt
from marinelayer.services.s3.blobs import add_blob, add_reference
from marinelayer.services.s3.bucket import bucket_of
from marinelayer.services.s3.change import Change, Origin, created, origin_of_s3, unreplicated
from marinelayer.services.s3.changes import announce
from marinelayer.services.s3.encryption import Encryption
from marinelayer.services.s3.errors import KmsNotFound
from marinelayer.services.s3.kms_keys import KeyWanted, find_key
from marinelayer.services.s3.notification_record import event_time
from marinelayer.services.s3.object_lock import SQL as LOCK
from marinelayer.services.s3.object_lock import with_lock
from marinelayer.services.s3.object_tags import SQL as TAGS
from marinelayer.services.s3.placing import NewVersion, Placed, place_version
from marinelayer.services.s3.reencrypting import Copied, Reencryption
from marinelayer.services.s3.replicating import REPLICA, REPLICATE, SQL, Task, read_task, settle
from marinelayer.services.s3.replication_permissions import demand, needed
from marinelayer.services.s3.replication_plan import Plan, Unreplicable, look
from marinelayer.services.s3.statements import SQL as S3
from marinelayer.services.s3.versions import (
    UNLOCKED,
    DeleteMarker,
    Version,
    newest_version,
    tags_text,
    version_named,
)

_logger = logging.getLogger(__name__)
_NO_LOCK = ("DstBucketObjectLockConfigMissing", "the bucket locks no objects")


# --- writing --------------------------------------------------------------------------------------------------


def put_replica(tx: Transaction, task: Task, copied: Copied | None, origin: Origin) -> bool:
    """Write the replica of a version, of its own bytes or of those `copied`; whether these are named now.

    Raises:
        Unreplicable: the destination does not take it.
    """
    plan = look(tx, task)
    if plan is None or not isinstance(plan.version, Version):
        return False
    if plan.there is None:
        _insert(tx, task, plan, plan.version, copied, origin)
    settle(tx, task, "COMPLETED")
    return plan.there is None


def _insert(tx: Transaction, task: Task, plan: Plan, version: Version, copied: Copied | None, origin: Origin) -> None:
    target, key = plan.target, version.key
    if copied is None:
        add_reference(tx, version.blob_id)
    elif copied.blob is not None:
        add_blob(tx, copied.blob)
    else:
        parts = {"blob_id": copied.blob_id, "place": "parts", "size": version.size}
        tx.run(S3.insert_blob, **parts, crc64nvme=None, wrapped_key=None)
    description = version.description
    if task.destination.storage_class:
        description = replace(description, storage_class=task.destination.storage_class)
    if description.lock == UNLOCKED:
        description = with_lock(tx, target, description, origin.time)
    elif "object-lock" not in target.configured:
        raise Unreplicable(*_NO_LOCK)
    owner, acl = _owner(task, plan, version)
    replica = NewVersion(
        blob_id=version.blob_id if copied is None else copied.blob_id,
        size=version.size,
        etag=version.etag,
        modified=version.modified,
        owner=owner,
        acl_text=acl,
        description=description,
        checksum=version.checksum,
        entropy="",
        encryption=version.encryption if copied is None else copied.encryption.text,
        replication=REPLICA,
    )
    placed = _place(tx, plan)
    place_version(tx, target.bucket_id, key, replica, placed)
    announce(tx, target, created("ObjectCreated:Put", key, replica, placed), origin)


def _place(tx: Transaction, plan: Plan) -> Placed:
    """On top of what the destination has; at the place of the source, where that is free and above."""
    newest = newest_version(tx, plan.target.bucket_id, plan.version.key)
    seq = plan.version.seq if newest is None else max(plan.version.seq, newest.seq + 1)
    return Placed(seq=seq, version_id=plan.version.version_id)


def _owner(task: Task, plan: Plan, version: Version) -> tuple[str, str | None]:
    """Owner and ACL of a replica. Raises Unreplicable where the destination admits no such ACL."""
    target = plan.target
    if target.acls_disabled or task.destination.owned_there:
        return target.owner, None
    if target.blocks_public_acls and is_public(version.acl):
        raise Unreplicable("DstPutAclNotPermitted", "the bucket blocks public ACLs")
    return version.owner, version.acl_text


def put_marker_replica(tx: Transaction, task: Task, origin: Origin) -> None:
    """Write the replica of a delete marker. Raises Unreplicable."""
    plan = look(tx, task)
    if plan is None:
        return
    if plan.there is None:
        target, version = plan.target, plan.version
        placed = _place(tx, plan)
        owner = target.owner if target.acls_disabled or task.destination.owned_there else version.owner
        place = {"bucket_id": target.bucket_id, "key": version.key, "seq": placed.seq}
        tx.run(
            S3.insert_marker,
            **place,
            version_id=placed.version_id,
            is_null=0,
            modified=version.modified,
            owner=owner,
        )
        tx.run(SQL.set_replication, **place, replication=REPLICA, replicas=None)
        tx.run(S3.delete_object, bucket_id=target.bucket_id, key=version.key)
        marked = Change(
            event="ObjectRemoved:DeleteMarkerCreated", key=version.key, seq=placed.seq, version_id=placed.version_id
        )
        announce(tx, target, marked, origin)
    settle(tx, task, "COMPLETED")


def change_replica(tx: Transaction, task: Task) -> None:
    """Give a replica the tags, the ACL and the lock that its version has now.

    Raises:
        Unreplicable: there is no such replica, or the destination does not take it so.
    """
    plan = look(tx, task)
    if plan is None or not isinstance(plan.version, Version):
        return
    version, there, target = plan.version, plan.there, plan.target
    if not isinstance(there, Version):
        raise Unreplicable("DstVersionNotFound", "the replica is gone")
    place = {"bucket_id": target.bucket_id, "key": there.key, "seq": there.seq}
    tx.run(TAGS.set_version_tags, tags=tags_text(version.description.tags), **place)
    owner, acl = _owner(task, plan, version)
    if owner == there.owner:
        tx.run(S3.set_version_acl, acl=acl, **place)
    lock = version.description.lock
    if lock != UNLOCKED:
        if "object-lock" not in target.configured:
            raise Unreplicable(*_NO_LOCK)
        if lock.mode is not None:
            tx.run(LOCK.set_version_retention, mode=lock.mode, until=lock.until, **place)
        if lock.hold is not None:
            tx.run(LOCK.set_version_hold, hold=int(lock.hold), **place)
    settle(tx, task, "COMPLETED")


def replica_encryption(tx: Transaction, task: Task, plan: Plan) -> Encryption | None:
    """How a replica is to be encrypted with a KMS key; None where its version has none.

    Raises:
        Unreplicable: a KMS key is none of the source bucket's account, to which alone they are open here.
    """
    encryption = plan.kms_encryption
    if encryption is None:
        return None
    try:
        key = find_key(tx, task.destination.kms_key, account=plan.source.account, region=plan.target.region)
    except KmsNotFound as refusal:
        raise Unreplicable("DstKmsKeyNotFound", refusal.message) from None
    if isinstance(key, KeyWanted):
        raise Unreplicable("DstKmsKeyNotFound", key.refusal.message)
    for which, account in (("Dst", key.account), ("Src", encryption.key_arn.split(":")[4])):
        if account != plan.source.account:
            raise Unreplicable(f"{which}KmsKeyInvalidState", "the KMS key is another account's")
    return replace(encryption, key_arn=key.arn, shown_key=key.shown, managed_key=key.managed)


def fail(tx: Transaction, task: Task, reason: str, origin: Origin) -> None:
    """Write that a task failed, and tell of it where the rule says so."""
    settle(tx, task, "FAILED")
    row = tx.one(SQL.bucket_by_id, bucket_id=task.bucket_id)
    if row is None or task.what != "version" or not task.destination.tracked:
        return
    version = version_named(tx, task.bucket_id, task.key_bytes, task.version_id)
    if isinstance(version, Version):
        data = {
            "replicationRuleId": task.destination.rule_id,
            "destinationBucket": f"arn:aws:s3:::{task.destination.bucket}",
            "s3Operation": "OBJECT_PUT",
            "requestTime": event_time(task.time),
            "failureReason": reason,
        }
        announce(tx, bucket_of(tx, row["name"], None), unreplicated(version, data), origin)


# --- the jobs -------------------------------------------------------------------------------------------------


class Replicas:
    """Copies what is to be copied, in the names of the roles that the configurations name."""

    def __init__(
        self, tables: Tables, blobs: Blobs, keys: BlobKeys, roles: ServiceRoles, clock: Clock, ids: Ids
    ) -> None:
        self._tables = tables
        self._roles = roles
        self._clock = clock
        self._reencryption = Reencryption(tables, blobs, keys, clock, ids)

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of job."""
        return {REPLICATE: self.replicate}

    async def replicate(self, job: Job) -> None:
        """Copy one version, marker or change. Done again it changes nothing."""
        task = read_task(job.payload)
        try:
            plan = await self._tables.read(look, task)
            if plan is not None:
                encryption = None
                if task.what == "version":
                    encryption = await self._tables.read(replica_encryption, task, plan)
                await demand(await self._assume(job, task, plan), needed(task, plan, encryption))
                await self._copy(job, task, plan, encryption)
        except Unreplicable as refusal:
            _logger.warning(
                "the version %s of %s is not copied to %s: %s (%s)",
                task.version_id,
                task.key_bytes.decode(),
                task.destination.bucket,
                refusal.message,
                refusal.reason,
            )
            await self._tables.write(fail, task, refusal.reason, self._origin(job))

    async def _assume(self, job: Job, task: Task, plan: Plan) -> Caller:
        """S3 in the name of the role. Raises Unreplicable."""
        source = plan.source
        errand = Errand(
            service="s3.amazonaws.com",
            account=source.account,
            region=source.region,
            id=job.id,
            source=f"arn:aws:s3:::{source.name}",
        )
        try:
            return await self._roles.assume(task.destination.role, errand)
        except Refusal as refusal:
            raise Unreplicable("AssumeRoleNotPermitted", refusal.message) from None

    async def _copy(self, job: Job, task: Task, plan: Plan, encryption: Encryption | None) -> None:
        origin = self._origin(job)
        if isinstance(plan.version, DeleteMarker):
            await self._tables.write(put_marker_replica, task, origin)
        elif task.what == "change":
            await self._tables.write(change_replica, task)
        elif encryption is None or plan.there is not None or plan.is_under(encryption):
            await self._tables.write(put_replica, task, None, origin)
        else:
            target = KeySource(encryption=replace(encryption, salt=new_salt()))
            await self._reencryption.copy(
                job.id, plan.version, target, lambda copied: self._tables.write(put_replica, task, copied, origin)
            )

    def _origin(self, job: Job) -> Origin:
        """As if by one request, the same at every attempt."""
        return origin_of_s3(hashlib.sha256(job.id.encode()).hexdigest()[:16].upper(), self._clock.now())

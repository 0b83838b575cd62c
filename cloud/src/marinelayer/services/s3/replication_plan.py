"""What there is of a task when its turn comes: its version, and the bucket that is to have a replica of it.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
"""

from __future__ import annotations

from dataclasses import dataclass

from marinelayer.model.errors import Refusal
from marinelayer.ports import Transaction
from marinelayer.security.requirement import Acl
from marinelayer.services.s3.bucket import Bucket, bucket_of
from marinelayer.services.s3.encryption import Encryption, read_encryption
from marinelayer.services.s3.errors import NoSuchBucket
from marinelayer.services.s3.replicating import SQL, Task
from marinelayer.services.s3.versions import AnyVersion, Version, version_named


class Unreplicable(Refusal):
    """A version can not be copied.

    Details: FailureReason, as AWS names it (S3 User Guide, "Amazon S3 replication failure reasons").
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message, FailureReason=reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A task as it stands: what it is about, where to, and what is there of that id."""

    source: Bucket
    version: AnyVersion
    target: Bucket
    there: AnyVersion | None

    @property
    def kms_encryption(self) -> Encryption | None:
        """How the version is encrypted with a KMS key, None where it is with none."""
        encryption = read_encryption(self.version.encryption) if isinstance(self.version, Version) else None
        return encryption if encryption is not None and encryption.is_kms else None

    def is_under(self, encryption: Encryption) -> bool:
        """Whether the version is encrypted with the KMS key of this encryption already."""
        used = self.kms_encryption
        return used is not None and used.key_arn == encryption.key_arn


def look(tx: Transaction, task: Task) -> Plan | None:
    """What there is of a task; None where its version is gone.

    Raises:
        Unreplicable: the destination is none, or the bucket's owner may not read the version.
    """
    row = tx.one(SQL.bucket_by_id, bucket_id=task.bucket_id)
    version = None if row is None else version_named(tx, task.bucket_id, task.key_bytes, task.version_id)
    if row is None or version is None:
        return None
    try:
        target = bucket_of(tx, task.destination.bucket, None)
    except NoSuchBucket:
        raise Unreplicable("DstBucketNotFound", "there is no such bucket") from None
    if target.versioning != "Enabled":
        raise Unreplicable("DstBucketUnversioned", "the bucket keeps no versions")
    if task.destination.account not in ("", target.account):
        raise Unreplicable("DstPutObjectNotPermitted", "the bucket is another account's")
    source = bucket_of(tx, row["name"], None)
    if isinstance(version, Version) and not source.acls_disabled and not _lets_in(version.acl, source.owner):
        raise Unreplicable("SrcGetObjectNotPermitted", "its owner lets the bucket's owner not read it")
    there = version_named(tx, target.bucket_id, task.key_bytes, task.version_id)
    return Plan(source=source, version=version, target=target, there=there)


def _lets_in(acl: Acl, bucket_owner: str) -> bool:
    """Whether an ACL lets the bucket's owner read the object and the ACL itself."""
    given = {grant.permission for grant in acl.grants if grant.grantee == bucket_owner}
    return acl.owner == bucket_owner or "FULL_CONTROL" in given or {"READ", "READ_ACP"} <= given

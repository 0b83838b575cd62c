"""What a replication role must be allowed: on the source to read, on the destination to write.

Pure but for the asking. Sources: S3 User Guide, "Setting up permissions for live replication", "Replicating encrypted
objects", "Using Object Lock with S3 Replication"; "Amazon S3 replication failure reasons".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from marinelayer.ports import Caller
from marinelayer.security.requirement import ContextKeys, Requirement
from marinelayer.services.s3.encryption import Encryption
from marinelayer.services.s3.needs import condition_keys
from marinelayer.services.s3.replicating import Task
from marinelayer.services.s3.replication_plan import Plan, Unreplicable
from marinelayer.services.s3.versions import Version

_NOT_PERMITTED: Mapping[str, str] = {
    "s3:GetObjectVersionForReplication": "SrcGetObjectNotPermitted",
    "s3:GetObjectVersionAcl": "SrcGetAclNotPermitted",
    "s3:GetObjectVersionTagging": "SrcGetTaggingNotPermitted",
    "s3:GetObjectRetention": "SrcGetRetentionNotPermitted",
    "s3:GetObjectLegalHold": "SrcGetLegalHoldNotPermitted",
    "s3:ReplicateObject": "DstPutObjectNotPermitted",
    "s3:ReplicateDelete": "DstDelObjNotPermitted",
    "s3:ReplicateTags": "DstPutTaggingNotPermitted",
    "s3:ObjectOwnerOverrideToBucketOwner": "DstPutObjectNotPermitted",
    "kms:Decrypt": "SrcGetObjectNotPermitted",
    "kms:Encrypt": "DstPutObjectNotPermitted",
}
"""Why a version is not copied where the role may not do this."""


async def demand(caller: Caller, requirements: Sequence[Requirement]) -> None:
    """Raises Unreplicable if the role may not all of it."""
    for requirement in requirements:
        if not await caller.may(requirement):
            raise Unreplicable(
                _NOT_PERMITTED[requirement.action],
                f"{requirement.action} on {requirement.resource} is not allowed to {caller.principal.arn}",
            )


def needed(task: Task, plan: Plan, encryption: Encryption | None) -> list[Requirement]:
    """What a task needs, in the order in which it is done. `encryption` is how the replica is to be encrypted with a
    KMS key, None where it has none."""
    return [*_to_read(task, plan), *_to_open(plan, encryption), *_to_write(task, plan, encryption)]


def _to_read(task: Task, plan: Plan) -> Iterator[Requirement]:
    resource = _object(plan.source.name, task)
    named: ContextKeys = {"s3:versionid": (task.version_id,)}
    yield Requirement(action="s3:GetObjectVersionForReplication", resource=resource)
    if not isinstance(plan.version, Version):
        return
    yield Requirement(action="s3:GetObjectVersionAcl", resource=resource, context=named)
    if _tagged(plan):
        yield Requirement(action="s3:GetObjectVersionTagging", resource=resource, context=named)
    lock = plan.version.description.lock
    if lock.mode is not None:
        yield Requirement(action="s3:GetObjectRetention", resource=resource)
    if lock.hold is not None:
        yield Requirement(action="s3:GetObjectLegalHold", resource=resource)


def _to_open(plan: Plan, encryption: Encryption | None) -> Iterator[Requirement]:
    """AWS's own key for S3 serves whoever may do the rest, as it does in requests."""
    for action, used in (("kms:Decrypt", plan.kms_encryption), ("kms:Encrypt", encryption)):
        if encryption is not None and used is not None and not used.managed_key:
            yield Requirement(action=action, resource=used.key_arn)


def _to_write(task: Task, plan: Plan, encryption: Encryption | None) -> Iterator[Requirement]:
    resource = _object(plan.target.name, task)
    if not isinstance(plan.version, Version):
        yield Requirement(action="s3:ReplicateDelete", resource=resource)
        return
    context: ContextKeys = {} if encryption is None else condition_keys(encryption.members)
    yield Requirement(action="s3:ReplicateObject", resource=resource, context=context)
    if _tagged(plan):
        yield Requirement(action="s3:ReplicateTags", resource=resource)
    if task.destination.owned_there and plan.source.account != plan.target.account:
        yield Requirement(action="s3:ObjectOwnerOverrideToBucketOwner", resource=resource)


def _tagged(plan: Plan) -> bool:
    """Whether there are tags to copy, or to remove from what is there."""
    return any(isinstance(one, Version) and one.description.tags for one in (plan.version, plan.there))


def _object(bucket: str, task: Task) -> str:
    return f"arn:aws:s3:::{bucket}/{task.key_bytes.decode()}"

"""What S3's buckets and objects say about their own access, read together."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from math import ceil

from marinelayer.ports import Clock, Tables, Transaction
from marinelayer.security.acl import NEEDED
from marinelayer.security.requirement import NO_RESOURCE, ContextKeys, Requirement, ResourceAccess
from marinelayer.services.s3.conditions import MICROSECONDS
from marinelayer.services.s3.errors import NoSuchBucket
from marinelayer.services.s3.known import Known, access_to
from marinelayer.services.s3.names import bucket_and_key, is_version_id, text_bytes
from marinelayer.services.s3.needs import NewBucketRequirement
from marinelayer.services.s3.tags import Tags
from marinelayer.services.s3.versions import AnyVersion, Version, version_named

_DAY = 24 * 60 * 60

_BY_TAGS = frozenset(
    action.lower()
    for action in (
        "s3:DeleteObjectTagging",
        "s3:DeleteObjectVersionTagging",
        "s3:GetObject",
        "s3:GetObjectAcl",
        "s3:GetObjectAttributes",
        "s3:GetObjectTagging",
        "s3:GetObjectVersion",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionAttributes",
        "s3:GetObjectVersionTagging",
        "s3:PutObjectAcl",
        "s3:PutObjectTagging",
        "s3:PutObjectVersionAcl",
        "s3:PutObjectVersionTagging",
    )
)
"""Actions (lower-case) that can be allowed by the tags of an object that is there (service authorization reference)."""


_ABOUT_OBJECTS = _BY_TAGS | {action for action, (target, _) in NEEDED.items() if target == "object"}
"""Actions for which it matters whose the object is, what its ACL says, or its tags."""

_OF_RESOURCES = frozenset({"s3:ListTagsForResource", "s3:TagResource", "s3:UntagResource"})
"""Actions of S3 Control, which has its own error for what is not there."""


class S3Access:
    """ports.Access of S3. `known` is what others know of the same tables."""

    def __init__(self, tables: Tables, clock: Clock, known: Known | None = None) -> None:
        self._tables = tables
        self._clock = clock
        self._known = known or Known(tables)

    async def of(self, requirement: Requirement) -> ResourceAccess:
        """Policy, ACLs, ownership and public access block that the requirement's bucket or object has.

        Raises:
            NoSuchBucket: there is no such bucket.
        """
        if requirement.resource == "*" or isinstance(requirement, NewBucketRequirement):
            return NO_RESOURCE
        bucket, key = bucket_and_key(requirement.resource)
        known = await self._known.bucket(bucket)
        if known is None:
            if requirement.action in _OF_RESOURCES:
                return NO_RESOURCE
            raise NoSuchBucket(BucketName=bucket)
        action = requirement.action.lower()
        if not key or action not in _ABOUT_OBJECTS:
            context = self._remaining(requirement)
            return replace(known.access, context=context) if context else known.access
        named = requirement.context.get("s3:versionid")
        if named:
            version = await self._tables.read(_version_asked, known.bucket.bucket_id, text_bytes(key), named[0])
            access = access_to(known, version)
        else:
            newest = await self._known.newest(known.bucket, text_bytes(key))
            if newest is None:
                return known.access
            version, access = newest.version, newest.access(known)
        context = self._remaining(requirement)
        if not context and action in _BY_TAGS and isinstance(version, Version):
            context = _existing_tags(version.description.tags)
        return replace(access, context=context) if context else access

    def _remaining(self, requirement: Requirement) -> ContextKeys:
        """For how long a lock is to last that the request sets: only here is it known what the time is."""
        until = requirement.context.get("s3:object-lock-retain-until-date")
        if not until:
            return {}
        left = datetime.fromisoformat(until[0]).timestamp() - self._clock.now() / MICROSECONDS
        return {"s3:object-lock-remaining-retention-days": (str(ceil(left / _DAY)),)}


def _version_asked(tx: Transaction, bucket_id: int, key: bytes, version_id: str) -> AnyVersion | None:
    return version_named(tx, bucket_id, key, version_id) if is_version_id(version_id) else None


@lru_cache(maxsize=1024)
def _existing_tags(tags: Tags) -> ContextKeys:
    return {f"s3:existingobjecttag/{key.lower()}": (value,) for key, value in tags}

"""What S3's buckets and objects say about their own access, read in one statement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from math import ceil

from marinelayer.ports import Clock, Row, Tables, Transaction
from marinelayer.security.requirement import (
    NO_RESOURCE,
    Acl,
    ContextKeys,
    Requirement,
    ResourceAccess,
    ResourcePolicy,
)
from marinelayer.services.s3.bucket import effective_block, read_acl, version_acl
from marinelayer.services.s3.conditions import MICROSECONDS
from marinelayer.services.s3.errors import NoSuchBucket
from marinelayer.services.s3.names import NULL_VERSION, bucket_and_key, text_bytes
from marinelayer.services.s3.needs import NewBucketRequirement
from marinelayer.services.s3.regions import shown_region
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.versions import read_tags

_DAY = 24 * 60 * 60

_BY_TAGS = frozenset(
    {
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
    }
)
"""Actions that can be allowed by the tags of an object that is there (service authorization reference)."""


class S3Access:
    """ports.Access of S3."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    async def of(self, requirement: Requirement) -> ResourceAccess:
        """Policy, ACLs, ownership and public access block that the requirement's bucket or object has.

        Raises:
            NoSuchBucket: there is no such bucket.
        """
        if requirement.resource == "*" or isinstance(requirement, NewBucketRequirement):
            return NO_RESOURCE
        bucket, key = bucket_and_key(requirement.resource)
        version_id = next(iter(requirement.context.get("s3:versionid", ())), None)
        row = None if "\0" in bucket else await self._tables.read(read_access, bucket, text_bytes(key), version_id)
        if row is None:
            raise NoSuchBucket(BucketName=bucket)
        return _access(row, self._context(requirement, row))

    def _context(self, requirement: Requirement, row: Row) -> ContextKeys:
        """What only here is known of the conditions: the object's tags, and for how long a lock is to last."""
        until = next(iter(requirement.context.get("s3:object-lock-retain-until-date", ())), None)
        if until is not None:
            left = datetime.fromisoformat(until).timestamp() - self._clock.now() / MICROSECONDS
            return {"s3:object-lock-remaining-retention-days": (str(ceil(left / _DAY)),)}
        return _existing_tags(row["tags"]) if row["tags"] and requirement.action in _BY_TAGS else {}


def read_access(tx: Transaction, bucket: str, key: bytes, version_id: str | None) -> Row | None:
    """The row of a bucket with the ACL of the object `key`, or of its version, where there is one."""
    if version_id is None:
        return tx.one(SQL.access, name=bucket, key=key)
    is_null = int(version_id == NULL_VERSION)
    return tx.one(SQL.access_to_version, name=bucket, key=key, version_id=version_id, is_null=is_null)


def _access(row: Row, context: ContextKeys) -> ResourceAccess:
    object_acl: Acl | None = None
    if row["object_owner"] is not None and not row["is_marker"]:
        object_acl = version_acl(row["object_owner"], row["object_acl"])
    return ResourceAccess(
        account=row["account"],
        policy=None
        if row["policy"] is None
        else ResourcePolicy(text=row["policy"], principals=_principals(row["policy_principals"])),
        bucket_acl=read_acl(row["acl"]),
        object_acl=object_acl,
        ownership=row["ownership"] or "ObjectWriter",
        block=effective_block(row),
        requester_pays="request-payment" in row["configured"],
        context=context,
        region=shown_region(row["region"]),
    )


@lru_cache(maxsize=1024)
def _existing_tags(text: str) -> ContextKeys:
    return {f"s3:existingobjecttag/{key.lower()}": (value,) for key, value in read_tags(text)}


@lru_cache(maxsize=1024)
def _principals(text: str) -> Mapping[str, str]:
    return json.loads(text)

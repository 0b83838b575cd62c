"""A bucket as its row says, and the questions that operations ask of it. Knows no requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, cast

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Row, Transaction
from marinelayer.security.requirement import Acl, Grant, ObjectOwnership, Permission, PublicAccessBlock
from marinelayer.services.s3.errors import NoSuchBucket
from marinelayer.services.s3.statements import SQL

Versioning = Literal["Enabled", "Suspended"]

BLOCK_MEMBERS: Mapping[str, str] = {
    "BlockPublicAcls": "block_public_acls",
    "IgnorePublicAcls": "ignore_public_acls",
    "BlockPublicPolicy": "block_public_policy",
    "RestrictPublicBuckets": "restrict_public_buckets",
}
"""The switches of a public access block: AWS's members and our columns."""


def acl_text(acl: Acl) -> str:
    """An ACL as it is stored."""
    return json.dumps({"owner": acl.owner, "grants": [[grant.grantee, grant.permission] for grant in acl.grants]})


@lru_cache(maxsize=4096)
def read_acl(text: str) -> Acl:
    """An ACL from where it is stored. Remembered by its text, which can not go stale."""
    raw = json.loads(text)
    grants = tuple(Grant(grantee=grantee, permission=cast("Permission", what)) for grantee, what in raw["grants"])
    return Acl(owner=raw["owner"], grants=grants)


def private_acl(owner: str) -> Acl:
    """The owner may everything, others nothing."""
    return Acl(owner=owner, grants=(Grant(grantee=owner, permission="FULL_CONTROL"),))


def version_acl(owner: str, text: str | None) -> Acl:
    """The ACL of a version, whose NULL stands for a private one."""
    return private_acl(owner) if text is None else read_acl(text)


def read_block(row: Row) -> PublicAccessBlock | None:
    """The bucket's public access block, or None where none is configured."""
    if row["block_public_acls"] is None:
        return None
    return PublicAccessBlock(**{column: bool(row[column]) for column in BLOCK_MEMBERS.values()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One bucket. `ownership` and `block` are None where none is configured; `versioning` is None where it never was.
    `configured` names the kinds of its configuration documents."""

    bucket_id: int
    name: str
    account: str
    region: str
    owner: str
    acl: Acl
    ownership: ObjectOwnership | None
    block: PublicAccessBlock | None
    policy: str | None
    versioning: Versioning | None
    configured: frozenset[str]

    @property
    def acls_disabled(self) -> bool:
        """Whether the bucket's owner owns every object, and ACLs are refused."""
        return self.ownership == "BucketOwnerEnforced"

    @property
    def blocks_public_acls(self) -> bool:
        """Whether new public ACLs are refused."""
        return self.block is not None and self.block.block_public_acls

    @property
    def blocks_public_policy(self) -> bool:
        """Whether new public policies are refused."""
        return self.block is not None and self.block.block_public_policy


def read_bucket(row: Row) -> Bucket:
    """A bucket from its row."""
    return Bucket(
        bucket_id=row["bucket_id"],
        name=row["name"],
        account=row["account"],
        region=row["region"],
        owner=row["owner"],
        acl=read_acl(row["acl"]),
        ownership=row["ownership"],
        block=read_block(row),
        policy=row["policy"],
        versioning=row["versioning"],
        configured=_kinds(row["configured"]),
    )


@lru_cache(maxsize=256)
def _kinds(text: str) -> frozenset[str]:
    return frozenset(text.split())


def the_bucket(tx: Transaction, request: Mapping[str, Any]) -> Bucket:
    """The bucket that a request names.

    Raises:
        NoSuchBucket: there is none.
        AccessDenied: it belongs to another account than the request expects.
    """
    return bucket_of(tx, request["Bucket"], request.get("ExpectedBucketOwner"))


def bucket_of(tx: Transaction, name: str, expected_owner: str | None) -> Bucket:
    """The bucket called `name`. Raises as `the_bucket`."""
    row = tx.one(SQL.bucket_named, name=name)
    if row is None:
        raise NoSuchBucket(BucketName=name)
    if expected_owner is not None and expected_owner != row["account"]:
        raise AccessDenied
    return read_bucket(row)

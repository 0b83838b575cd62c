"""A bucket as its row says, and the questions that operations ask of it. Knows no requests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, cast

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Row, Transaction
from marinelayer.security.requirement import Acl, Grant, ObjectOwnership, Permission, PublicAccessBlock
from marinelayer.services.s3.errors import InvalidBucketOwnerAWSAccountID, NoSuchBucket
from marinelayer.services.s3.statements import SQL

Versioning = Literal["Enabled", "Suspended"]

BLOCK_MEMBERS: Mapping[str, str] = {
    "BlockPublicAcls": "block_public_acls",
    "IgnorePublicAcls": "ignore_public_acls",
    "BlockPublicPolicy": "block_public_policy",
    "RestrictPublicBuckets": "restrict_public_buckets",
}
"""The switches of a public access block: AWS's members and our columns."""


_ACCOUNT = re.compile(r"[0-9]{12}")


def acl_text(acl: Acl) -> str:
    """An ACL as it is stored."""
    return json.dumps({"owner": acl.owner, "grants": [[grant.grantee, grant.permission] for grant in acl.grants]})


@lru_cache(maxsize=4096)
def read_acl(text: str) -> Acl:
    """An ACL from where it is stored. Remembered by its text, which can not go stale."""
    raw = json.loads(text)
    grants = tuple(Grant(grantee=grantee, permission=cast("Permission", what)) for grantee, what in raw["grants"])
    return Acl(owner=raw["owner"], grants=grants)


@lru_cache(maxsize=1024)
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


@lru_cache(maxsize=16)
def read_account_block(switches: str | None) -> PublicAccessBlock:
    """The public access block of an account from where S3 Control stores it: the members that are on."""
    on = (switches or "").split()
    return PublicAccessBlock(**{column: member in on for member, column in BLOCK_MEMBERS.items()})


def effective_block(row: Row) -> PublicAccessBlock:
    """What is on in the bucket's block or in its account's."""
    own, accounts = read_block(row), read_account_block(row["account_block"])
    if own is None:
        return accounts
    return PublicAccessBlock(
        **{column: getattr(own, column) or getattr(accounts, column) for column in BLOCK_MEMBERS.values()}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One bucket. `ownership` and `block` are None where none is configured, `account_block` is that of its account;
    `versioning` is None where it never was. `configured` names the kinds of its configuration documents."""

    bucket_id: int
    name: str
    account: str
    region: str
    owner: str
    acl: Acl
    ownership: ObjectOwnership | None
    block: PublicAccessBlock | None
    account_block: PublicAccessBlock
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
        return self.account_block.block_public_acls or (self.block is not None and self.block.block_public_acls)

    @property
    def blocks_public_policy(self) -> bool:
        """Whether new public policies are refused."""
        return self.account_block.block_public_policy or (self.block is not None and self.block.block_public_policy)


def read_bucket(row: Row) -> Bucket:
    """A bucket from its row. Remembered by all that the row says, which can not go stale."""
    return _bucket(tuple(row.items()))


@lru_cache(maxsize=1024)
def _bucket(columns: tuple[tuple[str, Any], ...]) -> Bucket:
    row = dict(columns)
    return Bucket(
        bucket_id=row["bucket_id"],
        name=row["name"],
        account=row["account"],
        region=row["region"],
        owner=row["owner"],
        acl=read_acl(row["acl"]),
        ownership=row["ownership"],
        block=read_block(row),
        account_block=read_account_block(row["account_block"]),
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
    bucket = find_bucket(tx, name)
    if bucket is None:
        raise NoSuchBucket(BucketName=name)
    demand_owner(bucket, expected_owner)
    return bucket


def find_bucket(tx: Transaction, name: str) -> Bucket | None:
    """The bucket called `name`, None where there is none."""
    row = tx.one(SQL.bucket_named, name=name)
    return None if row is None else read_bucket(row)


def demand_owner(bucket: Bucket, expected_owner: str | None) -> None:
    """Refuse a bucket that belongs to another account than the request expects.

    Raises:
        AccessDenied: it does.
        InvalidBucketOwnerAWSAccountID: what is expected is no account.
    """
    if expected_owner is not None and not _ACCOUNT.fullmatch(expected_owner):
        raise InvalidBucketOwnerAWSAccountID(
            f"The value of the expected bucket owner parameter must be an AWS Account ID... [{expected_owner}]"
        )
    if expected_owner is not None and expected_owner != bucket.account:
        raise AccessDenied

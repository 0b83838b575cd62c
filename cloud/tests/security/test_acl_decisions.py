"""What ACLs and the public access block decide.

Source: S3 User Guide, "Access control list (ACL) overview" and "Blocking public access".
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from marinelayer.security.acl import (
    ALL_USERS,
    AUTHENTICATED_USERS,
    BUCKET_CANNED,
    OBJECT_CANNED,
    canned_bucket_acl,
    canned_object_acl,
)
from marinelayer.security.identity import ANONYMOUS_IDENTITY
from marinelayer.security.requirement import (
    Acl,
    Grant,
    PublicAccessBlock,
    ResourceAccess,
)

from .judging import (
    ACCOUNT_B,
    CANONICAL,
    EVERYONE,
    A,
    B,
    allow,
    allowed,
    bob,
    bucket,
    deny,
    judged,
    root,
    service,
)


def acl(*grants: tuple[str, Any], owner: str = A) -> Acl:
    return Acl(owner=CANONICAL[owner], grants=tuple(Grant(grantee=who, permission=what) for who, what in grants))


def test_an_acl_grants_to_its_groups() -> None:
    public, signed = bucket(object_acl=acl((ALL_USERS, "READ"))), bucket(object_acl=acl((AUTHENTICATED_USERS, "READ")))
    assert allowed(ANONYMOUS_IDENTITY, public)
    assert allowed(bob(), public)
    assert not allowed(ANONYMOUS_IDENTITY, signed)
    assert allowed(bob(), signed)
    assert allowed(root(B), signed)
    assert not allowed(bob(account=B), signed), "a stranger's own account must agree"
    assert allowed(bob(allow(), account=B), signed)
    assert not allowed(service(), signed)


def test_an_acl_grants_to_accounts_whose_users_need_their_own_policies() -> None:
    for grant in ((CANONICAL[B], "READ"), (CANONICAL[B], "FULL_CONTROL")):
        shared = bucket(object_acl=acl(grant))
        assert allowed(root(B), shared)
        assert allowed(bob(allow(), account=B), shared)
        assert not allowed(bob(account=B), shared)
        assert not allowed(ANONYMOUS_IDENTITY, shared)
    assert not allowed(root(B), bucket(object_acl=acl((CANONICAL[B], "READ_ACP"))))
    assert not allowed(root(B), bucket(object_acl=acl((CANONICAL[B], "WRITE"))))


def test_acls_are_ignored_where_the_bucket_owner_is_enforced() -> None:
    enforced = bucket(object_acl=acl((ALL_USERS, "FULL_CONTROL")), ownership="BucketOwnerEnforced")
    assert not allowed(ANONYMOUS_IDENTITY, enforced)
    assert not allowed(root(B), enforced)


def test_ignore_public_acls_passes_over_public_grants_only() -> None:
    block = PublicAccessBlock(ignore_public_acls=True)
    resource = bucket(object_acl=acl((ALL_USERS, "READ"), (CANONICAL[B], "READ")), block=block)
    decision = judged(ANONYMOUS_IDENTITY, resource)
    assert not decision.allowed
    assert ("public access block", "IgnorePublicAcls") in [(one.source, one.statement) for one in decision.reasons]
    assert allowed(root(B), resource)
    assert allowed(ANONYMOUS_IDENTITY, bucket(allow(**EVERYONE), block=block)), "policies are another switch"


def test_restrict_public_buckets_keeps_strangers_out_of_a_public_policy() -> None:
    block = PublicAccessBlock(restrict_public_buckets=True)
    public = bucket(allow(**EVERYONE), allow(**ACCOUNT_B), block=block)
    assert not allowed(ANONYMOUS_IDENTITY, public)
    assert not allowed(root(B), public)
    assert allowed(bob(), public)
    assert allowed(root(), public)
    assert allowed(root(B), bucket(allow(**ACCOUNT_B), block=block)), "this policy is not public"
    to_service = allow(Principal={"Service": "sns.amazonaws.com"})
    assert allowed(service(), bucket(allow(**EVERYONE), to_service, block=block))


def test_an_object_of_another_account_is_not_the_bucket_owners_to_give() -> None:
    theirs = acl((CANONICAL[B], "FULL_CONTROL"), owner=B)
    assert not allowed(root(), bucket(allow(**EVERYONE), object_acl=theirs))
    assert not allowed(ANONYMOUS_IDENTITY, bucket(allow(**EVERYONE), object_acl=theirs))
    assert allowed(root(B), bucket(object_acl=theirs))
    assert allowed(bob(allow(), account=B), bucket(object_acl=theirs))
    assert not allowed(bob(account=B), bucket(object_acl=theirs))
    assert not allowed(root(B), bucket(deny(**EVERYONE), object_acl=theirs)), "but it may deny"
    assert allowed(root(), bucket(object_acl=theirs), "s3:DeleteObject"), "and delete"
    given = acl((CANONICAL[B], "FULL_CONTROL"), (CANONICAL[A], "READ"), owner=B)
    assert allowed(root(), bucket(object_acl=given))
    enforced = bucket(allow(**EVERYONE), object_acl=theirs, ownership="BucketOwnerEnforced")
    assert allowed(ANONYMOUS_IDENTITY, enforced)
    assert allowed(root(), enforced)


def test_who_may_list_may_learn_that_an_object_is_missing() -> None:
    listable = bucket(bucket_acl=canned_bucket_acl("public-read", CANONICAL[A]))
    assert allowed(ANONYMOUS_IDENTITY, listable)
    assert not allowed(ANONYMOUS_IDENTITY, bucket())
    private = canned_object_acl("private", CANONICAL[A], bucket_owner=CANONICAL[A])
    assert not allowed(ANONYMOUS_IDENTITY, dataclasses.replace(listable, object_acl=private))
    assert not allowed(ANONYMOUS_IDENTITY, listable, "s3:GetObjectAcl")


def test_who_may_write_an_object_may_give_it_an_acl() -> None:
    writable = bucket(bucket_acl=canned_bucket_acl("public-read-write", CANONICAL[A]))
    assert allowed(ANONYMOUS_IDENTITY, writable, "s3:PutObjectAcl")
    private = canned_object_acl("private", CANONICAL[A], bucket_owner=CANONICAL[A])
    assert not allowed(ANONYMOUS_IDENTITY, dataclasses.replace(writable, object_acl=private), "s3:PutObjectAcl")
    assert not allowed(ANONYMOUS_IDENTITY, bucket(), "s3:PutObjectAcl")


def permitted(action: str, acls: ResourceAccess) -> str:
    """Which of the anonymous, another account's root and nobody at all the ACLs let do `action`."""
    letters = (("everyone", ANONYMOUS_IDENTITY), ("signed", root(B)))
    return next((name for name, identity in letters if allowed(identity, acls, action)), "")


BUCKET_TABLE = {
    "private": {},
    "public-read": {"s3:ListBucket": "everyone", "s3:ListBucketVersions": "everyone", "s3:ListBucketMultipartUploads": "everyone"},
    "public-read-write": {
        "s3:ListBucket": "everyone",
        "s3:ListBucketVersions": "everyone",
        "s3:ListBucketMultipartUploads": "everyone",
        "s3:PutObject": "everyone",
        "s3:DeleteObject": "everyone",
        "s3:AbortMultipartUpload": "everyone",
        "s3:ListMultipartUploadParts": "everyone",
    },
    "authenticated-read": {"s3:ListBucket": "signed", "s3:ListBucketVersions": "signed", "s3:ListBucketMultipartUploads": "signed"},
    "log-delivery-write": {},
}  # fmt: skip
OBJECT_TABLE = {
    "private": {},
    "public-read": {"s3:GetObject": "everyone", "s3:GetObjectVersion": "everyone", "s3:GetObjectTorrent": "everyone"},
    "public-read-write": {
        "s3:GetObject": "everyone",
        "s3:GetObjectVersion": "everyone",
        "s3:GetObjectTorrent": "everyone",
    },
    "authenticated-read": {"s3:GetObject": "signed", "s3:GetObjectVersion": "signed", "s3:GetObjectTorrent": "signed"},
    "bucket-owner-read": {},
    "bucket-owner-full-control": {},
    "aws-exec-read": {},
}
EVERY_ACTION = [
    "s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads", "s3:PutObject", "s3:DeleteObject",
    "s3:DeleteObjectVersion", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:GetBucketAcl",
    "s3:PutBucketAcl", "s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTorrent", "s3:GetObjectAcl",
    "s3:GetObjectVersionAcl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl", "s3:GetBucketPolicy", "s3:PutBucketPolicy",
    "s3:DeleteBucket", "s3:GetObjectTagging", "s3:PutObjectTagging", "s3:GetBucketLocation", "s3:PutBucketVersioning",
]  # fmt: skip


@pytest.mark.parametrize("name", BUCKET_TABLE)
def test_what_each_canned_acl_of_a_bucket_lets_strangers_do(name: str) -> None:
    assert set(BUCKET_TABLE) == set(BUCKET_CANNED)
    private = canned_object_acl("private", CANONICAL[A], bucket_owner=CANONICAL[A])
    acls = bucket(bucket_acl=canned_bucket_acl(name, CANONICAL[A]), object_acl=private)
    for action in EVERY_ACTION:
        assert permitted(action, acls) == BUCKET_TABLE[name].get(action, ""), action


@pytest.mark.parametrize("name", OBJECT_TABLE)
def test_what_each_canned_acl_of_an_object_lets_strangers_do(name: str) -> None:
    assert set(OBJECT_TABLE) == set(OBJECT_CANNED)
    acls = bucket(object_acl=canned_object_acl(name, CANONICAL[A], bucket_owner=CANONICAL[A]))
    for action in EVERY_ACTION:
        assert permitted(action, acls) == OBJECT_TABLE[name].get(action, ""), action


PERMISSION_TABLE = {
    "READ": {"s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads", "s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTorrent"},
    "WRITE": {"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"},
    "READ_ACP": {"s3:GetBucketAcl", "s3:GetObjectAcl", "s3:GetObjectVersionAcl"},
    "WRITE_ACP": {"s3:PutBucketAcl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl"},
}  # fmt: skip


@pytest.mark.parametrize("permission", [*PERMISSION_TABLE, "FULL_CONTROL"])
def test_what_each_permission_is_good_for(permission: str) -> None:
    granted = acl((CANONICAL[B], permission))
    acls = bucket(bucket_acl=granted, object_acl=granted)
    wanted: set[str] = PERMISSION_TABLE.get(permission, set().union(*PERMISSION_TABLE.values()))
    assert {action for action in EVERY_ACTION if allowed(root(B), acls, action)} == wanted

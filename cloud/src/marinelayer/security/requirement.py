"""What a request needs, and what the resource it touches says about itself.

A requirement is one action on one resource under some condition values; an operation may have several, and all
must be allowed. `ResourceAccess` is what a service reads in one statement about the resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Permission = Literal["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"]
ObjectOwnership = Literal["ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced"]

ContextKeys = Mapping[str, tuple[str, ...]]
"""Condition keys (lower-case, `s3:prefix`, `aws:requesttag/team`) and their values."""

_ALL_BUCKETS: Final = "arn:aws:s3:::*"
_LISTING: Final = "s3:listallmybuckets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """`action` (`s3:GetObject`) on `resource` (an ARN, `*` where the action takes none), with the condition keys
    that only this request's input can give."""

    action: str
    resource: str
    context: ContextKeys = field(default_factory=dict[str, tuple[str, ...]])

    @property
    def asked(self) -> str:
        """The resource that policies are asked about. All of an account's buckets are `arn:aws:s3:::*` to them, so that
        they may name that or `*` (S3 User Guide, "Controlling access to a bucket with user policies")."""
        return _ALL_BUCKETS if self.resource == "*" and self.action.lower() == _LISTING else self.resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One grant of an ACL. `grantee` is a canonical id or a group's URI."""

    grantee: str
    permission: Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Acl:
    """An access control list: the owner's canonical id and the grants."""

    owner: str
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAccessBlock:
    """The four switches of S3's public access block."""

    block_public_acls: bool = False
    ignore_public_acls: bool = False
    block_public_policy: bool = False
    restrict_public_buckets: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePolicy:
    """A resource's own policy: its text and, for each principal ARN in it, the unique id that the ARN had when the
    policy was set (a re-created user inherits nothing)."""

    text: str
    principals: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceAccess:
    """What the resource itself says about access.

    `account` owns the resource (None: there is nothing yet, as before CreateBucket, or the action takes no
    resource: then only the identity's side counts). For S3, `bucket_acl` is always given and `object_acl` when the
    resource is an object that exists; `context` holds condition keys that only the resource knows
    (`s3:existingobjecttag/...`, `aws:resourcetag/...`). With `requester_pays`, other accounts must agree to pay.
    `region` is where the resource is, None where that is no matter.
    """

    account: str | None = None
    policy: ResourcePolicy | None = None
    bucket_acl: Acl | None = None
    object_acl: Acl | None = None
    ownership: ObjectOwnership = "ObjectWriter"
    block: PublicAccessBlock = field(default_factory=PublicAccessBlock)
    context: ContextKeys = field(default_factory=dict[str, tuple[str, ...]])
    requester_pays: bool = False
    region: str | None = None


NO_RESOURCE = ResourceAccess()

"""Access control lists: canned ones, grants by headers, and what a grant is good for.

Pure. Source: S3 User Guide, "Access control list (ACL) overview" (its tables of permissions, canned ACLs and
predefined groups).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.security.identity import Principal
from marinelayer.security.refusals import UnresolvableGrantByEmailAddress
from marinelayer.security.requirement import Acl, Grant, Permission, ResourceAccess

ALL_USERS: Final = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS: Final = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_DELIVERY: Final = "http://acs.amazonaws.com/groups/s3/LogDelivery"
GROUPS: Final = frozenset({ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY})
LOG_SERVICE: Final = "logging.s3.amazonaws.com"
"""The service principal that the log delivery group stands for."""
PUBLIC_GROUPS: Final = frozenset({ALL_USERS, AUTHENTICATED_USERS})

PERMISSIONS: Final[tuple[Permission, ...]] = ("READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL")

BUCKET_CANNED: Final[Mapping[str, tuple[tuple[str, Permission], ...]]] = {
    "private": (),
    "public-read": ((ALL_USERS, "READ"),),
    "public-read-write": ((ALL_USERS, "READ"), (ALL_USERS, "WRITE")),
    "authenticated-read": ((AUTHENTICATED_USERS, "READ"),),
    "log-delivery-write": ((LOG_DELIVERY, "WRITE"), (LOG_DELIVERY, "READ_ACP")),
}
_BUCKET_OWNER: Final = "bucket-owner"
OBJECT_CANNED: Final[Mapping[str, tuple[tuple[str, Permission], ...]]] = {
    **{name: BUCKET_CANNED[name] for name in ("private", "public-read", "public-read-write", "authenticated-read")},
    "bucket-owner-read": ((_BUCKET_OWNER, "READ"),),
    "bucket-owner-full-control": ((_BUCKET_OWNER, "FULL_CONTROL"),),
    # The grant goes to Amazon EC2, whose canonical id is nobody here.
    "aws-exec-read": (),
}

GRANT_HEADERS: Final[Mapping[str, Permission]] = {
    "x-amz-grant-full-control": "FULL_CONTROL",
    "x-amz-grant-read": "READ",
    "x-amz-grant-read-acp": "READ_ACP",
    "x-amz-grant-write": "WRITE",
    "x-amz-grant-write-acp": "WRITE_ACP",
}
"""Header fields that grant (lower-case), in the order in which their grants are listed."""

MOST_GRANTS: Final = 100

Target = Literal["bucket", "object"]
NEEDED: Final[Mapping[str, tuple[Target, Permission]]] = {
    "s3:listbucket": ("bucket", "READ"),
    "s3:listbucketversions": ("bucket", "READ"),
    "s3:listbucketmultipartuploads": ("bucket", "READ"),
    "s3:putobject": ("bucket", "WRITE"),
    "s3:deleteobject": ("bucket", "WRITE"),
    "s3:abortmultipartupload": ("bucket", "WRITE"),
    "s3:listmultipartuploadparts": ("bucket", "WRITE"),
    "s3:getbucketacl": ("bucket", "READ_ACP"),
    "s3:putbucketacl": ("bucket", "WRITE_ACP"),
    "s3:getobject": ("object", "READ"),
    "s3:getobjectversion": ("object", "READ"),
    "s3:getobjecttorrent": ("object", "READ"),
    "s3:getobjectacl": ("object", "READ_ACP"),
    "s3:getobjectversionacl": ("object", "READ_ACP"),
    "s3:putobjectacl": ("object", "WRITE_ACP"),
    "s3:putobjectversionacl": ("object", "WRITE_ACP"),
}
"""Actions (lower-case) that an ACL can grant, and by which permission on what. No other action can be had so."""

_OF_MISSING_OBJECTS: Final[Mapping[str, Permission]] = {
    "s3:getobject": "READ",
    "s3:getobjectversion": "READ",
    "s3:putobjectacl": "WRITE",
}
"""What the bucket's ACL says of an object that is not there. That it is missing is nothing that whoever may list could
not learn (GetObject, "404 or 403"); and whoever may write it will own it, and so give it an ACL."""


def canned_bucket_acl(name: str, owner: str) -> Acl:
    """A bucket's ACL by the name of a canned one. `owner` is the bucket owner's canonical id.

    Raises:
        InvalidArgument: there is no such ACL for buckets.
    """
    return Acl(owner=owner, grants=_canned(BUCKET_CANNED, name, owner, bucket_owner=owner))


def canned_object_acl(name: str, owner: str, *, bucket_owner: str) -> Acl:
    """An object's ACL by the name of a canned one. `owner` and `bucket_owner` are canonical ids.

    Raises:
        InvalidArgument: there is no such ACL for objects.
    """
    return Acl(owner=owner, grants=_canned(OBJECT_CANNED, name, owner, bucket_owner=bucket_owner))


def acl_by_headers(headers: Mapping[str, str], owner: str) -> Acl | None:
    """The ACL that `x-amz-grant-*` fields (lower-case names) ask for; None where there are none. The owner gets
    nothing that is not granted. Grantees are `id="..."` or `uri="..."`.

    Raises:
        InvalidArgument: a grantee is no known group, or can not be read.
        UnresolvableGrantByEmailAddress: a grantee is given by e-mail address, which no account here has.
    """
    given = [(name, headers[name]) for name in GRANT_HEADERS if name in headers]
    if not given:
        return None
    grants: list[Grant] = []
    for name, value in given:
        grants += [Grant(grantee=_grantee(one, name), permission=GRANT_HEADERS[name]) for one in value.split(",")]
    return Acl(owner=owner, grants=checked_grants(grants))


def checked_grants(grants: list[Grant]) -> tuple[Grant, ...]:
    """Grants as an ACL may have them, repeated ones once.

    Raises:
        InvalidArgument: there are more than 100.
    """
    distinct = tuple(dict.fromkeys(grants))
    if len(distinct) > MOST_GRANTS:
        raise InvalidArgument(f"An ACL may have at most {MOST_GRANTS} grants")
    return distinct


def is_public(acl: Acl) -> bool:
    """Whether an ACL grants anything to everyone, or to everyone with an AWS account (S3 User Guide, "The meaning of
    public")."""
    return any(grant.grantee in PUBLIC_GROUPS for grant in acl.grants)


def acl_reach(
    action: str, principal: Principal, resource: ResourceAccess, *, public: bool = True
) -> Literal["direct", "account"] | None:
    """How the resource's ACLs grant the lower-case `action`: to the public (`direct`), to the principal's account
    (`account`), or not at all. Without `public`, grants to the public groups are passed over.
    """
    needed = NEEDED.get(action)
    if needed is None:
        return None
    target, permission = needed
    acl = resource.bucket_acl if target == "bucket" else resource.object_acl
    if target == "object" and acl is None and action in _OF_MISSING_OBJECTS:
        acl, permission = resource.bucket_acl, _OF_MISSING_OBJECTS[action]
    if acl is None:
        return None
    reach: Literal["account"] | None = None
    for grant in acl.grants:
        if grant.permission not in (permission, "FULL_CONTROL"):
            continue
        if grant.grantee == LOG_DELIVERY and principal.kind == "service" and principal.arn == LOG_SERVICE:
            return "direct"
        if grant.grantee in PUBLIC_GROUPS:
            signed = principal.kind not in ("anonymous", "service")
            if public and (grant.grantee == ALL_USERS or signed):
                return "direct"
        elif grant.grantee == principal.canonical_id and principal.canonical_id:
            reach = "account"
    return reach


def _canned(
    table: Mapping[str, tuple[tuple[str, Permission], ...]], name: str, owner: str, *, bucket_owner: str
) -> tuple[Grant, ...]:
    if name not in table:
        raise InvalidArgument("", ArgumentName="x-amz-acl", ArgumentValue=name[:128])
    grants = [Grant(grantee=owner, permission="FULL_CONTROL")]
    for grantee, permission in table[name]:
        grants.append(Grant(grantee=bucket_owner if grantee == _BUCKET_OWNER else grantee, permission=permission))
    return tuple(dict.fromkeys(grants))


def _grantee(text: str, header: str) -> str:
    kind, equals, value = text.strip().partition("=")
    kind, value = kind.strip().lower(), value.strip().strip("\"'")
    if not equals or not value:
        raise InvalidArgument("Argument format not recognized", ArgumentName=header, ArgumentValue=text.strip()[:256])
    if kind == "id":
        return value
    if kind == "uri":
        if value not in GROUPS:
            raise InvalidArgument("Invalid group uri", ArgumentName="uri", ArgumentValue=value[:256])
        return value
    if kind == "emailaddress":
        raise UnresolvableGrantByEmailAddress
    raise InvalidArgument("Argument format not recognized", ArgumentName=header, ArgumentValue=text.strip()[:256])


def read_permission(text: str) -> Permission:
    """A permission by its name.

    Raises:
        InvalidArgument: there is none of that name.
    """
    if text not in PERMISSIONS:
        raise InvalidArgument("Invalid permission", ArgumentName="Permission", ArgumentValue=text[:128])
    return text

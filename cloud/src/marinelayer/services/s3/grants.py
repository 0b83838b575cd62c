"""The ACL that a request gives: canned, by headers, or as a document; and who owns what it makes. Pure.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html and .../about-object-ownership.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marinelayer.model.errors import AccessDenied
from marinelayer.protocol.refusals import InvalidArgument, InvalidRequest, MalformedACLError
from marinelayer.security.acl import (
    GROUPS,
    acl_by_headers,
    canned_bucket_acl,
    canned_object_acl,
    checked_grants,
    is_public,
    read_permission,
)
from marinelayer.security.identity import Principal
from marinelayer.security.refusals import UnresolvableGrantByEmailAddress
from marinelayer.security.requirement import Acl, Grant
from marinelayer.services.s3.bucket import Bucket, acl_text
from marinelayer.services.s3.errors import (
    AccessControlListNotSupported,
    MissingSecurityHeader,
    UnexpectedContent,
)
from marinelayer.services.s3.owners import Named

ANONYMOUS_OWNER = "65a011a29cdf8ec533ec3d1ccaae921c"
"""Who owns what nobody signed for."""

_HEADERS: Mapping[str, str] = {
    "GrantFullControl": "x-amz-grant-full-control",
    "GrantRead": "x-amz-grant-read",
    "GrantReadACP": "x-amz-grant-read-acp",
    "GrantWrite": "x-amz-grant-write",
    "GrantWriteACP": "x-amz-grant-write-acp",
}
_CANONICAL_ID = re.compile(r"[0-9a-f]{64}|" + ANONYMOUS_OWNER)
_TO_BUCKET_OWNER = "bucket-owner-full-control"


def given_bucket_acl(request: Mapping[str, Any], owner: str) -> Acl | None:
    """The ACL that the request's headers give to a bucket; None where they give none.

    Raises:
        InvalidArgument: there is no such canned ACL, or a grantee is none.
        UnresolvableGrantByEmailAddress: a grantee is given by an address.
        InvalidRequest: there are both.
    """
    by_headers = _by_headers(request, owner)
    return canned_bucket_acl(request["ACL"], owner) if "ACL" in request else by_headers


def given_object_acl(request: Mapping[str, Any], bucket: Bucket, principal: Principal) -> tuple[str, str | None]:
    """Who owns the object that a request makes, and its ACL as it is stored (None: private).

    Raises:
        AccessControlListNotSupported: the bucket takes no ACLs.
        AccessDenied: the ACL is public, and the bucket refuses these.
        InvalidArgument, InvalidRequest, UnresolvableGrantByEmailAddress: as `given_bucket_acl`.
    """
    writer = principal.canonical_id or ANONYMOUS_OWNER
    acl = _object_acl(request, writer, bucket.owner)
    if bucket.acls_disabled:
        if acl is not None and request.get("ACL") != _TO_BUCKET_OWNER:
            raise AccessControlListNotSupported
        return bucket.owner, None
    if acl is None:
        return writer, None
    if bucket.blocks_public_acls and is_public(acl):
        raise AccessDenied
    if bucket.ownership == "BucketOwnerPreferred" and request.get("ACL") == _TO_BUCKET_OWNER:
        return bucket.owner, None
    return writer, acl_text(acl)


def asked_object_acl(request: Mapping[str, Any], owner: str, bucket_owner: str) -> Acl:
    """The ACL that PutObjectAcl asks for, by header or document. Raises as `asked_bucket_acl`."""
    return _asked(request, _object_acl(request, owner, bucket_owner), owner)


def asked_bucket_acl(request: Mapping[str, Any], owner: str) -> Acl:
    """The ACL that PutBucketAcl asks for, by header or document.

    Raises:
        MissingSecurityHeader: it asks for none.
        UnexpectedContent: it comes with both.
        MalformedACLError, InvalidArgument: it can not be understood.
        UnresolvableGrantByEmailAddress: a grantee is given by an address.
        AccessDenied: it names another owner.
    """
    return _asked(request, given_bucket_acl(request, owner), owner)


def _asked(request: Mapping[str, Any], by_header: Acl | None, owner: str) -> Acl:
    document = request.get("AccessControlPolicy")
    if by_header is not None:
        if document is not None:
            raise UnexpectedContent
        return by_header
    if document is None:
        raise MissingSecurityHeader(MissingHeaderName="x-amz-acl")
    return _by_document(document, owner)


def _object_acl(request: Mapping[str, Any], owner: str, bucket_owner: str) -> Acl | None:
    by_headers = _by_headers(request, owner)
    return canned_object_acl(request["ACL"], owner, bucket_owner=bucket_owner) if "ACL" in request else by_headers


def _by_headers(request: Mapping[str, Any], owner: str) -> Acl | None:
    headers = {header: request[member] for member, header in _HEADERS.items() if member in request}
    if not headers:
        return None
    if "ACL" in request:
        raise InvalidRequest("Specifying both Canned ACLs and Header Grants is not allowed")
    acl = acl_by_headers(headers, owner)
    if acl is not None:
        _check_grantees(acl, "id")
    return acl


def _by_document(document: Mapping[str, Any], owner: str) -> Acl:
    stated: Mapping[str, str] = document.get("Owner") or {}
    named = stated.get("ID")
    if named is None or "Grants" not in document:
        raise MalformedACLError
    _check_canonical_id(named)
    if named != owner:
        raise AccessDenied
    grants = [_grant(entry) for entry in document.get("Grants") or ()]
    acl = Acl(owner=owner, grants=checked_grants(grants))
    _check_grantees(acl)
    return acl


def _grant(entry: Mapping[str, Any]) -> Grant:
    grantee: Mapping[str, Any] = entry.get("Grantee") or {}
    if "Permission" not in entry:
        raise MalformedACLError
    permission = read_permission(entry["Permission"])
    match grantee.get("Type"):
        case "CanonicalUser" if "ID" in grantee:
            return Grant(grantee=grantee["ID"], permission=permission)
        case "Group" if "URI" in grantee:
            if grantee["URI"] not in GROUPS:
                raise InvalidArgument("Invalid group uri", ArgumentName="Group/URI", ArgumentValue=grantee["URI"])
            return Grant(grantee=grantee["URI"], permission=permission)
        case "AmazonCustomerByEmail" if "EmailAddress" in grantee:
            # No account here has an address.
            raise UnresolvableGrantByEmailAddress
        case _:
            raise MalformedACLError


def _check_grantees(acl: Acl, argument: str = "CanonicalUser/ID") -> None:
    for grant in acl.grants:
        if grant.grantee not in GROUPS:
            _check_canonical_id(grant.grantee, argument)


def _check_canonical_id(text: str, argument: str = "CanonicalUser/ID") -> None:
    if not _CANONICAL_ID.fullmatch(text):
        raise InvalidArgument("Invalid id", ArgumentName=argument, ArgumentValue=text)


def shown_acl(acl: Acl, named: Named) -> dict[str, Any]:
    """An ACL as the members of an output: what groups may, then what accounts may, each as it was given."""
    # S3 promises no order. This is the one that ceph/s3-tests, a suite that many S3 clones are held to, counts on.
    grants = [
        {"Grantee": _grantee(grant.grantee, named), "Permission": grant.permission}
        for grant in sorted(acl.grants, key=lambda grant: grant.grantee not in GROUPS)
    ]
    return {"Owner": named.owner(acl.owner), "Grants": grants}


def _grantee(grantee: str, named: Named) -> dict[str, str]:
    if grantee in GROUPS:
        return {"Type": "Group", "URI": grantee}
    return {"Type": "CanonicalUser", **named.owner(grantee)}

"""What a caller must be allowed for S3's operations: actions, resources and the condition keys that a request gives.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marinelayer.ports import Caller
from marinelayer.protocol.times import iso_seconds
from marinelayer.security.requirement import ContextKeys, Requirement
from marinelayer.services.operation import Needs, need
from marinelayer.services.s3.names import bucket_arn, copy_source, object_arn
from marinelayer.services.s3.tags import Tags, tags_of_header

_CONDITION_KEYS: Mapping[str, str] = {
    "ACL": "s3:x-amz-acl",
    "GrantFullControl": "s3:x-amz-grant-full-control",
    "GrantRead": "s3:x-amz-grant-read",
    "GrantReadACP": "s3:x-amz-grant-read-acp",
    "GrantWrite": "s3:x-amz-grant-write",
    "GrantWriteACP": "s3:x-amz-grant-write-acp",
    "StorageClass": "s3:x-amz-storage-class",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "SSECustomerAlgorithm": "s3:x-amz-server-side-encryption-customer-algorithm",
    "CopySource": "s3:x-amz-copy-source",
    "MetadataDirective": "s3:x-amz-metadata-directive",
    "WebsiteRedirectLocation": "s3:x-amz-website-redirect-location",
    "ObjectOwnership": "s3:x-amz-object-ownership",
    "BucketNamespace": "s3:x-amz-bucket-namespace",
    "IfMatch": "s3:if-match",
    "IfNoneMatch": "s3:if-none-match",
    "VersionId": "s3:versionid",
    "Prefix": "s3:prefix",
    "Delimiter": "s3:delimiter",
    "MaxKeys": "s3:max-keys",
}
_LOCK_KEYS: Mapping[str, str] = {
    "Mode": "s3:object-lock-mode",
    "RetainUntilDate": "s3:object-lock-retain-until-date",
    "LegalHoldStatus": "s3:object-lock-legal-hold",
}
_LOCKING = frozenset({"Retention", "LegalHold", *(f"ObjectLock{member}" for member in _LOCK_KEYS)})
NO_STRANGERS_COPY = "Anonymous users cannot copy objects.  Please authenticate."
NO_STRANGERS_UPLOAD = "Anonymous users cannot initiate multipart uploads.  Please authenticate."
_ACL_MEMBERS = frozenset({"ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBucketRequirement(Requirement):
    """A permission that CreateBucket needs on a bucket that does not exist yet, or that is not the caller's: only the
    identity's side counts."""


def condition_keys(request: Mapping[str, Any]) -> ContextKeys:
    """The condition keys that the request's members give."""
    keys = {_CONDITION_KEYS[member]: (str(value),) for member, value in request.items() if member in _CONDITION_KEYS}
    if not _LOCKING.isdisjoint(request):
        keys |= _lock_keys(request)
    if "Tagging" in request and "Key" in request:
        return {**keys, **tag_keys(_tags_of(request["Tagging"]))}
    return keys


def _lock_keys(request: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The condition keys of the lock that a request gives; how many days remain is `access`'s to say."""
    given = {member: request[f"ObjectLock{member}"] for member in _LOCK_KEYS if f"ObjectLock{member}" in request}
    given |= request.get("Retention") or {}
    hold: Mapping[str, Any] = request.get("LegalHold") or {}
    given |= {f"LegalHold{member}": value for member, value in hold.items()}
    return {
        _LOCK_KEYS[member]: (iso_seconds(value) if isinstance(value, datetime) else str(value),)
        for member, value in given.items()
        if member in _LOCK_KEYS
    }


def tag_keys(tags: Tags) -> ContextKeys:
    """The condition keys of tags that a request gives to an object."""
    given = {f"s3:requestobjecttag/{key.lower()}": (value,) for key, value in tags}
    return {**given, "s3:requestobjecttagkeys": tuple(key for key, _ in tags)} if tags else {}


def _tags_of(tagging: str | Mapping[str, Any]) -> Tags:
    """A header's tags, or those of PutObjectTagging's document, which is checked later."""
    if isinstance(tagging, str):
        return tags_of_header(tagging)
    return tuple((tag["Key"], tag["Value"]) for tag in tagging["TagSet"])


def gives_acl(request: Mapping[str, Any]) -> bool:
    """Whether the request comes with an ACL, canned or granted by header."""
    return not _ACL_MEMBERS.isdisjoint(request)


def on_bucket(action: str) -> Needs:
    """`action` on the request's bucket."""
    return need(action, on=bucket_arn, context=condition_keys)


def on_object(action: str) -> Needs:
    """`action` on the request's object."""
    return need(action, on=object_arn, context=condition_keys)


def on_version(action: str, versioned: str) -> Needs:
    """`action` on the request's object, `versioned` where it names a version."""

    def needs(request: Mapping[str, Any], _: Caller, /) -> Sequence[Requirement]:
        name = versioned if "VersionId" in request else action
        return (Requirement(action=name, resource=object_arn(request), context=condition_keys(request)),)

    return needs


def to_create_bucket(request: Mapping[str, Any], _: Caller, /) -> Sequence[Requirement]:
    """s3:CreateBucket, and what its ACL, ownership and tags need beside it. "If you set the ACL to private [...] only
    the s3:CreateBucket permission is required" (CreateBucket)."""
    actions = ["s3:CreateBucket"]
    if gives_acl(request) and request.get("ACL") != "private":
        actions.append("s3:PutBucketAcl")
    if "ObjectOwnership" in request:
        actions.append("s3:PutBucketOwnershipControls")
    if request.get("ObjectLockEnabledForBucket"):
        actions += ["s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"]
    configuration: Mapping[str, Any] = request.get("CreateBucketConfiguration") or {}
    tags: Sequence[Mapping[str, str]] = configuration.get("Tags") or ()
    if tags:
        actions.append("s3:TagResource")
    constraint = configuration.get("LocationConstraint")
    context: dict[str, tuple[str, ...]] = {**condition_keys(request)}
    if constraint:
        context["s3:locationconstraint"] = (constraint,)
    if tags:
        context |= {f"aws:requesttag/{tag['Key'].lower()}": (tag["Value"],) for tag in tags}
        context["aws:tagkeys"] = tuple(tag["Key"] for tag in tags)
    resource = bucket_arn(request)
    return tuple(NewBucketRequirement(action=action, resource=resource, context=context) for action in actions)


def to_put(request: Mapping[str, Any], _: Caller, /) -> Sequence[Requirement]:
    """s3:PutObject; s3:PutObjectAcl with an ACL; s3:PutObjectTagging with tags; s3:PutObjectRetention and
    s3:PutObjectLegalHold with a lock; s3:GetObject where the ETag of what is there decides."""
    context = condition_keys(request)
    resource = object_arn(request)
    actions = ["s3:PutObject"]
    if gives_acl(request):
        actions.append("s3:PutObjectAcl")
    if request.get("Tagging"):
        actions.append("s3:PutObjectTagging")
    if "ObjectLockMode" in request or "ObjectLockRetainUntilDate" in request:
        actions.append("s3:PutObjectRetention")
    if "ObjectLockLegalHoldStatus" in request:
        actions.append("s3:PutObjectLegalHold")
    if "IfMatch" in request:
        actions.append("s3:GetObject")
    return tuple(Requirement(action=action, resource=resource, context=context) for action in actions)


def to_delete(request: Mapping[str, Any], _: Caller, /) -> Sequence[Requirement]:
    """s3:DeleteObject (s3:DeleteObjectVersion), and s3:GetObject where an entity tag decides."""
    actions = ["s3:DeleteObjectVersion" if "VersionId" in request else "s3:DeleteObject"]
    if request.get("IfMatch", "*") != "*":
        actions.append("s3:GetObject")
    context = condition_keys(request)
    return tuple(Requirement(action=action, resource=object_arn(request), context=context) for action in actions)


def to_copy(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
    """s3:GetObject (s3:GetObjectVersion) on the source, and what writing the destination needs."""
    if request.get("TaggingDirective", "COPY") == "COPY":
        request = {member: value for member, value in request.items() if member != "Tagging"}
    return (_on_source(request, "s3:GetObject", "s3:GetObjectVersion"), *to_put(request, caller))


def to_copy_tags(request: Mapping[str, Any], tags: Tags) -> Sequence[Requirement]:
    """What a copy needs further whose source has these tags, and which takes them over."""
    target = Requirement(
        action="s3:PutObjectTagging",
        resource=object_arn(request),
        context={**condition_keys({**request, "Tagging": ""}), **tag_keys(tags)},
    )
    return (_on_source(request, "s3:GetObjectTagging", "s3:GetObjectVersionTagging"), target)


def _on_source(request: Mapping[str, Any], action: str, versioned: str) -> Requirement:
    bucket, key, version = copy_source(request)
    return Requirement(
        action=action if version is None else versioned,
        resource=f"arn:aws:s3:::{bucket}/{key}",
        context={"s3:versionid": (version,)} if version is not None else {},
    )


def to_read_attributes(request: Mapping[str, Any], _: Caller, /) -> Sequence[Requirement]:
    """Reading the object, and its attributes."""
    version = "Version" if "VersionId" in request else ""
    actions = (f"s3:GetObject{version}", f"s3:GetObject{version}Attributes")
    context = condition_keys(request)
    return tuple(Requirement(action=action, resource=object_arn(request), context=context) for action in actions)


async def may_bypass(caller: Caller, request: Mapping[str, Any], on: Mapping[str, Any]) -> bool:
    """Whether a request overrules governance: it must say so, and its caller be allowed to, `on` an object."""
    if not request.get("BypassGovernanceRetention"):
        return False
    context = condition_keys(on)
    return await caller.may(
        Requirement(action="s3:BypassGovernanceRetention", resource=object_arn(on), context=context)
    )


def to_read_lock(request: Mapping[str, Any], action: str) -> Requirement:
    """Whether a caller may know of the lock of the object that a request names (`s3:GetObjectRetention`)."""
    return Requirement(action=action, resource=object_arn(request), context=condition_keys(request))


def to_read_tags(request: Mapping[str, Any]) -> Requirement:
    """Whether a caller may read the tags of the object that a request names."""
    action = "s3:GetObjectVersionTagging" if "VersionId" in request else "s3:GetObjectTagging"
    return Requirement(action=action, resource=object_arn(request), context=condition_keys(request))


def to_list(bucket: str) -> Requirement:
    """Whether a caller may know which keys a bucket has."""
    return Requirement(action="s3:ListBucket", resource=f"arn:aws:s3:::{bucket}")

"""The example policies of the IAM and S3 user guides, rewritten as cases: each allows one request and denies another.

Sources: IAM User Guide, "Example IAM identity-based policies"; S3 User Guide, "Examples of Amazon S3 bucket policies",
"Walkthrough: controlling access to a bucket with user policies" and "Bucket policy examples using condition keys".
"""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import boto3
import pytest
import requests
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from judging import BOB_ARN, CANONICAL, RECORDED, ROLE_ARN, A, B, bob, document, root, service, session

from marinelayer.security.acl import canned_bucket_acl
from marinelayer.security.facts import principal_facts
from marinelayer.security.identity import ANONYMOUS_IDENTITY, Identity
from marinelayer.security.policy.evaluate import decide
from marinelayer.security.requirement import NO_RESOURCE, Requirement, ResourceAccess, ResourcePolicy
from marinelayer.testing import local_cloud

BUCKET, TOPIC = "arn:aws:s3:::gid-reports", f"arn:aws:sns:us-east-1:{A}:city_alerts"
OFFICE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
EVERYONE = {"Principal": "*"}
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A request: an action on a resource, by somebody (bob where nobody is named), with its condition keys."""

    action: str
    on: str = f"{BUCKET}/2019/jan.csv"
    by: Callable[..., Identity] | Identity = bob
    keys: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict[str, Any])
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    """Those of who asks."""
    resource: Mapping[str, str] = field(default_factory=dict[str, str])
    """Condition keys that the resource gives."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """A policy of a user (or of whoever asks), of a bucket or topic, or both, with requests on either side of it."""

    name: str
    mine: tuple[dict[str, Any], ...] = ()
    theirs: tuple[dict[str, Any], ...] = ()
    allows: tuple[Ask, ...]
    denies: tuple[Ask, ...]


def deny(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {**deny(action, resource, **more), "Effect": "Allow"}


def only_if(**condition: Mapping[str, Any]) -> dict[str, Any]:
    return {"Condition": condition}


OBJECTS = f"{BUCKET}/*"
BOTH = [BUCKET, OBJECTS]
STRANGER = ANONYMOUS_IDENTITY
CDN = f"arn:aws:cloudfront::{A}:distribution/EDFDVBD6EXAMPLE"

EXAMPLES = [
    Example(
        name="users have their home folders",
        mine=(
            allow("s3:ListAllMyBuckets", "*"),
            allow(
                "s3:ListBucket", BUCKET, **only_if(StringLike={"s3:prefix": ["", "home/", "home/${aws:username}/*"]})
            ),
            allow("s3:*", [f"{BUCKET}/home/${{aws:username}}", f"{BUCKET}/home/${{aws:username}}/*"]),
        ),
        allows=(
            Ask(action="s3:PutObject", on=f"{BUCKET}/home/bob/notes.txt"),
            Ask(action="s3:ListBucket", on=BUCKET, keys={"s3:prefix": "home/bob/2019/"}),
            Ask(action="s3:ListBucket", on=BUCKET, keys={"s3:prefix": ""}),
        ),
        denies=(
            Ask(action="s3:PutObject", on=f"{BUCKET}/home/alice/notes.txt"),
            Ask(action="s3:GetObject", on=f"{BUCKET}/home/bobby/notes.txt"),
            Ask(action="s3:ListBucket", on=BUCKET, keys={"s3:prefix": "home/alice/"}),
            Ask(action="s3:ListBucket", on=BUCKET),
        ),
    ),
    Example(
        name="federated users have a folder by their id",
        mine=(allow("s3:*", f"{BUCKET}/home/${{aws:userid}}/*"),),
        allows=(Ask(action="s3:GetObject", on=f"{BUCKET}/home/AROAREADER:s1/k", by=session),),
        denies=(Ask(action="s3:GetObject", on=f"{BUCKET}/home/AROAREADER:s2/k", by=session),),
    ),
    Example(
        name="only between two dates",
        mine=(
            allow(
                "s3:GetObject",
                "*",
                **only_if(
                    DateGreaterThan={"aws:CurrentTime": "2020-04-01T00:00:00Z"},
                    DateLessThan={"aws:CurrentTime": "2020-06-30T23:59:59Z"},
                ),
            ),
        ),
        allows=(Ask(action="s3:GetObject", keys={"aws:CurrentTime": "2020-05-01T12:00:00Z"}),),
        denies=(
            Ask(action="s3:GetObject", keys={"aws:CurrentTime": "2020-07-01T00:00:00Z"}),
            Ask(action="s3:GetObject", keys={"aws:CurrentTime": "2020-03-31T23:59:59Z"}),
        ),
    ),
    Example(
        name="nothing without MFA, but for setting it up",
        mine=(
            ALL,
            {
                "Effect": "Deny",
                "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"],
                "Resource": "*",
                **only_if(BoolIfExists={"aws:MultiFactorAuthPresent": "false"}),
            },
        ),
        allows=(
            Ask(action="s3:GetObject", keys={"aws:MultiFactorAuthPresent": "true"}),
            Ask(action="iam:EnableMFADevice", on=BOB_ARN),
        ),
        denies=(Ask(action="s3:GetObject"), Ask(action="s3:GetObject", keys={"aws:MultiFactorAuthPresent": "false"})),
    ),
    Example(
        name="deleting needs a recent MFA",
        mine=(ALL,),
        theirs=(
            deny(
                "s3:DeleteObject",
                f"{BUCKET}/taxdocuments/*",
                **EVERYONE,
                **only_if(Null={"aws:MultiFactorAuthAge": "true"}),
            ),
            deny(
                "s3:DeleteObject",
                f"{BUCKET}/taxdocuments/*",
                **EVERYONE,
                **only_if(NumericGreaterThan={"aws:MultiFactorAuthAge": "3600"}),
            ),
        ),
        allows=(
            Ask(action="s3:DeleteObject", on=f"{BUCKET}/taxdocuments/k", keys={"aws:MultiFactorAuthAge": "60"}),
            Ask(action="s3:DeleteObject", on=f"{BUCKET}/other/k"),
        ),
        denies=(
            Ask(action="s3:DeleteObject", on=f"{BUCKET}/taxdocuments/k"),
            Ask(action="s3:DeleteObject", on=f"{BUCKET}/taxdocuments/k", keys={"aws:MultiFactorAuthAge": "7200"}),
        ),
    ),
    Example(
        name="only from the office",
        mine=(
            ALL,
            deny(
                "*",
                "*",
                **only_if(
                    NotIpAddress={"aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/24"]},
                    Bool={"aws:ViaAWSService": "false"},
                ),
            ),
        ),
        allows=(
            Ask(action="s3:GetObject", keys={"aws:SourceIp": OFFICE, "aws:ViaAWSService": "false"}),
            Ask(action="s3:GetObject", keys={"aws:SourceIp": ELSEWHERE, "aws:ViaAWSService": "true"}),
        ),
        denies=(Ask(action="s3:GetObject", keys={"aws:SourceIp": ELSEWHERE, "aws:ViaAWSService": "false"}),),
    ),
    Example(
        name="IPv4 and IPv6 ranges, with an exception",
        theirs=(
            allow(
                "s3:*",
                OBJECTS,
                **EVERYONE,
                **only_if(
                    IpAddress={"aws:SourceIp": ["192.0.2.0/24", "2001:DB8:1234:5678::/64"]},
                    NotIpAddress={"aws:SourceIp": ["192.0.2.188/32", "2001:DB8:1234:5678:ABCD::/80"]},
                ),
            ),
        ),
        allows=(
            Ask(action="s3:GetObject", by=STRANGER, keys={"aws:SourceIp": "192.0.2.1"}),
            Ask(action="s3:GetObject", by=STRANGER, keys={"aws:SourceIp": "2001:db8:1234:5678::1"}),
        ),
        denies=(
            Ask(action="s3:GetObject", by=STRANGER, keys={"aws:SourceIp": "192.0.2.188"}),
            Ask(action="s3:GetObject", by=STRANGER, keys={"aws:SourceIp": "2001:db8:1234:5678:abcd::1"}),
            Ask(action="s3:GetObject", by=STRANGER, keys={"aws:SourceIp": ELSEWHERE}),
        ),
    ),
    Example(
        name="TLS only",
        mine=(ALL,),
        theirs=(deny("s3:*", BOTH, **EVERYONE, **only_if(Bool={"aws:SecureTransport": "false"})),),
        allows=(Ask(action="s3:GetObject", keys={"aws:SecureTransport": "true"}),),
        denies=(
            Ask(action="s3:GetObject", keys={"aws:SecureTransport": "false"}),
            Ask(action="s3:GetObject", by=root, keys={"aws:SecureTransport": "false"}),
        ),
    ),
    Example(
        name="another account may upload if the owner keeps control",
        theirs=(
            allow(
                "s3:PutObject",
                OBJECTS,
                Principal={"AWS": f"arn:aws:iam::{B}:root"},
                **only_if(StringEquals={"s3:x-amz-acl": "bucket-owner-full-control"}),
            ),
        ),
        allows=(Ask(action="s3:PutObject", by=root(B), keys={"s3:x-amz-acl": "bucket-owner-full-control"}),),
        denies=(
            Ask(action="s3:PutObject", by=root(B)),
            Ask(action="s3:PutObject", by=root(B), keys={"s3:x-amz-acl": "private"}),
            Ask(action="s3:GetObject", by=root(B)),
        ),
    ),
    Example(
        name="another account's user needs both sides",
        mine=(allow("s3:GetObject", OBJECTS),),
        theirs=(allow(["s3:GetObject", "s3:PutObject"], OBJECTS, Principal={"AWS": B}),),
        allows=(Ask(action="s3:GetObject", by=lambda *own: bob(*own, account=B)),),
        denies=(
            Ask(action="s3:PutObject", by=lambda *own: bob(*own, account=B)),
            Ask(action="s3:GetObject", by=lambda *own: bob(account=B)),
        ),
    ),
    Example(
        name="objects by their tags",
        mine=(
            allow("s3:GetObject", OBJECTS, **only_if(StringEquals={"s3:ExistingObjectTag/environment": "production"})),
        ),
        allows=(Ask(action="s3:GetObject", resource={"s3:existingobjecttag/environment": "production"}),),
        denies=(
            Ask(action="s3:GetObject"),
            Ask(action="s3:GetObject", resource={"s3:existingobjecttag/environment": "test"}),
        ),
    ),
    Example(
        name="objects may be given some tags only",
        mine=(
            allow(
                "s3:PutObjectTagging",
                OBJECTS,
                Condition={
                    "ForAllValues:StringLike": {"s3:RequestObjectTagKeys": ["Owner", "CreationDate"]},
                    "Null": {"s3:RequestObjectTagKeys": "false"},
                },
            ),
        ),
        allows=(Ask(action="s3:PutObjectTagging", keys={"s3:RequestObjectTagKeys": ("Owner", "CreationDate")}),),
        denies=(
            Ask(action="s3:PutObjectTagging", keys={"s3:RequestObjectTagKeys": ("Owner", "Secret")}),
            Ask(action="s3:PutObjectTagging"),
        ),
    ),
    Example(
        name="what has the principal's own tag",
        mine=(allow("sns:*", "*", **only_if(StringEquals={"aws:ResourceTag/team": "${aws:PrincipalTag/team}"})),),
        allows=(
            Ask(action="sns:Publish", on=TOPIC, tags={"team": "streets"}, resource={"aws:resourcetag/team": "streets"}),
        ),
        denies=(
            Ask(action="sns:Publish", on=TOPIC, tags={"team": "trash"}, resource={"aws:resourcetag/team": "streets"}),
            Ask(action="sns:Publish", on=TOPIC, resource={"aws:resourcetag/team": "streets"}),
            Ask(action="sns:Publish", on=TOPIC, tags={"team": "streets"}),
        ),
    ),
    Example(
        name="new things must have the tags of the project",
        mine=(
            allow(
                "sns:CreateTopic",
                "*",
                Condition={
                    "StringEquals": {"aws:RequestTag/project": "get-it-done"},
                    "ForAllValues:StringEquals": {"aws:TagKeys": ["project", "stage"]},
                },
            ),
        ),
        allows=(
            Ask(
                action="sns:CreateTopic",
                on=TOPIC,
                keys={"aws:RequestTag/project": "get-it-done", "aws:TagKeys": "project"},
            ),
        ),
        denies=(
            Ask(action="sns:CreateTopic", on=TOPIC),
            Ask(
                action="sns:CreateTopic",
                on=TOPIC,
                keys={"aws:RequestTag/project": "get-it-done", "aws:TagKeys": ("project", "owner")},
            ),
        ),
    ),
    Example(
        name="users manage their own keys",
        mine=(allow(["iam:*AccessKey*", "iam:GetUser"], f"arn:aws:iam::{A}:user/${{aws:username}}"),),
        allows=(Ask(action="iam:CreateAccessKey", on=BOB_ARN),),
        denies=(
            Ask(action="iam:CreateAccessKey", on=f"arn:aws:iam::{A}:user/alice"),
            Ask(action="iam:DeleteUser", on=BOB_ARN),
        ),
    ),
    Example(
        name="only in some regions",
        mine=(
            ALL,
            {
                "Effect": "Deny",
                "NotAction": ["iam:*", "sts:*"],
                "Resource": "*",
                **only_if(StringNotEquals={"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}),
            },
        ),
        allows=(
            Ask(action="sns:Publish", on=TOPIC, keys={"aws:RequestedRegion": "eu-west-1"}),
            Ask(action="iam:GetUser", on=BOB_ARN, keys={"aws:RequestedRegion": "us-west-2"}),
        ),
        denies=(Ask(action="sns:Publish", on=TOPIC, keys={"aws:RequestedRegion": "us-west-2"}),),
    ),
    Example(
        name="only from a VPC, which nothing here is in",
        mine=(ALL,),
        theirs=(deny("s3:*", BOTH, **EVERYONE, **only_if(StringNotEquals={"aws:SourceVpce": "vpce-1a2b3c4d"})),),
        allows=(Ask(action="s3:GetObject", keys={"aws:SourceVpce": "vpce-1a2b3c4d"}),),
        denies=(Ask(action="s3:GetObject"), Ask(action="s3:GetObject", by=root)),
    ),
    Example(
        name="only an organization's, which nobody here is of",
        theirs=(
            allow("s3:GetObject", OBJECTS, **EVERYONE, **only_if(StringEquals={"aws:PrincipalOrgID": "o-aa111bb222"})),
        ),
        allows=(Ask(action="s3:GetObject", by=root(B), keys={"aws:PrincipalOrgID": "o-aa111bb222"}),),
        denies=(Ask(action="s3:GetObject", by=root(B)), Ask(action="s3:GetObject", by=STRANGER)),
    ),
    Example(
        name="a user lists one folder",
        mine=(
            allow(
                "s3:ListBucket",
                BUCKET,
                **only_if(StringEquals={"s3:prefix": ["", "projects/"], "s3:delimiter": ["/"]}),
            ),
            allow("s3:ListBucket", BUCKET, **only_if(StringLike={"s3:prefix": "projects/*"})),
            deny("s3:ListBucket", BUCKET, **only_if(NumericGreaterThan={"s3:max-keys": "10"})),
        ),
        allows=(
            Ask(action="s3:ListBucket", on=BUCKET, keys={"s3:prefix": "", "s3:delimiter": "/"}),
            Ask(action="s3:ListBucket", on=BUCKET, keys={"s3:prefix": "projects/a", "s3:max-keys": "10"}),
        ),
        denies=(
            Ask(action="s3:ListBucket", on=BUCKET, keys={"s3:prefix": ""}),
            Ask(action="s3:ListBucket", on=BUCKET, keys={"s3:prefix": "private/"}),
            Ask(action="s3:ListBucket", on=BUCKET, keys={"s3:prefix": "projects/a", "s3:max-keys": "11"}),
        ),
    ),
    Example(
        name="uploads must be encrypted",
        mine=(ALL,),
        theirs=(
            deny(
                "s3:PutObject",
                OBJECTS,
                **EVERYONE,
                **only_if(StringNotEquals={"s3:x-amz-server-side-encryption": "aws:kms"}),
            ),
            deny("s3:PutObject", OBJECTS, **EVERYONE, **only_if(Null={"s3:x-amz-server-side-encryption": "true"})),
        ),
        allows=(Ask(action="s3:PutObject", keys={"s3:x-amz-server-side-encryption": "aws:kms"}),),
        denies=(
            Ask(action="s3:PutObject"),
            Ask(action="s3:PutObject", keys={"s3:x-amz-server-side-encryption": "AES256"}),
        ),
    ),
    Example(
        name="copies come from one folder only",
        mine=(
            allow("s3:PutObject", OBJECTS),
            deny("s3:PutObject", OBJECTS, **only_if(StringNotLike={"s3:x-amz-copy-source": "gid-staging/public/*"})),
        ),
        allows=(Ask(action="s3:PutObject", keys={"s3:x-amz-copy-source": "gid-staging/public/k"}),),
        denies=(
            Ask(action="s3:PutObject", keys={"s3:x-amz-copy-source": "gid-staging/private/k"}),
            Ask(action="s3:PutObject"),
        ),
    ),
    Example(
        name="uploads in one storage class",
        mine=(allow("s3:PutObject", OBJECTS, **only_if(StringEquals={"s3:x-amz-storage-class": "STANDARD_IA"})),),
        allows=(Ask(action="s3:PutObject", keys={"s3:x-amz-storage-class": "STANDARD_IA"}),),
        denies=(Ask(action="s3:PutObject", keys={"s3:x-amz-storage-class": "GLACIER"}), Ask(action="s3:PutObject")),
    ),
    Example(
        name="one version only",
        mine=(
            allow("s3:GetObjectVersion", OBJECTS),
            deny("s3:GetObjectVersion", OBJECTS, **only_if(StringNotEquals={"s3:VersionId": "v1"})),
        ),
        allows=(Ask(action="s3:GetObjectVersion", keys={"s3:VersionId": "v1"}),),
        denies=(Ask(action="s3:GetObjectVersion", keys={"s3:VersionId": "v2"}),),
    ),
    Example(
        name="retention is bounded",
        mine=(
            allow("s3:PutObjectRetention", OBJECTS),
            deny(
                "s3:PutObjectRetention",
                OBJECTS,
                **only_if(NumericGreaterThan={"s3:object-lock-remaining-retention-days": "10"}),
            ),
        ),
        allows=(Ask(action="s3:PutObjectRetention", keys={"s3:object-lock-remaining-retention-days": "10"}),),
        denies=(Ask(action="s3:PutObjectRetention", keys={"s3:object-lock-remaining-retention-days": "11"}),),
    ),
    Example(
        name="buckets in one region",
        mine=(
            allow("s3:CreateBucket", "*", **only_if(StringLike={"s3:LocationConstraint": "sa-east-1"})),
            deny("s3:CreateBucket", "*", **only_if(StringNotLike={"s3:LocationConstraint": "sa-east-1"})),
        ),
        allows=(Ask(action="s3:CreateBucket", on=BUCKET, keys={"s3:LocationConstraint": "sa-east-1"}),),
        denies=(
            Ask(action="s3:CreateBucket", on=BUCKET),
            Ask(action="s3:CreateBucket", on=BUCKET, keys={"s3:LocationConstraint": "x"}),
        ),
    ),
    Example(
        name="nobody but one user",
        mine=(ALL,),
        theirs=(deny("s3:*", BOTH, **EVERYONE, **only_if(ArnNotEquals={"aws:PrincipalArn": BOB_ARN})),),
        allows=(Ask(action="s3:GetObject"),),
        denies=(Ask(action="s3:GetObject", by=session), Ask(action="s3:GetObject", by=root)),
    ),
    Example(
        name="nobody but one role, by its unique id",
        mine=(ALL,),
        theirs=(deny("s3:*", BOTH, **EVERYONE, **only_if(StringNotLike={"aws:userId": ["AROAREADER:*", A]})),),
        allows=(Ask(action="s3:GetObject", by=session), Ask(action="s3:GetObject", by=root)),
        denies=(Ask(action="s3:GetObject"),),
    ),
    Example(
        name="nobody but one role, by NotPrincipal",
        mine=(ALL,),
        theirs=(deny("s3:*", BOTH, NotPrincipal={"AWS": [ROLE_ARN, f"arn:aws:iam::{A}:root"]}),),
        allows=(Ask(action="s3:GetObject", by=session),),
        denies=(Ask(action="s3:GetObject"),),
    ),
    Example(
        name="anyone may read",
        theirs=(allow(["s3:GetObject", "s3:GetObjectVersion"], OBJECTS, **EVERYONE),),
        allows=(Ask(action="s3:GetObject", by=STRANGER), Ask(action="s3:GetObject", by=root(B))),
        denies=(
            Ask(action="s3:PutObject", by=STRANGER),
            Ask(action="s3:ListBucket", on=BUCKET, by=STRANGER),
            Ask(action="s3:GetObject", by=root(B), on="arn:aws:s3:::gid-staging/k"),
        ),
    ),
    Example(
        name="pages of one site may show the pictures",
        theirs=(
            allow(
                "s3:GetObject", OBJECTS, **EVERYONE, **only_if(StringLike={"aws:Referer": "http://www.example.com/*"})
            ),
        ),
        allows=(Ask(action="s3:GetObject", by=STRANGER, keys={"aws:Referer": "http://www.example.com/a.html"}),),
        denies=(
            Ask(action="s3:GetObject", by=STRANGER, keys={"aws:Referer": "http://elsewhere.example/"}),
            Ask(action="s3:GetObject", by=STRANGER),
        ),
    ),
    Example(
        name="a content delivery network reads for one distribution",
        theirs=(
            allow(
                "s3:GetObject",
                OBJECTS,
                Principal={"Service": "cloudfront.amazonaws.com"},
                **only_if(StringEquals={"aws:SourceArn": CDN}),
            ),
        ),
        allows=(Ask(action="s3:GetObject", by=service("cloudfront.amazonaws.com"), keys={"aws:SourceArn": CDN}),),
        denies=(
            Ask(action="s3:GetObject", by=service("cloudfront.amazonaws.com"), keys={"aws:SourceArn": CDN + "2"}),
            Ask(action="s3:GetObject", by=service("cloudfront.amazonaws.com")),
            Ask(action="s3:GetObject", by=service("sns.amazonaws.com"), keys={"aws:SourceArn": CDN}),
            Ask(action="s3:GetObject", by=STRANGER, keys={"aws:SourceArn": CDN}),
        ),
    ),
    Example(
        name="inventory and logs are delivered for one account",
        theirs=(
            allow(
                "s3:PutObject",
                OBJECTS,
                Principal={"Service": "s3.amazonaws.com"},
                **only_if(
                    ArnLike={"aws:SourceArn": "arn:aws:s3:::gid-source"},
                    StringEquals={"aws:SourceAccount": A, "s3:x-amz-acl": "bucket-owner-full-control"},
                ),
            ),
        ),
        allows=(
            Ask(
                action="s3:PutObject",
                by=service("s3.amazonaws.com"),
                keys={
                    "aws:SourceArn": "arn:aws:s3:::gid-source",
                    "aws:SourceAccount": A,
                    "s3:x-amz-acl": "bucket-owner-full-control",
                },
            ),
        ),
        denies=(
            Ask(
                action="s3:PutObject",
                by=service("s3.amazonaws.com"),
                keys={
                    "aws:SourceArn": "arn:aws:s3:::gid-source",
                    "aws:SourceAccount": B,
                    "s3:x-amz-acl": "bucket-owner-full-control",
                },
            ),
        ),
    ),
    Example(
        name="presigned links of the last ten minutes",
        mine=(ALL,),
        theirs=(
            deny("s3:*", OBJECTS, **EVERYONE, **only_if(NumericGreaterThan={"s3:signatureAge": "600000"})),
            deny("s3:*", OBJECTS, **EVERYONE, **only_if(StringNotEquals={"s3:authType": "REST-QUERY-STRING"})),
        ),
        allows=(Ask(action="s3:GetObject", keys={"s3:signatureAge": "60000", "s3:authType": "REST-QUERY-STRING"}),),
        denies=(
            Ask(action="s3:GetObject", keys={"s3:signatureAge": "700000", "s3:authType": "REST-QUERY-STRING"}),
            Ask(action="s3:GetObject", keys={"s3:signatureAge": "60000", "s3:authType": "REST-HEADER"}),
        ),
    ),
    Example(
        name="another account subscribes by https only",
        mine=(ALL,),
        theirs=(
            allow(
                "sns:Subscribe",
                TOPIC,
                Principal={"AWS": B},
                **only_if(
                    StringEquals={"sns:Protocol": "https"}, StringLike={"sns:Endpoint": "https://*.example.com/*"}
                ),
            ),
        ),
        allows=(
            Ask(
                action="sns:Subscribe",
                on=TOPIC,
                by=root(B),
                keys={"sns:Protocol": "https", "sns:Endpoint": "https://a.example.com/x"},
            ),
        ),
        denies=(
            Ask(
                action="sns:Subscribe",
                on=TOPIC,
                by=root(B),
                keys={"sns:Protocol": "email", "sns:Endpoint": "a@example.com"},
            ),
            Ask(action="sns:Publish", on=TOPIC, by=root(B)),
        ),
    ),
]


def outcome(example: Example, asked: Ask) -> bool:
    """Whether the request is allowed by the policies of the example."""
    identity = asked.by if isinstance(asked.by, Identity) else _holder(asked.by, example.mine)
    if asked.tags:
        identity = dataclasses.replace(identity, principal=dataclasses.replace(identity.principal, tags=asked.tags))
    keys = {key.lower(): (value,) if isinstance(value, str) else value for key, value in asked.keys.items()}
    requirement = Requirement(action=asked.action, resource=asked.on)
    return decide(identity, requirement, _resource(example, asked), principal_facts(identity.principal) | keys).allowed


def _holder(by: Callable[..., Identity], mine: tuple[dict[str, Any], ...]) -> Identity:
    return root() if by is root else by(*mine)


def _resource(example: Example, asked: Ask) -> ResourceAccess:
    if not asked.on.startswith(("arn:aws:s3", "arn:aws:sns")):
        return NO_RESOURCE
    policy = ResourcePolicy(text=document(*example.theirs), principals=RECORDED) if example.theirs else None
    context = {key: (value,) for key, value in asked.resource.items()}
    acl = canned_bucket_acl("private", CANONICAL[A]) if asked.on.startswith("arn:aws:s3") else None
    return ResourceAccess(account=A, policy=policy, bucket_acl=acl, context=context)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name.replace(" ", "-"))
def test_an_example_allows_what_it_is_for_and_denies_the_rest(example: Example) -> None:
    assert example.allows
    assert example.denies
    for asked in example.allows:
        assert outcome(example, asked), f"{example.name} should allow {asked}"
    for asked in example.denies:
        assert not outcome(example, asked), f"{example.name} should deny {asked}"


# --- by boto3, over a socket ----------------------------------------------------------------------------------


class Town:
    """A bucket, and a user who may do what `allow` says."""

    def __init__(self, client: Callable[..., Any], bucket: str) -> None:
        self.s3, self.iam, self.bucket = client("s3"), client("iam"), bucket
        self.arn, self.objects = f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"
        self._client = client
        self.user, self.mine = self.made(())

    def made(self, statements: tuple[dict[str, Any], ...]) -> tuple[str, Any]:
        """A user with these statements: its ARN and its client of S3."""
        name = f"u-{uuid.uuid4().hex[:8]}"
        arn = self.iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "streets"}])["User"]["Arn"]
        if statements:
            self.give(name, *statements)
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return arn, self._client("s3", key)

    def give(self, name: str, *statements: dict[str, Any]) -> None:
        self.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(*statements))

    def allow(self, *statements: dict[str, Any]) -> str:
        """Give the user these statements; its name."""
        name = self.user.rpartition("/")[2]
        self.give(name, *statements)
        return name

    def open(self, *statements: dict[str, Any]) -> None:
        """Give the bucket these statements."""
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=document(*statements))

    def put(self, key: str, **more: Any) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=b"x", **more)


@pytest.fixture
def town(client: Callable[..., Any], bucket: str) -> Town:
    return Town(client, bucket)


def may(call: Callable[..., Any], **arguments: Any) -> bool:
    try:
        call(**arguments)
    except ClientError as refused:
        if refused.response["ResponseMetadata"]["HTTPStatusCode"] != 403:
            raise
        return False
    return True


def test_a_user_reaches_the_own_home_folder_and_no_other(town: Town) -> None:
    name = town.allow(
        allow("s3:ListBucket", town.arn, **only_if(StringLike={"s3:prefix": "home/${aws:username}/*"})),
        allow("s3:*", f"{town.arn}/home/${{aws:username}}/*"),
    )
    box = {"Bucket": town.bucket}
    assert may(town.mine.put_object, **box, Key=f"home/{name}/k", Body=b"x")
    assert may(town.mine.list_objects_v2, **box, Prefix=f"home/{name}/")
    assert not may(town.mine.put_object, **box, Key="home/other/k", Body=b"x")
    assert not may(town.mine.list_objects_v2, **box, Prefix="home/other/")
    assert not may(town.mine.list_objects_v2, **box)


def test_an_address_is_let_in_or_kept_out(town: Town) -> None:
    town.put("k")
    town.allow(ALL)
    town.open(deny("s3:GetObject", town.objects, **EVERYONE, **only_if(NotIpAddress={"aws:SourceIp": "127.0.0.0/8"})))
    assert may(town.mine.get_object, Bucket=town.bucket, Key="k")
    town.open(deny("s3:GetObject", town.objects, **EVERYONE, **only_if(NotIpAddress={"aws:SourceIp": "10.0.0.0/8"})))
    assert not may(town.mine.get_object, Bucket=town.bucket, Key="k")


def test_what_demands_tls_is_served_by_tls_only(tmp_path: Any) -> None:
    with local_cloud(tmp_path, tls_port=0) as cloud:
        plain = cast("Any", boto3).client("s3", **cloud.client_arguments())
        trusted = {"endpoint_url": cloud.tls_url, "verify": str(cloud.folder / "ca" / "own-ca.pem")}
        secure = cast("Any", boto3).client("s3", **(cloud.client_arguments() | trusted))
        plain.create_bucket(Bucket="by-tls")
        plain.put_object(Bucket="by-tls", Key="k", Body=b"x")
        only_tls = deny("s3:*", "arn:aws:s3:::by-tls/*", **EVERYONE, **only_if(Bool={"aws:SecureTransport": "false"}))
        plain.put_bucket_policy(Bucket="by-tls", Policy=document(only_tls))
        assert may(secure.get_object, Bucket="by-tls", Key="k")
        assert not may(plain.get_object, Bucket="by-tls", Key="k")
        plain.close()
        secure.close()


def test_objects_are_read_by_their_tags_and_the_readers(town: Town) -> None:
    town.put("mine", Tagging="team=streets")
    town.put("theirs", Tagging="team=trash")
    town.put("nobodys")
    town.allow(
        allow("s3:GetObject", "*", **only_if(StringEquals={"s3:ExistingObjectTag/team": "${aws:PrincipalTag/team}"}))
    )
    assert may(town.mine.get_object, Bucket=town.bucket, Key="mine")
    assert not may(town.mine.get_object, Bucket=town.bucket, Key="theirs")
    assert not may(town.mine.get_object, Bucket=town.bucket, Key="nobodys")


def test_a_listing_is_bound_to_a_prefix_a_delimiter_and_a_number(town: Town) -> None:
    town.allow(
        allow("s3:ListBucket", town.arn, **only_if(StringEquals={"s3:prefix": "2019/", "s3:delimiter": "/"})),
        deny("s3:ListBucket", town.arn, **only_if(NumericGreaterThan={"s3:max-keys": "10"})),
    )
    asked = {"Bucket": town.bucket, "Prefix": "2019/", "Delimiter": "/"}
    assert may(town.mine.list_objects_v2, **asked, MaxKeys=10)
    assert not may(town.mine.list_objects_v2, **asked, MaxKeys=11)
    assert not may(town.mine.list_objects_v2, **{**asked, "Prefix": "2018/"})
    assert not may(town.mine.list_objects_v2, Bucket=town.bucket, Prefix="2019/")


def test_uploads_must_be_encrypted_as_the_policy_says(town: Town) -> None:
    town.allow(ALL)
    town.open(
        deny(
            "s3:PutObject",
            town.objects,
            **EVERYONE,
            **only_if(StringNotEquals={"s3:x-amz-server-side-encryption": "AES256"}),
        )
    )
    put = {"Bucket": town.bucket, "Key": "k", "Body": b"x"}
    assert may(town.mine.put_object, **put, ServerSideEncryption="AES256")
    assert not may(town.mine.put_object, **put)


def test_uploads_must_come_with_an_acl(town: Town) -> None:
    town.allow(
        allow("s3:PutObject", town.objects, **only_if(StringEquals={"s3:x-amz-acl": "bucket-owner-full-control"})),
        allow("s3:PutObjectAcl", town.objects),
    )
    put = {"Bucket": town.bucket, "Key": "k", "Body": b"x"}
    assert may(town.mine.put_object, **put, ACL="bucket-owner-full-control")
    assert not may(town.mine.put_object, **put)
    assert not may(town.mine.put_object, **put, ACL="public-read")


def test_one_user_only_is_let_in(town: Town) -> None:
    town.put("k")
    town.allow(ALL)
    _, others = town.made((ALL,))
    town.open(deny("s3:GetObject", town.objects, **EVERYONE, **only_if(ArnNotEquals={"aws:PrincipalArn": town.user})))
    assert may(town.mine.get_object, Bucket=town.bucket, Key="k")
    assert not may(others.get_object, Bucket=town.bucket, Key="k")
    assert not may(town.s3.get_object, Bucket=town.bucket, Key="k")


def test_anyone_reads_what_is_public_and_nothing_else(cloud: Any, town: Town) -> None:
    town.put("public/k")
    town.put("private/k")
    town.open(allow("s3:GetObject", f"{town.arn}/public/*", **EVERYONE))
    stranger = cast("Any", boto3).client(
        "s3", endpoint_url=cloud.endpoint_url, region_name="us-east-1", config=Config(signature_version=UNSIGNED)
    )
    assert may(stranger.get_object, Bucket=town.bucket, Key="public/k")
    assert not may(stranger.get_object, Bucket=town.bucket, Key="private/k")
    assert not may(stranger.put_object, Bucket=town.bucket, Key="public/k", Body=b"y")
    stranger.close()


def test_a_referer_opens_and_a_vpc_closes(cloud: Any, town: Town) -> None:
    town.put("k")
    url = f"{cloud.endpoint_url}/{town.bucket}/k"
    town.open(
        allow("s3:GetObject", town.objects, **EVERYONE, **only_if(StringLike={"aws:Referer": "https://gid.example/*"}))
    )
    assert requests.get(url, headers={"referer": "https://gid.example/map"}, timeout=20).status_code == 200
    assert requests.get(url, timeout=20).status_code == 403
    town.allow(ALL)
    town.open(
        deny("s3:GetObject", town.objects, **EVERYONE, **only_if(StringNotEquals={"aws:SourceVpc": "vpc-111bbb22"}))
    )
    assert not may(town.mine.get_object, Bucket=town.bucket, Key="k")
    assert may(town.mine.put_object, Bucket=town.bucket, Key="k", Body=b"x")


def test_links_are_let_in_where_headers_are_not(town: Town) -> None:
    town.put("k")
    town.allow(ALL)
    town.open(
        deny("s3:GetObject", town.objects, **EVERYONE, **only_if(StringNotEquals={"s3:authType": "REST-QUERY-STRING"}))
    )
    link = town.mine.generate_presigned_url("get_object", {"Bucket": town.bucket, "Key": "k"})
    assert requests.get(link, timeout=20).status_code == 200
    assert not may(town.mine.get_object, Bucket=town.bucket, Key="k")


def test_a_time_window_opens_and_closes(town: Town) -> None:
    town.put("k")
    for until, expected in (("2099-01-01T00:00:00Z", True), ("2001-01-01T00:00:00Z", False)):
        town.allow(allow("s3:GetObject", "*", **only_if(DateLessThan={"aws:CurrentTime": until})))
        assert may(town.mine.get_object, Bucket=town.bucket, Key="k") == expected


def test_new_topics_need_the_projects_tag(town: Town, client: Callable[..., Any]) -> None:
    name = town.allow(allow("sns:CreateTopic", "*", **only_if(StringEquals={"aws:RequestTag/project": "gid"})))
    key = town.iam.create_access_key(UserName=name)["AccessKey"]
    sns = client("sns", key)
    topic = f"t-{uuid.uuid4().hex[:8]}"
    assert may(sns.create_topic, Name=topic, Tags=[{"Key": "project", "Value": "gid"}])
    assert not may(sns.create_topic, Name=f"{topic}-2")
    assert not may(sns.create_topic, Name=f"{topic}-2", Tags=[{"Key": "project", "Value": "x"}])


def test_documents_are_valid_where_they_are_set(town: Town) -> None:
    """Every identity's policy of the examples is one that IAM takes."""
    for example in EXAMPLES:
        if example.mine:
            assert json.loads(document(*example.mine))
            town.allow(*example.mine)

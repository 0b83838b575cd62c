"""The example policies of buckets and topics, rewritten as cases: each allows one request and denies another.

Sources: S3 User Guide, "Examples of Amazon S3 bucket policies" and "Bucket policy examples using condition keys"; IAM
User Guide, "Example IAM identity-based policies" (both sides across accounts).
"""

from __future__ import annotations

import pytest

from .examples import (
    ALL,
    BOTH,
    BUCKET,
    CDN,
    ELSEWHERE,
    EVERYONE,
    OBJECTS,
    STRANGER,
    TOPIC,
    Ask,
    Example,
    allow,
    check,
    deny,
    only_if,
)
from .judging import BOB_ARN, ROLE_ARN, A, B, bob, root, service, session

EXAMPLES = [
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


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name.replace(" ", "-"))
def test_an_example_allows_what_it_is_for_and_denies_the_rest(example: Example) -> None:
    check(example)

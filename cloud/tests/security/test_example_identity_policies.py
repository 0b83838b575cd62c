"""The example policies of users, rewritten as cases: each allows one request and denies another.

Sources: IAM User Guide, "Example IAM identity-based policies"; S3 User Guide, "Walkthrough: controlling access to a
bucket with user policies" and "Bucket policy examples using condition keys".
"""

from __future__ import annotations

import pytest

from .examples import ALL, BUCKET, ELSEWHERE, OBJECTS, OFFICE, TOPIC, Ask, Example, allow, check, deny, only_if
from .judging import BOB_ARN, A, B, session

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
        name="users see which buckets there are",
        mine=(allow(["s3:ListAllMyBuckets", "s3:GetBucketLocation"], "arn:aws:s3:::*"),),
        allows=(Ask(action="s3:ListAllMyBuckets", on="*"), Ask(action="s3:GetBucketLocation", on=BUCKET)),
        denies=(Ask(action="s3:ListBucket", on=BUCKET), Ask(action="sns:ListTopics", on="*")),
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
        name="only what an account of one's own has",
        mine=(allow("s3:GetObject", "*", **only_if(StringEquals={"s3:ResourceAccount": A})),),
        allows=(Ask(action="s3:GetObject"),),
        denies=(Ask(action="s3:GetObject", of=B),),
    ),
    Example(
        name="nothing outside of one's own accounts",
        mine=(
            allow("*", "*"),
            deny(
                "*",
                "*",
                **only_if(
                    StringNotEquals={"aws:ResourceAccount": "${aws:PrincipalAccount}"},
                    Null={"aws:ResourceAccount": "false"},
                ),
            ),
        ),
        allows=(
            Ask(action="s3:GetObject"),
            Ask(action="s3:ListAllMyBuckets", on="*"),
            Ask(action="iam:GetUser", on=BOB_ARN),
        ),
        denies=(
            Ask(action="s3:GetObject", of=B),
            Ask(action="iam:GetUser", on=f"arn:aws:iam::{B}:user/bob"),
            Ask(action="rekognition:DetectLabels", on=f"arn:aws:rekognition:us-east-1:{B}:project/p/1"),
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
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name.replace(" ", "-"))
def test_an_example_allows_what_it_is_for_and_denies_the_rest(example: Example) -> None:
    check(example)

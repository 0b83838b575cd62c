"""What every operation needs, and that nothing is allowed by default."""

from datetime import UTC, datetime
from typing import Any

import pytest

from marinelayer.model.errors import ServiceError
from marinelayer.model.service import load_service
from marinelayer.model.supplements import wire_error
from marinelayer.protocol import refusals as refusals_of_form
from marinelayer.protocol.s3_select import refusals as refusals_of_queries
from marinelayer.security import refusals as refusals_of_access
from marinelayer.services.operation import NoPermission
from marinelayer.services.s3 import S3Access, errors

LATER = datetime(2100, 1, 1, tzinfo=UTC)
REQUEST = {
    "Bucket": "photos",
    "Key": "a/b",
    "CopySource": "photos/source",
    "UploadId": "x",
    "PartNumber": 1,
    "ServerSideEncryptionConfiguration": {"Rules": []},
    "ReplicationConfiguration": {"Role": "arn:aws:iam::111122223333:role/r"},
    "Delete": {"Objects": [{"Key": "a/b"}]},
}
NEEDS = {
    "AbortMultipartUpload": ["s3:AbortMultipartUpload a/b"],
    "CompleteMultipartUpload": ["s3:PutObject a/b"],
    "CopyObject": ["s3:GetObject source", "s3:PutObject a/b"],
    "CreateBucket": ["s3:CreateBucket"],
    "CreateMultipartUpload": ["s3:PutObject a/b"],
    "DeleteBucket": ["s3:DeleteBucket"],
    "DeleteBucketAnalyticsConfiguration": ["s3:PutAnalyticsConfiguration"],
    "DeleteBucketCors": ["s3:PutBucketCORS"],
    "DeleteBucketIntelligentTieringConfiguration": ["s3:PutIntelligentTieringConfiguration"],
    "DeleteBucketMetricsConfiguration": ["s3:PutMetricsConfiguration"],
    "DeleteBucketInventoryConfiguration": ["s3:PutInventoryConfiguration"],
    "DeleteBucketLifecycle": ["s3:PutLifecycleConfiguration"],
    "DeleteBucketEncryption": ["s3:PutEncryptionConfiguration"],
    "DeleteBucketOwnershipControls": ["s3:PutBucketOwnershipControls"],
    "DeleteBucketPolicy": ["s3:DeleteBucketPolicy"],
    "DeleteBucketReplication": ["s3:PutReplicationConfiguration"],
    "DeleteBucketTagging": ["s3:PutBucketTagging"],
    "DeleteBucketWebsite": ["s3:DeleteBucketWebsite"],
    "DeleteObject": ["s3:DeleteObject a/b"],
    "DeleteObjectTagging": ["s3:DeleteObjectTagging a/b"],
    "DeleteObjects": [],
    "DeletePublicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
    "GetBucketAccelerateConfiguration": ["s3:GetAccelerateConfiguration"],
    "GetBucketAcl": ["s3:GetBucketAcl"],
    "GetBucketAnalyticsConfiguration": ["s3:GetAnalyticsConfiguration"],
    "GetBucketCors": ["s3:GetBucketCORS"],
    "GetBucketIntelligentTieringConfiguration": ["s3:GetIntelligentTieringConfiguration"],
    "GetBucketInventoryConfiguration": ["s3:GetInventoryConfiguration"],
    "GetBucketLifecycleConfiguration": ["s3:GetLifecycleConfiguration"],
    "GetBucketEncryption": ["s3:GetEncryptionConfiguration"],
    "GetBucketLocation": ["s3:GetBucketLocation"],
    "GetBucketMetricsConfiguration": ["s3:GetMetricsConfiguration"],
    "GetBucketLogging": ["s3:GetBucketLogging"],
    "GetBucketNotificationConfiguration": ["s3:GetBucketNotification"],
    "GetBucketOwnershipControls": ["s3:GetBucketOwnershipControls"],
    "GetBucketPolicy": ["s3:GetBucketPolicy"],
    "GetBucketPolicyStatus": ["s3:GetBucketPolicyStatus"],
    "GetBucketReplication": ["s3:GetReplicationConfiguration"],
    "GetBucketRequestPayment": ["s3:GetBucketRequestPayment"],
    "GetBucketTagging": ["s3:GetBucketTagging"],
    "GetBucketVersioning": ["s3:GetBucketVersioning"],
    "GetBucketWebsite": ["s3:GetBucketWebsite"],
    "GetObject": ["s3:GetObject a/b"],
    "GetObjectAcl": ["s3:GetObjectAcl a/b"],
    "GetObjectAttributes": ["s3:GetObject a/b", "s3:GetObjectAttributes a/b"],
    "GetObjectLegalHold": ["s3:GetObjectLegalHold a/b"],
    "GetObjectLockConfiguration": ["s3:GetBucketObjectLockConfiguration"],
    "GetObjectRetention": ["s3:GetObjectRetention a/b"],
    "GetObjectTagging": ["s3:GetObjectTagging a/b"],
    "GetObjectTorrent": ["s3:GetObjectTorrent a/b"],
    "GetPublicAccessBlock": ["s3:GetBucketPublicAccessBlock"],
    "HeadBucket": ["s3:ListBucket"],
    "HeadObject": ["s3:GetObject a/b"],
    "ListBucketAnalyticsConfigurations": ["s3:GetAnalyticsConfiguration"],
    "ListBucketIntelligentTieringConfigurations": ["s3:GetIntelligentTieringConfiguration"],
    "ListBucketMetricsConfigurations": ["s3:GetMetricsConfiguration"],
    "ListBucketInventoryConfigurations": ["s3:GetInventoryConfiguration"],
    "ListBuckets": ["s3:ListAllMyBuckets *"],
    "ListMultipartUploads": ["s3:ListBucketMultipartUploads"],
    "ListObjectVersions": ["s3:ListBucketVersions"],
    "ListObjects": ["s3:ListBucket"],
    "ListObjectsV2": ["s3:ListBucket"],
    "ListParts": ["s3:ListMultipartUploadParts a/b"],
    "PutBucketAccelerateConfiguration": ["s3:PutAccelerateConfiguration"],
    "PutBucketAcl": ["s3:PutBucketAcl"],
    "PutBucketAnalyticsConfiguration": ["s3:PutAnalyticsConfiguration"],
    "PutBucketCors": ["s3:PutBucketCORS"],
    "PutBucketIntelligentTieringConfiguration": ["s3:PutIntelligentTieringConfiguration"],
    "PutBucketMetricsConfiguration": ["s3:PutMetricsConfiguration"],
    "PutBucketInventoryConfiguration": ["s3:PutInventoryConfiguration"],
    "PutBucketLifecycleConfiguration": ["s3:PutLifecycleConfiguration"],
    "PutBucketEncryption": ["s3:PutEncryptionConfiguration"],
    "PutBucketLogging": ["s3:PutBucketLogging"],
    "PutBucketNotificationConfiguration": ["s3:PutBucketNotification"],
    "PutBucketOwnershipControls": ["s3:PutBucketOwnershipControls"],
    "PutBucketPolicy": ["s3:PutBucketPolicy"],
    "PutBucketReplication": ["s3:PutReplicationConfiguration", "iam:PassRole arn:aws:iam::111122223333:role/r"],
    "PutBucketRequestPayment": ["s3:PutBucketRequestPayment"],
    "PutBucketTagging": ["s3:PutBucketTagging"],
    "PutBucketVersioning": ["s3:PutBucketVersioning"],
    "PutBucketWebsite": ["s3:PutBucketWebsite"],
    "PutObject": ["s3:PutObject a/b"],
    "PutObjectAcl": ["s3:PutObjectAcl a/b"],
    "PutObjectLegalHold": ["s3:PutObjectLegalHold a/b"],
    "PutObjectLockConfiguration": ["s3:PutBucketObjectLockConfiguration"],
    "PutObjectRetention": ["s3:PutObjectRetention a/b"],
    "PutObjectTagging": ["s3:PutObjectTagging a/b"],
    "PutPublicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
    "RestoreObject": ["s3:RestoreObject a/b"],
    "SelectObjectContent": ["s3:GetObject a/b"],
    "UploadPart": ["s3:PutObject a/b"],
    "UploadPartCopy": ["s3:GetObject source", "s3:PutObject a/b"],
}


def needed(s3: Any, operation: str, **more: Any) -> Any:
    found = s3.service.operations[operation].needs({**REQUEST, **more}, s3.caller())
    return [
        f"{one.action} {one.resource.removeprefix('arn:aws:s3:::photos').removeprefix('/')}".strip() for one in found
    ]


async def test_every_operation_needs_what_aws_documents(s3: Any) -> None:
    assert {operation: needed(s3, operation) for operation in s3.service.operations} == NEEDS


async def test_an_acl_a_version_and_a_condition_need_more(s3: Any) -> None:
    assert needed(s3, "PutObject", ACL="private") == ["s3:PutObject a/b", "s3:PutObjectAcl a/b"]
    assert needed(s3, "CreateMultipartUpload", GrantRead="x") == ["s3:PutObject a/b", "s3:PutObjectAcl a/b"]
    assert needed(s3, "CreateBucket", ACL="private") == ["s3:CreateBucket"]
    assert needed(s3, "CreateBucket", ACL="public-read", ObjectOwnership="ObjectWriter") == [
        "s3:CreateBucket",
        "s3:PutBucketAcl",
        "s3:PutBucketOwnershipControls",
    ]
    assert needed(s3, "PutObject", Tagging="a=b") == ["s3:PutObject a/b", "s3:PutObjectTagging a/b"]
    assert needed(s3, "CopyObject", Tagging="a=b") == ["s3:GetObject source", "s3:PutObject a/b"]
    assert needed(s3, "CopyObject", Tagging="a=b", TaggingDirective="REPLACE") == [
        "s3:GetObject source",
        "s3:PutObject a/b",
        "s3:PutObjectTagging a/b",
    ]
    lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": LATER, "ObjectLockLegalHoldStatus": "ON"}
    assert needed(s3, "PutObject", **lock) == [
        "s3:PutObject a/b",
        "s3:PutObjectRetention a/b",
        "s3:PutObjectLegalHold a/b",
    ]
    assert needed(s3, "CreateBucket", ObjectLockEnabledForBucket=True) == [
        "s3:CreateBucket",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketVersioning",
    ]
    assert needed(s3, "GetObjectAttributes", VersionId="null") == [
        "s3:GetObjectVersion a/b",
        "s3:GetObjectVersionAttributes a/b",
    ]
    assert needed(s3, "GetObjectTagging", VersionId="null") == ["s3:GetObjectVersionTagging a/b"]
    assert needed(s3, "GetObject", VersionId="null") == ["s3:GetObjectVersion a/b"]
    assert needed(s3, "DeleteObject", VersionId="null") == ["s3:DeleteObjectVersion a/b"]
    assert needed(s3, "DeleteObject", IfMatch="x") == ["s3:DeleteObject a/b", "s3:GetObject a/b"]
    assert needed(s3, "DeleteObject", IfMatch="*") == ["s3:DeleteObject a/b"]
    assert needed(s3, "CopyObject", CopySource="photos/source?versionId=null")[0] == "s3:GetObjectVersion source"
    assert needed(s3, "PutObject", IfMatch="x") == ["s3:PutObject a/b", "s3:GetObject a/b"]


async def test_requests_give_their_condition_keys(s3: Any) -> None:
    (listing,) = s3.service.operations["ListObjectsV2"].needs({"Bucket": "b", "Prefix": "", "MaxKeys": 5}, s3.caller())
    assert listing.context == {"s3:prefix": ("",), "s3:max-keys": ("5",)}
    (create,) = s3.service.operations["CreateBucket"].needs(
        {"Bucket": "b", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}, s3.caller()
    )
    assert create.context == {"s3:locationconstraint": ("eu-west-1",)}


@pytest.mark.parametrize("operation", sorted(NEEDS))
async def test_nobody_may_anything_by_default(s3: Any, operation: str) -> None:
    await s3("PutObject", Bucket="photos", Key="a/b", Body=b"1")
    await s3("PutObject", Bucket="photos", Key="source", Body=b"1")
    strangers = (
        s3.anonymous,
        s3.user("nobody"),
        *([s3.bob] if operation not in ("CreateBucket", "ListBuckets") else []),
    )
    for stranger in strangers:
        declared = s3.service.operations[operation]
        if isinstance(declared.needs, NoPermission):
            output = await s3(operation, by=stranger, **REQUEST)
            assert [error["Code"] for error in output["Errors"]] == ["AccessDenied"]
            continue
        with s3.refused("AccessDenied"):
            await s3(operation, by=stranger, **REQUEST)
    assert await s3.content("photos", "a/b") == b"1"


async def test_making_buckets_and_uploads_copies_listing_buckets_and_queries_need_a_signature(s3: Any) -> None:
    signed = {name for name, declared in s3.service.operations.items() if not declared.anonymous}
    buckets, uploads = {"CreateBucket", "ListBuckets"}, {"CreateMultipartUpload", "UploadPartCopy"}
    assert signed == {*buckets, *uploads, "CopyObject", "SelectObjectContent"}


async def test_a_missing_bucket_is_said_by_access_itself(s3: Any) -> None:
    for arn in ("arn:aws:s3:::nowhere", "arn:aws:s3:::nowhere/key", "arn:aws:s3:::a\0b"):
        with s3.refused("NoSuchBucket"):
            from marinelayer.security.requirement import Requirement

            await S3Access(s3.tables, s3.clock).of(Requirement(action="s3:GetObject", resource=arn))


def test_every_error_has_a_status_and_aws_words() -> None:
    declared = {
        one
        for module in (errors, refusals_of_access, refusals_of_form, refusals_of_queries)
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, ServiceError) and one is not ServiceError
    }
    assert len(declared) > 40
    for one in declared:
        said = wire_error(load_service("s3"), one())
        assert 300 <= said.status <= 503, one
        assert said.message, one
        assert "Details" not in said.message

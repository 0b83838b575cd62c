"""Replication acts as the role of its configuration, within what it may."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from .copying import (
    MD5,
    ROLE,
    bobs,
    bobs_versions,
    documented,
    listen,
    put,
    put_rules,
    rule,
    settle,
    status,
    told,
    versions,
)


async def test_the_role_of_the_configuration_is_assumed_for_the_source_bucket(s3: Any) -> None:
    await put_rules(s3, rule())
    await put(s3)
    await settle(s3)
    ((role, errand),) = s3.roles.asked
    assert role == ROLE
    assert (errand.service, errand.account, errand.region, errand.source) == (
        "s3.amazonaws.com",
        "111122223333",
        "us-east-1",
        "arn:aws:s3:::photos",
    )


async def test_what_no_rule_is_about_assumes_no_role(s3: Any) -> None:
    await put_rules(s3, rule(Filter={"Prefix": "logs/"}))
    await put(s3)
    await put(s3, bucket="others")
    await settle(s3)
    assert s3.roles.asked == []


async def test_a_role_that_can_not_be_assumed_copies_nothing_and_that_is_told(s3: Any) -> None:
    await listen(s3, "photos", "s3:Replication:*")
    await put_rules(s3, rule(Destination={"Metrics": {"Status": "Enabled"}}))
    await put(s3)
    s3.roles.trusting = False
    await settle(s3)
    assert (await status(s3), await versions(s3)) == ("FAILED", [])
    (record,) = await told(s3)
    assert record["replicationEventData"]["failureReason"] == "AssumeRoleNotPermitted"
    s3.roles.trusting = True
    await settle(s3)
    assert await status(s3) == "FAILED", "what failed is not tried again"


async def test_a_role_with_what_the_guide_gives_it_copies_versions_markers_and_changes(s3: Any) -> None:
    s3.roles.statements = documented("photos", "copies")
    await put_rules(s3, rule(markers=True))
    version = await put(s3, Tagging="a=b")
    await s3("PutObjectTagging", Bucket="photos", Key="one", Tagging={"TagSet": [{"Key": "c", "Value": "d"}]})
    await s3("DeleteObject", Bucket="photos", Key="one")
    await settle(s3)
    assert await versions(s3) == [("one", version)]
    assert await status(s3, VersionId=version) == "COMPLETED"
    tags = await s3("GetObjectTagging", Bucket="copies", Key="one", VersionId=version)
    assert tags["TagSet"] == [{"Key": "c", "Value": "d"}]
    assert len((await s3("ListObjectVersions", Bucket="copies"))["DeleteMarkers"]) == 1


TAGGED = {"Tagging": "a=b"}
HELD = {"ObjectLockLegalHoldStatus": "ON", "ContentMD5": MD5}
RETAINED = {
    "ObjectLockMode": "GOVERNANCE",
    "ObjectLockRetainUntilDate": datetime(2022, 1, 1, tzinfo=UTC),
    "ContentMD5": MD5,
}


@pytest.mark.parametrize(
    ("action", "on", "request_", "reason"),
    [
        ("s3:GetObjectVersionForReplication", "locked", {}, "SrcGetObjectNotPermitted"),
        ("s3:GetObjectVersionAcl", "locked", {}, "SrcGetAclNotPermitted"),
        ("s3:GetObjectVersionTagging", "locked", TAGGED, "SrcGetTaggingNotPermitted"),
        ("s3:GetObjectRetention", "locked", RETAINED, "SrcGetRetentionNotPermitted"),
        ("s3:GetObjectLegalHold", "locked", HELD, "SrcGetLegalHoldNotPermitted"),
        ("s3:ReplicateObject", "safe", {}, "DstPutObjectNotPermitted"),
        ("s3:ReplicateTags", "safe", TAGGED, "DstPutTaggingNotPermitted"),
    ],
)
async def test_a_role_that_lacks_a_permission_copies_nothing_that_takes_it(
    s3: Any, caplog: pytest.LogCaptureFixture, action: str, on: str, request_: dict[str, Any], reason: str
) -> None:
    for bucket in ("locked", "safe"):
        await s3("CreateBucket", Bucket=bucket, ObjectLockEnabledForBucket=True)
    denied = {"Effect": "Deny", "Action": action, "Resource": f"arn:aws:s3:::{on}/one"}
    s3.roles.statements.append(denied)
    await put_rules(s3, rule("safe"), bucket="locked")
    await put(s3, bucket="locked", **request_)
    await put(s3, "two", bucket="locked", **request_)
    with caplog.at_level(logging.WARNING):
        await settle(s3)
    assert await status(s3, bucket="locked") == "FAILED"
    assert await status(s3, "two", bucket="locked") == "COMPLETED"
    assert [key for key, _ in await versions(s3, "safe")] == ["two"]
    assert (
        f"{action} on arn:aws:s3:::{on}/one is not allowed to arn:aws:sts::111122223333:assumed-role/replication/s3 "
        f"({reason})"
    ) in caplog.text


async def test_a_permission_that_a_version_does_not_take_is_not_asked_for(s3: Any) -> None:
    s3.roles.statements = [
        s3.allow("s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", on="arn:aws:s3:::photos/*"),
        s3.allow("s3:ReplicateObject", on="arn:aws:s3:::copies/*"),
    ]
    await put_rules(s3, rule())
    version = await put(s3)
    await settle(s3)
    assert await versions(s3) == [("one", version)]


async def test_a_marker_takes_replicate_delete_of_the_role(s3: Any) -> None:
    s3.roles.statements.append({"Effect": "Deny", "Action": "s3:ReplicateDelete", "Resource": "*"})
    await put_rules(s3, rule(markers=True))
    await put(s3)
    await s3("DeleteObject", Bucket="photos", Key="one")
    await settle(s3)
    assert len(await versions(s3)) == 1
    assert "DeleteMarkers" not in await s3("ListObjectVersions", Bucket="copies")


async def test_removing_tags_of_a_replica_takes_replicate_tags(s3: Any) -> None:
    await put_rules(s3, rule())
    await put(s3, **TAGGED)
    await settle(s3)
    s3.roles.statements.append({"Effect": "Deny", "Action": "s3:ReplicateTags", "Resource": "*"})
    await s3("DeleteObjectTagging", Bucket="photos", Key="one")
    await settle(s3)
    assert await status(s3) == "FAILED"
    assert (await s3("HeadObject", Bucket="copies", Key="one"))["TagCount"] == 1


async def test_the_source_may_deny_the_role_what_it_is_to_read(s3: Any) -> None:
    denied = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObjectVersionForReplication",
        "Resource": "arn:aws:s3:::photos/secret/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    await s3("PutBucketPolicy", Bucket="photos", Policy=policy)
    await put_rules(s3, rule())
    await put(s3, "secret/one")
    version = await put(s3)
    await settle(s3)
    assert await versions(s3) == [("one", version)]


async def test_a_role_may_be_held_to_versions_with_a_tag(s3: Any) -> None:
    await put_rules(s3, rule())
    s3.roles.statements.append(
        {
            "Effect": "Deny",
            "Action": "s3:GetObjectVersionAcl",
            "Resource": "*",
            "Condition": {"StringEquals": {"s3:ExistingObjectTag/secret": "yes"}},
        }
    )
    await put(s3, Tagging="secret=yes")
    version = await put(s3, Tagging="secret=no")
    await settle(s3)
    assert await versions(s3) == [("one", version)]


async def test_for_another_accounts_bucket_both_the_role_and_the_bucket_must_allow_it(s3: Any) -> None:
    await bobs(s3, "s3:ReplicateObject")
    await put_rules(s3, rule("bobs"))
    s3.roles.statements = documented("photos", "copies")
    await put(s3)
    await settle(s3)
    assert (await status(s3), await bobs_versions(s3)) == ("FAILED", [])
    s3.roles.statements = documented("photos", "bobs")
    await put(s3)
    await settle(s3)
    assert await status(s3) == "COMPLETED"

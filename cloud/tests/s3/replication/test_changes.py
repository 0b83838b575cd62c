"""Replication: delete markers, and changes of what was copied."""

from datetime import UTC, datetime
from typing import Any

from marinelayer.services.s3 import Days, LifecycleSweeps

from .copying import MD5, V1, put, put_rules, rule, settle, status, versions


async def test_delete_markers_are_copied_where_the_rule_says_so(s3: Any) -> None:
    await put_rules(s3, rule(markers=True), rule("others", Priority=1))
    await put(s3)
    await settle(s3)
    marker = (await s3("DeleteObject", Bucket="photos", Key="one"))["VersionId"]
    await settle(s3)
    found = await s3("ListObjectVersions", Bucket="copies")
    assert [(one["VersionId"], one["IsLatest"]) for one in found["DeleteMarkers"]] == [(marker, True)]
    assert "Contents" not in await s3("ListObjectsV2", Bucket="copies")
    with s3.refused("NoSuchKey"):
        await s3.content("copies", "one")
    assert "DeleteMarkers" not in await s3("ListObjectVersions", Bucket="others")
    await s3("DeleteObject", Bucket="photos", Key="one", VersionId=marker)
    await settle(s3)
    assert len((await s3("ListObjectVersions", Bucket="copies"))["DeleteMarkers"]) == 1, "this is not copied"


async def test_the_first_schema_copies_delete_markers_and_lifecycles_are_not(s3: Any) -> None:
    await put_rules(s3, {**V1, "Prefix": "lo"})
    await put(s3, "logs")
    await put(s3, "lot")
    await settle(s3)
    await s3("DeleteObject", Bucket="photos", Key="lot")
    expire = {"Status": "Enabled", "Filter": {"Prefix": "logs"}, "Expiration": {"Days": 1}}
    await s3("PutBucketLifecycleConfiguration", Bucket="photos", LifecycleConfiguration={"Rules": [expire]})
    s3.clock.forward(3 * 86_400)
    await s3.run_due(LifecycleSweeps(s3.tables, s3.clock, s3.ids, Days(), s3.logs).handlers)
    await settle(s3)
    assert "Contents" not in await s3("ListObjectsV2", Bucket="photos")
    assert [one["Key"] for one in (await s3("ListObjectsV2", Bucket="copies"))["Contents"]] == ["logs"]


async def test_tags_acl_and_lock_follow(s3: Any) -> None:
    await s3("CreateBucket", Bucket="locked", ObjectLockEnabledForBucket=True)
    await s3("CreateBucket", Bucket="safe", ObjectLockEnabledForBucket=True)
    await put_rules(s3, rule("safe"), bucket="locked")
    until = datetime(2022, 1, 1, tzinfo=UTC)
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until, "ObjectLockLegalHoldStatus": "ON"}
    version = await put(s3, bucket="locked", **lock, ContentMD5=MD5)
    await settle(s3)
    copy = await s3("HeadObject", Bucket="safe", Key="one")
    assert {name: copy[name] for name in lock} == lock
    later = datetime(2023, 1, 1, tzinfo=UTC)
    place = {"Bucket": "locked", "Key": "one"}
    await s3("PutObjectRetention", **place, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": later})
    await s3("PutObjectLegalHold", **place, LegalHold={"Status": "OFF"})
    await s3("PutObjectTagging", **place, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    await s3("PutObjectAcl", **place, ACL="public-read")
    assert await status(s3, bucket="locked") == "PENDING"
    await settle(s3)
    assert await status(s3, bucket="locked") == "COMPLETED"
    copy = await s3("HeadObject", Bucket="safe", Key="one", VersionId=version)
    assert (copy["ObjectLockMode"], copy["ObjectLockRetainUntilDate"]) == ("GOVERNANCE", later)
    assert (copy["ObjectLockLegalHoldStatus"], copy["TagCount"], copy["ReplicationStatus"]) == ("OFF", 1, "REPLICA")
    assert len((await s3("GetObjectAcl", Bucket="safe", Key="one"))["Grants"]) == 2
    await s3("DeleteObjectTagging", **place)
    await settle(s3)
    assert "TagCount" not in await s3("HeadObject", Bucket="safe", Key="one")


async def test_what_was_not_copied_is_not_when_it_is_changed(s3: Any) -> None:
    await put(s3)
    await put_rules(s3, rule())
    await s3("PutObjectTagging", Bucket="photos", Key="one", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    await settle(s3)
    assert (await status(s3), await versions(s3)) == (None, [])


async def test_changes_of_replicas_go_back_only_where_that_is_asked_for(s3: Any) -> None:
    back = {"SourceSelectionCriteria": {"ReplicaModifications": {"Status": "Enabled"}}}
    await put_rules(s3, rule(), rule("others", Priority=1))
    await put_rules(s3, rule("photos", **back), bucket="copies")
    await put_rules(s3, rule("photos"), bucket="others")
    await put(s3)
    await settle(s3)
    for bucket, value in (("copies", "c"), ("others", "o")):
        tags = {"TagSet": [{"Key": "by", "Value": value}]}
        await s3("PutObjectTagging", Bucket=bucket, Key="one", Tagging=tags)
    await settle(s3)
    found = await s3("GetObjectTagging", Bucket="photos", Key="one")
    assert found["TagSet"] == [{"Key": "by", "Value": "c"}]
    assert await status(s3, bucket="copies") == "REPLICA"
    assert await status(s3) == "COMPLETED"


async def test_a_locked_version_needs_a_bucket_that_locks(s3: Any) -> None:
    await s3("CreateBucket", Bucket="locked", ObjectLockEnabledForBucket=True)
    await put_rules(s3, rule("copies"), bucket="locked")
    await put(s3, bucket="locked", ObjectLockLegalHoldStatus="ON", ContentMD5=MD5)
    await settle(s3)
    assert (await status(s3, bucket="locked"), await versions(s3)) == ("FAILED", [])

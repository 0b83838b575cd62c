"""Replication into buckets of other accounts, and of what others own."""

import json
from typing import Any

import pytest

from .copying import bobs, bobs_versions, put, put_rules, rule, settle, status, versions


@pytest.mark.parametrize(
    ("actions", "request_", "result"),
    [
        ((), {}, "FAILED"),
        (("s3:PutObject",), {}, "FAILED"),
        (("s3:ReplicateObject",), {}, "COMPLETED"),
        (("s3:ReplicateObject",), {"Tagging": "a=b"}, "FAILED"),
        (("s3:ReplicateObject", "s3:ReplicateTags"), {"Tagging": "a=b"}, "COMPLETED"),
    ],
)
async def test_another_account_must_let_it_in(
    s3: Any, actions: tuple[str, ...], request_: dict[str, Any], result: str
) -> None:
    await bobs(s3, *actions)
    await put_rules(s3, rule("bobs"))
    await put(s3, **request_)
    await settle(s3)
    assert await status(s3) == result
    owners = [one["Owner"]["ID"] for one in await bobs_versions(s3)]
    assert owners == ([s3.alice.principal.canonical_id] if result == "COMPLETED" else [])


async def test_markers_and_ownership_take_permissions_of_their_own(s3: Any) -> None:
    await bobs(s3, "s3:ReplicateObject", "s3:ReplicateDelete", "s3:ObjectOwnerOverrideToBucketOwner")
    override = {"Account": "444455556666", "AccessControlTranslation": {"Owner": "Destination"}}
    await put_rules(s3, rule("bobs", markers=True, Destination=override))
    await put(s3, ACL="public-read")
    await s3("DeleteObject", Bucket="photos", Key="one")
    await settle(s3)
    assert await status(s3, VersionId=(await versions(s3, "photos"))[0][1]) == "COMPLETED"
    found = await s3("ListObjectVersions", Bucket="bobs", by=s3.bob)
    (one,), (marker,) = found["Versions"], found["DeleteMarkers"]
    assert one["Owner"]["ID"] == marker["Owner"]["ID"] == s3.bob.principal.canonical_id
    acl = await s3("GetObjectAcl", Bucket="bobs", Key="one", VersionId=one["VersionId"], by=s3.bob)
    assert len(acl["Grants"]) == 1
    await bobs_policy_without(s3, "s3:ObjectOwnerOverrideToBucketOwner", "s3:ReplicateDelete")
    await put(s3, "two")
    await s3("DeleteObject", Bucket="photos", Key="two")
    await settle(s3)
    assert {one["Key"] for one in await bobs_versions(s3)} == {"one"}


async def bobs_policy_without(s3: Any, *actions: str) -> None:
    policy = json.loads((await s3("GetBucketPolicy", Bucket="bobs", by=s3.bob))["Policy"])
    statement = policy["Statement"][0]
    statement["Action"] = [one for one in statement["Action"] if one not in actions]
    await s3("PutBucketPolicy", Bucket="bobs", Policy=json.dumps(policy), by=s3.bob)


async def test_a_destination_of_another_account_than_named_takes_nothing(s3: Any) -> None:
    await put_rules(s3, rule(Destination={"Account": "444455556666"}))
    await put(s3)
    await settle(s3)
    assert (await status(s3), await versions(s3)) == ("FAILED", [])


@pytest.mark.parametrize(
    ("acl", "result"),
    [("private", "FAILED"), ("bucket-owner-read", "FAILED"), ("bucket-owner-full-control", "COMPLETED")],
)
async def test_what_another_account_owns_is_copied_if_the_buckets_owner_may_read_it_all(
    s3: Any, acl: str, result: str
) -> None:
    await s3("PutBucketAcl", Bucket="photos", ACL="public-read-write")
    await put_rules(s3, rule())
    await put(s3, ACL=acl, by=s3.bob)
    await settle(s3)
    listed = (await s3("ListObjectVersions", Bucket="copies")).get("Versions", [])
    assert len(listed) == (result == "COMPLETED")
    assert await status(s3, by=s3.bob) == result


async def test_the_owner_of_a_bucket_may_deny_it_to_itself(s3: Any) -> None:
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:ReplicateObject", "Resource": "arn:aws:s3:::copies/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    await s3("PutBucketPolicy", Bucket="copies", Policy=policy)
    await put_rules(s3, rule())
    await put(s3)
    await settle(s3)
    assert await status(s3) == "FAILED"

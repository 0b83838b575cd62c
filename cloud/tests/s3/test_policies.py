"""Bucket policies: set, enforced, blocked; and that a re-created user inherits nothing."""

import json
from typing import Any

import pytest


def policy(*statements: Any) -> Any:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(
    *actions: Any, principal: Any = "*", on: Any = "arn:aws:s3:::photos/*", effect: Any = "Allow", **more: Any
) -> Any:
    return {"Effect": effect, "Principal": principal, "Action": list(actions), "Resource": on, **more}


PUBLIC = policy(statement("s3:GetObject"))


async def test_a_policy_is_kept_as_it_was_written(anywhere: Any) -> None:
    with anywhere.refused("NoSuchBucketPolicy", BucketName="photos"):
        await anywhere("GetBucketPolicy", Bucket="photos")
    text = PUBLIC.replace(",", " ,\n")
    await anywhere("PutBucketPolicy", Bucket="photos", Policy=text)
    assert await anywhere("GetBucketPolicy", Bucket="photos") == {"Policy": text}
    assert await anywhere("GetBucketPolicyStatus", Bucket="photos") == {"PolicyStatus": {"IsPublic": True}}
    await anywhere("DeleteBucketPolicy", Bucket="photos")
    await anywhere("DeleteBucketPolicy", Bucket="photos")
    with anywhere.refused("NoSuchBucketPolicy"):
        await anywhere("GetBucketPolicyStatus", Bucket="photos")


async def test_a_public_policy_opens_objects_to_all_and_nothing_else(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1")
    with s3.refused("AccessDenied"):
        await s3("GetObject", Bucket="photos", Key="one", by=s3.anonymous)
    await s3("PutBucketPolicy", Bucket="photos", Policy=PUBLIC)
    assert await s3.content("photos", "one", by=s3.anonymous) == b"1"
    for operation, request in (
        ("PutObject", {"Key": "x", "Body": b"1"}),
        ("ListObjects", {}),
        ("GetObjectAcl", {"Key": "one"}),
    ):
        with s3.refused("AccessDenied"):
            await s3(operation, Bucket="photos", by=s3.anonymous, **request)
    await s3("DeleteBucketPolicy", Bucket="photos")
    with s3.refused("AccessDenied"):
        await s3("GetObject", Bucket="photos", Key="one", by=s3.anonymous)


async def test_a_denial_holds_for_the_owner_too_and_conditions_see_the_request(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1")
    listing = statement("s3:ListBucket", on="arn:aws:s3:::photos", principal={"AWS": "444455556666"})
    condition = {"Condition": {"StringEquals": {"s3:prefix": "public/", "s3:delimiter": "/"}}}
    denial = statement("s3:GetObject", effect="Deny", on="arn:aws:s3:::photos/one")
    await s3("PutBucketPolicy", Bucket="photos", Policy=policy({**listing, **condition}, denial))
    with s3.refused("AccessDenied"):
        await s3("GetObject", Bucket="photos", Key="one")
    await s3("ListObjectsV2", Bucket="photos", Prefix="public/", Delimiter="/", by=s3.bob)
    for request in ({}, {"Prefix": "public/"}, {"Prefix": "private/", "Delimiter": "/"}):
        with s3.refused("AccessDenied"):
            await s3("ListObjectsV2", Bucket="photos", by=s3.bob, **request)


async def test_a_condition_may_demand_an_acl(s3: Any) -> None:
    to_owner = {"Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}}
    both = statement("s3:PutObject", "s3:PutObjectAcl", principal={"AWS": s3.bob.principal.arn}, **to_owner)
    await s3("PutBucketPolicy", Bucket="photos", Policy=policy(both))
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1", ACL="bucket-owner-full-control", by=s3.bob)
    for request in ({}, {"ACL": "public-read"}):
        with s3.refused("AccessDenied"):
            await s3("PutObject", Bucket="photos", Key="one", Body=b"1", by=s3.bob, **request)


async def test_a_user_who_is_made_again_inherits_nothing(s3: Any) -> None:
    carol = s3.user("carol")
    text = policy(statement("s3:GetObject", principal={"AWS": carol.principal.arn}))
    with s3.refused("MalformedPolicy", "Invalid principal in policy", Detail=carol.principal.arn):
        await s3("PutBucketPolicy", Bucket="photos", Policy=text)
    s3.principals.ids[carol.principal.arn] = carol.principal.unique_id
    await s3("PutBucketPolicy", Bucket="photos", Policy=text)
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1")
    assert await s3.content("photos", "one", by=carol) == b"1"
    from dataclasses import replace

    again = replace(carol, principal=replace(carol.principal, unique_id="AIDAOTHER"))
    with s3.refused("AccessDenied"):
        await s3("GetObject", Bucket="photos", Key="one", by=again)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "no json",
        policy(statement("s3:GetObject", on="arn:aws:s3:::other/*")),
        policy(statement("sns:Publish")),
        policy(statement("s3:ListBucket")),
        policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::photos/*"}),
        policy(statement("s3:GetObject", Sid="x" * 21_000)),
    ],
)
async def test_a_policy_that_can_not_be_accepted_changes_nothing(s3: Any, text: str) -> None:
    with s3.refused("MalformedPolicy"):
        await s3("PutBucketPolicy", Bucket="photos", Policy=text)
    with s3.refused("NoSuchBucketPolicy"):
        await s3("GetBucketPolicy", Bucket="photos")


async def test_a_public_access_block_refuses_a_public_policy(current: Any) -> None:
    with current.refused("AccessDenied"):
        await current("PutBucketPolicy", Bucket="photos", Policy=PUBLIC)
    await current(
        "PutBucketPolicy", Bucket="photos", Policy=policy(statement("s3:GetObject", principal={"AWS": "444455556666"}))
    )
    await current("DeletePublicAccessBlock", Bucket="photos")
    await current("PutBucketPolicy", Bucket="photos", Policy=PUBLIC)
    await current("PutObject", Bucket="photos", Key="one", Body=b"1")
    assert await current.content("photos", "one", by=current.anonymous) == b"1"
    restrict = {"RestrictPublicBuckets": True}
    await current("PutPublicAccessBlock", Bucket="photos", PublicAccessBlockConfiguration=restrict)
    with current.refused("AccessDenied"):
        await current("GetObject", Bucket="photos", Key="one", by=current.anonymous)


async def test_another_account_has_no_say_in_the_policy_whatever_it_grants(s3: Any) -> None:
    everything = statement("s3:*", principal={"AWS": "444455556666"}, on="arn:aws:s3:::photos")
    await s3("PutBucketPolicy", Bucket="photos", Policy=policy(everything))
    for operation, request in (
        ("GetBucketPolicy", {}),
        ("PutBucketPolicy", {"Policy": PUBLIC}),
        ("DeleteBucketPolicy", {}),
    ):
        with s3.refused("MethodNotAllowed"):
            await s3(operation, Bucket="photos", by=s3.bob, **request)

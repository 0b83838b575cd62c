"""How owners, grantees and initiators are named."""

from typing import Any


def named(s3: Any, identity: Any, name: str) -> dict[str, str]:
    """The identity's account, which from now on has that name."""
    canonical_id = identity.principal.canonical_id
    s3.principals.names[canonical_id] = name
    return {"ID": canonical_id, "DisplayName": name}


async def shown(s3: Any) -> dict[str, Any]:
    """Every owner, grantee and initiator that S3 shows of a bucket with one object and one upload."""
    bucket = {"Bucket": "photos"}
    await s3("PutObject", **bucket, Key="one", Body=b"1")
    upload = (await s3("CreateMultipartUpload", **bucket, Key="two"))["UploadId"]
    bucket_acl = await s3("GetBucketAcl", **bucket)
    object_acl = await s3("GetObjectAcl", **bucket, Key="one")
    parts = await s3("ListParts", **bucket, Key="two", UploadId=upload)
    (listed,) = (await s3("ListMultipartUploads", **bucket))["Uploads"]
    return {
        "ListBuckets": (await s3("ListBuckets"))["Owner"],
        "ListObjects": (await s3("ListObjects", **bucket))["Contents"][0]["Owner"],
        "ListObjectsV2": (await s3("ListObjectsV2", **bucket, FetchOwner=True))["Contents"][0]["Owner"],
        "GetBucketAcl": bucket_acl["Owner"],
        "bucket's grantee": _without_type(bucket_acl["Grants"][0]["Grantee"]),
        "GetObjectAcl": object_acl["Owner"],
        "object's grantee": _without_type(object_acl["Grants"][0]["Grantee"]),
        "ListParts": parts["Owner"],
        "initiator of the upload": parts["Initiator"],
        "ListMultipartUploads": listed["Owner"],
        "listed initiator": listed["Initiator"],
    }


def _without_type(grantee: dict[str, str]) -> dict[str, str]:
    assert grantee.pop("Type") == "CanonicalUser"
    return grantee


async def test_classic_answers_call_owners_by_the_name_of_their_account(s3: Any) -> None:
    alice = named(s3, s3.alice, "alice")
    for where, owner in (await shown(s3)).items():
        assert owner == alice, where
    assert "Owner" not in (await s3("ListObjectsV2", Bucket="photos"))["Contents"][0]


async def test_current_answers_call_nobody_by_a_name(current: Any) -> None:
    named(current, current.alice, "alice")
    for where, owner in (await shown(current)).items():
        assert owner == {"ID": current.alice.principal.canonical_id}, where


async def test_an_account_without_a_name_is_shown_by_its_id_alone(s3: Any) -> None:
    for where, owner in (await shown(s3)).items():
        assert owner == {"ID": s3.alice.principal.canonical_id}, where


async def test_each_object_is_shown_with_its_own_owner(s3: Any) -> None:
    alice, bob = named(s3, s3.alice, "alice"), named(s3, s3.bob, "bob")
    await s3("PutBucketAcl", Bucket="photos", ACL="public-read-write")
    for key, writer in (("hers", s3.alice), ("his", s3.bob), ("nobody's", s3.anonymous)):
        await s3("PutObject", Bucket="photos", Key=key, Body=b"1", by=writer)
    owners = {one["Key"]: one["Owner"] for one in (await s3("ListObjects", Bucket="photos"))["Contents"]}
    assert owners == {"hers": alice, "his": bob, "nobody's": {"ID": "65a011a29cdf8ec533ec3d1ccaae921c"}}
    acl = await s3("GetBucketAcl", Bucket="photos")
    assert [grant["Grantee"].get("DisplayName") for grant in acl["Grants"]] == [None, None, "alice"]


async def initiator(s3: Any) -> tuple[dict[str, str], str]:
    """The initiator of an upload that a user began, and the user's ARN."""
    carol = s3.user("carol", s3.allow("s3:*", on="*"))
    await s3("CreateMultipartUpload", Bucket="photos", Key="two", by=carol)
    (listed,) = (await s3("ListMultipartUploads", Bucket="photos"))["Uploads"]
    return listed["Initiator"], carol.principal.arn


async def test_a_user_who_began_an_upload_is_shown_by_arn_and_own_name(s3: Any) -> None:
    shown, arn = await initiator(s3)
    assert shown == {"ID": arn, "DisplayName": "carol"}


async def test_current_answers_still_show_the_name_of_a_user(current: Any) -> None:
    shown, arn = await initiator(current)
    assert shown == {"ID": arn, "DisplayName": "carol"}

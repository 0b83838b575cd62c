"""Buckets: made, found, listed, removed."""

from typing import Any

import pytest

from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.services.s3.errors import InvalidBucketName, InvalidBucketNamespace
from marinelayer.services.s3.names import check_bucket_name


@pytest.mark.parametrize("name", ["abc", "a.b.c", "gid-requests", "1-2", "a" * 63, "my.bucket-1"])
def test_a_name_by_aws_rules_is_taken(name: str) -> None:
    check_bucket_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "a" * 64,
        "Abc",
        "a_b",
        "-abc",
        "abc-",
        "a..b",
        "a.-b",
        "a-.b",
        ".abc",
        "abc.",
        "192.168.5.4",
        "xn--abc",
        "sthree-x",
        "amzn-s3-demo-x",
        "abc-s3alias",
        "abc--ol-s3",
        "abc.mrap",
        "abc--x-s3",
        "abc--table-s3",
        "abc-an",
        "",
        "a b",
        "abc\n",
    ],
)
def test_a_name_against_aws_rules_is_refused(name: str) -> None:
    with pytest.raises(InvalidBucketName):
        check_bucket_name(name)


async def test_an_account_makes_buckets_in_its_own_namespace(s3: Any) -> None:
    name = "streets-111122223333-us-east-1-an"
    assert s3.alice.principal.account in name
    await s3("CreateBucket", Bucket=name, BucketNamespace="account-regional")
    assert name in [bucket["Name"] for bucket in (await s3("ListBuckets"))["Buckets"]]
    await s3("PutObject", Bucket=name, Key="k", Body=b"b")
    where = {"LocationConstraint": "eu-west-1"}
    west = name.replace("us-east-1", "eu-west-1")
    made = await s3("CreateBucket", Bucket=west, BucketNamespace="account-regional", CreateBucketConfiguration=where)
    assert made["Location"] == f"/{west}"  # the global namespace's have an address there


@pytest.mark.parametrize(
    ("name", "namespace", "refusal"),
    [
        ("streets-an", "account-regional", InvalidBucketNamespace),
        ("streets", "account-regional", InvalidBucketNamespace),
        ("streets-444455556666-us-east-1-an", "account-regional", InvalidBucketNamespace),
        ("streets-111122223333-us-west-2-an", "account-regional", InvalidBucketNamespace),
        ("-111122223333-us-east-1-an", "account-regional", InvalidBucketName),
        ("Streets-111122223333-us-east-1-an", "account-regional", InvalidBucketName),
        ("streets-111122223333-us-east-1-an", "global", InvalidBucketName),
        ("streets", "regional", InvalidArgument),
    ],
)
async def test_nobody_makes_buckets_in_anothers_namespace(
    s3: Any, name: str, namespace: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await s3("CreateBucket", Bucket=name, BucketNamespace=namespace)
    assert name not in [bucket["Name"] for bucket in (await s3("ListBuckets"))["Buckets"]]


async def test_a_new_bucket_is_listed_with_its_owner_and_time(s3: Any) -> None:
    made = await s3("CreateBucket", Bucket="reports")
    assert made == {"Location": "/reports", "BucketArn": "arn:aws:s3:::reports"}
    listed = await s3("ListBuckets")
    assert [bucket["Name"] for bucket in listed["Buckets"]] == ["photos", "reports"]
    assert listed["Buckets"][0]["CreationDate"].isoformat() == "2021-04-01T00:00:00+00:00"
    assert listed["Owner"] == {"ID": s3.alice.principal.canonical_id}
    assert "BucketRegion" not in listed["Buckets"][0]


async def test_an_account_lists_only_its_own_buckets(s3: Any) -> None:
    await s3("CreateBucket", Bucket="bobs", by=s3.bob)
    assert [bucket["Name"] for bucket in (await s3("ListBuckets", by=s3.bob))["Buckets"]] == ["bobs"]
    assert [bucket["Name"] for bucket in (await s3("ListBuckets"))["Buckets"]] == ["photos"]


async def test_buckets_are_listed_in_pages_by_prefix_and_region(s3: Any) -> None:
    for name in ("logs-1", "logs-2", "logs-3", "log"):
        await s3("CreateBucket", Bucket=name)
    await s3("CreateBucket", Bucket="logs-eu", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    first = await s3("ListBuckets", Prefix="logs-", MaxBuckets=2)
    assert [(one["Name"], one["BucketRegion"]) for one in first["Buckets"]] == [
        ("logs-1", "us-east-1"),
        ("logs-2", "us-east-1"),
    ]
    second = await s3("ListBuckets", Prefix="logs-", ContinuationToken=first["ContinuationToken"])
    assert [one["Name"] for one in second["Buckets"]] == ["logs-3", "logs-eu"]
    assert "ContinuationToken" not in second
    assert [one["Name"] for one in (await s3("ListBuckets", BucketRegion="eu-west-1"))["Buckets"]] == ["logs-eu"]
    assert (await s3("ListBuckets", Prefix="\0"))["Buckets"] == []


async def test_a_token_of_another_account_or_an_invented_one_is_refused(s3: Any) -> None:
    await s3("CreateBucket", Bucket="another")
    token = (await s3("ListBuckets", MaxBuckets=1))["ContinuationToken"]
    for given in (token, "invented", "é"):
        with s3.refused("InvalidArgument", ArgumentName="continuation-token"):
            await s3("ListBuckets", ContinuationToken=given, by=s3.bob)


async def test_its_owner_may_make_a_bucket_of_us_east_1_again_and_its_acl_is_reset(s3: Any) -> None:
    await s3("PutBucketAcl", Bucket="photos", ACL="public-read")
    await s3("PutObject", Bucket="photos", Key="kept", Body=b"1")
    await s3("CreateBucket", Bucket="photos")
    assert len((await s3("GetBucketAcl", Bucket="photos"))["Grants"]) == 1
    assert await s3.content("photos", "kept") == b"1"


async def test_a_bucket_elsewhere_is_already_owned_and_one_of_another_account_exists(s3: Any) -> None:
    where = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    made = await s3("CreateBucket", Bucket="europe", region="eu-west-1", **where)
    assert made["Location"] == "http://europe.s3.amazonaws.com/"
    with s3.refused("BucketAlreadyOwnedByYou", BucketName="europe"):
        await s3("CreateBucket", Bucket="europe", region="eu-west-1", **where)
    with s3.refused("BucketAlreadyOwnedByYou"):
        await s3("CreateBucket", Bucket="photos", region="eu-west-1", **where)
    with s3.refused("BucketAlreadyExists", BucketName="photos"):
        await s3("CreateBucket", Bucket="photos", by=s3.bob)


async def test_the_location_must_fit_the_endpoint(s3: Any) -> None:
    async def create(region: Any, constraint: Any) -> None:
        await s3(
            "CreateBucket",
            Bucket="somewhere",
            region=region,
            CreateBucketConfiguration={"LocationConstraint": constraint},
        )

    for constraint in ("us-east-1", "nowhere", "eu_west_1"):
        with s3.refused("InvalidLocationConstraint", LocationConstraint=constraint):
            await create("us-east-1", constraint)
    with s3.refused("IllegalLocationConstraintException"):
        await create("eu-west-1", "eu-central-1")
    with s3.refused("IllegalLocationConstraintException"):
        await s3("CreateBucket", Bucket="somewhere", region="eu-west-1")
    await create("us-east-1", "ap-south-1")
    assert await s3("GetBucketLocation", Bucket="somewhere") == {"LocationConstraint": "ap-south-1"}
    assert await s3("GetBucketLocation", Bucket="photos") == {}
    assert (await s3("HeadBucket", Bucket="somewhere"))["BucketRegion"] == "ap-south-1"


async def test_only_an_empty_bucket_is_deleted_and_its_name_is_free_again(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1")
    with s3.refused("BucketNotEmpty", BucketName="photos"):
        await s3("DeleteBucket", Bucket="photos")
    await s3("DeleteObject", Bucket="photos", Key="a")
    await s3("DeleteBucket", Bucket="photos")
    with s3.refused("NoSuchBucket", BucketName="photos"):
        await s3("HeadBucket", Bucket="photos")
    await s3("CreateBucket", Bucket="photos", by=s3.bob)
    assert "Contents" not in await s3("ListObjects", Bucket="photos", by=s3.bob)


async def test_a_deleted_buckets_unfinished_uploads_free_their_bytes(s3: Any) -> None:
    upload = await s3("CreateMultipartUpload", Bucket="photos", Key="big")
    await s3.part("big", upload["UploadId"], 1, b"x" * 100_000)
    await s3("DeleteBucket", Bucket="photos")
    assert await s3.stored()
    await s3.settle()
    assert not await s3.stored()


async def test_an_unexpected_owner_is_refused(s3: Any) -> None:
    with s3.refused("AccessDenied"):
        await s3("HeadBucket", Bucket="photos", ExpectedBucketOwner="999999999999")
    await s3("HeadBucket", Bucket="photos", ExpectedBucketOwner=s3.alice.principal.account)


async def test_who_makes_a_bucket_again_with_tags_owns_it_already(s3: Any) -> None:
    tags = [{"Key": "team", "Value": "streets"}]
    await s3("CreateBucket", Bucket="tagged", CreateBucketConfiguration={"Tags": tags})
    with s3.refused("BucketAlreadyOwnedByYou", BucketName="tagged"):
        await s3("CreateBucket", Bucket="tagged", CreateBucketConfiguration={"Tags": tags})
    await s3("CreateBucket", Bucket="tagged")
    assert (await s3("GetBucketTagging", Bucket="tagged"))["TagSet"] == tags


async def test_buckets_are_listed_with_their_arns_and_where_it_is_asked_for_their_regions(s3: Any) -> None:
    assert (await s3("ListBuckets"))["Buckets"][0]["BucketArn"] == "arn:aws:s3:::photos"
    (listed,) = (await s3("ListBuckets", BucketRegion="us-east-1"))["Buckets"]
    assert (listed["BucketRegion"], listed["BucketArn"]) == ("us-east-1", "arn:aws:s3:::photos")
    with s3.refused("InvalidArgument", "Argument value eu-east-1 is not a valid AWS Region"):
        await s3("ListBuckets", BucketRegion="eu-east-1")


async def test_a_bucket_that_keeps_versions_is_said_to_have_them_still(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1")
    with s3.refused("BucketNotEmpty", "The bucket you tried to delete is not empty"):
        await s3("DeleteBucket", Bucket="photos")
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
    with s3.refused("BucketNotEmpty", message, BucketName="photos"):
        await s3("DeleteBucket", Bucket="photos")


async def test_an_expected_owner_is_the_number_of_an_account(s3: Any) -> None:
    for wrong in ("abcd", "0000", "0000000000020"):
        message = f"The value of the expected bucket owner parameter must be an AWS Account ID... [{wrong}]"
        with s3.refused("InvalidBucketOwnerAWSAccountID", message):
            await s3("HeadBucket", Bucket="photos", ExpectedBucketOwner=wrong)
    with s3.refused("AccessDenied"):
        await s3("HeadBucket", Bucket="photos", ExpectedBucketOwner="000000000020")


async def test_the_endpoint_of_a_region_makes_no_bucket_of_a_region_that_there_is_not(s3: Any) -> None:
    where = {"CreateBucketConfiguration": {"LocationConstraint": "bar"}}
    with s3.refused("InvalidLocationConstraint", LocationConstraint="bar"):
        await s3("CreateBucket", Bucket="somewhere", **where)
    with s3.refused("IllegalLocationConstraintException"):
        await s3("CreateBucket", Bucket="somewhere", region="eu-west-1", **where)


async def test_what_is_not_served_is_said(s3: Any) -> None:
    with s3.refused("NotImplemented"):
        await s3("CreateBucket", Bucket="near", CreateBucketConfiguration={"Bucket": {"Type": "Directory"}})
    with s3.refused("InvalidArgument", "Invalid x-amz-object-ownership header: Mine"):
        await s3("CreateBucket", Bucket="owned", ObjectOwnership="Mine")


async def test_todays_defaults_disable_acls_and_block_public_access(current: Any) -> None:
    controls = await current("GetBucketOwnershipControls", Bucket="photos")
    assert controls == {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}
    block = (await current("GetPublicAccessBlock", Bucket="photos"))["PublicAccessBlockConfiguration"]
    assert len(block) == 4
    assert all(block.values())
    with current.refused("InvalidBucketAclWithObjectOwnership"):
        await current("CreateBucket", Bucket="public", ACL="public-read")
    with current.refused("InvalidBucketAclWithBlockPublicAccessError"):
        await current("CreateBucket", Bucket="public", ACL="public-read", ObjectOwnership="ObjectWriter")
    await current("CreateBucket", Bucket="private", ACL="private")


async def test_classic_defaults_accept_acls_and_configure_nothing(s3: Any) -> None:
    with s3.refused("OwnershipControlsNotFoundError", BucketName="photos"):
        await s3("GetBucketOwnershipControls", Bucket="photos")
    with s3.refused("NoSuchPublicAccessBlockConfiguration"):
        await s3("GetPublicAccessBlock", Bucket="photos")
    await s3("CreateBucket", Bucket="public", ACL="public-read")
    assert "Name" in await s3("ListObjects", Bucket="public", by=s3.anonymous)

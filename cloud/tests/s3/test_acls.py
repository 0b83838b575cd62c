"""Access control lists of buckets and objects."""

from typing import Any

import pytest

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
READ = {"Grantee": {"Type": "Group", "URI": ALL_USERS}, "Permission": "READ"}


def full_control(identity: Any) -> Any:
    return {"Grantee": {"Type": "CanonicalUser", "ID": identity.principal.canonical_id}, "Permission": "FULL_CONTROL"}


async def test_the_default_is_private(anywhere: Any) -> None:
    await anywhere("PutObject", Bucket="photos", Key="one", Body=b"1")
    expected = {"Owner": {"ID": anywhere.alice.principal.canonical_id}, "Grants": [full_control(anywhere.alice)]}
    assert await anywhere("GetBucketAcl", Bucket="photos") == expected
    assert await anywhere("GetObjectAcl", Bucket="photos", Key="one") == expected
    for operation in ("GetObject", "HeadObject", "GetObjectAcl"):
        with anywhere.refused("AccessDenied"):
            await anywhere(operation, Bucket="photos", Key="one", by=anywhere.anonymous)


async def test_a_public_object_is_read_by_anyone_and_written_by_its_owner(anywhere: Any) -> None:
    s3 = anywhere
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1", ACL="public-read")
    assert await s3.content("photos", "one", by=s3.anonymous) == b"1"
    with s3.refused("AccessDenied"):
        await s3("PutObject", Bucket="photos", Key="one", Body=b"2", by=s3.anonymous)
    await s3("PutObjectAcl", Bucket="photos", Key="one", ACL="private")
    with s3.refused("AccessDenied"):
        await s3("GetObject", Bucket="photos", Key="one", by=s3.anonymous)


async def test_a_public_bucket_is_listed_and_written_by_anyone_as_it_says(s3: Any) -> None:
    await s3("PutBucketAcl", Bucket="photos", ACL="public-read")
    assert (await s3("ListObjectsV2", Bucket="photos", by=s3.anonymous))["KeyCount"] == 0
    with s3.refused("NoSuchKey"):
        await s3("GetObject", Bucket="photos", Key="nothing", by=s3.anonymous)
    with s3.refused("AccessDenied"):
        await s3("PutObject", Bucket="photos", Key="one", Body=b"1", by=s3.anonymous)
    await s3("PutBucketAcl", Bucket="photos", ACL="public-read-write")
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1", by=s3.anonymous)
    (listed,) = (await s3("ListObjects", Bucket="photos"))["Contents"]
    assert listed["Owner"] == {"ID": "65a011a29cdf8ec533ec3d1ccaae921c"}


async def test_an_object_belongs_to_its_writer_unless_the_bucket_prefers_its_owner(s3: Any) -> None:
    await s3("PutBucketAcl", Bucket="photos", ACL="public-read-write")

    async def put(**request: Any) -> Any:
        await s3("PutObject", Bucket="photos", Key="one", Body=b"1", by=s3.bob, **request)
        return (await s3("ListObjects", Bucket="photos"))["Contents"][0]["Owner"]["ID"]

    alice, bob = s3.alice.principal.canonical_id, s3.bob.principal.canonical_id
    assert await put() == bob
    with s3.refused("AccessDenied"):
        await s3("GetObject", Bucket="photos", Key="one")
    assert await put(ACL="bucket-owner-full-control") == bob
    assert await s3.content("photos", "one") == b"1"
    await s3(
        "PutBucketOwnershipControls",
        Bucket="photos",
        OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]},
    )
    assert await put() == bob
    assert await put(ACL="bucket-owner-full-control") == alice


async def test_private_read_is_no_canned_acl(s3: Any) -> None:
    for operation, request in (
        ("PutObject", {"Key": "one", "Body": b"1"}),
        ("PutBucketAcl", {}),
        ("CreateMultipartUpload", {"Key": "one"}),
    ):
        with s3.refused("InvalidArgument", ArgumentName="x-amz-acl", ArgumentValue="private-read"):
            await s3(operation, Bucket="photos", ACL="private-read", **request)
    with s3.refused("InvalidArgument"):
        await s3("CreateBucket", Bucket="other", ACL="private-read")


async def test_grants_by_header_and_by_document_are_kept_and_shown_with_those_of_groups_first(s3: Any) -> None:
    bob = s3.bob.principal.canonical_id
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1", GrantRead=f'id="{bob}", uri="{ALL_USERS}"')
    got = await s3("GetObjectAcl", Bucket="photos", Key="one", by=s3.alice)
    assert got["Grants"] == [READ, {"Grantee": {"Type": "CanonicalUser", "ID": bob}, "Permission": "READ"}]
    await s3(
        "PutBucketAcl", Bucket="photos", AccessControlPolicy={**got, "Grants": [full_control(s3.alice), *got["Grants"]]}
    )
    (to_all, to_bob) = got["Grants"]
    assert (await s3("GetBucketAcl", Bucket="photos"))["Grants"] == [to_all, full_control(s3.alice), to_bob]
    assert "Name" in await s3("ListObjects", Bucket="photos", by=s3.bob)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({}, "MissingSecurityHeader"),
        ({"ACL": "private", "GrantRead": f'uri="{ALL_USERS}"'}, "InvalidRequest"),
        ({"ACL": "private", "AccessControlPolicy": {"Owner": {"ID": "OWNER"}}}, "UnexpectedContent"),
        ({"GrantRead": 'id="nobody"'}, "InvalidArgument"),
        ({"GrantRead": 'uri="http://example.com"'}, "InvalidArgument"),
        ({"GrantRead": 'emailAddress="a@example.com"'}, "UnresolvableGrantByEmailAddress"),
        (
            {
                "AccessControlPolicy": {
                    "Owner": {"ID": "OWNER"},
                    "Grants": [
                        {**READ, "Grantee": {"Type": "AmazonCustomerByEmail", "EmailAddress": "a@example.com"}},
                    ],
                }
            },
            "UnresolvableGrantByEmailAddress",
        ),
        ({"AccessControlPolicy": {"Grants": [READ]}}, "MalformedACLError"),
        ({"AccessControlPolicy": {"Owner": {"ID": "0" * 64}, "Grants": [READ]}}, "AccessDenied"),
        (
            {"AccessControlPolicy": {"Owner": {"ID": "OWNER"}, "Grants": [{"Grantee": READ["Grantee"]}]}},
            "MalformedACLError",
        ),
        (
            {"AccessControlPolicy": {"Owner": {"ID": "OWNER"}, "Grants": [{**READ, "Permission": "EAT"}]}},
            "InvalidArgument",
        ),
        (
            {"AccessControlPolicy": {"Owner": {"ID": "OWNER"}, "Grants": [{**READ, "Grantee": {"Type": "Group"}}]}},
            "MalformedACLError",
        ),
        (
            {
                "AccessControlPolicy": {
                    "Owner": {"ID": "OWNER"},
                    "Grants": [{**READ, "Grantee": {"Type": "CanonicalUser", "ID": "x"}}],
                }
            },
            "InvalidArgument",
        ),
    ],
)
async def test_what_is_no_acl_is_refused(s3: Any, request_: Any, code: str) -> None:
    policy = request_.get("AccessControlPolicy")
    if policy and policy.get("Owner") == {"ID": "OWNER"}:
        request_ = {**request_, "AccessControlPolicy": {**policy, "Owner": {"ID": s3.alice.principal.canonical_id}}}
    before = await s3("GetBucketAcl", Bucket="photos")
    with s3.refused(code):
        await s3("PutBucketAcl", Bucket="photos", **request_)
    assert await s3("GetBucketAcl", Bucket="photos") == before


async def test_a_missing_object_has_no_acl(s3: Any) -> None:
    for operation, request in (("GetObjectAcl", {}), ("PutObjectAcl", {"ACL": "private"})):
        with s3.refused("NoSuchKey"):
            await s3(operation, Bucket="photos", Key="nothing", **request)


async def test_a_bucket_whose_owner_owns_everything_refuses_acls(current: Any) -> None:
    with current.refused("AccessControlListNotSupported", "The bucket does not allow ACLs"):
        await current("PutObject", Bucket="photos", Key="one", Body=b"1", ACL="public-read")
    await current("PutObject", Bucket="photos", Key="one", Body=b"1", ACL="bucket-owner-full-control")
    for operation, request in (("PutBucketAcl", {}), ("PutObjectAcl", {"Key": "one"})):
        with current.refused("AccessControlListNotSupported"):
            await current(operation, Bucket="photos", ACL="public-read", **request)
    assert (await current("GetObjectAcl", Bucket="photos", Key="one"))["Grants"] == [full_control(current.alice)]
    # A large body is refused before it is read.
    body = current.sent(b"1" * 100_000)
    with current.refused("AccessControlListNotSupported"):
        await current("PutObject", Bucket="photos", Key="one", Body=body, ACL="public-read")
    assert not body.begun


async def test_a_public_access_block_refuses_public_acls_and_ignores_those_there_are(anywhere: Any) -> None:
    s3 = anywhere
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1", ACL="public-read")
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True}
    await s3("PutPublicAccessBlock", Bucket="photos", PublicAccessBlockConfiguration=block)
    for operation, request in (
        ("PutObject", {"Key": "two", "Body": b"1"}),
        ("PutBucketAcl", {}),
        ("PutObjectAcl", {"Key": "one"}),
    ):
        with s3.refused("AccessDenied"):
            await s3(operation, Bucket="photos", ACL="public-read", **request)
    with s3.refused("AccessDenied"):
        await s3("GetObject", Bucket="photos", Key="one", by=s3.anonymous)
    assert (await s3("GetPublicAccessBlock", Bucket="photos"))["PublicAccessBlockConfiguration"] == {
        **block,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    }
    await s3("DeletePublicAccessBlock", Bucket="photos")
    with s3.refused("NoSuchPublicAccessBlockConfiguration"):
        await s3("GetPublicAccessBlock", Bucket="photos")
    assert await s3.content("photos", "one", by=s3.anonymous) == b"1"


async def test_acls_are_disabled_only_where_the_bucket_grants_nothing_to_others(anywhere: Any) -> None:
    s3 = anywhere
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    await s3("PutObject", Bucket="photos", Key="one", Body=b"1", ACL="public-read")
    await s3("PutBucketAcl", Bucket="photos", ACL="public-read")
    with s3.refused("InvalidBucketAclWithObjectOwnership"):
        await s3("PutBucketOwnershipControls", Bucket="photos", OwnershipControls=enforced)
    await s3("PutBucketAcl", Bucket="photos", ACL="private")
    await s3("PutBucketOwnershipControls", Bucket="photos", OwnershipControls=enforced)
    with s3.refused("AccessDenied"):
        await s3("GetObject", Bucket="photos", Key="one", by=s3.anonymous)
    await s3("DeleteBucketOwnershipControls", Bucket="photos")
    with s3.refused("OwnershipControlsNotFoundError", BucketName="photos"):
        await s3("GetBucketOwnershipControls", Bucket="photos")
    assert await s3.content("photos", "one", by=s3.anonymous) == b"1"
    for rules in ([], [{"ObjectOwnership": "Nobody"}], [*enforced["Rules"] * 2]):
        with s3.refused("MalformedXML"):
            await s3("PutBucketOwnershipControls", Bucket="photos", OwnershipControls={"Rules": rules})


async def test_a_document_names_its_owner_by_what_can_be_an_id_and_has_grants(s3: Any) -> None:
    owner = {"ID": s3.alice.principal.canonical_id}
    grants: dict[str, Any] = {"Grants": []}
    with s3.refused("InvalidArgument", "Invalid id", ArgumentName="CanonicalUser/ID", ArgumentValue="wrong-id"):
        await s3("PutBucketAcl", Bucket="photos", AccessControlPolicy={"Owner": {"ID": "wrong-id"}, **grants})
    for lacking in ({}, {"Owner": owner}, grants):
        with s3.refused("MalformedACLError"):
            await s3("PutBucketAcl", Bucket="photos", AccessControlPolicy=lacking)
    with s3.refused("UnexpectedContent", "This request does not support content"):
        await s3("PutBucketAcl", Bucket="photos", ACL="private", AccessControlPolicy={"Owner": owner, **grants})


async def test_grantees_in_headers_are_refused_by_what_they_are_given_as(s3: Any) -> None:
    with s3.refused("InvalidArgument", "Invalid id", ArgumentName="id", ArgumentValue="wrong-id"):
        await s3("PutBucketAcl", Bucket="photos", GrantWrite="id=wrong-id")
    with s3.refused("InvalidArgument", "Invalid group uri", ArgumentName="uri"):
        await s3("PutBucketAcl", Bucket="photos", GrantWrite='uri="http://acs.amazonaws.com/groups/s3/FakeGroup"')


async def test_a_delete_marker_takes_no_acl(s3: Any) -> None:
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    await s3("DeleteObject", Bucket="photos", Key="a")
    with s3.refused("MethodNotAllowed", Method="PUT", ResourceType="DeleteMarker"):
        await s3("PutObjectAcl", Bucket="photos", Key="a", ACL="private")
    with s3.refused("NoSuchKey"):
        await s3("GetObjectAcl", Bucket="photos", Key="a")


async def test_strangers_are_not_told_who_owns_what_they_list(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1")
    await s3("PutBucketAcl", Bucket="photos", ACL="public-read")
    for by, told in ((s3.alice, True), (s3.anonymous, False)):
        (listed,) = (await s3("ListObjects", Bucket="photos", by=by))["Contents"]
        assert ("Owner" in listed) is told

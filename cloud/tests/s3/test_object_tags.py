"""The tags of objects: kept, copied, counted, and what policies make of them."""

import json
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.services.s3.tags import tags_of_header

TAGS = "team=streets&urgent"
SHOWN = [{"Key": "team", "Value": "streets"}, {"Key": "urgent", "Value": ""}]


def tag_set(**tags: str) -> dict[str, Any]:
    return {"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}


async def tags_of(s3: Any, key: str, **request: Any) -> dict[str, str]:
    output = await s3("GetObjectTagging", Bucket="photos", Key=key, **request)
    return {tag["Key"]: tag["Value"] for tag in output["TagSet"]}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


async def open_to_bob(s3: Any, action: str | list[str], condition: dict[str, Any]) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": s3.bob.principal.arn},
        "Action": action,
        "Resource": "arn:aws:s3:::photos/*",
        "Condition": condition,
    }
    await s3("PutBucketPolicy", Bucket="photos", Policy=policy(statement))


async def test_tags_of_a_put_are_shown_by_key_and_counted(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1", Tagging="urgent&team=streets")
    assert await s3("GetObjectTagging", Bucket="photos", Key="a") == {"TagSet": SHOWN}
    assert (await s3("HeadObject", Bucket="photos", Key="a"))["TagCount"] == 2
    assert (await s3("GetObject", Bucket="photos", Key="a"))["TagCount"] == 2


async def test_an_object_without_tags_has_an_empty_set_and_no_count(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1")
    assert await s3("GetObjectTagging", Bucket="photos", Key="a") == {"TagSet": []}
    assert "TagCount" not in await s3("HeadObject", Bucket="photos", Key="a")


async def test_putting_tags_replaces_all_of_them_and_changes_nothing_else(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1", Tagging=TAGS)
    before = await s3("HeadObject", Bucket="photos", Key="a")
    s3.clock.forward(10)
    assert await s3("PutObjectTagging", Bucket="photos", Key="a", Tagging=tag_set(b="2")) == {}
    assert await tags_of(s3, "a") == {"b": "2"}
    assert await s3("HeadObject", Bucket="photos", Key="a") == {**before, "TagCount": 1}
    await s3("DeleteObjectTagging", Bucket="photos", Key="a")
    assert await tags_of(s3, "a") == {}


async def test_a_new_object_of_the_key_has_not_the_tags_of_the_old_one(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1", Tagging=TAGS)
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1")
    assert await tags_of(s3, "a") == {}


async def test_each_version_has_its_own_tags(s3: Any) -> None:
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    first = (await s3("PutObject", Bucket="photos", Key="a", Body=b"1", Tagging="v=1"))["VersionId"]
    second = (await s3("PutObject", Bucket="photos", Key="a", Body=b"2", Tagging="v=2"))["VersionId"]
    put = await s3("PutObjectTagging", Bucket="photos", Key="a", VersionId=first, Tagging=tag_set(v="one"))
    assert put == {"VersionId": first}
    assert (await s3("GetObjectTagging", Bucket="photos", Key="a"))["VersionId"] == second
    assert await tags_of(s3, "a") == {"v": "2"}
    assert await tags_of(s3, "a", VersionId=first) == {"v": "one"}
    assert await s3("DeleteObjectTagging", Bucket="photos", Key="a") == {"VersionId": second}
    assert await tags_of(s3, "a") == {}


async def test_what_is_deleted_or_was_never_there_has_no_tags(s3: Any) -> None:
    with s3.refused("NoSuchKey", Key="a"):
        await s3("PutObjectTagging", Bucket="photos", Key="a", Tagging=tag_set(a="b"))
    await s3("PutBucketVersioning", Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1")
    marker = (await s3("DeleteObject", Bucket="photos", Key="a"))["VersionId"]
    for named in ({}, {"VersionId": marker}):
        with s3.refused("MethodNotAllowed", Method="GET", ResourceType="DeleteMarker"):
            await s3("GetObjectTagging", Bucket="photos", Key="a", **named)
        with s3.refused("MethodNotAllowed", Method="PUT"):
            await s3("PutObjectTagging", Bucket="photos", Key="a", Tagging=tag_set(a="b"), **named)
        with s3.refused("MethodNotAllowed", Method="DELETE"):
            await s3("DeleteObjectTagging", Bucket="photos", Key="a", **named)


async def test_reading_tags_of_a_key_that_is_not_there_names_its_bucket_too(s3: Any) -> None:
    with s3.refused("NoSuchKey", Key="photos/a"):
        await s3("GetObjectTagging", Bucket="photos", Key="a")
    with s3.refused("NoSuchKey", Key="a"):
        await s3("DeleteObjectTagging", Bucket="photos", Key="a")


async def test_a_header_of_tags_is_a_query_string_whose_values_have_no_bare_sign_of_equality(s3: Any) -> None:
    with s3.refused("InvalidArgument", ArgumentName="x-amz-tagging", ArgumentValue="a=b,c=d"):
        await s3("PutObject", Bucket="photos", Key="a", Body=b"1", Tagging="a=b,c=d")
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1", Tagging="a=b%3Dc")
    assert await tags_of(s3, "a") == {"a": "b=c"}


async def test_an_upload_in_parts_has_the_tags_that_it_was_begun_with(s3: Any) -> None:
    await s3.upload("a", b"part", Tagging=TAGS)
    assert await tags_of(s3, "a") == {"team": "streets", "urgent": ""}


async def test_a_copy_takes_the_tags_over_unless_they_are_replaced(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1", Tagging=TAGS)
    copy: dict[str, Any] = {"Bucket": "photos", "CopySource": "photos/a"}
    await s3("CopyObject", Key="kept", **copy)
    await s3("CopyObject", Key="kept-too", Tagging="x=y", MetadataDirective="REPLACE", **copy)
    await s3("CopyObject", Key="other", Tagging="x=y", TaggingDirective="REPLACE", **copy)
    await s3("CopyObject", Key="none", TaggingDirective="REPLACE", **copy)
    assert await tags_of(s3, "kept") == await tags_of(s3, "kept-too") == {"team": "streets", "urgent": ""}
    assert await tags_of(s3, "other") == {"x": "y"}
    assert await tags_of(s3, "none") == {}
    with s3.refused("InvalidArgument", "Unknown tagging directive.", ArgumentValue="MOVE"):
        await s3("CopyObject", Key="other", TaggingDirective="MOVE", **copy)


async def test_who_copies_tags_must_be_allowed_to_read_and_to_write_them(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="plain", Body=b"1")
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1", Tagging=TAGS)
    objects = "arn:aws:s3:::photos/*"
    plain = s3.user("plain", s3.allow("s3:GetObject", "s3:PutObject", on=objects))
    reader = s3.user("reader", s3.allow("s3:GetObject", "s3:PutObject", "s3:GetObjectTagging", on=objects))
    writer = s3.user("writer", s3.allow("s3:GetObject", "s3:PutObject", "s3:PutObjectTagging", on=objects))
    both = s3.user("both", s3.allow("s3:*Object", "s3:*ObjectTagging", on=objects))
    for who in (plain, reader, writer):
        await s3("CopyObject", Bucket="photos", Key="b", CopySource="photos/plain", by=who)
        with s3.refused("AccessDenied"):
            await s3("CopyObject", Bucket="photos", Key="c", CopySource="photos/a", by=who)
    await s3("CopyObject", Bucket="photos", Key="c", CopySource="photos/a", by=both)
    assert await tags_of(s3, "c") == {"team": "streets", "urgent": ""}


async def test_the_count_is_for_those_who_may_read_tags(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1", Tagging=TAGS)
    reader = s3.user("reader", s3.allow("s3:GetObject", on="arn:aws:s3:::photos/*"))
    assert "TagCount" not in await s3("HeadObject", Bucket="photos", Key="a", by=reader)


async def test_tags_of_an_object_can_open_it(s3: Any) -> None:
    await open_to_bob(s3, "s3:GetObject", {"StringEquals": {"s3:ExistingObjectTag/Team": "streets"}})
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1", Tagging=TAGS)
    await s3("PutObject", Bucket="photos", Key="b", Body=b"1", Tagging="team=parks")
    assert await s3.content("photos", "a", by=s3.bob) == b"1"
    with s3.refused("AccessDenied"):
        await s3.content("photos", "b", by=s3.bob)
    with s3.refused("AccessDenied"):
        await s3("GetObjectTagging", Bucket="photos", Key="a", by=s3.bob)
    await s3("DeleteObjectTagging", Bucket="photos", Key="a")
    with s3.refused("AccessDenied"):
        await s3.content("photos", "a", by=s3.bob)


async def test_tags_of_a_request_can_be_demanded_and_restricted(s3: Any) -> None:
    await open_to_bob(
        s3,
        ["s3:PutObject", "s3:PutObjectTagging"],
        {
            "StringEquals": {"s3:RequestObjectTag/team": "streets"},
            "ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["team", "urgent"]},
        },
    )
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1", Tagging=TAGS, by=s3.bob)
    await s3("PutObjectTagging", Bucket="photos", Key="a", Tagging=tag_set(team="streets"), by=s3.bob)
    for tagging in ("team=parks", "team=streets&other=1", ""):
        with s3.refused("AccessDenied"):
            await s3("PutObject", Bucket="photos", Key="a", Body=b"1", Tagging=tagging, by=s3.bob)
    with s3.refused("AccessDenied"):
        await s3("PutObjectTagging", Bucket="photos", Key="a", Tagging=tag_set(team="parks"), by=s3.bob)


@pytest.mark.parametrize("text", ["a=1&a=2", "%ff=1", "a=%c3%28"])
def test_a_header_that_can_not_be_read_is_refused_in_s3s_words(text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        tags_of_header(text)
    assert caught.value.message.startswith("The header 'x-amz-tagging' shall be encoded as UTF-8")
    assert caught.value.details == {"ArgumentName": "x-amz-tagging", "ArgumentValue": text}


async def test_there_are_ten_tags_at_most(s3: Any) -> None:
    tags = [f"k{number}=v" for number in range(11)]
    await s3("PutObject", Bucket="photos", Key="a", Body=b"1", Tagging="&".join(tags[:10]))
    with s3.refused("BadRequest", "Object tags cannot be greater than 10"):
        await s3("PutObject", Bucket="photos", Key="a", Body=b"1", Tagging="&".join(tags))


_NAMES = st.text("abcdeäö +=:/@.-_環", min_size=1, max_size=12)


@given(st.dictionaries(_NAMES, _NAMES, max_size=10))
def test_a_header_gives_back_what_was_encoded(tags: dict[str, str]) -> None:
    from urllib.parse import quote, urlencode

    expected = tuple(sorted(tags.items()))
    assert tags_of_header(urlencode(tags)) == expected
    assert tags_of_header(urlencode(tags, quote_via=quote)) == expected


def test_boto3_keeps_and_reads_tags(cloud: Any) -> None:
    client = boto3.client("s3", **cloud.client_arguments())
    try:
        client.create_bucket(Bucket="tagged-objects")
        client.put_object(Bucket="tagged-objects", Key="k", Body=b"1", Tagging=TAGS)
        assert client.get_object_tagging(Bucket="tagged-objects", Key="k")["TagSet"] == SHOWN
        head = client.head_object(Bucket="tagged-objects", Key="k")["ResponseMetadata"]["HTTPHeaders"]
        assert head["x-amz-tagging-count"] == "2"
        client.put_object_tagging(Bucket="tagged-objects", Key="k", Tagging=tag_set(a="b"))
        deleted = client.delete_object_tagging(Bucket="tagged-objects", Key="k")
        assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204
    finally:
        client.close()

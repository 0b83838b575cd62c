"""The rules for tags, and the tags of buckets."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.protocol.refusals import BadRequest
from marinelayer.services.s3.errors import InvalidTag
from marinelayer.services.s3.tags import check_bucket_tags, check_object_tags, check_tags_of_new_bucket

TEAM = {"Key": "team", "Value": "streets"}


def tags(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs]


def numbered(count: int) -> list[dict[str, str]]:
    return tags(*[(f"key{number}", "") for number in range(count)])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("space key", "with space"),
        ("signs+-=._:/@", "signs+-=._:/@"),
        ("環境", "本番"),
        ("number-Ⅷ-²", "digit-7"),
        ("not-aws:reserved", ""),
        ("k" * 128, "v" * 256),
        ("𐐀" * 64, "𐐀" * 128),
    ],
)
def test_a_tag_is_letters_numbers_blanks_and_a_few_signs(key: str, value: str) -> None:
    check_bucket_tags(tags((key, value)))
    check_object_tags(tags((key, value)))


@pytest.mark.parametrize("key", ["", "bad!", "tab\t", "mark-\u0345", "k" * 129, "𐐀" * 65])
def test_other_keys_are_refused_by_name(key: str) -> None:
    with pytest.raises(InvalidTag) as caught:
        check_object_tags(tags((key, "v")))
    assert caught.value.message == "The TagKey you have provided is invalid"
    assert caught.value.details == {"TagKey": key}


@pytest.mark.parametrize("value", ["bad!", "line\n", "mark-\u0345", "v" * 257, "𐐀" * 129])
def test_other_values_are_refused_with_their_key(value: str) -> None:
    with pytest.raises(InvalidTag) as caught:
        check_object_tags(tags(("k", value)))
    assert caught.value.message == "The TagValue you have provided is invalid"
    assert caught.value.details == {"TagKey": "k", "TagValue": value}


@given(st.text(min_size=1, max_size=140), st.text(max_size=270))
def test_whatever_the_text_a_tag_is_taken_or_refused_as_invalid(key: str, value: str) -> None:
    signs = set("_.:/=+-@ ")
    plain = all(c.isalnum() or c in signs for c in key + value) and (key + value).isascii()
    try:
        check_object_tags(tags((key, value)))
    except InvalidTag:
        assert not plain or len(key) > 128 or len(value) > 256 or key.lower().startswith("aws:")


def test_aws_own_keys_are_refused_in_the_words_of_each_operation() -> None:
    for check, key, message in (
        (check_bucket_tags, "aws:x", "System tags cannot be added/updated by requester"),
        (check_object_tags, "aws:x", "Your TagKey cannot be prefixed with aws:"),
        (
            check_bucket_tags,
            "AWS:x",
            (
                'Invalid Tag. Tags cannot start with "aws:"(case insensitive) unless they are System Tags that start '
                'with "aws:"(case sensitive)'
            ),
        ),
        (
            check_tags_of_new_bucket,
            "aws:x",
            (
                'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. Remove "aws:" '
                "from your tag keys and try again."
            ),
        ),
    ):
        with pytest.raises(InvalidTag) as caught:
            check(tags((key, "v")))
        assert caught.value.message == message


def test_a_key_may_be_used_once() -> None:
    with pytest.raises(InvalidTag) as caught:
        check_bucket_tags(tags(("k", "1"), ("k", "2")))
    assert caught.value.message == "Cannot provide multiple Tags with the same key"
    assert caught.value.details == {"TagKey": "k"}


def test_tags_are_counted_when_each_has_been_found_valid() -> None:
    check_bucket_tags(numbered(50))
    check_object_tags(numbered(10))
    with pytest.raises(BadRequest) as caught:
        check_bucket_tags(numbered(51))
    assert caught.value.message == "Bucket tag count cannot be greater than 50"
    with pytest.raises(BadRequest) as caught:
        check_object_tags(numbered(11))
    assert caught.value.message == "Object tags cannot be greater than 10"
    with pytest.raises(InvalidTag):
        check_object_tags([*numbered(11), {"Key": "!", "Value": ""}])


async def test_a_buckets_tags_are_set_whole_shown_and_removed(s3: Any) -> None:
    with s3.refused("NoSuchTagSet", "The TagSet does not exist", BucketName="photos"):
        await s3("GetBucketTagging", Bucket="photos")
    await s3("PutBucketTagging", Bucket="photos", Tagging={"TagSet": [TEAM, *numbered(2)]})
    await s3("PutBucketTagging", Bucket="photos", Tagging={"TagSet": [TEAM]})
    assert await s3("GetBucketTagging", Bucket="photos") == {"TagSet": [TEAM]}
    with s3.refused("InvalidTag"):
        await s3("PutBucketTagging", Bucket="photos", Tagging={"TagSet": tags(("!", ""))})
    assert await s3("GetBucketTagging", Bucket="photos") == {"TagSet": [TEAM]}
    for empty in ("PutBucketTagging", "DeleteBucketTagging", "DeleteBucketTagging"):
        await s3(empty, Bucket="photos", Tagging={"TagSet": []})
        with s3.refused("NoSuchTagSet"):
            await s3("GetBucketTagging", Bucket="photos")


async def test_a_bucket_is_made_with_its_tags_or_not_at_all(s3: Any) -> None:
    await s3("CreateBucket", Bucket="tagged", CreateBucketConfiguration={"Tags": [TEAM]})
    assert await s3("GetBucketTagging", Bucket="tagged") == {"TagSet": [TEAM]}
    with s3.refused("BadRequest"):
        await s3("CreateBucket", Bucket="overtagged", CreateBucketConfiguration={"Tags": numbered(51)})
    with s3.refused("NoSuchBucket"):
        await s3("HeadBucket", Bucket="overtagged")


async def test_making_a_bucket_with_tags_needs_leave_to_tag(s3: Any) -> None:
    configuration = {"Tags": [TEAM]}
    maker = s3.user("maker", s3.allow("s3:CreateBucket", on="*"))
    with s3.refused("AccessDenied"):
        await s3("CreateBucket", by=maker, Bucket="tagged", CreateBucketConfiguration=configuration)
    tagger = s3.user(
        "tagger",
        s3.allow("s3:CreateBucket", on="*"),
        {**s3.allow("s3:TagResource", on="*"), "Condition": {"StringEquals": {"aws:RequestTag/team": "streets"}}},
    )
    await s3("CreateBucket", by=tagger, Bucket="tagged", CreateBucketConfiguration=configuration)


def test_boto3_sets_and_shows_a_buckets_tags(client: Any, bucket: str) -> None:
    s3 = client("s3")
    put = s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [TEAM]})
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [TEAM]
    with pytest.raises(s3.exceptions.ClientError) as caught:
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags(("k", "!"))})
    assert caught.value.response["Error"] == {
        "Code": "InvalidTag",
        "Message": "The TagValue you have provided is invalid",
        "TagKey": "k",
        "TagValue": "!",
    }

"""The CORS rules of buckets: what S3 takes, keeps and gives back."""

from typing import Any

import pytest

RULE = {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["https://*.example.com", ""], "ID": "x" * 255}


async def put(s3: Any, *rules: dict[str, Any]) -> None:
    await s3("PutBucketCors", Bucket="photos", CORSConfiguration={"CORSRules": list(rules)})


async def test_rules_come_back_as_they_were_given_and_go(s3: Any) -> None:
    with s3.refused("NoSuchCORSConfiguration", "The CORS configuration does not exist", BucketName="photos"):
        await s3("GetBucketCors", Bucket="photos")
    rules = [RULE, {**RULE, "AllowedHeaders": ["x-AMZ-*"], "ExposeHeaders": ["GET"], "MaxAgeSeconds": 0}]
    await put(s3, RULE)
    await put(s3, *rules)
    assert await s3("GetBucketCors", Bucket="photos") == {"CORSRules": rules}
    for _ in range(2):
        await s3("DeleteBucketCors", Bucket="photos")
    with s3.refused("NoSuchCORSConfiguration"):
        await s3("GetBucketCors", Bucket="photos")


@pytest.mark.parametrize(
    ("member", "message"),
    [
        *[
            (
                {"AllowedMethods": ["GET", method]},
                f"Found unsupported HTTP method in CORS config. Unsupported method is {method}",
            )
            for method in ("PATCH", "OPTIONS", "get", "*", "")
        ],
        ({"AllowedOrigins": ["*", "*a*.com"]}, 'AllowedOrigin "*a*.com" can not have more than one wildcard.'),
        ({"AllowedHeaders": ["**"]}, 'AllowedHeader "**" can not have more than one wildcard.'),
        (
            {"ExposeHeaders": ["ETag", "x-*"]},
            'ExposeHeader "x-*" contains wildcard. We currently do not support wildcard for ExposeHeader.',
        ),
    ],
)
async def test_what_a_rule_may_not_say_is_refused_in_words(s3: Any, member: dict[str, Any], message: str) -> None:
    with s3.refused("InvalidRequest", message):
        await put(s3, RULE, {**RULE, **member})
    with s3.refused("NoSuchCORSConfiguration"):
        await s3("GetBucketCors", Bucket="photos")


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [RULE] * 101,
        [{**RULE, "AllowedMethods": []}],
        [{**RULE, "AllowedOrigins": []}],
        [{**RULE, "ID": "x" * 256}],
        [{**RULE, "MaxAgeSeconds": -1}],
        [{**RULE, "MaxAgeSeconds": 2**31}],
    ],
)
async def test_a_configuration_without_its_form_is_malformed(s3: Any, rules: list[dict[str, Any]]) -> None:
    with s3.refused("MalformedXML"):
        await put(s3, *rules)


async def test_a_hundred_rules_are_taken(s3: Any) -> None:
    await put(s3, *[RULE] * 100)
    assert len((await s3("GetBucketCors", Bucket="photos"))["CORSRules"]) == 100


async def test_who_asks_for_rules_learns_of_buckets_without_them_and_of_none(s3: Any) -> None:
    assert list(await s3.service.cors.of("photos")) == []
    assert await s3.service.cors.of("nowhere") is None
    assert await s3.service.cors.of("a\0b") is None
    await put(s3, RULE)
    assert list(await s3.service.cors.of("photos")) == [RULE]

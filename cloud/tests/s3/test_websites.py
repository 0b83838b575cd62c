"""Buckets as websites: what S3 takes for a configuration, and objects that lead elsewhere."""

from typing import Any

import pytest

INDEX = {"IndexDocument": {"Suffix": "index.html"}}
TO_HOST = {"Redirect": {"HostName": "example.com"}}


async def put(s3: Any, **configuration: Any) -> None:
    await s3("PutBucketWebsite", Bucket="photos", WebsiteConfiguration=configuration)


async def test_a_configuration_is_set_whole_shown_and_removed(s3: Any) -> None:
    missing = "The specified bucket does not have a website configuration"
    with s3.refused("NoSuchWebsiteConfiguration", missing, BucketName="photos"):
        await s3("GetBucketWebsite", Bucket="photos")
    whole = {
        **INDEX,
        "ErrorDocument": {"Key": "error.html"},
        "RoutingRules": [{"Condition": {"KeyPrefixEquals": ""}, "Redirect": {"ReplaceKeyPrefixWith": ""}}],
    }
    await put(s3, **whole)
    assert await s3("GetBucketWebsite", Bucket="photos") == whole
    await put(s3, RedirectAllRequestsTo={"HostName": "example.com", "Protocol": "https"})
    assert "IndexDocument" not in await s3("GetBucketWebsite", Bucket="photos")
    for _ in range(2):
        await s3("DeleteBucketWebsite", Bucket="photos")
    with s3.refused("NoSuchWebsiteConfiguration"):
        await s3("GetBucketWebsite", Bucket="photos")


@pytest.mark.parametrize(
    ("configuration", "code", "message"),
    [
        (
            {},
            "InvalidArgument",
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
        ),
        ({"IndexDocument": {"Suffix": ""}}, "InvalidArgument", "The IndexDocument Suffix is not well formed"),
        ({"IndexDocument": {"Suffix": "a/b"}}, "InvalidArgument", "The IndexDocument Suffix is not well formed"),
        (
            {**INDEX, "RedirectAllRequestsTo": {"HostName": "example.com"}},
            "InvalidArgument",
            "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
        ),
        (
            {"RedirectAllRequestsTo": {"HostName": ""}},
            "InvalidRequest",
            'A host name must be provided to redirect all requests (e.g. "example.com").',
        ),
        (
            {"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "ftp"}},
            "InvalidRequest",
            "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.",
        ),
        ({**INDEX, "ErrorDocument": {"Key": ""}}, "MalformedXML", None),
        ({**INDEX, "RoutingRules": []}, "MalformedXML", None),
        ({**INDEX, "RoutingRules": [{"Redirect": {}}]}, "MalformedXML", None),
        (
            {**INDEX, "RoutingRules": [TO_HOST] * 51},
            "InvalidRequest",
            "51 routing rules provided, the number of routing rules in a website configuration is limited to 50.",
        ),
        (
            {**INDEX, "RoutingRules": [{"Condition": {}, **TO_HOST}]},
            "InvalidRequest",
            (
                "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't "
                "be present."
            ),
        ),
        (
            {**INDEX, "RoutingRules": [{"Condition": {"HttpErrorCodeReturnedEquals": "302"}, **TO_HOST}]},
            "InvalidRequest",
            "The provided HTTP error code (302) is not valid. Valid codes are 4XX or 5XX.",
        ),
        (
            {**INDEX, "RoutingRules": [{"Condition": {"HttpErrorCodeReturnedEquals": "4xx"}, **TO_HOST}]},
            "MalformedXML",
            None,
        ),
        (
            {**INDEX, "RoutingRules": [{"Redirect": {"HttpRedirectCode": "300"}}]},
            "InvalidRequest",
            "The provided HTTP redirect code (300) is not valid. Valid codes are 3XX except 300.",
        ),
        (
            {**INDEX, "RoutingRules": [{"Redirect": {"ReplaceKeyWith": "a", "ReplaceKeyPrefixWith": "b"}}]},
            "InvalidRequest",
            "You can only define ReplaceKeyPrefix or ReplaceKey but not both.",
        ),
        (
            {**INDEX, "RoutingRules": [{"Redirect": {"HostName": ""}}]},
            "InvalidRequest",
            "The HostName cannot be blank. To redirect within the same domain, the element should not be present.",
        ),
        ({**INDEX, "RoutingRules": [{"Redirect": {"Protocol": "ftp"}}]}, "InvalidRequest", None),
    ],
)
async def test_what_a_website_may_not_be_is_refused_in_words(
    s3: Any, configuration: dict[str, Any], code: str, message: str | None
) -> None:
    with s3.refused(code, message):
        await put(s3, **configuration)
    with s3.refused("NoSuchWebsiteConfiguration"):
        await s3("GetBucketWebsite", Bucket="photos")


async def test_an_object_says_where_it_leads_and_no_copy_of_it_does(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="old", Body=b"1", WebsiteRedirectLocation="/new")
    for operation in ("GetObject", "HeadObject"):
        assert (await s3(operation, Bucket="photos", Key="old"))["WebsiteRedirectLocation"] == "/new"
    await s3("CopyObject", Bucket="photos", Key="copy", CopySource="photos/old")
    assert "WebsiteRedirectLocation" not in await s3("HeadObject", Bucket="photos", Key="copy")
    for directive in ({}, {"MetadataDirective": "REPLACE"}):
        request = {"Bucket": "photos", "Key": "copy", "CopySource": "photos/copy", **directive}
        await s3("CopyObject", **request, WebsiteRedirectLocation="https://example.com")
        assert (await s3("HeadObject", Bucket="photos", Key="copy"))["WebsiteRedirectLocation"] == "https://example.com"
    await s3.upload("big", b"1", WebsiteRedirectLocation="http://example.com/big")
    assert (await s3("HeadObject", Bucket="photos", Key="big"))["WebsiteRedirectLocation"] == "http://example.com/big"


async def test_an_object_leads_to_a_path_or_to_a_web_address(s3: Any) -> None:
    message = "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."
    for location in ("new", "ftp://example.com", "javascript:alert(1)"):
        with s3.refused("InvalidRedirectLocation", message):
            await s3("PutObject", Bucket="photos", Key="old", Body=b"1", WebsiteRedirectLocation=location)
        with s3.refused("InvalidRedirectLocation"):
            await s3("CreateMultipartUpload", Bucket="photos", Key="old", WebsiteRedirectLocation=location)
    with s3.refused("InvalidRedirectLocation"):
        await s3("PutObject", Bucket="photos", Key="old", Body=b"1", WebsiteRedirectLocation="/" + "a" * 2048)
    await s3("PutObject", Bucket="photos", Key="old", Body=b"1")
    with s3.refused("InvalidRedirectLocation"):
        await s3("CopyObject", Bucket="photos", Key="b", CopySource="photos/old", WebsiteRedirectLocation="x")

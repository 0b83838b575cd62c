"""A bucket that is asked for in another region than its own."""

from typing import Any

import pytest

from marinelayer.model.errors import MalformedCredentials, Refusal
from marinelayer.protocol.refusals import InvalidRequest
from marinelayer.security.home import AskedBucket
from marinelayer.security.refusals import AuthorizationQueryParametersError, PermanentRedirect
from marinelayer.security.requirement import NO_RESOURCE, Requirement, ResourceAccess

WEST = ResourceAccess(account="1" * 12, region="us-west-2")
READ = Requirement(action="s3:GetObject", resource="arn:aws:s3:::photos/a")
SIGNED = {"scheme": "v4-header", "region": "us-east-1"}
HERE = {"scheme": "v4-header", "region": "us-west-2"}


def refusal(requirement: Requirement = READ, resource: ResourceAccess = WEST, **asked: Any) -> Refusal | None:
    try:
        AskedBucket(name="photos", **asked).demand_home(requirement, resource)
    except Refusal as refused:
        return refused
    return None


def test_at_home_a_bucket_is_served_by_any_host_that_leads_there() -> None:
    assert refusal(**HERE) is None
    assert refusal(**HERE, endpoint="us-west-2") is None
    assert refusal(endpoint="us-west-2") is None
    assert refusal() is None, "without a signature nothing names a region"
    assert refusal(head=True) is None


@pytest.mark.parametrize(
    ("scheme", "kind", "message"),
    [
        ("v4-header", MalformedCredentials, "The authorization header is malformed; "),
        ("v4-query", AuthorizationQueryParametersError, "Error parsing the X-Amz-Credential parameter; "),
    ],
)
def test_where_the_host_names_no_region_the_signature_must_be_for_the_buckets(
    scheme: str, kind: type[Refusal], message: str
) -> None:
    refused = refusal(scheme=scheme, region="us-east-1")
    assert isinstance(refused, kind)
    assert refused.message == message + "the region 'us-east-1' is wrong; expecting 'us-west-2'"
    assert refused.details == {"Region": "us-west-2"}
    assert refused.headers == (("x-amz-bucket-region", "us-west-2"),)


def test_a_head_which_can_have_no_document_is_redirected() -> None:
    refused = refusal(**SIGNED, head=True)
    assert isinstance(refused, PermanentRedirect)
    assert refused.headers == (("x-amz-bucket-region", "us-west-2"),)


@pytest.mark.parametrize("signed", [{}, {"scheme": "v4-header", "region": "us-east-1"}])
def test_another_regions_endpoint_sends_to_the_buckets(signed: dict[str, str]) -> None:
    refused = refusal(**signed, endpoint="us-east-1")
    assert isinstance(refused, PermanentRedirect)
    assert refused.details == {"Endpoint": "photos.s3.us-west-2.amazonaws.com", "Bucket": "photos"}


def test_an_endpoint_takes_only_what_is_signed_for_its_region() -> None:
    for endpoint in ("us-west-2", "eu-west-1"):
        refused = refusal(**SIGNED, endpoint=endpoint)
        assert isinstance(refused, MalformedCredentials)
        assert refused.details == {"Region": endpoint}


def test_us_east_1_tells_the_location_of_every_bucket() -> None:
    where = Requirement(action="s3:GetBucketLocation", resource="arn:aws:s3:::photos")
    assert refusal(where, **SIGNED) is None
    assert refusal(where, scheme="v4-header", region="eu-west-1") is not None


def test_only_the_bucket_that_is_addressed_must_be_at_home() -> None:
    for arn in ("arn:aws:s3:::photos2/a", "arn:aws:s3:::photo", "*"):
        assert refusal(Requirement(action="s3:GetObject", resource=arn), **SIGNED) is None
    assert refusal(READ, NO_RESOURCE, **SIGNED) is None
    assert refusal(Requirement(action="s3:ListBucket", resource="arn:aws:s3:::photos"), **SIGNED) is not None


@pytest.mark.parametrize("scheme", ["v2-header", "v2-query", "v2-form"])
def test_regions_since_2014_do_not_know_signature_version_2(scheme: str) -> None:
    assert refusal(scheme=scheme) is None
    young = ResourceAccess(account="1" * 12, region="eu-central-1")
    refused = refusal(READ, young, scheme=scheme)
    assert isinstance(refused, InvalidRequest)
    assert "mechanism you have provided is not supported" in refused.message
    assert refusal(READ, young, scheme="v4-header", region="eu-central-1") is None
    assert refusal(READ, young) is None, "who signs nothing has signed nothing wrong"

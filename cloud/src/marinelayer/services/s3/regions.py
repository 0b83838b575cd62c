"""In which region a bucket is made. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marinelayer.model.regions import regions
from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.services.s3.errors import IllegalLocationConstraintException, InvalidLocationConstraint

HOME = "us-east-1"
"""The region whose endpoint makes buckets anywhere, and whose buckets have no location constraint."""

_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+){1,2}-[0-9]{1,2}")
_OLD_EUROPE = "EU"


def region_of_new_bucket(request: Mapping[str, Any], endpoint: str) -> str:
    """The region that CreateBucket asks for at the endpoint of a region (`EU` stands for eu-west-1 and is kept).

    Raises:
        InvalidLocationConstraint: it is no region.
        IllegalLocationConstraintException: this endpoint makes no buckets there.
    """
    configuration: Mapping[str, str] = request.get("CreateBucketConfiguration") or {}
    asked = configuration.get("LocationConstraint")
    if not asked:
        if endpoint != HOME:
            raise IllegalLocationConstraintException
        return HOME
    if endpoint == HOME and (asked == HOME or not (asked == _OLD_EUROPE or _REGION.fullmatch(asked))):
        raise InvalidLocationConstraint(LocationConstraint=asked)
    if endpoint not in (HOME, "eu-west-1" if asked == _OLD_EUROPE else asked):
        raise IllegalLocationConstraintException(
            f"The {asked} location constraint is incompatible for the region specific endpoint this request was sent "
            "to."
        )
    return asked


def check_listed_region(region: str) -> None:
    """Raises InvalidArgument for what ListBuckets takes for no region."""
    if region not in regions():
        raise InvalidArgument(f"Argument value {region} is not a valid AWS Region", ArgumentName="bucket-region")


def shown_region(region: str) -> str:
    """The region of a bucket as headers show it."""
    return "eu-west-1" if region == _OLD_EUROPE else region

"""PutBucketCors, GetBucketCors and DeleteBucketCors, and the rules for whoever answers a browser.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html and .../API_CORSRule.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Tables, Transaction
from marinelayer.protocol.cors import METHODS
from marinelayer.protocol.refusals import InvalidRequest, MalformedXML
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import bucket_of
from marinelayer.services.s3.configurations import (
    configuration,
    configure,
    the_configuration,
    unconfigure,
)
from marinelayer.services.s3.errors import NoSuchBucket, NoSuchCORSConfiguration
from marinelayer.services.s3.needs import on_bucket

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        CORSRule,
        DeleteBucketCorsRequest,
        GetBucketCorsRequest,
        PutBucketCorsRequest,
    )

MOST_RULES = 100
LONGEST_ID = 255
LONGEST_AGE = 2**31 - 1


def check_rules(rules: Sequence[CORSRule]) -> None:
    """What PutBucketCors takes.

    Raises:
        MalformedXML: there is no rule, or more than 100; or one lacks origins or methods.
        InvalidRequest: a method is none that S3 has, or there are wildcards where S3 takes none.
    """
    if not 1 <= len(rules) <= MOST_RULES or not all(_has_form(rule) for rule in rules):
        raise MalformedXML
    for rule in rules:
        for method in rule["AllowedMethods"]:
            if method not in METHODS:
                raise InvalidRequest(f"Found unsupported HTTP method in CORS config. Unsupported method is {method}")
        for name, patterns in (("Origin", rule["AllowedOrigins"]), ("Header", rule.get("AllowedHeaders") or ())):
            for pattern in patterns:
                if pattern.count("*") > 1:
                    raise InvalidRequest(f'Allowed{name} "{pattern}" can not have more than one wildcard.')
        for header in rule.get("ExposeHeaders") or ():
            if "*" in header:
                raise InvalidRequest(
                    f'ExposeHeader "{header}" contains wildcard. We currently do not support wildcard for ExposeHeader.'
                )


def _has_form(rule: CORSRule) -> bool:
    return (
        bool(rule["AllowedMethods"] and rule["AllowedOrigins"])
        and len(rule.get("ID") or "") <= LONGEST_ID
        and 0 <= rule.get("MaxAgeSeconds", 0) <= LONGEST_AGE
    )


def rules_of(tx: Transaction, name: str) -> Sequence[Mapping[str, Any]] | None:
    """The rules of the bucket called `name`, None where there is no such bucket."""
    try:
        bucket = bucket_of(tx, name, None)
    except NoSuchBucket:
        return None
    document = configuration(tx, bucket, "cors")
    return () if document is None else document["CORSRules"]


class Cors:
    """The CORS rules of buckets (ports.CorsRules)."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    async def of(self, bucket: str) -> Sequence[Mapping[str, Any]] | None:
        """The rules of a bucket in the model's shape; none where it has no configuration, None where there is no such
        bucket."""
        return None if "\0" in bucket else await self._tables.read(rules_of, bucket)

    @operation("PutBucketCors", needs=on_bucket("s3:PutBucketCORS"), anonymous=True)
    async def put(self, caller: Caller, request: PutBucketCorsRequest) -> None:
        """Set the bucket's rules, all of them."""
        check_rules(request["CORSConfiguration"]["CORSRules"])
        document = {"CORSRules": request["CORSConfiguration"]["CORSRules"]}
        await self._tables.write(configure, request, "cors", document, self._clock.now())

    @operation("GetBucketCors", needs=on_bucket("s3:GetBucketCORS"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketCorsRequest) -> dict[str, Any]:
        """The bucket's rules, as they were given."""
        return dict(await self._tables.read(the_configuration, request, "cors", NoSuchCORSConfiguration))

    @operation("DeleteBucketCors", needs=on_bucket("s3:PutBucketCORS"), anonymous=True)
    async def delete(self, caller: Caller, request: DeleteBucketCorsRequest) -> None:
        """Remove the bucket's rules."""
        await self._tables.write(unconfigure, request, "cors")

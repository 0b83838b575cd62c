"""Configurations of which a bucket has up to a thousand, each by its id: put, got, deleted and listed alike.

What their documents mean is their nouns' affair. Write functions: re-runnable, without I/O, clock or randomness.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketMetricsConfiguration.html and its like.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marinelayer.ports import Clock, Tables, Transaction
from marinelayer.protocol.refusals import InvalidArgument, MalformedXML
from marinelayer.services.paging import ForgedTokenError, PageTokens
from marinelayer.services.s3.bucket import the_bucket
from marinelayer.services.s3.configurations import (
    Document,
    Kind,
    configuration,
    configurations,
    count_configurations,
    delete_configuration,
    put_configuration,
)
from marinelayer.services.s3.errors import NoSuchConfiguration, TooManyConfigurations
from marinelayer.services.s3.tags import check_object_tags

MOST = 1000
PAGE = 100

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def check_id(identifier: str) -> None:
    """Raises InvalidArgument unless a configuration may be called so."""
    if not _ID.fullmatch(identifier):
        raise InvalidArgument(
            "The ID has a 64 character limit and can only contain letters, numbers, periods, dashes, and underscores.",
            ArgumentName="id",
            ArgumentValue=identifier,
        )


def check_filter(document: Mapping[str, Any], *, others: tuple[str, ...] = ()) -> None:
    """Check a filter: one prefix, one tag, one of `others`, or a conjunction of at least two of these.

    Raises:
        MalformedXML: it is not that.
        InvalidTag: it asks for a tag that nothing can have.
    """
    if "Filter" not in document:
        return
    chosen: Mapping[str, Any] = document["Filter"]
    both: Mapping[str, Any] = chosen.get("And") or {}
    if len(chosen) != 1 or ("And" in chosen and _predicates(both, others) < 2):
        raise MalformedXML
    check_object_tags([chosen["Tag"]] if "Tag" in chosen else both.get("Tags") or [])


def _predicates(both: Mapping[str, Any], others: tuple[str, ...]) -> int:
    return len(both.get("Tags") or ()) + sum(name in both for name in ("Prefix", *others))


def put_listed(tx: Transaction, request: Mapping[str, Any], kind: Kind, document: Document, now: int) -> None:
    """Set the configuration with the request's id.

    Raises:
        TooManyConfigurations: it would be the bucket's 1,001st of its kind.
    """
    bucket, identifier = the_bucket(tx, request), request["Id"]
    is_new = configuration(tx, bucket, kind, identifier) is None
    if is_new and count_configurations(tx, bucket, kind) >= MOST:
        raise TooManyConfigurations
    put_configuration(tx, bucket, kind, document, now, identifier)


def get_listed(tx: Transaction, request: Mapping[str, Any], kind: Kind) -> Document:
    """The configuration with the request's id. Raises NoSuchConfiguration."""
    bucket = the_bucket(tx, request)
    document = configuration(tx, bucket, kind, request["Id"])
    if document is None:
        raise NoSuchConfiguration
    return document


def delete_listed(tx: Transaction, request: Mapping[str, Any], kind: Kind) -> None:
    """Remove the configuration with the request's id. Raises NoSuchConfiguration."""
    bucket = the_bucket(tx, request)
    if not delete_configuration(tx, bucket, kind, request["Id"]):
        raise NoSuchConfiguration


def page_of(tx: Transaction, request: Mapping[str, Any], kind: Kind, after: str) -> list[tuple[str, Document]]:
    """The bucket's configurations of a kind by id behind `after`, one more than a page where there are more."""
    return configurations(tx, the_bucket(tx, request), kind, after=after, limit=PAGE + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedConfigurations:
    """The configurations of one kind, for the operations on them. `listed` names the list in an answer."""

    tables: Tables
    clock: Clock
    tokens: PageTokens
    kind: Kind
    listed: str

    async def put(self, request: Mapping[str, Any], document: Document) -> None:
        """Set one. Raises TooManyConfigurations."""
        await self.tables.write(put_listed, request, self.kind, document, self.clock.now())

    async def get(self, request: Mapping[str, Any]) -> Document:
        """One by its id. Raises NoSuchConfiguration."""
        return await self.tables.read(get_listed, request, self.kind)

    async def delete(self, request: Mapping[str, Any]) -> None:
        """Remove one. Raises NoSuchConfiguration."""
        await self.tables.write(delete_listed, request, self.kind)

    async def page(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A page of a hundred by id, as all List operations answer it. Raises InvalidArgument for a forged token."""
        scope = f"s3.{self.kind}/{request['Bucket']}"
        token = request.get("ContinuationToken")
        try:
            after = self.tokens.position(token or None, scope)
        except ForgedTokenError:
            raise InvalidArgument(
                "The continuation token provided is incorrect",
                ArgumentName="continuation-token",
                ArgumentValue=token or "",
            ) from None
        found = await self.tables.read(page_of, request, self.kind, after)
        page = found[:PAGE]
        output: dict[str, Any] = {"IsTruncated": len(found) > PAGE, self.listed: [document for _, document in page]}
        if token:
            output["ContinuationToken"] = token
        if len(found) > PAGE:
            output["NextContinuationToken"] = self.tokens.seal(page[-1][0], scope)
        return output

"""ListObjects and ListObjectsV2."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from marinelayer.ports import Caller, Row, Statement, Tables, Transaction
from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.services.operation import operation
from marinelayer.services.paging import ForgedTokenError, PageTokens
from marinelayer.services.s3.archive import restore_status, tells_restores
from marinelayer.services.s3.bucket import Bucket, the_bucket
from marinelayer.services.s3.conditions import moment
from marinelayer.services.s3.defaults import S3Defaults
from marinelayer.services.s3.names import text_bytes
from marinelayer.services.s3.needs import on_bucket
from marinelayer.services.s3.owners import Named, Owners
from marinelayer.services.s3.regions import shown_region
from marinelayer.services.s3.restores import SQL as RESTORES
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.walk import Page, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marinelayer.model.types.s3 import ListObjectsRequest, ListObjectsV2Request

MAX_KEYS = 1000
Encode = Callable[[str], str]
_PLAIN = re.compile(r"[A-Za-z0-9._~/-]*", re.ASCII)


def page_of_objects(tx: Transaction, request: Mapping[str, Any], *, marker: bytes, limit: int) -> tuple[Bucket, Page]:
    """The request's bucket, and the page of its objects above `marker`."""
    bucket = the_bucket(tx, request)
    prefix, delimiter = text_bytes(request.get("Prefix", "")), text_bytes(request.get("Delimiter", ""))
    statement = RESTORES.objects_with_restores_from if tells_restores(request) else SQL.objects_from
    fetch = partial(_objects_from, tx, statement, bucket.bucket_id)
    return bucket, walk(fetch, prefix=prefix, delimiter=delimiter, marker=marker, limit=limit)


def _objects_from(
    tx: Transaction, statement: Statement, bucket_id: int, first: bytes, _: str, end: bytes, limit: int
) -> Sequence[Row]:
    return tx.all(statement, bucket_id=bucket_id, first=first, end=end, limit=limit)


def page_size(request: Mapping[str, Any], member: str, argument: str) -> int:
    """How many entries a page may have, 1,000 at most.

    Raises:
        InvalidArgument: fewer than none are asked for.
    """
    asked: int = request.get(member, MAX_KEYS)
    if asked < 0:
        raise InvalidArgument(
            f"Argument {argument} must be an integer between 0 and 2147483647",
            ArgumentName=argument,
            ArgumentValue=str(asked),
        )
    return min(asked, MAX_KEYS)


def encoder(request: Mapping[str, Any]) -> Encode:
    """How keys and prefixes are written: percent-encoded if the request asks for `url`, else as they are.

    Raises:
        InvalidArgument: for any other encoding.
    """
    asked = request.get("EncodingType")
    if asked is None:
        return str
    if asked != "url":
        raise InvalidArgument(
            "Invalid Encoding Method specified in Request", ArgumentName="encoding-type", ArgumentValue=asked
        )
    return _quoted


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else quote(text, safe="/")


def echoed(request: Mapping[str, Any], encode: Encode, *members: str) -> dict[str, str]:
    """The members that a listing repeats from its request, where it gave them."""
    return {member: encode(request[member]) for member in members if request.get(member)}


def name_of(entry: Row | bytes) -> str:
    """The key or common prefix of an entry."""
    return (entry if isinstance(entry, bytes) else entry["key"]).decode()


def common_prefixes(page: Page, encode: Encode) -> dict[str, list[dict[str, str]]]:
    """The page's common prefixes as a member of the output, where there are any."""
    found = [{"Prefix": encode(prefix.decode())} for prefix in page.prefixes]
    return {"CommonPrefixes": found} if found else {}


def _contents(page: Page, encode: Encode, owners: Named | None, *, restores: bool) -> dict[str, list[dict[str, Any]]]:
    contents: list[dict[str, Any]] = []
    for row in page.rows:
        entry: dict[str, Any] = {
            "Key": encode(row["key"].decode()),
            "LastModified": moment(row["modified"]),
            "ETag": f'"{row["etag"]}"',
            "Size": row["size"],
            "StorageClass": row["storage_class"],
        }
        if row["checksum_algorithm"] is not None:
            entry["ChecksumAlgorithm"] = [row["checksum_algorithm"]]
            entry["ChecksumType"] = row["checksum_type"]
        if restores:
            entry |= restore_status(row)
        if owners is not None:
            entry["Owner"] = owners.owner(row["owner"])
        contents.append(entry)
    return {"Contents": contents} if contents else {}


class Listings:
    """Listing a bucket's objects."""

    def __init__(self, tables: Tables, tokens: PageTokens, owners: Owners, defaults: S3Defaults) -> None:
        self._classic = defaults == "classic"
        self._tables = tables
        self._tokens = tokens
        self._owners = owners

    @operation("ListObjects", needs=on_bucket("s3:ListBucket"), anonymous=True)
    async def list_objects(self, caller: Caller, request: ListObjectsRequest) -> dict[str, Any]:
        """A page from behind `Marker`. `NextMarker` comes with a delimiter only, as it does from S3. Strangers are not
        told who owns what."""
        limit = page_size(request, "MaxKeys", "max-keys")
        encode = encoder(request)
        marker = request.get("Marker", "")
        bucket, page = await self._tables.read(page_of_objects, request, marker=text_bytes(marker), limit=limit)
        stranger = caller.principal.kind == "anonymous"
        owners = None if stranger else await self._owners.named(row["owner"] for row in page.rows)
        output: dict[str, Any] = {
            "BucketRegion": shown_region(bucket.region),
            "Name": request["Bucket"],
            "Prefix": encode(request.get("Prefix", "")),
            "Marker": encode(marker),
            "MaxKeys": limit,
            "IsTruncated": page.next is not None,
            **echoed(request, encode, "Delimiter"),
            **echoed(request, str, "EncodingType"),
            **_contents(page, encode, owners, restores=tells_restores(request)),
            **common_prefixes(page, encode),
        }
        if page.next is not None and request.get("Delimiter"):
            output["NextMarker"] = encode(name_of(page.next))
        return output

    @operation("ListObjectsV2", needs=on_bucket("s3:ListBucket"), anonymous=True)
    async def list_objects_v2(self, caller: Caller, request: ListObjectsV2Request) -> dict[str, Any]:
        """A page from behind the continuation token, else from behind `StartAfter`, which is repeated only then, but
        by the classic S3 always."""
        limit = page_size(request, "MaxKeys", "max-keys")
        encode = encoder(request)
        marker = self._marker(request)
        bucket, page = await self._tables.read(page_of_objects, request, marker=text_bytes(marker), limit=limit)
        owners = await self._owners.named(row["owner"] for row in page.rows) if request.get("FetchOwner") else None
        output: dict[str, Any] = {
            "BucketRegion": shown_region(bucket.region),
            "Name": request["Bucket"],
            "Prefix": encode(request.get("Prefix", "")),
            "MaxKeys": limit,
            "KeyCount": len(page.entries),
            "IsTruncated": page.next is not None,
            **echoed(request, encode, "Delimiter"),
            **echoed(request, str, "EncodingType"),
            **_contents(page, encode, owners, restores=tells_restores(request)),
            **common_prefixes(page, encode),
        }
        if "ContinuationToken" in request:
            output["ContinuationToken"] = request["ContinuationToken"]
        if self._classic or "ContinuationToken" not in request:
            output |= echoed(request, encode, "StartAfter")
        if page.next is not None:
            output["NextContinuationToken"] = self._tokens.seal(name_of(page.next), _scope(request))
        return output

    def _marker(self, request: ListObjectsV2Request) -> str:
        token = request.get("ContinuationToken")
        if token is None or (self._classic and not token):
            return request.get("StartAfter", "")
        try:
            return self._tokens.position(token, _scope(request))
        except ForgedTokenError:
            said = {"ArgumentValue": token} if token else {}
            raise InvalidArgument(
                "The continuation token provided is incorrect", ArgumentName="continuation-token", **said
            ) from None


def _scope(request: Mapping[str, Any]) -> str:
    return f"s3.ListObjectsV2/{request['Bucket']}"

"""GetObjectAttributes, and GetObjectTorrent, which S3 has ended.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Row, Tables, Transaction
from marinelayer.protocol.refusals import InvalidArgument, InvalidRequest
from marinelayer.services.operation import operation
from marinelayer.services.s3.blob_keys import KeySource
from marinelayer.services.s3.bucket import the_bucket
from marinelayer.services.s3.conditions import moment
from marinelayer.services.s3.customer_keys import CustomerKey, customer_key, unlocked
from marinelayer.services.s3.defaults import S3Defaults
from marinelayer.services.s3.digests import ALGORITHMS, CRC64NVME, encode
from marinelayer.services.s3.encrypting import demand_key
from marinelayer.services.s3.encryption import read_encryption
from marinelayer.services.s3.errors import NoSuchKey
from marinelayer.services.s3.get import missing
from marinelayer.services.s3.headers import checksum_members
from marinelayer.services.s3.listing import page_size
from marinelayer.services.s3.names import key_bytes
from marinelayer.services.s3.needs import on_object, to_read_attributes
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.versions import DeleteMarker, Version, any_version, marker_refused

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import GetObjectAttributesRequest, GetObjectTorrentRequest

ATTRIBUTES = frozenset({"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A version with a page of its parts, one more than the page where more follow. `versioned` is whether its bucket
    keeps versions, or once did; `keys` are where the keys of its bytes come from."""

    version: Version
    versioned: bool
    parts: Sequence[Row]
    keys: KeySource


def find_attributes(
    tx: Transaction, request: Mapping[str, Any], given: CustomerKey | None, *, after: int, limit: int
) -> Described | DeleteMarker | None:
    """The version that a request names with `limit` of its parts behind number `after`; None where its key has none,
    and the delete marker by which its object is gone.

    Raises:
        MethodNotAllowed: a delete marker is asked for by its id.
        InvalidRequest, AccessDenied: the customer's key is missing, superfluous or another one.
    """
    bucket = the_bucket(tx, request)
    version = any_version(tx, bucket.bucket_id, key_bytes(request["Key"]), request.get("VersionId"))
    if isinstance(version, DeleteMarker) and "VersionId" in request:
        raise marker_refused(version, "GET")
    if not isinstance(version, Version):
        return version
    keys = unlocked(read_encryption(version.encryption), given)
    parts: Sequence[Row] = ()
    if parts_count(version):
        parts = tx.all(SQL.parts_after, upload_id=version.blob_id, after=after, limit=limit + 1)
    return Described(version=version, versioned=bucket.versioning is not None, parts=parts, keys=keys)


def parts_count(version: Version) -> int:
    """How many parts a version was uploaded in, as its ETag says; 0 where it was not."""
    return int(version.etag.partition("-")[2] or 0)


class ObjectAttributes:
    """What is known of objects, all at once."""

    def __init__(self, tables: Tables, defaults: S3Defaults) -> None:
        self._classic = defaults == "classic"
        self._tables = tables

    @operation("GetObjectAttributes", needs=to_read_attributes, anonymous=True)
    async def get(self, caller: Caller, request: GetObjectAttributesRequest) -> dict[str, Any]:
        """The attributes of an object that are asked for; those of its parts in pages."""
        asked = _asked(request.get("ObjectAttributes") or [])
        given = customer_key(request, caller)
        limit = page_size(request, "MaxParts", "max-parts")
        after = int(request.get("PartNumberMarker") or 0)
        found = await self._tables.read(find_attributes, request, given, after=after, limit=limit)
        if not isinstance(found, Described):
            raise await missing(caller, request["Bucket"], request["Key"], found)
        if "Checksum" in asked:
            await demand_key(caller, found.keys.encryption, "kms:Decrypt")
        version = found.version
        output: dict[str, Any] = {"LastModified": moment(version.modified)}
        if found.versioned:
            output["VersionId"] = version.version_id
        if "ETag" in asked:
            output["ETag"] = version.etag
        if "Checksum" in asked and version.checksum is not None:
            # Of a composite checksum the value alone: how many parts there are is said by ObjectParts.
            value = version.checksum.value if self._classic else version.checksum.value.partition("-")[0]
            output["Checksum"] = checksum_members(replace(version.checksum, value=value))
        if "ObjectParts" in asked and parts_count(version):
            output["ObjectParts"] = {"TotalPartsCount": parts_count(version)}
            composite = version.checksum is not None and version.checksum.type == "COMPOSITE"
            if composite or self._classic:
                output["ObjectParts"] |= _parts(found, after=after, limit=limit)
        if "StorageClass" in asked:
            output["StorageClass"] = version.description.storage_class
        if "ObjectSize" in asked:
            output["ObjectSize"] = version.size
        return output

    @operation("GetObjectTorrent", needs=on_object("s3:GetObjectTorrent"), anonymous=True)
    async def torrent(self, caller: Caller, request: GetObjectTorrentRequest) -> dict[str, Any]:
        """Nothing: there are no torrents any more.

        Raises:
            NoSuchKey: always.
        """
        await self._tables.read(the_bucket, request)
        raise NoSuchKey("There is no torrent of this key: S3 has ended its support of BitTorrent.", Key=request["Key"])


def _asked(names: Sequence[str]) -> frozenset[str]:
    """The attributes that are asked for.

    Raises:
        InvalidRequest: none are.
        InvalidArgument: there is no such attribute.
    """
    asked = frozenset(name.strip() for name in names if name.strip())
    if not asked:
        raise InvalidRequest(
            "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty"
        )
    for unknown in sorted(asked - ATTRIBUTES):
        raise InvalidArgument(
            "Invalid attribute name specified.",
            ArgumentName="x-amz-object-attributes",
            ArgumentValue=unknown,
        )
    return asked


def _parts(found: Described, *, after: int, limit: int) -> dict[str, Any]:
    """A page of the parts, which S3 tells only of where each has a checksum that the object's is made of."""
    page = found.parts[:limit]
    output: dict[str, Any] = {
        "PartNumberMarker": after,
        "NextPartNumberMarker": page[-1]["n"] if page else 0,
        "MaxParts": limit,
        "IsTruncated": len(found.parts) > limit > 0,
    }
    if page:
        output["Parts"] = [_part(row, found.version) for row in page]
    return output


def _part(row: Row, version: Version) -> dict[str, Any]:
    algorithm, digest = CRC64NVME, row["crc64nvme"]
    if row["checksum"] is not None and version.checksum is not None:
        algorithm, digest = ALGORITHMS[version.checksum.algorithm], row["checksum"]
    return {"PartNumber": row["n"], "Size": row["part_size"], algorithm.member: encode(digest)}

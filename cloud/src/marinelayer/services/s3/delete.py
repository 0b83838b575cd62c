"""DeleteObject and DeleteObjects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import AccessDenied, Refusal, ServiceError
from marinelayer.ports import Caller, Ids, Tables, Transaction
from marinelayer.protocol.refusals import InvalidArgument, MalformedXML, PreconditionFailed
from marinelayer.services.operation import NoPermission, operation
from marinelayer.services.s3.bucket import Bucket, the_bucket
from marinelayer.services.s3.change import Origin, marked, removed
from marinelayer.services.s3.changes import Changes, announce
from marinelayer.services.s3.conditions import etag_matches
from marinelayer.services.s3.defaults import S3Defaults
from marinelayer.services.s3.errors import HeaderNotImplemented, NoSuchKey, NoSuchVersion
from marinelayer.services.s3.grants import ANONYMOUS_OWNER
from marinelayer.services.s3.headers import refuse_unserved
from marinelayer.services.s3.names import check_version_id, key_bytes
from marinelayer.services.s3.needs import may_bypass, to_delete
from marinelayer.services.s3.placing import put_marker, remove_version
from marinelayer.services.s3.versions import (
    ENTROPY,
    PROTECTED,
    DeleteMarker,
    Version,
    newest_version,
    present,
    version_named,
)

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import DeleteObjectRequest, DeleteObjectsRequest

MAX_KEYS = 1000
KEYS_A_WRITE = 200
"""How many keys of one request share a transaction, so that other writers need not wait long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """One key to be deleted, or one version of it, if its ETag is `if_match` (None: whatever it is). `entropy` is for
    the id of the delete marker that may come in its place. `bypass` is whether governance may be overruled."""

    key: bytes
    version_id: str | None
    if_match: str | None
    entropy: str
    bypass: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """What became of a key: the id of the version that went, or of the delete marker that came (`marked`).
    `marker` is whether it is a delete marker."""

    version_id: str | None = None
    marker: bool = False
    marked: bool = False


def delete_objects(
    tx: Transaction, origin: Origin, request: Mapping[str, Any], doomed: Sequence[Doomed], *, classic: bool
) -> list[Deletion | Refusal]:
    """Delete what is there; for each key what became of it, or why it stays. The `classic` S3 lets be a bypass where
    there is nothing to bypass.

    Raises:
        InvalidArgument: the request speaks of governance, which objects of this bucket know not.
    """
    bucket = the_bucket(tx, request)
    if not classic and "BypassGovernanceRetention" in request and "object-lock" not in bucket.configured:
        raise InvalidArgument(
            "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.",
            ArgumentName="x-amz-bypass-governance-retention",
        )
    return [_delete(tx, bucket, one, origin) for one in doomed]


def _delete(tx: Transaction, bucket: Bucket, doomed: Doomed, origin: Origin) -> Deletion | Refusal:
    if doomed.version_id is None:
        version = newest_version(tx, bucket.bucket_id, doomed.key)
    else:
        version = version_named(tx, bucket.bucket_id, doomed.key, doomed.version_id)
    if doomed.if_match is not None:
        found = present(version)
        if found is None:
            return NoSuchKey(Key=doomed.key.decode())
        if not etag_matches(doomed.if_match, found.etag):
            return PreconditionFailed(Condition="If-Match")
    if doomed.version_id is None and bucket.versioning is not None:
        owner = origin.principal.canonical_id or ANONYMOUS_OWNER
        placed = put_marker(tx, bucket, doomed.key, owner, doomed.entropy, version, origin.time)
        announce(tx, bucket, marked("ObjectRemoved:DeleteMarkerCreated", doomed.key, placed), origin)
        return Deletion(version_id=placed.version_id, marker=True, marked=True)
    if isinstance(version, Version) and version.description.lock.protects(origin.time, bypass=doomed.bypass):
        return AccessDenied(PROTECTED)
    if version is not None:
        remove_version(tx, bucket.bucket_id, version, origin.time, bypass=doomed.bypass)
        announce(tx, bucket, removed("ObjectRemoved:Delete", version), origin)
    return Deletion(version_id=doomed.version_id, marker=isinstance(version, DeleteMarker))


def _refuse_unserved_conditions(wanted: Sequence[Mapping[str, Any]]) -> None:
    """Raises HeaderNotImplemented for a condition that only objects in directory buckets know."""
    for member in ("LastModifiedTime", "Size"):
        if any(member in entry for entry in wanted):
            raise HeaderNotImplemented(Header=member)


def _condition(entry: Mapping[str, Any]) -> dict[str, str]:
    """An entry's ETag is what If-Match is to a request."""
    return {"IfMatch": entry["ETag"]} if "ETag" in entry else {}


class ObjectDeletions:
    """Deleting objects."""

    def __init__(self, tables: Tables, ids: Ids, changes: Changes, defaults: S3Defaults) -> None:
        self._classic = defaults == "classic"
        self._tables = tables
        self._ids = ids
        self._changes = changes

    @operation("DeleteObject", needs=to_delete, anonymous=True)
    async def delete(self, caller: Caller, request: DeleteObjectRequest) -> dict[str, Any]:
        """Delete an object, or one version for good. A key that does not exist is deleted already; in a bucket that
        keeps versions a delete marker hides them."""
        refuse_unserved(request)
        bypass = "VersionId" in request and await may_bypass(caller, request, request)
        doomed = self._doomed(request["Key"], request.get("VersionId"), request.get("IfMatch"), bypass=bypass)
        (outcome,) = await self._delete(caller, request, [doomed])
        if isinstance(outcome, Refusal):
            raise outcome
        output: dict[str, Any] = {} if outcome.version_id is None else {"VersionId": outcome.version_id}
        return {**output, "DeleteMarker": True} if outcome.marker else output

    @operation(
        "DeleteObjects",
        needs=NoPermission("s3:DeleteObject is asked for each key, and refused in that key's own result"),
        anonymous=True,
    )
    async def delete_many(self, caller: Caller, request: DeleteObjectsRequest) -> dict[str, Any]:
        """Delete up to 1,000 objects; each key succeeds or fails for itself."""
        refuse_unserved(request)
        wanted = request["Delete"].get("Objects") or []
        _refuse_unserved_conditions(wanted)
        if not 1 <= len(wanted) <= MAX_KEYS:
            raise MalformedXML
        await self._tables.read(the_bucket, request)
        deleted: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for first in range(0, len(wanted), KEYS_A_WRITE):
            batch = wanted[first : first + KEYS_A_WRITE]
            for entry, outcome in zip(batch, await self._delete_batch(caller, request, batch), strict=True):
                if isinstance(outcome, Deletion):
                    deleted.append({**_named(entry), **_told(outcome)})
                else:
                    errors.append({**_named(entry), "Code": outcome[0], "Message": outcome[1]})
        output: dict[str, Any] = {"Errors": errors} if errors else {}
        if deleted and not request["Delete"].get("Quiet"):
            output["Deleted"] = deleted
        return output

    async def _delete_batch(
        self, caller: Caller, request: DeleteObjectsRequest, batch: Sequence[Mapping[str, Any]]
    ) -> list[Deletion | tuple[str, str]]:
        """For each entry what became of it, or the code and message of what stands against it."""
        results: dict[int, Deletion | tuple[str, str]] = {}
        doomed: dict[int, Doomed] = {}
        for place, entry in enumerate(batch):
            try:
                bypass = "VersionId" in entry and await may_bypass(caller, request, _on(request, entry))
                one = self._doomed(entry["Key"], entry.get("VersionId"), entry.get("ETag"), bypass=bypass)
            except InvalidArgument:
                # Of a list's entry S3 only says that there is no such version.
                results[place] = (NoSuchVersion.code, NoSuchVersion.default_message)
                continue
            except ServiceError as refusal:
                results[place] = (refusal.code, refusal.message)
                continue
            needed = to_delete({**_on(request, entry), **_condition(entry)}, caller)
            if all([await caller.may(requirement) for requirement in needed]):
                doomed[place] = one
            else:
                results[place] = ("AccessDenied", AccessDenied.default_message)
        if doomed:
            outcomes = await self._delete(caller, request, list(doomed.values()))
            for place, outcome in zip(doomed, outcomes, strict=True):
                results[place] = outcome if isinstance(outcome, Deletion) else (_code(outcome), outcome.message)
        return [results[place] for place in range(len(batch))]

    def _doomed(self, key: str, version_id: str | None, if_match: str | None, *, bypass: bool) -> Doomed:
        if version_id is not None:
            check_version_id(version_id)
        return Doomed(
            key=key_bytes(key),
            version_id=version_id,
            if_match=if_match,
            entropy=self._ids.token(ENTROPY),
            bypass=bypass,
        )

    async def _delete(
        self, caller: Caller, request: Mapping[str, Any], doomed: Sequence[Doomed]
    ) -> list[Deletion | Refusal]:
        return await self._changes.write(caller, delete_objects, request, doomed, classic=self._classic)


def _on(request: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request that an entry would be for itself."""
    return {**entry, "Bucket": request["Bucket"]}


def _code(refusal: Refusal) -> str:
    return refusal.code if isinstance(refusal, ServiceError) else type(refusal).__name__


def _named(entry: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in entry.items() if name in ("Key", "VersionId")}


def _told(deletion: Deletion) -> dict[str, Any]:
    """What a list's answer says of a key besides its name: the delete marker that came, or went."""
    return {"DeleteMarker": True, "DeleteMarkerVersionId": deletion.version_id} if deletion.marker else {}

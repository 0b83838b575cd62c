"""DeleteObject and DeleteObjects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import AccessDenied, ServiceError
from marinelayer.ports import Caller, Clock, Tables, Transaction
from marinelayer.protocol.refusals import InvalidArgument, MalformedXML, PreconditionFailed
from marinelayer.services.operation import NoPermission, operation
from marinelayer.services.s3.bucket import the_bucket
from marinelayer.services.s3.conditions import etag_matches
from marinelayer.services.s3.errors import NoSuchKey, NoSuchVersion
from marinelayer.services.s3.headers import refuse_unserved
from marinelayer.services.s3.names import NULL_VERSION, check_version_id, key_bytes
from marinelayer.services.s3.needs import to_delete
from marinelayer.services.s3.versions import current_version, remove_version

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import DeleteObjectRequest, DeleteObjectsRequest

MAX_KEYS = 1000
KEYS_A_WRITE = 200
"""How many keys of one request share a transaction, so that other writers need not wait long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """One key to be deleted, if its ETag is `if_match` (None: whatever it is). `known` is false for a version id that
    an unversioned bucket can not have: then there is nothing to delete, which is no error."""

    key: bytes
    if_match: str | None
    known: bool


def _doomed(key: str, version_id: str | None, if_match: str | None) -> Doomed:
    if version_id is not None:
        check_version_id(version_id)
    return Doomed(key=key_bytes(key), if_match=if_match, known=version_id in (None, NULL_VERSION))


def delete_objects(
    tx: Transaction, request: Mapping[str, Any], doomed: Sequence[Doomed], now: int
) -> list[ServiceError | None]:
    """Delete what is there; for each key None, or why it stays."""
    bucket = the_bucket(tx, request)
    return [_delete(tx, bucket.bucket_id, one, now) for one in doomed]


def _delete(tx: Transaction, bucket_id: int, doomed: Doomed, now: int) -> ServiceError | None:
    version = current_version(tx, bucket_id, doomed.key) if doomed.known else None
    if version is None:
        return None if doomed.if_match is None else NoSuchKey(Key=doomed.key.decode())
    if doomed.if_match is not None and not etag_matches(doomed.if_match, version.etag):
        return PreconditionFailed(Condition="If-Match")
    remove_version(tx, bucket_id, version, now)
    return None


def _condition(entry: Mapping[str, Any]) -> dict[str, str]:
    """An entry's ETag is what If-Match is to a request."""
    return {"IfMatch": entry["ETag"]} if "ETag" in entry else {}


class ObjectDeletions:
    """Deleting objects."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    @operation("DeleteObject", needs=to_delete, anonymous=True)
    async def delete(self, caller: Caller, request: DeleteObjectRequest) -> dict[str, Any]:
        """Delete an object. A key that does not exist is deleted already."""
        refuse_unserved(request)
        version_id = request.get("VersionId")
        doomed = _doomed(request["Key"], version_id, request.get("IfMatch"))
        (refusal,) = await self._tables.write(delete_objects, request, [doomed], self._clock.now())
        if refusal is not None:
            raise refusal
        return {"VersionId": version_id} if version_id is not None else {}

    @operation(
        "DeleteObjects",
        needs=NoPermission("s3:DeleteObject is asked for each key, and refused in that key's own result"),
        anonymous=True,
    )
    async def delete_many(self, caller: Caller, request: DeleteObjectsRequest) -> dict[str, Any]:
        """Delete up to 1,000 objects; each key succeeds or fails for itself."""
        refuse_unserved(request)
        wanted = request["Delete"].get("Objects") or []
        if not 1 <= len(wanted) <= MAX_KEYS:
            raise MalformedXML
        await self._tables.read(the_bucket, request)
        deleted: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for first in range(0, len(wanted), KEYS_A_WRITE):
            batch = wanted[first : first + KEYS_A_WRITE]
            for entry, refusal in zip(batch, await self._delete_batch(caller, request, batch), strict=True):
                named = {name: value for name, value in entry.items() if name in ("Key", "VersionId")}
                if refusal is None:
                    deleted.append(named)
                else:
                    errors.append({**named, "Code": refusal[0], "Message": refusal[1]})
        output: dict[str, Any] = {"Errors": errors} if errors else {}
        if deleted and not request["Delete"].get("Quiet"):
            output["Deleted"] = deleted
        return output

    async def _delete_batch(
        self, caller: Caller, request: DeleteObjectsRequest, batch: Sequence[Mapping[str, Any]]
    ) -> list[tuple[str, str] | None]:
        """For each entry None, or the code and message of what stands against it."""
        results: list[tuple[str, str] | None] = [None] * len(batch)
        doomed: dict[int, Doomed] = {}
        for place, entry in enumerate(batch):
            try:
                one = _doomed(entry["Key"], entry.get("VersionId"), entry.get("ETag"))
            except InvalidArgument:
                # Of a list's entry S3 only says that there is no such version.
                results[place] = (NoSuchVersion.code, NoSuchVersion.default_message)
                continue
            except ServiceError as refusal:
                results[place] = (refusal.code, refusal.message)
                continue
            needed = to_delete({**entry, "Bucket": request["Bucket"], **_condition(entry)}, caller)
            if all([await caller.may(requirement) for requirement in needed]):
                doomed[place] = one
            else:
                results[place] = ("AccessDenied", AccessDenied.default_message)
        if doomed:
            refusals = await self._tables.write(delete_objects, request, list(doomed.values()), self._clock.now())
            for place, refusal in zip(doomed, refusals, strict=True):
                if refusal is not None:
                    results[place] = (refusal.code, refusal.message)
        return results

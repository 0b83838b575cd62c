"""PutObjectTagging, GetObjectTagging and DeleteObjectTagging.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import the_bucket
from marinelayer.services.s3.change import Origin, changed
from marinelayer.services.s3.changes import Changes, announce
from marinelayer.services.s3.errors import NoSuchKey
from marinelayer.services.s3.get import missing
from marinelayer.services.s3.names import key_bytes
from marinelayer.services.s3.needs import on_version
from marinelayer.services.s3.tags import Tags, object_tags, shown_tags
from marinelayer.services.s3.versions import tags_text, written_version
from marinelayer.statements import Statements

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        DeleteObjectTaggingRequest,
        GetObjectTaggingRequest,
        PutObjectTaggingRequest,
    )

SQL = Statements("marinelayer.services.s3", "object_tags.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """The tags of a version, and its id where its bucket keeps versions, or once did."""

    tags: Tags
    version_id: str | None

    @property
    def members(self) -> dict[str, str]:
        """What an answer says of the version."""
        return {} if self.version_id is None else {"VersionId": self.version_id}


def tagged(tx: Transaction, request: Mapping[str, Any]) -> Tagged | None:
    """The tags of the version that a request names; None where there is no object."""
    bucket = the_bucket(tx, request)
    version = written_version(tx, bucket.bucket_id, key_bytes(request["Key"]), request.get("VersionId"))
    if version is None:
        return None
    return Tagged(tags=version.description.tags, version_id=None if bucket.versioning is None else version.version_id)


def set_tags(tx: Transaction, origin: Origin, request: Mapping[str, Any], tags: Tags, *, method: str) -> Tagged | None:
    """Replace the tags of the version that a request names; None where there is no object."""
    bucket = the_bucket(tx, request)
    key = key_bytes(request["Key"])
    version = written_version(tx, bucket.bucket_id, key, request.get("VersionId"), method=method)
    if version is None:
        return None
    tx.run(SQL.set_version_tags, bucket_id=bucket.bucket_id, key=key, seq=version.seq, tags=tags_text(tags))
    event = "ObjectTagging:Put" if method == "PUT" else "ObjectTagging:Delete"
    announce(tx, bucket, changed(event, version), origin)
    return Tagged(tags=tags, version_id=None if bucket.versioning is None else version.version_id)


class ObjectTags:
    """The tags of objects."""

    def __init__(self, tables: Tables, changes: Changes) -> None:
        self._tables = tables
        self._changes = changes

    @operation(
        "PutObjectTagging", needs=on_version("s3:PutObjectTagging", "s3:PutObjectVersionTagging"), anonymous=True
    )
    async def put(self, caller: Caller, request: PutObjectTaggingRequest) -> dict[str, Any]:
        """Set an object's tags, all of them; nothing else of it changes.

        Raises:
            InvalidTag: S3 takes no such tags.
        """
        tags = object_tags(request["Tagging"]["TagSet"])
        return await self._set(caller, request, tags, "PUT")

    @operation(
        "GetObjectTagging", needs=on_version("s3:GetObjectTagging", "s3:GetObjectVersionTagging"), anonymous=True
    )
    async def get(self, caller: Caller, request: GetObjectTaggingRequest) -> dict[str, Any]:
        """An object's tags in the order of their keys; an empty set where it has none."""
        found = await self._tables.read(tagged, request)
        if found is None:
            refusal = await missing(caller, request["Bucket"], request["Key"])
            if isinstance(refusal, NoSuchKey):  # S3 says the bucket with the key, here alone
                refusal = NoSuchKey(Key=f"{request['Bucket']}/{request['Key']}")
            raise refusal
        return {"TagSet": shown_tags(found.tags), **found.members}

    @operation(
        "DeleteObjectTagging",
        needs=on_version("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"),
        anonymous=True,
    )
    async def delete(self, caller: Caller, request: DeleteObjectTaggingRequest) -> dict[str, Any]:
        """Remove an object's tags; there may be none."""
        return await self._set(caller, request, (), "DELETE")

    async def _set(self, caller: Caller, request: Mapping[str, Any], tags: Tags, method: str) -> dict[str, str]:
        found = await self._changes.write(caller, set_tags, request, tags, method=method)
        if found is None:
            raise await missing(caller, request["Bucket"], request["Key"])
        return found.members

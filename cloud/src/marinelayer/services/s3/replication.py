"""PutBucketReplication, GetBucketReplication and DeleteBucketReplication. Versions are copied by `replicas`.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Caller, Clock, Ids, Tables, Transaction
from marinelayer.protocol.refusals import InvalidRequest
from marinelayer.security.requirement import Requirement
from marinelayer.services.operation import operation
from marinelayer.services.passing import to_pass
from marinelayer.services.s3.bucket import bucket_of, the_bucket
from marinelayer.services.s3.configurations import (
    Document,
    put_configuration,
    the_configuration,
    unconfigure,
)
from marinelayer.services.s3.errors import NoSuchBucket, ReplicationConfigurationNotFoundError
from marinelayer.services.s3.needs import on_bucket
from marinelayer.services.s3.replication_check import check_replication

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        DeleteBucketReplicationRequest,
        GetBucketReplicationRequest,
        PutBucketReplicationRequest,
    )

_ID = 48
_PUT = on_bucket("s3:PutReplicationConfiguration")


def to_put_replication(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
    """s3:PutReplicationConfiguration on the bucket, and iam:PassRole on the role."""
    configuration: Mapping[str, Any] = request.get("ReplicationConfiguration") or {}
    return (*_PUT(request, caller), to_pass(configuration.get("Role") or "*", "s3.amazonaws.com"))


def put_replication(tx: Transaction, request: PutBucketReplicationRequest, document: Document, now: int) -> None:
    """Replace the bucket's rules.

    Raises:
        InvalidRequest: it, or a bucket that it is to copy to, does not keep versions; nor does one that is not there.
    """
    bucket = the_bucket(tx, request)
    if bucket.versioning != "Enabled":
        raise InvalidRequest("Versioning must be 'Enabled' on the bucket to apply a replication configuration")
    for name in {rule["Destination"]["Bucket"].rpartition(":")[2] for rule in document["Rules"]}:
        try:
            keeps = bucket_of(tx, name, None).versioning == "Enabled"
        except NoSuchBucket:
            keeps = False
        if not keeps:
            raise InvalidRequest("Destination bucket must have versioning enabled.")
    put_configuration(tx, bucket, "replication", document, now)


class Replications:
    """What is copied of buckets to others."""

    def __init__(self, tables: Tables, clock: Clock, ids: Ids) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids

    @operation("PutBucketReplication", needs=to_put_replication, anonymous=True)
    async def put(self, caller: Caller, request: PutBucketReplicationRequest) -> None:
        """Set the bucket's rules, all of them. A rule without an id is given one. What is there already is not copied.

        Raises:
            MalformedXML, InvalidArgument, InvalidRequest: S3 takes no such rules.
            AccessDenied: the role is another account's.
        """
        given = request["ReplicationConfiguration"]
        check_replication(given, request["Bucket"])
        if given["Role"].split(":")[4] != caller.account:
            raise AccessDenied
        rules = [{**rule, "ID": rule.get("ID") or self._ids.token(_ID)} for rule in given["Rules"]]
        await self._tables.write(put_replication, request, {**given, "Rules": rules}, self._clock.now())

    @operation("GetBucketReplication", needs=on_bucket("s3:GetReplicationConfiguration"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketReplicationRequest) -> dict[str, Any]:
        """The bucket's rules, as they were given, each with its id."""
        found = await self._tables.read(
            the_configuration, request, "replication", ReplicationConfigurationNotFoundError
        )
        return {"ReplicationConfiguration": found}

    @operation("DeleteBucketReplication", needs=_PUT, anonymous=True)
    async def delete(self, caller: Caller, request: DeleteBucketReplicationRequest) -> None:
        """Remove the bucket's rules. What they were about before is still copied."""
        await self._tables.write(unconfigure, request, "replication")

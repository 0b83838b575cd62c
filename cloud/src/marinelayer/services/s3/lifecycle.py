"""PutBucketLifecycleConfiguration, GetBucketLifecycleConfiguration and DeleteBucketLifecycle, and what answers say of
the rules. The rules are carried out by `lifecycle_sweep`.

PutBucketLifecycle and GetBucketLifecycle, which AWS has deprecated, are the same requests.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from marinelayer.ports import Caller, Clock, Ids, Tables, Transaction
from marinelayer.protocol.times import http_date
from marinelayer.services.operation import operation
from marinelayer.services.s3.bucket import Bucket, the_bucket
from marinelayer.services.s3.conditions import moment
from marinelayer.services.s3.configurations import (
    Document,
    configuration,
    put_configuration,
    the_configuration,
    unconfigure,
)
from marinelayer.services.s3.errors import NoSuchLifecycleConfiguration
from marinelayer.services.s3.lifecycle_check import check_lifecycle, check_minimum_size
from marinelayer.services.s3.lifecycle_rules import abortion, enabled_rules, expiry
from marinelayer.services.s3.lifecycle_sweep import begin_sweeps
from marinelayer.services.s3.needs import on_bucket
from marinelayer.services.s3.placing import NewVersion, Placed
from marinelayer.services.s3.versions import Version, newest_version

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        DeleteBucketLifecycleRequest,
        GetBucketLifecycleConfigurationRequest,
        PutBucketLifecycleConfigurationRequest,
    )

ID_SIZE = 48


def put_lifecycle(
    tx: Transaction, request: PutBucketLifecycleConfigurationRequest, document: Document, now: int
) -> None:
    """Replace the bucket's rules, and have them carried out from now on."""
    bucket = the_bucket(tx, request)
    put_configuration(tx, bucket, "lifecycle", document, now)
    if enabled_rules(document):
        begin_sweeps(tx, bucket.bucket_id, now)


def expiration_members(
    tx: Transaction, bucket: Bucket, key: bytes, *, size: int, tags: Sequence[tuple[str, str]], modified: int
) -> dict[str, str]:
    """What an answer says of when its object, the current version of `key`, expires: nothing where it never does."""
    document = configuration(tx, bucket, "lifecycle")
    found = expiry(enabled_rules(document), key, size, tags, modified) if document else None
    if found is None:
        return {}
    return {"Expiration": f'expiry-date="{http_date(moment(found[0]))}", rule-id="{quote(found[1])}"'}


def read_members(tx: Transaction, bucket: Bucket, version: Version) -> dict[str, str]:
    """What the answer to a read says of when the version expires: of the current one only."""
    if "lifecycle" not in bucket.configured:
        return {}
    newest = newest_version(tx, bucket.bucket_id, version.key)
    if newest is None or newest.seq != version.seq:
        return {}
    tags = version.description.tags
    return expiration_members(tx, bucket, version.key, size=version.size, tags=tags, modified=version.modified)


def written_members(tx: Transaction, bucket: Bucket, key: bytes, version: NewVersion, placed: Placed) -> dict[str, str]:
    """What the answer to a write says of the version that it made: its id, where the bucket is versioned, and when it
    expires."""
    named = {"VersionId": placed.version_id} if bucket.versioning == "Enabled" else {}
    tags = version.description.tags
    return named | expiration_members(tx, bucket, key, size=version.size, tags=tags, modified=version.modified)


def abort_members(tx: Transaction, bucket: Bucket, key: bytes, initiated: int) -> dict[str, Any]:
    """What an answer says of when its upload is given up: nothing where it never is."""
    document = configuration(tx, bucket, "lifecycle")
    found = abortion(enabled_rules(document), key, initiated) if document else None
    return {} if found is None else {"AbortDate": moment(found[0]), "AbortRuleId": found[1]}


class Lifecycles:
    """The lifecycle rules of buckets."""

    def __init__(self, tables: Tables, clock: Clock, ids: Ids, poke: Callable[[], None]) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._poke = poke

    @operation("PutBucketLifecycleConfiguration", needs=on_bucket("s3:PutLifecycleConfiguration"), anonymous=True)
    async def put(self, caller: Caller, request: PutBucketLifecycleConfigurationRequest) -> dict[str, Any]:
        """Set the bucket's rules, all of them. A rule without an id is given one.

        Raises:
            MalformedXML, InvalidArgument, InvalidRequest: S3 takes no such rules.
        """
        rules = request.get("LifecycleConfiguration", {"Rules": []})["Rules"]
        check_lifecycle(rules)
        smallest = check_minimum_size(request.get("TransitionDefaultMinimumObjectSize"))
        document: Mapping[str, Any] = {
            "Rules": [{**rule, "ID": rule.get("ID") or self._ids.token(ID_SIZE)} for rule in rules],
            "TransitionDefaultMinimumObjectSize": smallest,
        }
        await self._tables.write(put_lifecycle, request, document, self._clock.now())
        self._poke()
        return {"TransitionDefaultMinimumObjectSize": smallest}

    @operation("GetBucketLifecycleConfiguration", needs=on_bucket("s3:GetLifecycleConfiguration"), anonymous=True)
    async def get(self, caller: Caller, request: GetBucketLifecycleConfigurationRequest) -> dict[str, Any]:
        """The bucket's rules, as they were given, each with its id."""
        return dict(await self._tables.read(the_configuration, request, "lifecycle", NoSuchLifecycleConfiguration))

    @operation("DeleteBucketLifecycle", needs=on_bucket("s3:PutLifecycleConfiguration"), anonymous=True)
    async def delete(self, caller: Caller, request: DeleteBucketLifecycleRequest) -> None:
        """Remove the bucket's rules. What they did stays done."""
        await self._tables.write(unconfigure, request, "lifecycle")

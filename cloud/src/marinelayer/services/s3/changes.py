"""What happens to objects, made known in the transaction that does it.

A write function that changes an object gets the `Origin` of the change, and announces each `Change`. Who is told of it
is a matter of the bucket's configurations, which were read with the bucket: where it has none nothing is done. Rule 1:
what is announced is undone with what was done, and never announced without it. Rule 2: telling is an outbox row.

Knows nothing of who listens but the name of the configuration that makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Concatenate, Literal, ParamSpec, TypeVar

from marinelayer.ports import Caller, Clock, Tables, Transaction
from marinelayer.protocol.rest_xml import extended_id
from marinelayer.security.identity import Principal
from marinelayer.services.s3.bucket import Bucket
from marinelayer.services.s3.notification_events import notify
from marinelayer.services.s3.placing import NewVersion, Placed
from marinelayer.services.s3.replicating import replicate
from marinelayer.services.s3.service_delivery import S3_ITSELF
from marinelayer.services.s3.versions import DeleteMarker, Version

P = ParamSpec("P")
R = TypeVar("R")

Event = Literal[
    "ObjectCreated:Put",
    "ObjectCreated:Post",
    "ObjectCreated:Copy",
    "ObjectCreated:CompleteMultipartUpload",
    "ObjectRemoved:Delete",
    "ObjectRemoved:DeleteMarkerCreated",
    "ObjectRestore:Post",
    "ObjectRestore:Completed",
    "ObjectRestore:Delete",
    "ObjectTagging:Put",
    "ObjectTagging:Delete",
    "ObjectAcl:Put",
    "ObjectRetention:Put",
    "Replication:OperationFailedReplication",
    "LifecycleExpiration:Delete",
    "LifecycleExpiration:DeleteMarkerCreated",
    "LifecycleTransition",
]
"""What happens to objects here, as S3's events name it (without their `s3:`).

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
"""


@dataclass(slots=True, kw_only=True)
class Origin:
    """Where a change comes from: who asked for it, from which address (a service's is its name), in which request, and
    when, in microseconds. `form` is whether a browser's form brought it. `told` are the changes that someone is told
    of: each run of a write function has an origin of its own."""

    principal: Principal
    address: str
    request_id: str
    time: int
    form: bool = False
    told: list[Change] = field(default_factory=list["Change"], compare=False)

    @property
    def host_id(self) -> str:
        """The second id of the request, as its answer says it."""
        return extended_id(self.request_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to one version of an object. `seq` is the version's place among those of its key, `version_id` its
    id (`null` where the bucket gave it none), `size`, `etag` and `storage_class` are what it has since; a version that
    is gone, or is a delete marker, has none of these. `until` is when its restored copy ends, or the retention that it
    was given, whose `mode` is said beside it; `replication` is what an event of its replication says of that."""

    event: Event
    key: bytes
    seq: int
    version_id: str
    size: int | None = None
    etag: str | None = None
    storage_class: str | None = None
    mode: str | None = None
    until: int | None = None
    replication: Mapping[str, str] | None = None


def origin_of(caller: Caller, now: int) -> Origin:
    """The origin of what a caller does `now`."""
    return Origin(
        principal=caller.principal,
        address=caller.peer or caller.principal.arn,
        request_id=caller.request_id,
        time=now,
        form=caller.form,
    )


def origin_of_s3(request_id: str, now: int) -> Origin:
    """The origin of what S3 does by itself `now`, as if by a request of its own."""
    itself = S3_ITSELF.principal
    return Origin(principal=itself, address=itself.arn, request_id=request_id, time=now)


def created(event: Event, key: bytes, version: NewVersion, placed: Placed) -> Change:
    """That a version was written."""
    return Change(
        event=event,
        key=key,
        seq=placed.seq,
        version_id=placed.version_id,
        size=version.size,
        etag=version.etag,
        storage_class=version.description.storage_class,
    )


def changed(event: Event, version: Version) -> Change:
    """That something was done to a version that stays."""
    return Change(
        event=event,
        key=version.key,
        seq=version.seq,
        version_id=version.version_id,
        size=version.size,
        etag=version.etag,
        storage_class=version.description.storage_class,
    )


def restored(version: Version, until: int) -> Change:
    """That the restored copy of a version is there."""
    return replace(changed("ObjectRestore:Completed", version), until=until)


def retained(version: Version, mode: str | None, until: int | None) -> Change:
    """That a version was given a retention, or that its was taken away."""
    return replace(changed("ObjectRetention:Put", version), mode=mode, until=until)


def unreplicated(version: Version, data: Mapping[str, str]) -> Change:
    """That a version could not be copied."""
    return replace(changed("Replication:OperationFailedReplication", version), replication=data)


def transitioned(version: Version, storage_class: str) -> Change:
    """That a rule took a version to another storage class."""
    return replace(changed("LifecycleTransition", version), storage_class=storage_class)


def removed(event: Event, version: Version | DeleteMarker) -> Change:
    """That a version, or delete marker, is gone for good."""
    return Change(event=event, key=version.key, seq=version.seq, version_id=version.version_id)


def marked(event: Event, key: bytes, placed: Placed) -> Change:
    """That a delete marker was written."""
    return Change(event=event, key=key, seq=placed.seq, version_id=placed.version_id)


def announce(tx: Transaction, bucket: Bucket, change: Change, origin: Origin) -> None:
    """Make a change known to those who are to be told of it."""
    told = "notification" in bucket.configured and notify(tx, bucket, change, origin)
    if "replication" in bucket.configured and replicate(tx, bucket, change, origin):
        told = True
    if told:
        origin.told.append(change)


def announce_hold(tx: Transaction, bucket: Bucket, version: Version, origin: Origin) -> None:
    """Make a version's legal hold known, of which S3 has no event, but which its replicas follow."""
    change = changed("ObjectRetention:Put", version)
    if "replication" in bucket.configured and replicate(tx, bucket, change, origin):
        origin.told.append(change)


class Changes:
    """Runs the writes that change objects, and has the outbox look where someone is to be told of it."""

    def __init__(self, tables: Tables, clock: Clock, poke: Callable[[], None]) -> None:
        self._tables = tables
        self._clock = clock
        self._poke = poke

    async def write(
        self,
        caller: Caller,
        function: Callable[Concatenate[Transaction, Origin, P], R],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run `function(tx, origin, ...)` as Tables.write does, on behalf of a caller, now."""

        def write(tx: Transaction) -> tuple[R, bool]:
            origin = origin_of(caller, now)
            result = function(tx, origin, *args, **kwargs)
            return result, bool(origin.told)

        # So that the tables take it for what it runs: one function that takes long says nothing of the others.
        write.__dict__["__wrapped__"] = function
        now = self._clock.now()
        result, heard = await self._tables.write(write)
        if heard:
            self._poke()
        return result

"""What happens to objects, as values: a change of one version, and where it comes from. Pure.

A write function that changes an object makes a `Change` of what it did; `changes` makes it known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from marinelayer.ports import Caller
from marinelayer.protocol.rest_xml import extended_id
from marinelayer.security.identity import Principal
from marinelayer.services.s3.placing import NewVersion, Placed
from marinelayer.services.s3.service_delivery import S3_ITSELF
from marinelayer.services.s3.versions import DeleteMarker, Version

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

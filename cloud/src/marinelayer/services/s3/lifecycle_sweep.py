"""Lifecycle rules carried out: outbox jobs that walk through a bucket, by key, and do what is due.

A bucket with enabled rules has one chain of jobs. Each job looks at a bounded number of versions (then of uploads), and
writes the next one with its place in the walk, so that a kill costs what one job has looked at; the last one of a sweep
writes the first of the next sweep. Rule 1: a chain belongs to one setting of the rules, and ends when they were set
again or removed. Rule 2: pages are looked at in reads; what is due is done in a write that looks again.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from marinelayer import outbox
from marinelayer.outbox import Job, JobHandler
from marinelayer.ports import Clock, Ids, Row, Tables, Transaction
from marinelayer.services.s3.access_log import AccessLogs, Entry
from marinelayer.services.s3.blobs import release_parts
from marinelayer.services.s3.bucket import Bucket, bucket_of
from marinelayer.services.s3.change import Origin, marked, origin_of_s3, removed, transitioned
from marinelayer.services.s3.changes import announce
from marinelayer.services.s3.lifecycle_rules import (
    Days,
    Fate,
    Rule,
    Standing,
    Transition,
    abortion,
    fate,
    ranges,
    rules_of_text,
    stored_tags,
)
from marinelayer.services.s3.names import NULL_VERSION
from marinelayer.services.s3.placing import put_marker, remove_version
from marinelayer.services.s3.statements import SQL as S3
from marinelayer.services.s3.versions import ENTROPY, Version, newest_version, version_named
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.s3", "lifecycle.sql")

SWEEP = "s3.lifecycle.sweep"
PAGE = 250
"""Rows that are looked at in one read."""
PAGES_A_JOB = 40
_TRANSITIONS = {
    "STANDARD_IA": "_SIA",
    "ONEZONE_IA": "_ZIA",
    "INTELLIGENT_TIERING": "_INT",
    "GLACIER_IR": "_GIR",
    "GLACIER": "",
    "DEEP_ARCHIVE": "_GDA",
}
"""Transitions as the access log names them (S3 User Guide, "S3 Lifecycle and logging")."""
_UNCOPIED = ("PENDING", "FAILED")
"""What replication says of versions that rules leave alone: what is not copied yet must not be lost."""
NEWEST = 2**62
"""Above every place of a version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a sweep of a bucket stands: `key` and, of it, the versions below `below` (or the uploads behind
    `upload`) come next. `since` and `newer` are what is known of the versions of `key` above them. `changed` names the
    setting of the rules, `sweep` and `page` number the chain's jobs."""

    bucket_id: int
    changed: int
    sweep: int = 0
    page: int = 0
    uploads: bool = False
    key: bytes = b""
    below: int = NEWEST
    since: int | None = None
    newer: int = 0
    upload: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A version, as it was looked at, that something is due for."""

    row: Row
    current: bool
    fate: Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done by a rule, as the access log names it, and to what."""

    operation: str
    key: bytes
    version_id: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was found due, and where the walk goes on: None at its end."""

    versions: Sequence[Due] = ()
    uploads: Sequence[Row] = ()
    next: Place | None = None


def begin_sweeps(tx: Transaction, bucket_id: int, now: int) -> None:
    """Start a bucket's chain, inside the write that sets its rules."""
    _enqueue(tx, Place(bucket_id=bucket_id, changed=now), now)


def _enqueue(tx: Transaction, place: Place, due: int) -> None:
    chain = f"{SWEEP}/{place.bucket_id}/{place.changed}"
    members = {name: getattr(place, name) for name in Place.__slots__} | {"key": place.key.hex()}
    outbox.enqueue(
        tx,
        job_id=f"{chain}/{place.sweep}/{place.page}",
        kind=SWEEP,
        group=chain,
        payload=json.dumps(members).encode(),
        due=due,
    )


def _place(payload: bytes) -> Place:
    members: dict[str, Any] = json.loads(payload)
    members["key"] = bytes.fromhex(members["key"])
    return Place(**members)


def go_on(tx: Transaction, place: Place, due: int) -> None:
    """Write the chain's next job, if the rules are still those that it began with."""
    if _rules(tx, place) is not None:
        _enqueue(tx, place, due)


def _rules(tx: Transaction, place: Place) -> tuple[Bucket, Sequence[Rule]] | None:
    row = tx.one(SQL.lifecycle, bucket_id=place.bucket_id)
    if row is None or row["changed"] != place.changed:
        return None
    rules = rules_of_text(row["document"])
    return (bucket_of(tx, row["name"], None), rules) if rules else None


# --- looking --------------------------------------------------------------------------------------------------


def look(tx: Transaction, place: Place, days: Days, now: int) -> Page | None:
    """The next page of a sweep; None where the chain has ended."""
    found = _rules(tx, place)
    if found is None:
        return None
    bucket, rules = found
    if place.uploads:
        return _look_at_uploads(tx, place, [rule for rule in rules if rule.abort_days is not None], days, now)
    return _look_at_versions(tx, place, bucket, rules, days, now)


def _range_from(rules: Sequence[Rule], key: bytes) -> tuple[bytes, bytes] | None:
    """The part from `key` on of the first range of keys that rules may apply to."""
    return next(((max(first, key), end) for first, end in ranges(rules) if end > key), None)


def _look_at_versions(
    tx: Transaction, place: Place, bucket: Bucket, rules: Sequence[Rule], days: Days, now: int
) -> Page:
    span = _range_from(rules, place.key)
    if span is None:
        return Page(next=_uploads_of(place))
    rows = tx.all(
        SQL.versions_from, bucket_id=place.bucket_id, first=span[0], end=span[1], below=place.below, limit=PAGE
    )
    due: list[Due] = []
    key, since, newer = place.key, place.since, place.newer
    for row in rows:
        if row["key"] != key:
            key, since, newer = row["key"], None, 0
        standing = _standing(tx, place.bucket_id, row, since, newer)
        decided = fate(rules, days, standing, now, versioned=bucket.versioning is not None)
        if decided is not None:
            due.append(Due(row=row, current=since is None, fate=decided))
        # Delete markers are no versions that NewerNoncurrentVersions would keep.
        newer += int(since is not None and not row["is_marker"])
        since = row["modified"]
    if len(rows) == PAGE:
        onward = replace(place, key=key, below=rows[-1]["seq"], since=since, newer=newer)
    else:
        onward = replace(place, key=span[1], below=NEWEST, since=None, newer=0)
        onward = onward if _range_from(rules, span[1]) is not None else _uploads_of(place)
    return Page(versions=due, next=onward)


def _uploads_of(place: Place) -> Place:
    return Place(bucket_id=place.bucket_id, changed=place.changed, sweep=place.sweep, page=place.page, uploads=True)


def _standing(tx: Transaction, bucket_id: int, row: Row, since: int | None, newer: int) -> Standing:
    marker = bool(row["is_marker"])
    return Standing(
        key=row["key"],
        size=row["size"],
        tags=stored_tags(row["tags"]),
        modified=row["modified"],
        storage_class=row["storage_class"],
        is_marker=marker,
        since=since,
        newer=newer,
        alone=marker
        and since is None
        and tx.one(SQL.older_version, bucket_id=bucket_id, key=row["key"], seq=row["seq"]) is None,
    )


def _look_at_uploads(tx: Transaction, place: Place, rules: Sequence[Rule], days: Days, now: int) -> Page:
    span = _range_from(rules, place.key)
    if span is None:
        return Page()
    rows = tx.all(
        SQL.uploads_from, bucket_id=place.bucket_id, first=span[0], end=span[1], after_id=place.upload, limit=PAGE
    )
    dates = [abortion(rules, row["key"], row["initiated"], days) for row in rows]
    due = [row for row, date in zip(rows, dates, strict=True) if date is not None and now >= date[0]]
    if len(rows) == PAGE:
        onward = replace(place, key=rows[-1]["key"], upload=rows[-1]["upload_id"])
    else:
        onward = replace(place, key=span[1], upload="") if _range_from(rules, span[1]) is not None else None
    return Page(uploads=due, next=onward)


# --- doing ----------------------------------------------------------------------------------------------------


def carry_out(
    tx: Transaction, place: Place, page: Page, entropies: Sequence[str], origin: Origin
) -> tuple[str, Sequence[Done]]:
    """Do what was found due, where it is still so: nothing to what was replaced, tagged anew or locked meanwhile.
    Returns the bucket's name and what was done."""
    found = _rules(tx, place)
    if found is None:
        return "", ()
    bucket = found[0]
    done = [_carry_out(tx, bucket, due, entropy, origin) for due, entropy in zip(page.versions, entropies, strict=True)]
    for row in page.uploads:
        if tx.run(S3.delete_upload, bucket_id=bucket.bucket_id, key=row["key"], upload_id=row["upload_id"]):
            release_parts(tx, row["upload_id"], origin.time)
            done.append(Done(operation="S3.DELETE.UPLOAD", key=row["key"]))
    return bucket.name, [one for one in done if one is not None]


def _carry_out(tx: Transaction, bucket: Bucket, due: Due, entropy: str, origin: Origin) -> Done | None:
    row = due.row
    key, seq = row["key"], row["seq"]
    named = tx.one(SQL.version_at, bucket_id=bucket.bucket_id, key=key, seq=seq)
    version = None if named is None else version_named(tx, bucket.bucket_id, key, named["version_id"])
    newest = newest_version(tx, bucket.bucket_id, key)
    if version is None or newest is None or version.seq != seq or due.current != (newest.seq == seq):
        return None
    if isinstance(version, Version) and (
        list(version.description.tags) != list(stored_tags(row["tags"])) or version.replication in _UNCOPIED
    ):
        return None
    if isinstance(due.fate, Transition):
        change: Mapping[str, Any] = {
            "bucket_id": bucket.bucket_id,
            "key": key,
            "seq": seq,
            "storage_class": due.fate.storage_class,
        }
        tx.run(SQL.set_class_of_version, **change)
        tx.run(SQL.set_class_of_object, **change)
        if isinstance(version, Version):
            announce(tx, bucket, transitioned(version, due.fate.storage_class), origin)
        operation = f"S3.TRANSITION{_TRANSITIONS[due.fate.storage_class]}.OBJECT"
        return Done(operation=operation, key=key, version_id=version.version_id, size=row["size"])
    if due.fate == "expire" and bucket.versioning is not None:
        placed = put_marker(tx, bucket, key, bucket.owner, entropy, newest, origin.time)
        announce(tx, bucket, marked("LifecycleExpiration:DeleteMarkerCreated", key, placed), origin)
        return Done(operation="S3.CREATE.DELETEMARKER", key=key, version_id=placed.version_id)
    if isinstance(version, Version) and version.description.lock.protects(origin.time):
        return None
    remove_version(tx, bucket.bucket_id, version, origin.time)
    announce(tx, bucket, removed("LifecycleExpiration:Delete", version), origin)
    return Done(operation="S3.EXPIRE.OBJECT", key=key, version_id=version.version_id, size=row["size"])


class LifecycleSweeps:
    """Carries out the lifecycle rules of buckets, in days of a given length, and notes it in their access logs."""

    def __init__(self, tables: Tables, clock: Clock, ids: Ids, days: Days, logs: AccessLogs) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._days = days
        self._logs = logs

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of job."""
        return {SWEEP: self.sweep}

    async def sweep(self, job: Job) -> None:
        """Look at some pages, do what is due, and write the job that goes on."""
        place = _place(job.payload)
        number = place.page
        now = self._clock.now()
        for _ in range(PAGES_A_JOB):
            page = await self._tables.read(look, place, self._days, now)
            if page is None:
                return
            if page.versions or page.uploads:
                entropies = [self._ids.token(ENTROPY) for _ in page.versions]
                origin = origin_of_s3(self._ids.token(16).upper(), now)
                name, done = await self._tables.write(carry_out, place, page, entropies, origin)
                if name in self._logs.buckets:
                    for one in done:
                        self._logs.note(self._entry(name, one, now))
            if page.next is None:
                again = Place(bucket_id=place.bucket_id, changed=place.changed, sweep=place.sweep + 1)
                await self._tables.write(go_on, again, self._days.next_sweep(now))
                return
            place = page.next
        await self._tables.write(go_on, replace(place, page=number + 1), now)

    def _entry(self, bucket: str, done: Done, now: int) -> Entry:
        return Entry(
            bucket=bucket,
            time=now,
            requester="AmazonS3",
            request_id=self._ids.token(16).upper(),
            operation=done.operation,
            key=quote(done.key.decode()),
            object_size="" if done.size is None else str(done.size),
            version_id="" if done.version_id == NULL_VERSION else done.version_id,
        )

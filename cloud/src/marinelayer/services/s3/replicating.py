"""What replication rules make of a change: outbox jobs, written with it, that copy it to other buckets.

A version that is to be copied says so (`versions.replication`), and for each destination how far that is
(`versions.replicas`). Rule 1: what a rule said when the change happened is what is done, whatever becomes of the rule.
Rule 2: replicas are not copied onward. Rule 3: jobs of a key and a destination keep their order.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from marinelayer import outbox
from marinelayer.ports import Row, Transaction
from marinelayer.services.s3.archive import ARCHIVED
from marinelayer.services.s3.bucket import Bucket
from marinelayer.services.s3.change import Change, Origin
from marinelayer.services.s3.encryption import read_encryption
from marinelayer.services.s3.lifecycle_rules import stored_tags
from marinelayer.services.s3.replication_rules import Destination, Rule, covering, rules_of_text
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.s3", "replication.sql")

REPLICATE = "s3.replicate"
REPLICA = "REPLICA"
What = Literal["version", "marker", "change"]
Status = Literal["PENDING", "COMPLETED", "FAILED"]

_CHANGES = ("ObjectTagging:", "ObjectAcl:", "ObjectRetention:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a job is to copy: a version, a delete marker, or what was changed of a version, by its bucket, its key in
    hexadecimal digits, its place and its id, since `time` (microseconds); and where to."""

    what: What
    bucket_id: int
    key: str
    seq: int
    version_id: str
    time: int
    destination: Destination

    @property
    def key_bytes(self) -> bytes:
        """The key."""
        return bytes.fromhex(self.key)


def read_task(payload: bytes) -> Task:
    """A task from its job."""
    members: dict[str, Any] = json.loads(payload)
    members["destination"] = Destination(**members["destination"])
    return Task(**members)


def replicate(tx: Transaction, bucket: Bucket, change: Change, origin: Origin) -> bool:
    """Have a change copied where rules say so; whether any do."""
    what = _what(change)
    if what is None:
        return False
    row = _version_at(tx, bucket.bucket_id, change.key, change.seq, change.version_id)
    configured = tx.one(SQL.rules, bucket_id=bucket.bucket_id)
    if row is None or configured is None:
        return False
    destinations = _destinations(rules_of_text(configured["document"]), change.key, row, what)
    if not destinations:
        return False
    waiting: Mapping[str, Status] = {one.bucket: "PENDING" for one in destinations}
    _note(tx, bucket.bucket_id, change.key, change.seq, row, waiting)
    for destination in destinations:
        task = Task(
            what=what,
            bucket_id=bucket.bucket_id,
            key=change.key.hex(),
            seq=change.seq,
            version_id=change.version_id,
            time=origin.time,
            destination=destination,
        )
        group = f"{REPLICATE}/{bucket.bucket_id}/{task.key}/{destination.bucket}"
        outbox.enqueue(
            tx,
            job_id=f"{group}/{change.version_id}/{change.event}/{origin.request_id}",
            kind=REPLICATE,
            group=group,
            payload=json.dumps(asdict(task)).encode(),
            due=origin.time,
        )
    return True


def _what(change: Change) -> What | None:
    if change.event.startswith("ObjectCreated:"):
        return "version"
    if change.event == "ObjectRemoved:DeleteMarkerCreated":
        return "marker"
    return "change" if change.event.startswith(_CHANGES) else None


def _destinations(rules: Sequence[Rule], key: bytes, row: Row, what: What) -> list[Destination]:
    is_replica = row["replication"] == REPLICA
    if what == "change" and not is_replica:
        # Of what was copied, what is changed later follows, whether the rule still is about it or not.
        copied = _replicas(row)
        by_name = {rule.destination.bucket: rule.destination for rule in sorted(rules, key=lambda rule: rule.priority)}
        return [destination for name, destination in by_name.items() if name in copied]
    if is_replica and what != "change":
        return []
    found = covering(rules, key, stored_tags(row["tags"]))
    return [rule.destination for rule in found if _copies(rule, row, what, is_replica=is_replica)]


def _copies(rule: Rule, row: Row, what: What, *, is_replica: bool) -> bool:
    if what == "marker":
        return rule.markers
    if is_replica:
        return rule.modifications
    encryption = read_encryption(row["encryption"])
    by_kms = encryption is not None and encryption.is_kms
    return row["storage_class"] not in ARCHIVED and (rule.by_kms or not by_kms)


def settle(tx: Transaction, task: Task, status: Status) -> None:
    """Write what became of a task beside its version, if that is still there."""
    row = _version_at(tx, task.bucket_id, task.key_bytes, task.seq, task.version_id)
    if row is not None:
        _note(tx, task.bucket_id, task.key_bytes, task.seq, row, {task.destination.bucket: status})


def _note(tx: Transaction, bucket_id: int, key: bytes, seq: int, row: Row, statuses: Mapping[str, Status]) -> None:
    if row["replication"] == REPLICA:
        return
    replicas: Mapping[str, Status] = {**_replicas(row), **statuses}
    tx.run(
        SQL.set_replication,
        bucket_id=bucket_id,
        key=key,
        seq=seq,
        replication=_together(replicas.values()),
        replicas=json.dumps(replicas),
    )


def _together(statuses: Iterable[Status]) -> Status:
    """COMPLETED when all are; FAILED as soon as one is."""
    found = set(statuses)
    return "FAILED" if "FAILED" in found else "PENDING" if "PENDING" in found else "COMPLETED"


def _replicas(row: Row) -> Mapping[str, Status]:
    return json.loads(row["replicas"]) if row["replicas"] else {}


def _version_at(tx: Transaction, bucket_id: int, key: bytes, seq: int, version_id: str) -> Row | None:
    row = tx.one(SQL.version_at, bucket_id=bucket_id, key=key, seq=seq)
    return row if row is not None and row["version_id"] == version_id else None

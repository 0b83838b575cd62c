"""Server access logs: a line for each request to a bucket that is logged, delivered as objects to its target bucket.

Lines are gathered in memory, so that a request to a bucket that is not logged pays a look at a set of names, and
become outbox jobs at intervals and at a clean stop; a job writes its lines as one object, or one for each day of
events. A kill loses the lines that were not a job yet: S3 promises best effort too. Knows no requests: `Entry` is what
is known of one.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html and .../ServerLogs.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from marinelayer import outbox
from marinelayer.http import BytesBody
from marinelayer.model.errors import AccessDenied, ServiceError
from marinelayer.outbox import Job, JobFailed, JobHandler
from marinelayer.ports import Access, Clock, Ids, Tables, Transaction
from marinelayer.services.s3.bucket import Bucket, bucket_of
from marinelayer.services.s3.configurations import Document, configuration
from marinelayer.services.s3.errors import NoSuchBucket
from marinelayer.services.s3.service_delivery import LOGS, TO_BUCKET_OWNER, Put, ServiceDelivery
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.s3", "access_log.sql")

DELIVER = "s3.log.deliver"
LINES_A_JOB = 500
MOST_WAITING = 100_000
"""Lines that wait in memory; what comes on top of them is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a line says of one request, in its order; "" where there is nothing to say. `time` is in microseconds."""

    bucket: str
    time: int
    remote_ip: str = ""
    requester: str
    request_id: str
    operation: str
    key: str
    request_uri: str = ""
    status: str = ""
    error_code: str = ""
    bytes_sent: str = ""
    object_size: str = ""
    total_time: str = ""
    turn_around_time: str = ""
    referer: str = ""
    user_agent: str = ""
    version_id: str = ""
    host_id: str = ""
    signature_version: str = ""
    cipher_suite: str = ""
    authentication_type: str = ""
    host: str = ""
    tls_version: str = ""
    acl_required: str = ""


def line_of(entry: Entry) -> str:
    """An entry as it is written behind the canonical id of the bucket's owner."""
    moment = datetime.fromtimestamp(entry.time // 1_000_000, UTC)
    fields = [
        entry.bucket,
        f"[{moment:%d/%b/%Y:%H:%M:%S} +0000]",
        entry.remote_ip,
        entry.requester,
        entry.request_id,
        entry.operation,
        entry.key,
        _quoted(entry.request_uri),
        entry.status,
        entry.error_code,
        entry.bytes_sent,
        entry.object_size,
        entry.total_time,
        entry.turn_around_time,
        _quoted(entry.referer),
        _quoted(entry.user_agent),
        entry.version_id,
        entry.host_id,
        entry.signature_version,
        entry.cipher_suite,
        entry.authentication_type,
        entry.host,
        entry.tls_version,
        "",  # an access point's ARN, of which there are none here
        entry.acl_required,
    ]
    return " ".join(field or "-" for field in fields)


def _quoted(text: str) -> str:
    # Nobody must be able to write fields or lines of their own by what they send.
    clean = text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    return f'"{clean}"' if clean else ""


# --- gathering ------------------------------------------------------------------------------------------------


def logged_buckets(tx: Transaction) -> frozenset[str]:
    """The names of the buckets that are logged."""
    return frozenset(row["name"] for row in tx.all(SQL.logged_buckets))


def enqueue_lines(tx: Transaction, bucket: str, lines: Sequence[tuple[int, str]], token: str, now: int) -> None:
    """Have lines delivered: a job, inside the write that takes them over from memory."""
    name = f"{DELIVER}/{token}"
    payload = json.dumps({"bucket": bucket, "lines": lines, "now": now}).encode()
    outbox.enqueue(tx, job_id=name, kind=DELIVER, group=name, payload=payload, due=now)


class AccessLogs:
    """The lines that wait, and their delivery. `poke` has the outbox look for what was written."""

    def __init__(self, tables: Tables, access: Access, clock: Clock, ids: Ids, poke: Callable[[], None]) -> None:
        self._tables = tables
        self._access = access
        self._clock = clock
        self._ids = ids
        self._poke = poke
        self._waiting: dict[str, list[tuple[int, str]]] = {}
        self._count = 0
        self.buckets: frozenset[str] = frozenset()
        """The names of the buckets that are logged; empty until `refresh`."""

    async def refresh(self) -> None:
        """Learn anew which buckets are logged."""
        self.buckets = await self._tables.read(logged_buckets)

    def note(self, entry: Entry) -> None:
        """Keep a line for its delivery, if its bucket is logged and not too many wait."""
        if entry.bucket in self.buckets and self._count < MOST_WAITING:
            self._waiting.setdefault(entry.bucket, []).append((entry.time, line_of(entry)))
            self._count += 1

    async def flush(self) -> None:
        """Make jobs of the lines that wait: from here on they are not lost."""
        while self._waiting:
            bucket, lines = next(iter(self._waiting.items()))
            taken = lines[:LINES_A_JOB]
            await self._tables.write(enqueue_lines, bucket, taken, self._ids.token(), self._clock.now())
            # Meanwhile more may have come: only what was taken over goes.
            del lines[: len(taken)]
            self._count -= len(taken)
            if not lines:
                del self._waiting[bucket]
            self._poke()

    # --- delivering -------------------------------------------------------------------------------------------

    def handlers(self, put: Put) -> Mapping[str, JobHandler]:
        """The handler of each kind of job; `put` is PutObject."""

        async def deliver(job: Job) -> None:
            await self._deliver(job, put)

        return {DELIVER: deliver}

    async def _deliver(self, job: Job, put: Put) -> None:
        """Write a job's lines to the target bucket. At a second try the keys are the same."""
        members: dict[str, Any] = json.loads(job.payload)
        found = await self._tables.read(_logging_of, members["bucket"])
        if found is None:
            return
        source, logging = found
        delivery = ServiceDelivery(LOGS, self._access, source)
        target: str = logging["TargetBucket"]
        for number, (name, lines) in enumerate(_objects(logging, source, members["lines"], members["now"])):
            unique = hashlib.sha256(f"{job.id}/{number}".encode()).hexdigest()[:16].upper()
            body = "".join(f"{source.owner} {line}\n" for line in lines).encode()
            key = name + unique
            request = {"Bucket": target, "Key": key, "Body": BytesBody(body), "ContentType": "text/plain"}
            try:
                await delivery.put(put, request | await self._acl(target, logging), job.id)
            except (AccessDenied, ServiceError) as refusal:
                raise JobFailed(f"the log of {source.name} can not be written to {target}: {refusal}") from refusal

    async def _acl(self, target: str, logging: Document) -> dict[str, str]:
        bucket = await self._tables.read(bucket_of, target, None)
        grants = logging.get("TargetGrants")
        if not grants or bucket.acls_disabled:
            return {"ACL": TO_BUCKET_OWNER}
        given = {"FULL_CONTROL": [f'id="{bucket.owner}"']}
        for grant in grants:
            grantee = grant["Grantee"]
            named = f'uri="{grantee["URI"]}"' if grantee["Type"] == "Group" else f'id="{grantee["ID"]}"'
            given.setdefault(grant["Permission"], []).append(named)
        return {LOG_GRANTS[permission]: ",".join(names) for permission, names in given.items()}


LOG_GRANTS: Mapping[str, str] = {
    "FULL_CONTROL": "GrantFullControl",
    "READ": "GrantRead",
    "READ_ACP": "GrantReadACP",
    "WRITE": "GrantWrite",
    "WRITE_ACP": "GrantWriteACP",
}
"""The permissions that a target's grants may give, by the members of PutObject. S3 takes more than it documents."""


def _logging_of(tx: Transaction, name: str) -> tuple[Bucket, Document] | None:
    try:
        bucket = bucket_of(tx, name, None)
    except NoSuchBucket:
        return None
    document = configuration(tx, bucket, "logging")
    return None if document is None else (bucket, document)


def _objects(
    logging: Document, source: Bucket, lines: Iterable[tuple[int, str]], now: int
) -> list[tuple[str, list[str]]]:
    """The keys to be written, without their unique ends, each with its lines."""
    delivered = datetime.fromtimestamp(now // 1_000_000, UTC)
    prefix: str = logging["TargetPrefix"]
    partitioned = logging.get("TargetObjectKeyFormat", {}).get("PartitionedPrefix")
    if partitioned is None:
        return [(f"{prefix}{delivered:%Y-%m-%d-%H-%M-%S}-", [line for _, line in lines])]
    folder = f"{prefix}{source.account}/{source.region}/{source.name}/"
    if partitioned.get("PartitionDateSource") != "EventTime":
        name = f"{folder}{delivered:%Y/%m/%d/%Y-%m-%d-%H-%M-%S}-"
        return [(name, [line for _, line in lines])]
    days: dict[str, list[str]] = {}
    for time, line in lines:
        day = datetime.fromtimestamp(time // 1_000_000, UTC)
        days.setdefault(f"{folder}{day:%Y/%m/%d/%Y-%m-%d}-00-00-00-", []).append(line)
    return list(days.items())

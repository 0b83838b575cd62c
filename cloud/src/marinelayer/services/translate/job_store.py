"""Jobs as stored: their states, and how far each document of theirs is.

SUBMITTED -> IN_PROGRESS -> COMPLETED | COMPLETED_WITH_ERROR | FAILED, and from the first two by request STOP_REQUESTED
-> STOPPED. Every write here may be done again: what is done stays done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marinelayer.outbox import enqueue
from marinelayer.ports import Row, Transaction
from marinelayer.services.translate.errors import (
    InvalidParameterValueException,
    ResourceNotFoundException,
    TooManyRequestsException,
)
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.translate", "jobs.sql")
RUN = "translate.job"
"""The kind of the outbox's jobs that do ours."""
UNFINISHED = frozenset({"SUBMITTED", "IN_PROGRESS", "STOP_REQUESTED"})
MOST_UNFINISHED = 1_010
"""Ten that run and a thousand that wait, AWS's quotas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobName:
    """Which job it is, and where."""

    account: str
    region: str
    job_id: str

    @property
    def key(self) -> Mapping[str, str]:
        """The values of its primary key."""
        return {"account": self.account, "region": self.region, "job_id": self.job_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationJob:
    """A job. `request` is what started it, in the model's shape; times in microseconds, `ended` 0 until it has."""

    name: JobName
    label: str
    state: str
    message: str
    request: Mapping[str, Any]
    submitted: int
    ended: int
    documents: int
    translated: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which jobs are listed: behind a position, by a label or a state ("": all), within times."""

    submitted: int
    job_id: str
    label: str = ""
    state: str = ""
    after: int = -1
    before: int | None = None
    limit: int


def submit(tx: Transaction, name: JobName, client_token: str, label: str, request: Mapping[str, Any], now: int) -> str:
    """Write a job and that it is to be run; its id, or that of the one that the same token has started.

    Raises:
        InvalidParameterValueException: the token has started a job of another request.
        TooManyRequestsException: too many jobs wait.
    """
    text = json.dumps(request, sort_keys=True)
    before = tx.one(SQL.by_token, account=name.account, region=name.region, client_token=client_token)
    if before is not None:
        if before["request"] != text or before["name"] != label:
            raise InvalidParameterValueException("The client token was used for another request.")
        return before["job_id"]
    row = tx.one(SQL.unfinished, account=name.account, region=name.region)
    if row is not None and row["n"] >= MOST_UNFINISHED:
        raise TooManyRequestsException
    tx.run(SQL.insert, **name.key, client_token=client_token, name=label, request=text, now=now)
    payload = json.dumps(dict(name.key)).encode()
    job_id = f"{RUN}:{name.job_id}"
    enqueue(tx, job_id=job_id, kind=RUN, group=job_id, payload=payload, due=now)
    return name.job_id


def read_name(payload: bytes) -> JobName:
    """The job that an outbox's job is about."""
    return JobName(**json.loads(payload))


def the(tx: Transaction, name: JobName) -> TranslationJob:
    """The job. Raises ResourceNotFoundException."""
    row = tx.one(SQL.get, **name.key)
    if row is None:
        raise ResourceNotFoundException(f"The job {name.job_id} was not found.")
    return _of_row(row)


def page(tx: Transaction, account: str, region: str, wanted: Page) -> list[TranslationJob]:
    """Jobs, the newest first, but the oldest where they are those before a time."""
    place = {"account": account, "region": region, "submitted": wanted.submitted, "job_id": wanted.job_id}
    if wanted.before is not None:
        rows = tx.all(SQL.oldest_first, **place, before=wanted.before, n=wanted.limit)
    else:
        rows = tx.all(
            SQL.newest_first, **place, after=wanted.after, name=wanted.label, state=wanted.state, n=wanted.limit
        )
    return [_of_row(row) for row in rows]


def request_stop(tx: Transaction, name: JobName) -> str:
    """Ask that a job be stopped; the state it is in then. One that has ended stays so.

    Raises:
        ResourceNotFoundException: there is no such job.
    """
    job = the(tx, name)
    if job.state in ("SUBMITTED", "IN_PROGRESS"):
        tx.run(SQL.set_state, **name.key, state="STOP_REQUESTED", message="", ended=0)
        return "STOP_REQUESTED"
    return job.state


def add_documents(tx: Transaction, name: JobName, documents: Sequence[tuple[str, int]]) -> None:
    """Write documents that were found, by key and size; a thousand at most."""
    for key, size in documents:
        tx.run(SQL.add_document, job_id=name.job_id, key=key.encode(), size=size)


def begin(tx: Transaction, name: JobName) -> None:
    """All documents are written: translate them, unless the job is to be stopped."""
    row = tx.one(SQL.count_documents, job_id=name.job_id)
    tx.run(SQL.begin, **name.key, documents=row["n"] if row else 0)


def next_document(tx: Transaction, name: JobName) -> tuple[TranslationJob, str | None, int]:
    """The job as it is now, and the key and size of the next document to do, None where there is none."""
    row = tx.one(SQL.next_document, job_id=name.job_id)
    return the(tx, name), row["key"].decode() if row else None, row["size"] if row else 0


def end_document(tx: Transaction, name: JobName, key: str, state: str, detail: Mapping[str, Any]) -> None:
    """Write what came of a document, `done` or `error`."""
    ended = {"job_id": name.job_id, "key": key.encode(), "state": state, "detail": json.dumps(detail)}
    if tx.run(SQL.end_document, **ended):
        done = int(state == "done")
        tx.run(SQL.count_end, **name.key, translated=done, failed=1 - done)


def documents(tx: Transaction, name: JobName, after: str, limit: int) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Documents that are done, by key: key, state and detail."""
    rows = tx.all(SQL.documents, job_id=name.job_id, after=after.encode(), n=limit)
    return [(row["key"].decode(), row["state"], json.loads(row["detail"])) for row in rows]


def end(tx: Transaction, name: JobName, state: str, message: str, now: int) -> None:
    """End a job, in a state that it stays in. A job that has ended stays as it is."""
    job = the(tx, name)
    if job.state in UNFINISHED:
        left = not job.documents or job.translated + job.failed < job.documents
        if job.state == "STOP_REQUESTED" and state != "FAILED" and left:
            state = "STOPPED"
        tx.run(SQL.set_state, **name.key, state=state, message=message, ended=now)


def has_jobs(tx: Transaction, account: str) -> bool:
    """Whether an account has jobs that have not ended."""
    return tx.one(SQL.any_unfinished, account=account) is not None


def forget_jobs(tx: Transaction, account: str) -> None:
    """Remove what is left of an account's jobs, so that no later account of its number finds them."""
    tx.run(SQL.forget_documents, account=account)
    tx.run(SQL.forget, account=account)


def _of_row(row: Row) -> TranslationJob:
    return TranslationJob(
        name=JobName(account=row["account"], region=row["region"], job_id=row["job_id"]),
        label=row["name"],
        state=row["state"],
        message=row["message"],
        request=json.loads(row["request"]),
        submitted=row["submitted"],
        ended=row["ended"],
        documents=row["documents"],
        translated=row["translated"],
        failed=row["failed"],
    )

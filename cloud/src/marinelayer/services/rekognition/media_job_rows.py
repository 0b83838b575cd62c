"""Media analysis jobs, as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from marinelayer import outbox
from marinelayer.ports import Row, Transaction
from marinelayer.services.rekognition.errors import IdempotentParameterMismatchException
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.rekognition", "media_jobs.sql")
RUN = "rekognition.media.run"
LAST = "~"
"""Behind every job's id."""


def begun_job(tx: Transaction, row: Mapping[str, Any]) -> str | None:
    """The job that was begun with this token, None where there is none.

    Raises:
        IdempotentParameterMismatchException: it was begun by another request.
    """
    known = tx.one(SQL.job_of_token, account=row["account"], region=row["region"], token=row["token"])
    if known is None:
        return None
    if known["request"] != row["request"]:
        raise IdempotentParameterMismatchException
    return known["job_id"]


def put_job(tx: Transaction, row: Mapping[str, Any], mandate: str) -> str:
    """Keep a new job, to be carried out as `mandate` says; its id, or that of the job of its token. Raises as
    `begun_job`."""
    known = begun_job(tx, row)
    if known is not None:
        return known
    tx.run(SQL.put_job, **row)
    job_id: str = row["job_id"]
    name = f"{RUN}/{job_id}"
    payload = json.dumps({"job": job_id, "mandate": mandate}).encode()
    outbox.enqueue(tx, job_id=name, kind=RUN, group=name, payload=payload, due=row["created"])
    return job_id


def begin_job(tx: Transaction, job_id: str) -> Row | None:
    """Let a job be under way; None where it has ended."""
    tx.run(SQL.begin, job_id=job_id)
    row = tx.one(SQL.job, job_id=job_id)
    return None if row is None or row["ended"] else row


def settle_job(tx: Transaction, job_id: str, failure: Mapping[str, Any], results: Mapping[str, Any], now: int) -> None:
    """Let a job have ended: with a failure, or with results."""
    tx.run(
        SQL.settle,
        job_id=job_id,
        status="FAILED" if failure else "SUCCEEDED",
        failure=json.dumps(failure) if failure else "",
        results=json.dumps(results) if results else "",
        ended=now,
    )


def list_jobs(tx: Transaction, account: str, region: str, before: tuple[int, str], size: int) -> list[Row]:
    """So many jobs that were begun before a time (microseconds) and id, the newest first."""
    created, job_id = before
    return tx.all(SQL.jobs, account=account, region=region, created=created, job_id=job_id, size=size)


def has_media_jobs(tx: Transaction, account: str) -> bool:
    """Whether a job of the account is under way, in whatever region."""
    return tx.one(SQL.any_unfinished, account=account) is not None


def forget_media_jobs(tx: Transaction, account: str) -> None:
    """Remove an account's jobs."""
    tx.run(SQL.forget_jobs, account=account)

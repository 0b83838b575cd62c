"""Asynchronous jobs as they are stored: started, begun, ended, stopped and shown. `job_kinds` has their operations,
`job_running` does them.

SUBMITTED, IN_PROGRESS, then COMPLETED or FAILED; or STOP_REQUESTED and STOPPED. Write functions: re-runnable, without
I/O, clock or randomness.

Source: Comprehend Developer Guide, "Async analysis for Amazon Comprehend insights".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from marinelayer import outbox
from marinelayer.ports import Transaction
from marinelayer.services.comprehend.errors import InvalidRequestException, JobNotFoundException
from marinelayer.services.comprehend.resources import (
    Resource,
    change_resource,
    find_resource,
    moment,
    put_resource,
)

RUN = "comprehend.job.run"
"""The outbox jobs that do those that look at one document after the other."""
STUDY = "comprehend.job.study"
"""The outbox jobs that do those that look at all documents together: a kind of their own, since one may take many
minutes and nothing else is to wait for it."""
UNDER_WAY = frozenset({"SUBMITTED", "IN_PROGRESS"})


def start_job(tx: Transaction, job: Resource, kind: str = RUN) -> Resource:
    """Store a new job, and have it done by an outbox job of the given kind."""
    stored = put_resource(tx, job)
    if stored is job:
        name = f"{kind}/{job.name.name}"
        outbox.enqueue(tx, job_id=name, kind=kind, group=name, payload=job.arn.encode(), due=job.created)
    return stored


def begin_job(tx: Transaction, arn: str, now: int) -> Resource | None:
    """The job that begins (again); None where it is over. One that was to be stopped is."""
    job = find_resource(tx, arn)
    if job is None or job.status not in UNDER_WAY | {"STOP_REQUESTED"}:
        return None
    if job.status == "STOP_REQUESTED":
        change_resource(tx, replace(job, status="STOPPED", ended=now))
        return None
    change_resource(tx, replace(job, status="IN_PROGRESS"))
    return job


def end_job(tx: Transaction, arn: str, status: str, message: str, now: int) -> None:
    """Write how a job ended."""
    job = find_resource(tx, arn)
    if job is not None and job.status in UNDER_WAY | {"STOP_REQUESTED"}:
        change_resource(tx, replace(job, status=status, message=message, ended=now))


def stop_job(tx: Transaction, arn: str) -> str:
    """Have a job stopped, if it is under way; its status then.

    Raises:
        JobNotFoundException: there is none.
        InvalidRequestException: it has come to an end by itself.
    """
    job = require_job(tx, arn)
    if job.status in {"COMPLETED", "FAILED"}:
        raise InvalidRequestException(f"The job is in the status {job.status} and can not be stopped.")
    if job.status not in UNDER_WAY:
        return job.status
    change_resource(tx, replace(job, status="STOP_REQUESTED"))
    return "STOP_REQUESTED"


def require_job(tx: Transaction, arn: str) -> Resource:
    """The job of an ARN. Raises JobNotFoundException."""
    job = find_resource(tx, arn)
    if job is None:
        raise JobNotFoundException
    return job


def shown_job(job: Resource) -> dict[str, Any]:
    """A job's description, in the model's shape."""
    shown: dict[str, Any] = {key: value for key, value in job.document.items() if key != "Id"}
    shown |= {
        "JobId": job.name.name,
        "JobArn": job.arn,
        "JobStatus": job.status,
        "SubmitTime": moment(job.created),
    }
    if job.message:
        shown["Message"] = job.message
    if job.ended is not None:
        shown["EndTime"] = moment(job.ended)
    return shown

"""Jobs that look at videos, and what they found, as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from marinelayer import outbox
from marinelayer.ports import Row, Transaction
from marinelayer.services.rekognition.errors import IdempotentParameterMismatchException
from marinelayer.services.rekognition.video_finds import Find
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.rekognition", "videos.sql")

LOOK = "rekognition.video.look"
TELL = "rekognition.video.tell"
FORGET = "rekognition.video.forget"
KEPT = 7 * 24 * 3600 * 1_000_000
"""Microseconds for which results can be had."""


def has_video_jobs(tx: Transaction, account: str) -> bool:
    """Whether a job of the account is under way, in whatever region."""
    return tx.one(SQL.any_unfinished, account=account) is not None


def forget_video_jobs(tx: Transaction, account: str) -> None:
    """Remove what is left of an account's jobs, before their results go by themselves."""
    tx.run(SQL.forget_finds, account=account)
    tx.run(SQL.forget_jobs, account=account)


def begun_job(tx: Transaction, row: Mapping[str, Any]) -> str | None:
    """The job that was begun with this token, None where there is none.

    Raises:
        IdempotentParameterMismatchException: it was begun by another request.
    """
    keys = ("account", "region", "kind", "token")
    known = tx.one(SQL.job_of_token, **{key: row[key] for key in keys})
    if known is None:
        return None
    if known["request"] != row["request"]:
        raise IdempotentParameterMismatchException
    return known["job_id"]


def put_job(tx: Transaction, row: Mapping[str, Any], mandate: str) -> str:
    """Keep a new job, to be carried out as `mandate` says; its id, or that of the job of its token. Raises as
    `begun_job`."""
    if not tx.run(SQL.put_job, **row):
        known = begun_job(tx, row)
        if known is None:
            raise IdempotentParameterMismatchException
        return known
    job_id: str = row["job_id"]
    payload = json.dumps({"job": job_id, "mandate": mandate}).encode()
    _enqueue(tx, LOOK, job_id, payload, row["created"])
    _enqueue(tx, FORGET, job_id, job_id.encode(), row["created"] + KEPT)
    return job_id


def settle(tx: Transaction, row: Row, status: str, message: str, facts: str, now: int) -> None:
    """Let a job have ended, and have that told where it is to be."""
    job_id: str = row["job_id"]
    if not tx.run(SQL.settle, job_id=job_id, status=status, message=message, facts=facts):
        return
    request: Mapping[str, Any] = json.loads(row["request"])
    if "NotificationChannel" not in request:
        return
    stored: Mapping[str, Any] = request["Video"]["S3Object"]
    told = {
        "JobId": job_id,
        "Status": status,
        "API": request["api"],
        **({"JobTag": request["JobTag"]} if "JobTag" in request else {}),
        "Timestamp": now // 1000,
        "Video": {"S3ObjectName": stored["Name"], "S3Bucket": stored["Bucket"]},
    }
    notice = {
        "channel": request["NotificationChannel"],
        "account": row["account"],
        "region": row["region"],
        "message": told,
    }
    _enqueue(tx, TELL, job_id, json.dumps(notice).encode(), now)


def _enqueue(tx: Transaction, kind: str, job_id: str, payload: bytes, due: int) -> None:
    name = f"{kind}/{job_id}"
    outbox.enqueue(tx, job_id=name, kind=kind, group=name, payload=payload, due=due)


def put_finds(tx: Transaction, job_id: str, number: int, finds: Sequence[Find]) -> None:
    """Keep what was seen, at most 500 of it, from a number on: what had these numbers before is replaced."""
    for offset, find in enumerate(finds):
        tx.run(
            SQL.put_find,
            job_id=job_id,
            list=find.list,
            number=number + offset,
            time=find.time,
            name=find.name,
            sure=find.sure,
            document=json.dumps(find.document, ensure_ascii=False),
        )

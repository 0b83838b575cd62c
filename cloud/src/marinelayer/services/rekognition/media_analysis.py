"""StartMediaAnalysisJob, GetMediaAnalysisJob, ListMediaAnalysisJobs: moderation of all pictures of a manifest.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StartMediaAnalysisJob.html and its neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller, Calls, Clock, Ids, Mandates, Row, Tables
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.dataset_rows import moment
from marinelayer.services.rekognition.errors import (
    InvalidManifestException,
    InvalidParameterException,
    ResourceNotFoundException,
)
from marinelayer.services.rekognition.media_job_rows import LAST, SQL, begun_job, list_jobs, put_job
from marinelayer.services.rekognition.pages import after
from marinelayer.services.rekognition.stored_objects import StoredObjects

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

LARGEST_PAGE = 100
LARGEST_MANIFEST = 50 << 20
"""Bytes. (AWS has a limit, and does not publish it.)"""
END_OF_TIME = 1 << 62


class MediaAnalysis:
    """The media analysis jobs of an account and region. `poke` is called when there is something to do later."""

    def __init__(
        self,
        tables: Tables,
        clock: Clock,
        ids: Ids,
        pages: PageTokens,
        calls: Calls,
        mandates: Mandates,
        poke: Callable[[], None],
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._pages = pages
        self._objects = StoredObjects(calls)
        self._mandates = mandates
        self._poke = poke

    @operation("StartMediaAnalysisJob", needs=need("rekognition:StartMediaAnalysisJob"))
    async def start(
        self, caller: Caller, request: wire.StartMediaAnalysisJobRequest
    ) -> wire.StartMediaAnalysisJobResponse:
        """Begin a job. One with a token that was given before is that job.

        Raises:
            InvalidParameterException: no analysis is asked for.
            InvalidS3ObjectException: the manifest is not there, or the caller may not read it.
            InvalidManifestException: it is empty, or larger than 50 MiB.
            IdempotentParameterMismatchException: the token was given with another request.
            OperationNotImplemented: an adapter is asked for.
        """
        asked = request["OperationsConfig"].get("DetectModerationLabels")
        if asked is None:
            raise InvalidParameterException
        if "ProjectVersion" in asked:
            raise OperationNotImplemented("StartMediaAnalysisJob with ProjectVersion is not implemented.")
        job_id, now = self._ids.token(64), self._clock.now()
        row = {
            "job_id": job_id,
            "account": caller.account,
            "region": caller.region,
            "token": request.get("ClientRequestToken", job_id),
            "request": json.dumps(request, sort_keys=True),
            "created": now,
        }
        known = await self._tables.read(begun_job, row)
        if known is None:
            size = await self._objects.demand(caller, request["Input"]["S3Object"])
            if not 0 < size <= LARGEST_MANIFEST:
                raise InvalidManifestException
            known = await self._tables.write(put_job, row, self._mandates.given(caller))
            self._poke()
        return {"JobId": known}

    @operation("GetMediaAnalysisJob", needs=need("rekognition:GetMediaAnalysisJob"))
    async def get(self, caller: Caller, request: wire.GetMediaAnalysisJobRequest) -> wire.GetMediaAnalysisJobResponse:
        """What was asked for, and what became of it.

        Raises:
            ResourceNotFoundException: there is no such job.
        """
        row = await self._tables.read(lambda tx: tx.one(SQL.job, job_id=request["JobId"]))
        if row is None or (row["account"], row["region"]) != (caller.account, caller.region):
            raise ResourceNotFoundException("Could not find JobId")
        return described(row)

    @operation("ListMediaAnalysisJobs", needs=need("rekognition:ListMediaAnalysisJobs"))
    async def list(
        self, caller: Caller, request: wire.ListMediaAnalysisJobsRequest
    ) -> wire.ListMediaAnalysisJobsResponse:
        """A page of jobs, the newest first.

        Raises:
            InvalidPaginationTokenException: the token is not one of this list's.
        """
        size = request.get("MaxResults", LARGEST_PAGE)
        scope = f"rekognition.ListMediaAnalysisJobs/{caller.account}/{caller.region}"
        created, _, job_id = after(self._pages, request.get("NextToken"), scope).partition(" ")
        before = int(created or END_OF_TIME), job_id or LAST
        rows = await self._tables.read(list_jobs, caller.account, caller.region, before, size + 1)
        answer: wire.ListMediaAnalysisJobsResponse = {"MediaAnalysisJobs": [described(row) for row in rows[:size]]}
        if len(rows) > size:
            end = rows[size - 1]
            answer["NextToken"] = self._pages.seal(f"{end['created']} {end['job_id']}", scope)
        return answer


def described(row: Row) -> Any:
    """A job in AWS's shape, which is the same in a list and alone."""
    request: dict[str, Any] = json.loads(row["request"])
    kept = ("JobName", "OperationsConfig", "Input", "OutputConfig", "KmsKeyId")
    told: dict[str, Any] = {
        "JobId": row["job_id"],
        "Status": row["status"],
        "CreationTimestamp": moment(row["created"]),
    }
    told |= {member: request[member] for member in kept if member in request}
    if row["ended"]:
        told["CompletionTimestamp"] = moment(row["ended"])
    if row["failure"]:
        told["FailureDetails"] = json.loads(row["failure"])
    if row["results"]:
        told.update(json.loads(row["results"]))
    return told

"""Pages of what was seen in a video, whatever it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.pages import after
from marinelayer.services.rekognition.video_jobs import VideoJobs
from marinelayer.services.rekognition.video_kinds import VideoKind

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

MOST_RESULTS = 1000
FIRST = ("", 101.0, -1)
"""Before everything by name: nothing is surer than 100 percent."""


class FindPages:
    """Reads pages of what jobs found."""

    def __init__(self, jobs: VideoJobs, pages: PageTokens) -> None:
        self._jobs = jobs
        self._pages = pages

    async def page(self, caller: Caller, kind: VideoKind, request: Mapping[str, Any], member: str) -> dict[str, Any]:
        """The job's answer; once it has succeeded, with what it found in `member`, as the request's SortBy,
        AggregateBy, MaxResults and NextToken want it. What is sorted by anything but time is sorted by its name, the
        surest first.

        Raises:
            ResourceNotFoundException, InvalidPaginationTokenException
        """
        job_id = request["JobId"]
        sort, way = request.get("SortBy", "TIMESTAMP"), request.get("AggregateBy", "TIMESTAMPS")
        scope = f"rekognition.{kind.get}/{job_id}/{sort}/{way}"
        position = after(self._pages, request.get("NextToken"), scope)
        answer = await self._jobs.answer(caller, kind, job_id)
        if answer["JobStatus"] != "SUCCEEDED":
            return answer
        by_time = sort == "TIMESTAMP"
        size: int = min(request.get("MaxResults", MOST_RESULTS), MOST_RESULTS)
        if by_time:
            found = await self._jobs.finds(job_id, way.lower(), int(position or -1), size + 1)
        else:
            name, sure, number = json.loads(position) if position else FIRST
            found = await self._jobs.finds_by_name(job_id, way.lower(), (name, sure, number), size + 1)
        answer[member] = [json.loads(one["document"]) for one in found[:size]]
        if len(found) > size:
            end = found[size - 1]
            named = json.dumps([end["name"], end["sure"], end["number"]], ensure_ascii=False)
            answer["NextToken"] = self._pages.seal(str(end["number"]) if by_time else named, scope)
        return answer


def how_asked(request: Mapping[str, Any]) -> wire.GetLabelDetectionRequestMetadata:
    """How a page of labels is sorted and aggregated."""
    return {"SortBy": request.get("SortBy", "TIMESTAMP"), "AggregateBy": request.get("AggregateBy", "TIMESTAMPS")}

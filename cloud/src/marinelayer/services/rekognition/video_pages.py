"""Pages of the labels that were seen in a video, whatever they are labels of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from marinelayer.ports import Caller
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.pages import after
from marinelayer.services.rekognition.video_jobs import Kind, VideoJobs

MOST_RESULTS = 1000
FIRST = ("", 101.0, -1)
"""Before every label by name: nothing is surer than 100 percent."""


class LabelPages:
    """Reads pages of what jobs found."""

    def __init__(self, jobs: VideoJobs, pages: PageTokens) -> None:
        self._jobs = jobs
        self._pages = pages

    async def page(self, caller: Caller, kind: Kind, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The job's answer; once it has succeeded, with `Labels` as the request's SortBy, AggregateBy, MaxResults and
        NextToken want them.

        Raises:
            ResourceNotFoundException, InvalidPaginationTokenException
        """
        job_id, sort = request["JobId"], request.get("SortBy", "TIMESTAMP")
        way = request.get("AggregateBy", "TIMESTAMPS")
        scope = f"rekognition.{operation}/{job_id}/{sort}/{way}"
        position = after(self._pages, request.get("NextToken"), scope)
        answer = await self._jobs.answer(caller, kind, job_id)
        answer["GetRequestMetadata"] = {"SortBy": sort, "AggregateBy": way}
        if answer["JobStatus"] != "SUCCEEDED":
            return answer
        size: int = min(request.get("MaxResults", MOST_RESULTS), MOST_RESULTS)
        if sort == "NAME":
            name, sure, number = json.loads(position) if position else FIRST
            found = await self._jobs.finds_by_name(job_id, way.lower(), (name, sure, number), size + 1)
        else:
            found = await self._jobs.finds(job_id, way.lower(), int(position or -1), size + 1)
        answer["Labels"] = [json.loads(one["document"]) for one in found[:size]]
        if len(found) > size:
            end = found[size - 1]
            named = json.dumps([end["name"], end["sure"], end["number"]], ensure_ascii=False)
            answer["NextToken"] = self._pages.seal(named if sort == "NAME" else str(end["number"]), scope)
        return answer

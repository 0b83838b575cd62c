"""StartLabelDetection, GetLabelDetection: what a video shows, and when.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StartLabelDetection.html and
.../API_GetLabelDetection.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Frame, LabelDetector
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.label_detection import wanted, with_ancestors, written_label
from marinelayer.services.rekognition.pages import after
from marinelayer.services.rekognition.video_jobs import EVERY, Find, VideoJobs, to_start

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

LEAST_CONFIDENCE = 50.0
MOST_RESULTS = 1000
FIRST = ("", 101.0, -1)
"""Before every label by name: nothing is surer than 100 percent."""


class LabelsOfVideo:
    """Looks at the pictures of a video (video_jobs.Looking). A segment of a label goes on for as long as no picture in
    between is without it."""

    def __init__(self, detector: LabelDetector, request: Mapping[str, Any]) -> None:
        self._detector = detector
        self._least: float = request.get("MinConfidence", LEAST_CONFIDENCE)
        self._filters: wire.GeneralLabelsSettings = request.get("Settings", {}).get("GeneralLabels", {})
        self._open: dict[str, tuple[int, int, float, Mapping[str, Any]]] = {}
        self._segments: list[Find] = []
        self.model = ""

    async def look(self, frame: Frame) -> Sequence[Find]:
        """The labels of a picture that are sure enough and that the filters let pass."""
        seen = await self._detector.labels(frame.picture)
        self.model = "; ".join(f"{engine.name} {engine.version}" for engine in seen.engines)
        labels = [label for label in with_ancestors(seen.labels, self._least) if wanted(label.name, self._filters)]
        finds = [
            Find(
                list="timestamps",
                time=frame.time,
                name=label.name,
                sure=label.confidence,
                document={"Timestamp": frame.time, "Label": written_label(label)},
            )
            for label in labels
        ]
        self._go_on(frame.time, finds)
        return finds

    def ended(self) -> Sequence[Find]:
        """The segments of all labels, in the order of their beginnings."""
        for name in list(self._open):
            self._close(name)
        return sorted(self._segments, key=lambda find: (find.time, find.name))

    def _go_on(self, time: int, finds: Sequence[Find]) -> None:
        seen = {find.name: find for find in finds}
        for name in [name for name in self._open if name not in seen]:
            self._close(name)
        for name, find in seen.items():
            start, _, sure, label = self._open.get(name, (time, time, 0.0, find.document["Label"]))
            if find.sure > sure:
                sure, label = find.sure, find.document["Label"]
            self._open[name] = (start, time, sure, label)

    def _close(self, name: str) -> None:
        start, last, sure, label = self._open.pop(name)
        end = last + EVERY
        told: dict[str, Any] = {
            "Timestamp": start,
            "StartTimestampMillis": start,
            "EndTimestampMillis": end,
            "DurationMillis": end - start,
            "Label": {**label, "Instances": []},
        }
        self._segments.append(Find(list="segments", time=start, name=name, sure=sure, document=told))


class VideoLabelDetection:
    """Finds labels in videos."""

    def __init__(self, jobs: VideoJobs, pages: PageTokens) -> None:
        self._jobs = jobs
        self._pages = pages

    @operation("StartLabelDetection", needs=to_start("StartLabelDetection"))
    async def start(self, caller: Caller, request: wire.StartLabelDetectionRequest) -> wire.StartLabelDetectionResponse:
        """Begin to look for labels. Raises as `VideoJobs.start`."""
        return {"JobId": await self._jobs.start(caller, "labels", "StartLabelDetection", dict(request))}

    @operation("GetLabelDetection", needs=need("rekognition:GetLabelDetection"))
    async def get(self, caller: Caller, request: wire.GetLabelDetectionRequest) -> wire.GetLabelDetectionResponse:
        """A page of what was seen: by time, or by name and the surest first; each time, or each stretch of time.

        Raises:
            ResourceNotFoundException, InvalidPaginationTokenException
        """
        job_id, sort = request["JobId"], request.get("SortBy", "TIMESTAMP")
        way = request.get("AggregateBy", "TIMESTAMPS")
        scope = f"rekognition.GetLabelDetection/{job_id}/{sort}/{way}"
        position = after(self._pages, request.get("NextToken"), scope)
        answer = await self._jobs.answer(caller, "labels", job_id)
        answer["GetRequestMetadata"] = {"SortBy": sort, "AggregateBy": way}
        if answer["JobStatus"] == "SUCCEEDED":
            size = min(request.get("MaxResults", MOST_RESULTS), MOST_RESULTS)
            if sort == "NAME":
                last = tuple(json.loads(position)) if position else FIRST
                found = await self._jobs.finds_by_name(job_id, way.lower(), last, size + 1)
            else:
                found = await self._jobs.finds(job_id, way.lower(), int(position or -1), size + 1)
            answer["Labels"] = [json.loads(one["document"]) for one in found[:size]]
            if len(found) > size:
                end = found[size - 1]
                named = json.dumps([end["name"], end["sure"], end["number"]], ensure_ascii=False)
                answer["NextToken"] = self._pages.seal(named if sort == "NAME" else str(end["number"]), scope)
        return answer  # pyright: ignore[reportReturnType]  # its keys are those of the shape

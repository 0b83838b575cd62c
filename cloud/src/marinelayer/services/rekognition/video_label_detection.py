"""StartLabelDetection, GetLabelDetection: what a video shows, and when.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StartLabelDetection.html and
.../API_GetLabelDetection.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Frame, LabelDetector
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.label_detection import wanted, with_ancestors, written_label
from marinelayer.services.rekognition.video_finds import Find
from marinelayer.services.rekognition.video_jobs import VideoJobs
from marinelayer.services.rekognition.video_kinds import LABELS, to_start
from marinelayer.services.rekognition.video_pages import FindPages, how_asked
from marinelayer.services.rekognition.video_segments import Segments

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

LEAST_CONFIDENCE = 50.0


class LabelsOfVideo:
    """Looks at the pictures of a video (video_finds.Looking)."""

    def __init__(self, detector: LabelDetector, request: Mapping[str, Any]) -> None:
        self._detector = detector
        self._least: float = request.get("MinConfidence", LEAST_CONFIDENCE)
        self._filters: wire.GeneralLabelsSettings = request.get("Settings", {}).get("GeneralLabels", {})
        self._segments = Segments()
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
        self._segments.go_on(frame.time, finds)
        return finds

    def ended(self) -> Sequence[Find]:
        """The segments of all labels, without boxes."""
        return [replace(find, document=_unplaced(find.document)) for find in self._segments.ended()]


def _unplaced(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**document, "Label": {**document["Label"], "Instances": []}}


class VideoLabelDetection:
    """Finds labels in videos."""

    def __init__(self, jobs: VideoJobs, pages: PageTokens) -> None:
        self._jobs = jobs
        self._pages = FindPages(jobs, pages)

    @operation("StartLabelDetection", needs=to_start(LABELS))
    async def start(self, caller: Caller, request: wire.StartLabelDetectionRequest) -> wire.StartLabelDetectionResponse:
        """Begin to look for labels. Raises as `VideoJobs.start`."""
        return {"JobId": await self._jobs.start(caller, LABELS, dict(request))}

    @operation("GetLabelDetection", needs=need("rekognition:GetLabelDetection"))
    async def get(self, caller: Caller, request: wire.GetLabelDetectionRequest) -> wire.GetLabelDetectionResponse:
        """A page of what was seen: by time, or by name and the surest first; each time, or each stretch of time.

        Raises:
            ResourceNotFoundException, InvalidPaginationTokenException
        """
        answer = await self._pages.page(caller, LABELS, request, "Labels")
        return answer | {"GetRequestMetadata": how_asked(request)}  # pyright: ignore[reportReturnType]  # its keys are those of the shape

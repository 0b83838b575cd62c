"""StartTextDetection, GetTextDetection: the words that a video shows, and when.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StartTextDetection.html and
.../API_GetTextDetection.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Frame, TextReader
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.text_detection import TextFilters, numbered
from marinelayer.services.rekognition.video_finds import Find
from marinelayer.services.rekognition.video_jobs import VideoJobs
from marinelayer.services.rekognition.video_kinds import TEXTS, to_start
from marinelayer.services.rekognition.video_pages import FindPages

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire


class TextsOfVideo:
    """Reads the pictures of a video (video_finds.Looking)."""

    def __init__(self, reader: TextReader, request: Mapping[str, Any]) -> None:
        self._reader = reader
        self._filters = TextFilters(request.get("Filters", {}))
        self.model = ""

    async def look(self, frame: Frame) -> Sequence[Find]:
        """Every line and word of a picture that the filters let pass."""
        texts = await self._reader.read(frame.picture, enough=self._filters.enough)
        self.model = f"{texts.engine.name} {texts.engine.version}"
        return [
            Find(
                list="timestamps",
                time=frame.time,
                name=found.get("DetectedText", ""),
                sure=found.get("Confidence", 0.0),
                document={"Timestamp": frame.time, "TextDetection": found},
            )
            for found in numbered(self._filters.kept(texts.lines))
        ]

    def ended(self) -> Sequence[Find]:
        """Nothing more."""
        return ()


class VideoTextDetection:
    """Finds text in videos."""

    def __init__(self, jobs: VideoJobs, pages: PageTokens) -> None:
        self._jobs = jobs
        self._pages = FindPages(jobs, pages)

    @operation("StartTextDetection", needs=to_start(TEXTS))
    async def start(self, caller: Caller, request: wire.StartTextDetectionRequest) -> wire.StartTextDetectionResponse:
        """Begin to look for text. Raises as `VideoJobs.start`; InvalidParameterException for a region that is none."""
        TextFilters(request.get("Filters", {}))
        return {"JobId": await self._jobs.start(caller, TEXTS, dict(request))}

    @operation("GetTextDetection", needs=need("rekognition:GetTextDetection"))
    async def get(self, caller: Caller, request: wire.GetTextDetectionRequest) -> wire.GetTextDetectionResponse:
        """A page of what was read, in the order of time.

        Raises:
            ResourceNotFoundException, InvalidPaginationTokenException
        """
        return await self._pages.page(caller, TEXTS, request, "TextDetections")  # pyright: ignore[reportReturnType]  # its keys are those of the shape

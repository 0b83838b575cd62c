"""StartContentModeration, GetContentModeration: what of a video few people want to be shown, and when.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StartContentModeration.html and
.../API_GetContentModeration.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, ContentModerator, Frame
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.moderation import LEAST_CONFIDENCE, moderation_labels
from marinelayer.services.rekognition.video_finds import Find
from marinelayer.services.rekognition.video_jobs import VideoJobs
from marinelayer.services.rekognition.video_kinds import MODERATION, to_start
from marinelayer.services.rekognition.video_pages import FindPages, how_asked
from marinelayer.services.rekognition.video_segments import Segments

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire


class ModerationOfVideo:
    """Moderates the pictures of a video (video_finds.Looking)."""

    def __init__(self, moderator: ContentModerator, request: Mapping[str, Any]) -> None:
        self._moderator = moderator
        self._least: float = request.get("MinConfidence", LEAST_CONFIDENCE)
        self._segments = Segments()
        self.model = ""

    async def look(self, frame: Frame) -> Sequence[Find]:
        """The labels of a picture that are sure enough."""
        seen = await self._moderator.moderation(frame.picture)
        self.model = "; ".join(f"{engine.name} {engine.version}" for engine in seen.engines)
        finds = [
            Find(
                list="timestamps",
                time=frame.time,
                name=label.get("Name", ""),
                sure=label.get("Confidence", 0.0),
                document={"Timestamp": frame.time, "ModerationLabel": label, "ContentTypes": []},
            )
            for label in moderation_labels(seen.labels, self._least)
        ]
        self._segments.go_on(frame.time, finds)
        return finds

    def ended(self) -> Sequence[Find]:
        """The segments of all labels."""
        return self._segments.ended()


class VideoModeration:
    """Moderates videos."""

    def __init__(self, jobs: VideoJobs, pages: PageTokens) -> None:
        self._jobs = jobs
        self._pages = FindPages(jobs, pages)

    @operation("StartContentModeration", needs=to_start(MODERATION))
    async def start(
        self, caller: Caller, request: wire.StartContentModerationRequest
    ) -> wire.StartContentModerationResponse:
        """Begin to moderate. Raises as `VideoJobs.start`."""
        return {"JobId": await self._jobs.start(caller, MODERATION, dict(request))}

    @operation("GetContentModeration", needs=need("rekognition:GetContentModeration"))
    async def get(self, caller: Caller, request: wire.GetContentModerationRequest) -> wire.GetContentModerationResponse:
        """A page of what was seen: by time, or by name and the surest first; each time, or each stretch of time.

        Raises:
            ResourceNotFoundException, InvalidPaginationTokenException
        """
        answer = await self._pages.page(caller, MODERATION, request, "ModerationLabels")
        return answer | {"GetRequestMetadata": how_asked(request)}  # pyright: ignore[reportReturnType]  # its keys are those of the shape

"""StartFaceDetection, GetFaceDetection: the faces that a video shows, and when.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StartFaceDetection.html and
.../API_GetFaceDetection.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from marinelayer.ports import Caller, FaceReader, Frame
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.face_details import face_detail
from marinelayer.services.rekognition.video_finds import Find
from marinelayer.services.rekognition.video_jobs import VideoJobs
from marinelayer.services.rekognition.video_kinds import FACES, to_start
from marinelayer.services.rekognition.video_pages import FindPages

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire


class FacesOfVideo:
    """Looks for faces in the pictures of a video (video_finds.Looking)."""

    def __init__(self, reader: FaceReader) -> None:
        self._reader = reader
        self.model = ""

    async def look(self, frame: Frame) -> Sequence[Find]:
        """The faces of a picture, the largest first, each with what is known of it."""
        seen = await self._reader.faces(frame.picture, features=False)
        self.model = "; ".join(f"{engine.name} {engine.version}" for engine in seen.engines)
        return [
            Find(
                list="timestamps",
                time=frame.time,
                name="",
                sure=face.confidence,
                document={"Timestamp": frame.time, "Face": face_detail(face)},
            )
            for face in seen.faces
        ]

    def ended(self) -> Sequence[Find]:
        """Nothing more."""
        return ()


class VideoFaceDetection:
    """Finds faces in videos."""

    def __init__(self, jobs: VideoJobs, pages: PageTokens) -> None:
        self._jobs = jobs
        self._pages = FindPages(jobs, pages)

    @operation("StartFaceDetection", needs=to_start(FACES))
    async def start(self, caller: Caller, request: wire.StartFaceDetectionRequest) -> wire.StartFaceDetectionResponse:
        """Begin to look for faces; whatever FaceAttributes ask for, the default ones are told. Raises as
        `VideoJobs.start`."""
        return {"JobId": await self._jobs.start(caller, FACES, dict(request))}

    @operation("GetFaceDetection", needs=need("rekognition:GetFaceDetection"))
    async def get(self, caller: Caller, request: wire.GetFaceDetectionRequest) -> wire.GetFaceDetectionResponse:
        """A page of the faces, in the order of time.

        Raises:
            ResourceNotFoundException, InvalidPaginationTokenException
        """
        return await self._pages.page(caller, FACES, request, "Faces")  # pyright: ignore[reportReturnType]  # its keys are those of the shape

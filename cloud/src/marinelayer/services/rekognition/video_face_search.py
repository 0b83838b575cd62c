"""StartFaceSearch, GetFaceSearch: which faces of a collection a video shows, and when.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StartFaceSearch.html and
.../API_GetFaceSearch.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, EngineUnavailableError, FaceReader, Frame, SeenFace, Tables
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.face_collections import on_collection
from marinelayer.services.rekognition.face_details import face_detail, stored_face
from marinelayer.services.rekognition.face_search import LEAST_SIMILARITY, alike_faces
from marinelayer.services.rekognition.face_store import features_of, find_faces, require_collection
from marinelayer.services.rekognition.video_finds import Find
from marinelayer.services.rekognition.video_jobs import VideoJobs
from marinelayer.services.rekognition.video_kinds import FACE_SEARCH, to_start
from marinelayer.services.rekognition.video_pages import FindPages
from marinelayer.services.rekognition.video_persons import VideoPersons

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire


class KnownFacesOfVideo:
    """Looks for the faces of a collection, as it is at the first picture, in those of a video (video_finds.Looking)."""

    def __init__(self, tables: Tables, reader: FaceReader, caller: Caller, request: Mapping[str, Any]) -> None:
        self._tables = tables
        self._reader = reader
        self._place = caller.account, caller.region, request["CollectionId"]
        self._least: float = request.get("FaceMatchThreshold", LEAST_SIMILARITY)
        self._persons = VideoPersons(reader)
        self._collected: Sequence[tuple[str, bytes]] | None = None
        self.model = ""

    async def look(self, frame: Frame) -> Sequence[Find]:
        """The persons of a picture with whom faces of the collection match. Their names are their indexes, by which
        they are sorted.

        Raises:
            ResourceNotFoundException: the collection is gone.
            EngineUnavailableError: its faces are those of another model than is installed.
        """
        if self._collected is None:
            self._collected = await self._open()
        seen = await self._reader.faces(frame.picture, features=True)
        indexes = await self._persons.indexes([face.features for face in seen.faces])
        finds: list[Find] = []
        for index, face in zip(indexes, seen.faces, strict=True):
            matches = await self._matches(face, self._collected)
            person: wire.PersonDetail = {"Index": index, "Face": face_detail(face)}
            document = {"Timestamp": frame.time, "Person": person, "FaceMatches": matches}
            if matches:
                finds.append(Find(list="timestamps", time=frame.time, name=f"{index:012}", sure=0, document=document))
        return finds

    def ended(self) -> Sequence[Find]:
        """Nothing more."""
        return ()

    async def _open(self) -> Sequence[tuple[str, bytes]]:
        collection, collected = await self._tables.read(features_of, *self._place)
        self.model = await self._reader.model_version()
        if self.model != collection.model_version:
            raise EngineUnavailableError(
                f"the faces of this collection are those of {collection.model_version}, not of {self.model}"
            )
        return collected

    async def _matches(self, face: SeenFace, collected: Sequence[tuple[str, bytes]]) -> list[wire.FaceMatch]:
        best = await alike_faces(self._reader, face.features, collected, self._least)
        _, found = await self._tables.read(find_faces, *self._place, [face_id for _, face_id in best])
        faces = {known.face_id: known for known in found}
        return [
            {"Similarity": similarity, "Face": stored_face(faces[face_id])}
            for similarity, face_id in best
            if face_id in faces
        ]


class VideoFaceSearch:
    """Searches collections for the faces of videos."""

    def __init__(self, tables: Tables, jobs: VideoJobs, pages: PageTokens) -> None:
        self._tables = tables
        self._jobs = jobs
        self._pages = FindPages(jobs, pages)

    @operation("StartFaceSearch", needs=to_start(FACE_SEARCH, on=on_collection))
    async def start(self, caller: Caller, request: wire.StartFaceSearchRequest) -> wire.StartFaceSearchResponse:
        """Begin to look for faces of a collection.

        Raises:
            ResourceNotFoundException: there is no such collection; else as `VideoJobs.start`.
        """
        place = caller.account, caller.region, request["CollectionId"]

        async def demand() -> None:
            await self._tables.read(require_collection, *place)

        return {"JobId": await self._jobs.start(caller, FACE_SEARCH, dict(request), demand)}

    @operation("GetFaceSearch", needs=need("rekognition:GetFaceSearch"))
    async def get(self, caller: Caller, request: wire.GetFaceSearchRequest) -> wire.GetFaceSearchResponse:
        """A page of the persons whom faces of the collection match, by time or by their index.

        Raises:
            ResourceNotFoundException, InvalidPaginationTokenException
        """
        return await self._pages.page(caller, FACE_SEARCH, request, "Persons")  # pyright: ignore[reportReturnType]  # its keys are those of the shape

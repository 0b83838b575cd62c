"""The faces of a collection: IndexFaces, ListFaces, DeleteFaces.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_IndexFaces.html and its neighbours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import Caller, FaceReader, Ids, SeenFace, Tables
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.errors import engine_errors
from marinelayer.services.rekognition.face_collections import on_collection, page_size
from marinelayer.services.rekognition.face_details import face_detail, good_enough, stored_face
from marinelayer.services.rekognition.face_store import (
    AT_ONCE,
    Collection,
    NewFace,
    StoredFace,
    delete_faces,
    find_faces,
    index_faces,
    list_faces,
    require_collection,
)
from marinelayer.services.rekognition.images import Images
from marinelayer.services.rekognition.pages import after

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

MOST_FACES = 100


async def demand_model(reader: FaceReader, collection: Collection) -> None:
    """Raises OperationNotImplemented unless what is installed makes the collection's kind of features."""
    with engine_errors():
        version = await reader.model_version()
    if version != collection.model_version:
        raise OperationNotImplemented(
            f"The faces of this collection are those of {collection.model_version}, which is not what is installed"
            f" ({version})."
        )


class CollectedFaces:
    """Puts faces into collections, shows them and takes them out."""

    def __init__(self, tables: Tables, ids: Ids, pages: PageTokens, reader: FaceReader, images: Images) -> None:
        self._tables = tables
        self._ids = ids
        self._pages = pages
        self._reader = reader
        self._images = images

    @operation("IndexFaces", needs=need("rekognition:IndexFaces", on=on_collection))
    async def index(self, caller: Caller, request: wire.IndexFacesRequest) -> wire.IndexFacesResponse:
        """Keep what tells the faces of a picture from others. The same picture with the same ExternalImageId is kept
        once: its faces have the ids that they had.

        Raises:
            ResourceNotFoundException: there is no such collection.
            InvalidParameterException, ImageTooLargeException, InvalidS3ObjectException, InvalidImageFormatException.
            OperationNotImplemented: no engine is installed, or another than the collection's.
        """
        collection = await self._tables.read(require_collection, caller.account, caller.region, request["CollectionId"])
        image = await self._images.read(caller, request["Image"])
        await demand_model(self._reader, collection)
        with engine_errors():
            seen = await self._reader.faces(image, features=True)
        good, poor = good_enough(seen.faces, request.get("QualityFilter", "AUTO"))
        most = min(request.get("MaxFaces", MOST_FACES), MOST_FACES)
        external_id = request.get("ExternalImageId", "")
        new = self._new_faces(good[:most], external_id)
        stored = await self._tables.write(
            index_faces, collection, new, image_digest=hashlib.sha256(image).digest(), external_id=external_id
        )
        records: list[wire.FaceRecord] = [
            {"Face": stored_face(kept), "FaceDetail": face_detail(face)}
            for kept, face in zip(stored, good[:most], strict=True)
        ]
        unindexed: list[wire.UnindexedFace] = [
            {"Reasons": [reason], "FaceDetail": face_detail(face)}
            for reason, faces in (("LOW_CONFIDENCE", poor), ("EXCEEDS_MAX_FACES", good[most:]))
            for face in faces
        ]
        return {
            "FaceRecords": records,
            "UnindexedFaces": unindexed,
            "FaceModelVersion": collection.model_version,
        }

    @operation("ListFaces", needs=need("rekognition:ListFaces", on=on_collection))
    async def list(self, caller: Caller, request: wire.ListFacesRequest) -> wire.ListFacesResponse:
        """A page of a collection's faces, of those of `FaceIds` that it has, or of a user's, the oldest first.

        Raises:
            ResourceNotFoundException: there is no such collection.
            InvalidPaginationTokenException: the token is not one of this list's.
        """
        name, user_id = request["CollectionId"], request.get("UserId")
        scope, size = f"rekognition.ListFaces/{caller.account}/{caller.region}/{name}", page_size(request)
        start = after(self._pages, request.get("NextToken"), scope)
        place = caller.account, caller.region, name
        if "FaceIds" in request:
            wanted = list(dict.fromkeys(request["FaceIds"]))
            collection, found = await self._tables.read(find_faces, *place, wanted)
            asked = (face for face in found if face.key > start and user_id in (None, face.user_id))
            faces = sorted(asked, key=lambda face: face.key)
        else:
            collection, faces = await self._tables.read(list_faces, *place, start, size + 1, user_id)
        answer = _written(collection, faces[:size])
        if len(faces) > size:
            answer["NextToken"] = self._pages.seal(faces[size - 1].key, scope)
        return answer

    @operation("DeleteFaces", needs=need("rekognition:DeleteFaces", on=on_collection))
    async def delete(self, caller: Caller, request: wire.DeleteFacesRequest) -> wire.DeleteFacesResponse:
        """Remove faces; those that are not there, or associated with a user, are told apart.

        Raises:
            ResourceNotFoundException: there is no such collection.
        """
        wanted = list(dict.fromkeys(request["FaceIds"]))
        place = caller.account, caller.region, request["CollectionId"]
        deleted: list[str] = []
        kept: dict[str, str] = {}
        for start in range(0, len(wanted), AT_ONCE):
            gone, left = await self._tables.write(delete_faces, *place, wanted[start : start + AT_ONCE])
            deleted += gone
            kept |= left
        return {
            "DeletedFaces": deleted,
            "UnsuccessfulFaceDeletions": [_undeleted(face_id, user_id) for face_id, user_id in kept.items()],
        }

    def _new_faces(self, faces: Sequence[SeenFace], external_id: str) -> list[NewFace]:
        image_id = self._uuid()
        return [
            NewFace(
                face=StoredFace(
                    key=self._ids.ordered(),
                    face_id=self._uuid(),
                    image_id=image_id,
                    external_id=external_id,
                    box=face.box,
                    confidence=face.confidence,
                ),
                features=face.features,
            )
            for face in faces
        ]

    def _uuid(self) -> str:
        digits = self._ids.token(32)
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _undeleted(face_id: str, user_id: str) -> wire.UnsuccessfulFaceDeletion:
    if not user_id:
        return {"FaceId": face_id, "Reasons": ["FACE_NOT_FOUND"]}
    return {"FaceId": face_id, "UserId": user_id, "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]}


def _written(collection: Collection, faces: Sequence[StoredFace]) -> wire.ListFacesResponse:
    return {
        "Faces": [stored_face(face) for face in faces],
        "FaceModelVersion": collection.model_version,
    }

"""SearchFaces and SearchFacesByImage: which faces of a collection are alike.

Every face of the collection is compared. Source:
https://docs.aws.amazon.com/rekognition/latest/APIReference/API_SearchFaces.html and API_SearchFacesByImage.html.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, FaceReader, Tables
from marinelayer.services.operation import need, operation
from marinelayer.services.rekognition.collected_faces import demand_model
from marinelayer.services.rekognition.errors import InvalidParameterException, engine_errors
from marinelayer.services.rekognition.face_collections import on_collection
from marinelayer.services.rekognition.face_details import bounding_box, good_enough, stored_face
from marinelayer.services.rekognition.face_store import features_of, find_faces, require_collection, require_face
from marinelayer.services.rekognition.images import Images

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

LEAST_SIMILARITY = 80.0
MOST_MATCHES = 4096


class FaceSearch:
    """Searches collections."""

    def __init__(self, tables: Tables, reader: FaceReader, images: Images) -> None:
        self._tables = tables
        self._reader = reader
        self._images = images

    @operation("SearchFaces", needs=need("rekognition:SearchFaces", on=on_collection))
    async def by_face(self, caller: Caller, request: wire.SearchFacesRequest) -> wire.SearchFacesResponse:
        """The other faces of the collection that are like one of its own, the most alike first.

        Raises:
            ResourceNotFoundException: there is no such collection.
            InvalidParameterException: it has no such face.
            OperationNotImplemented: no engine is installed, or another than the collection's.
        """
        name, face_id = request["CollectionId"], request["FaceId"]
        collection, features = await self._tables.read(features_of, caller.account, caller.region, name)
        numbers = require_face(features, face_id)
        await demand_model(self._reader, collection)
        others = [(known, other) for known, other in features if known != face_id]
        return {
            "SearchedFaceId": face_id,
            "FaceMatches": await self._matches(caller, request, numbers, others),
            "FaceModelVersion": collection.model_version,
        }

    @operation("SearchFacesByImage", needs=need("rekognition:SearchFacesByImage", on=on_collection))
    async def by_image(
        self, caller: Caller, request: wire.SearchFacesByImageRequest
    ) -> wire.SearchFacesByImageResponse:
        """The faces of the collection that are like the largest of a picture, the most alike first.

        Raises:
            ResourceNotFoundException: there is no such collection.
            InvalidParameterException: there is no face in the picture.
            ImageTooLargeException, InvalidS3ObjectException, InvalidImageFormatException.
            OperationNotImplemented: no engine is installed, or another than the collection's.
        """
        name = request["CollectionId"]
        collection = await self._tables.read(require_collection, caller.account, caller.region, name)
        image = await self._images.read(caller, request["Image"])
        await demand_model(self._reader, collection)
        with engine_errors():
            seen = await self._reader.faces(image, features=True)
        faces, _ = good_enough(seen.faces, request.get("QualityFilter", "NONE"))
        if not faces:
            raise InvalidParameterException("There are no faces in the image. Should be at least 1.")
        _, features = await self._tables.read(features_of, caller.account, caller.region, name)
        return {
            "SearchedFaceBoundingBox": bounding_box(faces[0].box),
            "SearchedFaceConfidence": faces[0].confidence,
            "FaceMatches": await self._matches(caller, request, faces[0].features, features),
            "FaceModelVersion": collection.model_version,
        }

    async def _matches(
        self, caller: Caller, request: Any, face: bytes, others: Sequence[tuple[str, bytes]]
    ) -> list[wire.FaceMatch]:
        """Of the `others` (ids and features), those that are alike enough."""
        with engine_errors():
            alike = await alike_faces(self._reader, face, others, request.get("FaceMatchThreshold", LEAST_SIMILARITY))
        best = alike[: request.get("MaxFaces", MOST_MATCHES)]
        _, found = await self._tables.read(
            find_faces, caller.account, caller.region, request["CollectionId"], [face_id for _, face_id in best]
        )
        faces = {known.face_id: known for known in found}
        return [
            {"Similarity": similarity, "Face": stored_face(faces[face_id])}
            for similarity, face_id in best
            if face_id in faces
        ]


async def alike_faces(
    reader: FaceReader, face: bytes, others: Sequence[tuple[str, bytes]], least: float
) -> list[tuple[float, str]]:
    """Of the `others` (ids and features) those that are at least `least` percent like a face, the most alike first, and
    at most 4,096. Raises as `reader`."""
    alike = await reader.similarities(face, [numbers for _, numbers in others])
    found = [
        (similarity, face_id) for similarity, (face_id, _) in zip(alike, others, strict=True) if similarity >= least
    ]
    return sorted(found, key=lambda pair: -pair[0])[:MOST_MATCHES]

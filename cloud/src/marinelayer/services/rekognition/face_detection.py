"""DetectFaces and CompareFaces: faces in pictures, without keeping any.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectFaces.html and API_CompareFaces.html.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from marinelayer.ports import Caller, FaceReader, SeenFace
from marinelayer.services.operation import need, operation
from marinelayer.services.rekognition.errors import InvalidParameterException, engine_errors
from marinelayer.services.rekognition.face_details import bounding_box, compared_face, face_detail, good_enough
from marinelayer.services.rekognition.images import Images

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

LEAST_SIMILARITY = 80.0
"""What faces must have in common to match, where SimilarityThreshold does not say."""


class FaceDetection:
    """Finds faces."""

    def __init__(self, reader: FaceReader, images: Images) -> None:
        self._reader = reader
        self._images = images

    @operation("DetectFaces", needs=need("rekognition:DetectFaces"))
    async def detect(self, caller: Caller, request: wire.DetectFacesRequest) -> wire.DetectFacesResponse:
        """The 100 largest faces, the largest first, each with what is known of it, whatever Attributes ask for.

        Raises:
            InvalidParameterException, ImageTooLargeException, InvalidS3ObjectException, InvalidImageFormatException.
            OperationNotImplemented: no engine is installed.
        """
        image = await self._images.read(caller, request["Image"])
        with engine_errors():
            seen = await self._reader.faces(image, features=False)
        return {"FaceDetails": [face_detail(face) for face in seen.faces]}

    @operation("CompareFaces", needs=need("rekognition:CompareFaces"))
    async def compare(self, caller: Caller, request: wire.CompareFacesRequest) -> wire.CompareFacesResponse:
        """Which faces of the target are like the largest of the source, the most alike first, and which are not.

        Raises:
            InvalidParameterException: there is no face in one of the pictures, or as `detect`.
        """
        bar = request.get("QualityFilter", "NONE")
        source = await self._faces(caller, request["SourceImage"], bar)
        target = await self._faces(caller, request["TargetImage"], bar)
        least = request.get("SimilarityThreshold", LEAST_SIMILARITY)
        with engine_errors():
            alike = await self._reader.similarities(source[0].features, [face.features for face in target])
        ranked = sorted(zip(alike, target, strict=True), key=lambda pair: -pair[0])
        return {
            "SourceImageFace": {"BoundingBox": bounding_box(source[0].box), "Confidence": source[0].confidence},
            "FaceMatches": [
                {"Similarity": similarity, "Face": compared_face(face)}
                for similarity, face in ranked
                if similarity >= least
            ],
            "UnmatchedFaces": [compared_face(face) for similarity, face in ranked if similarity < least],
        }

    async def _faces(self, caller: Caller, image: wire.Image, bar: str) -> Sequence[SeenFace]:
        """The faces that are good enough, with their features; there is one at least."""
        data = await self._images.read(caller, image)
        with engine_errors():
            seen = await self._reader.faces(data, features=True)
        faces, _ = good_enough(seen.faces, bar)
        if not faces:
            raise InvalidParameterException
        return faces

"""SearchUsers and SearchUsersByImage: which users of a collection a face or another user is like.

Every user with a face is compared, by all of their faces (`FaceReader.merged`). Source:
https://docs.aws.amazon.com/rekognition/latest/APIReference/API_SearchUsers.html and API_SearchUsersByImage.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, FaceReader, SeenFace, Tables, Transaction
from marinelayer.services.operation import need, operation
from marinelayer.services.rekognition.collected_faces import demand_model
from marinelayer.services.rekognition.errors import InvalidParameterException, engine_errors
from marinelayer.services.rekognition.face_collections import on_collection
from marinelayer.services.rekognition.face_details import face_detail, good_enough
from marinelayer.services.rekognition.face_store import Collection, require_collection
from marinelayer.services.rekognition.images import Images
from marinelayer.services.rekognition.user_store import candidates, features_of_users, require_user

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

LEAST_SIMILARITY = 80.0
MOST_MATCHES = 500

Looks = Mapping[str, Sequence[bytes]]
"""The features of each user's faces, by the users' ids."""


class UserSearch:
    """Searches collections for users."""

    def __init__(self, tables: Tables, reader: FaceReader, images: Images) -> None:
        self._tables = tables
        self._reader = reader
        self._images = images

    @operation("SearchUsers", needs=need("rekognition:SearchUsers", on=on_collection))
    async def by_id(self, caller: Caller, request: wire.SearchUsersRequest) -> wire.SearchUsersResponse:
        """The users that are like one of the collection's faces, or the other users that are like one of its users,
        the most alike first. A user without faces is like nobody.

        Raises:
            ResourceNotFoundException: there is no such collection, or no such user in it.
            InvalidParameterException: not exactly one of FaceId and UserId is given, or it has no such face.
            OperationNotImplemented: no engine is installed, or another than the collection's.
        """
        face_id, user_id = request.get("FaceId"), request.get("UserId")
        if (face_id is None) == (user_id is None):
            raise InvalidParameterException("Exactly one of FaceId and UserId must be provided.")
        name = request["CollectionId"]
        collection, searched, looks = await self._tables.read(
            _by_face if user_id is None else _by_user, caller.account, caller.region, name, face_id or user_id or ""
        )
        await demand_model(self._reader, collection)
        answer: wire.SearchUsersResponse = {
            "UserMatches": await self._matches(request, searched, looks),
            "FaceModelVersion": collection.model_version,
        }
        if face_id is not None:
            answer["SearchedFace"] = {"FaceId": face_id}
        if user_id is not None:
            answer["SearchedUser"] = {"UserId": user_id}
        return answer

    @operation("SearchUsersByImage", needs=need("rekognition:SearchUsersByImage", on=on_collection))
    async def by_image(
        self, caller: Caller, request: wire.SearchUsersByImageRequest
    ) -> wire.SearchUsersByImageResponse:
        """The users that are like the largest face of a picture that passes the QualityFilter, and which of its faces
        were not searched for. Of a picture without a face nothing is found.

        Raises:
            ResourceNotFoundException: there is no such collection.
            InvalidParameterException, ImageTooLargeException, InvalidS3ObjectException, InvalidImageFormatException.
            OperationNotImplemented: no engine is installed, or another than the collection's.
        """
        place = caller.account, caller.region, request["CollectionId"]
        await self._tables.read(require_collection, *place)
        image = await self._images.read(caller, request["Image"])
        collection, looks = await self._tables.read(_looks, *place)
        await demand_model(self._reader, collection)
        with engine_errors():
            seen = await self._reader.faces(image, features=True)
        good, poor = good_enough(seen.faces, request.get("QualityFilter", "NONE"))
        answer: wire.SearchUsersByImageResponse = {
            "UserMatches": await self._matches(request, [face.features for face in good[:1]], looks),
            "FaceModelVersion": collection.model_version,
            "UnsearchedFaces": [*_unsearched("FACE_NOT_LARGEST", good[1:]), *_unsearched("LOW_CONFIDENCE", poor)],
        }
        if good:
            answer["SearchedFace"] = {"FaceDetail": face_detail(good[0])}
        return answer

    async def _matches(self, request: Any, searched: Sequence[bytes], looks: Looks) -> list[wire.UserMatch]:
        """The users that are alike enough to a person with these faces."""
        if not searched or not looks:
            return []
        with engine_errors():
            one, *others = await self._reader.merged([searched, *looks.values()])
            alike = await self._reader.similarities(one, others)
        least = request.get("UserMatchThreshold", LEAST_SIMILARITY)
        ranked = sorted(zip(alike, looks, strict=True), key=lambda pair: -pair[0])
        best = [pair for pair in ranked if pair[0] >= least][: request.get("MaxUsers", MOST_MATCHES)]
        return [
            {"Similarity": similarity, "User": {"UserId": user_id, "UserStatus": "ACTIVE"}}
            for similarity, user_id in best
        ]


def _unsearched(reason: Any, faces: Sequence[SeenFace]) -> list[wire.UnsearchedFace]:
    return [{"FaceDetails": face_detail(face), "Reasons": [reason]} for face in faces]


def _looks(tx: Transaction, account: str, region: str, name: str) -> tuple[Collection, Looks]:
    collection = require_collection(tx, account, region, name)
    return collection, features_of_users(tx, collection)


def _by_face(
    tx: Transaction, account: str, region: str, name: str, searched: str
) -> tuple[Collection, list[bytes], Looks]:
    collection, looks = _looks(tx, account, region, name)
    found = candidates(tx, collection, [searched])
    if searched not in found:
        raise InvalidParameterException("faceId was not found in the collection.")
    return collection, [found[searched].features], looks


def _by_user(
    tx: Transaction, account: str, region: str, name: str, searched: str
) -> tuple[Collection, list[bytes], Looks]:
    collection = require_collection(tx, account, region, name)
    require_user(tx, collection, searched)
    looks = features_of_users(tx, collection)
    return collection, looks.pop(searched, []), looks

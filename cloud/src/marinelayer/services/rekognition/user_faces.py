"""Faces of users: AssociateFaces, DisassociateFaces.

What a user looks like is told by all faces that are associated with the user (`FaceReader.merged`); a further face must
be like that. Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_AssociateFaces.html and
API_DisassociateFaces.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, FaceReader, Tables, Transaction
from marinelayer.services.operation import need, operation
from marinelayer.services.rekognition.collected_faces import demand_model
from marinelayer.services.rekognition.errors import ServiceQuotaExceededException, engine_errors
from marinelayer.services.rekognition.face_collections import on_collection
from marinelayer.services.rekognition.face_store import Collection, require_collection
from marinelayer.services.rekognition.user_requests import Change, answered, change_of, remember
from marinelayer.services.rekognition.user_store import (
    NOBODY,
    Candidate,
    User,
    candidates,
    change_faces,
    features_of_user,
    require_user,
)

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

LEAST_SIMILARITY = 75.0
MOST_FACES = 100
"""Of one user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outset:
    """A user as a request finds them, with the faces that it names."""

    collection: Collection
    user: User
    features: Sequence[bytes]
    faces: Mapping[str, Candidate]


class UserFaces:
    """Associates faces with users, and parts them again."""

    def __init__(self, tables: Tables, clock: Clock, reader: FaceReader) -> None:
        self._tables = tables
        self._clock = clock
        self._reader = reader

    @operation("AssociateFaces", needs=need("rekognition:AssociateFaces", on=on_collection))
    async def associate(self, caller: Caller, request: wire.AssociateFacesRequest) -> wire.AssociateFacesResponse:
        """Associate faces with a user: those that are nobody's, and that are like the user if the user had a face
        before. Those beyond the hundredth are told as unsuccessful, for which AWS has no reason to name.

        Raises:
            ResourceNotFoundException: there is no such collection, or no such user in it.
            ServiceQuotaExceededException: the user has 100 faces already.
            ConflictException: the user's faces were changed meanwhile.
            IdempotentParameterMismatchException: the token was given with another request.
            OperationNotImplemented: no engine is installed, or another than the collection's.
        """
        change = change_of(caller, "AssociateFaces", request, self._clock.now())
        name, wanted = request["CollectionId"], list(dict.fromkeys(request["FaceIds"]))
        before = await self._tables.read(_answered, change, name)
        if before is not None:
            return before
        outset = await self._tables.read(_outset, change, name, request["UserId"], wanted)
        if outset.user.faces >= MOST_FACES:
            raise ServiceQuotaExceededException(f"A user can have at most {MOST_FACES} faces.")
        await demand_model(self._reader, outset.collection)
        alike = await self._likeness(outset)
        least = request.get("UserMatchThreshold", LEAST_SIMILARITY)
        free = [face_id for face_id in wanted if face_id in alike]
        good = [face_id for face_id in free if alike[face_id] >= least][: MOST_FACES - outset.user.faces]
        unsuccessful = [
            {"FaceId": face_id, "Confidence": alike[face_id], "Reasons": ["LOW_MATCH_CONFIDENCE"]}
            if alike[face_id] < least
            else {"FaceId": face_id, "Reasons": list[str]()}
            for face_id in free
            if face_id not in good
        ]
        told = {
            "AssociatedFaces": [{"FaceId": face_id} for face_id in good],
            "UnsuccessfulFaceAssociations": _out_of_reach(outset, wanted) + unsuccessful,
        }
        return await self._tables.write(_change, change, outset, good, NOBODY, outset.user.user_id, told)

    @operation("DisassociateFaces", needs=need("rekognition:DisassociateFaces", on=on_collection))
    async def disassociate(
        self, caller: Caller, request: wire.DisassociateFacesRequest
    ) -> wire.DisassociateFacesResponse:
        """Part faces from a user. Those that are nobody's are passed over.

        Raises:
            ResourceNotFoundException: there is no such collection, or no such user in it.
            ConflictException: the user's faces were changed meanwhile.
            IdempotentParameterMismatchException: the token was given with another request.
        """
        change = change_of(caller, "DisassociateFaces", request, self._clock.now())
        name, wanted = request["CollectionId"], list(dict.fromkeys(request["FaceIds"]))
        before = await self._tables.read(_answered, change, name)
        if before is not None:
            return before
        outset = await self._tables.read(_outset, change, name, request["UserId"], wanted)
        user_id = outset.user.user_id
        owned = [face_id for face_id in wanted if face_id in outset.faces and outset.faces[face_id].user_id == user_id]
        told = {
            "DisassociatedFaces": [{"FaceId": face_id} for face_id in owned],
            "UnsuccessfulFaceDisassociations": _out_of_reach(outset, wanted),
        }
        return await self._tables.write(_change, change, outset, owned, user_id, NOBODY, told)

    async def _likeness(self, outset: Outset) -> dict[str, float]:
        """How like the user each face is that is nobody's: wholly, where the user has none yet."""
        free = [face for face in outset.faces.values() if face.user_id == NOBODY]
        if not outset.features:
            return {face.face_id: 100.0 for face in free}
        with engine_errors():
            (looks,) = await self._reader.merged([outset.features])
            alike = await self._reader.similarities(looks, [face.features for face in free])
        return {face.face_id: similarity for face, similarity in zip(free, alike, strict=True)}


def _out_of_reach(outset: Outset, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """The faces that are not there, or another user's."""
    told: list[dict[str, Any]] = []
    for face_id in wanted:
        face = outset.faces.get(face_id)
        if face is None:
            told.append({"FaceId": face_id, "Reasons": ["FACE_NOT_FOUND"]})
        elif face.user_id not in (NOBODY, outset.user.user_id):
            told.append({"FaceId": face_id, "UserId": face.user_id, "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]})
    return told


def _outset(tx: Transaction, change: Change, name: str, user_id: str, face_ids: Sequence[str]) -> Outset:
    collection = require_collection(tx, change.account, change.region, name)
    return Outset(
        collection=collection,
        user=require_user(tx, collection, user_id),
        features=features_of_user(tx, collection, user_id),
        faces=candidates(tx, collection, face_ids),
    )


def _answered(tx: Transaction, change: Change, name: str) -> Any | None:
    return answered(tx, require_collection(tx, change.account, change.region, name), change)


def _change(
    tx: Transaction,
    change: Change,
    outset: Outset,
    face_ids: Sequence[str],
    known: str,
    becomes: str,
    told: Mapping[str, Any],
) -> Any:
    collection = require_collection(tx, change.account, change.region, outset.collection.name)
    before = answered(tx, collection, change)
    if before is not None:
        return before
    user = change_faces(tx, collection, outset.user, face_ids, known=known, becomes=becomes)
    answer = {**told, "UserStatus": user.status}
    remember(tx, collection, change, answer)
    return answer

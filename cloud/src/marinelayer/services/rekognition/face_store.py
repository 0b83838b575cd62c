"""Collections and their faces, as rows. A face is kept as what tells it from others, never as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from marinelayer import outbox
from marinelayer.ports import Box, Row, Tables, Transaction
from marinelayer.services.rekognition.errors import (
    InvalidParameterException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from marinelayer.services.rekognition.resource_tags import forget_tags, put_tags
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.rekognition", "collections.sql")
FORGET = "rekognition.forget"
AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A collection. `key` is its own for ever: one that is made again under the same name has another. Keys sort by
    their making; `created` is in microseconds."""

    account: str
    region: str
    name: str
    key: str
    model_version: str
    created: int

    @property
    def arn(self) -> str:
        """What policies and tags call it."""
        return collection_arn(self.account, self.region, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFace:
    """A face of a collection. Keys sort by their making; `external_id` is "" where none was given, `user_id` where it
    is associated with no user."""

    key: str
    face_id: str
    image_id: str
    external_id: str
    box: Box
    confidence: float
    user_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFace:
    """A face that is to be stored, with what tells it from others."""

    face: StoredFace
    features: bytes


def collection_arn(account: str, region: str, name: str) -> str:
    """The ARN of a collection."""
    return f"arn:aws:rekognition:{region}:{account}:collection/{name}"


def create_collection(tx: Transaction, collection: Collection, tags: Mapping[str, str]) -> None:
    """Keep a new collection with its tags.

    Raises:
        ResourceAlreadyExistsException: there is one of that name.
        ServiceQuotaExceededException: there are too many tags.
    """
    made = tx.run(
        SQL.put_collection,
        account=collection.account,
        region=collection.region,
        name=collection.name,
        collection_key=collection.key,
        model_version=collection.model_version,
        created=collection.created,
    )
    if not made:
        raise ResourceAlreadyExistsException(f"The collection id: {collection.name} already exists")
    put_tags(tx, collection.arn, tags)


def require_collection(tx: Transaction, account: str, region: str, name: str) -> Collection:
    """The collection.

    Raises:
        ResourceNotFoundException: there is none of that name.
    """
    row = tx.one(SQL.collection, account=account, region=region, name=name)
    if row is None:
        raise ResourceNotFoundException(f"The collection id: {name} does not exist")
    return _collection(row)


def delete_collection(tx: Transaction, account: str, region: str, name: str, now: int) -> None:
    """Remove the collection with its tags; its faces, which nothing shows from here on, go later.

    Raises:
        ResourceNotFoundException: there is none of that name.
    """
    collection = require_collection(tx, account, region, name)
    tx.run(SQL.delete_collection, collection_key=collection.key)
    forget_tags(tx, collection.arn)
    job = f"{FORGET}:{collection.key}"
    outbox.enqueue(tx, job_id=job, kind=FORGET, group=job, payload=collection.key.encode(), due=now)


def list_collections(tx: Transaction, account: str, region: str, after: str, size: int) -> list[Collection]:
    """So many collections as were made after the one with the key `after`."""
    return [_collection(row) for row in tx.all(SQL.collections, account=account, region=region, after=after, size=size)]


def has_collections(tx: Transaction, account: str) -> bool:
    """Whether the account has a collection, in whatever region."""
    return tx.one(SQL.any_collection, account=account) is not None


def describe_collection(tx: Transaction, account: str, region: str, name: str) -> tuple[Collection, int, int]:
    """The collection, and how many faces and users it has. Raises as `require_collection`."""
    collection = require_collection(tx, account, region, name)
    counts = (SQL.count_faces, SQL.count_users)
    faces, users = (row["n"] if (row := tx.one(count, collection_key=collection.key)) else 0 for count in counts)
    return collection, faces, users


def index_faces(
    tx: Transaction, collection: Collection, faces: Sequence[NewFace], *, image_digest: bytes, external_id: str
) -> list[StoredFace]:
    """Keep the faces of one picture, at most 100; what is stored of each, in their order. The same picture under the
    same external id is kept once.

    Raises:
        ResourceNotFoundException: the collection was deleted meanwhile.
    """
    now = require_collection(tx, collection.account, collection.region, collection.name)
    rows = tx.all(SQL.faces_of_image, collection_key=now.key, image_digest=image_digest, external_id=external_id)
    known = {face.box: face for face in map(_face, rows)}
    image_id = next((face.image_id for face in known.values()), None)
    stored: list[StoredFace] = []
    for new in faces:
        face = known.get(new.face.box)
        if face is None:
            face = _with_image(new.face, image_id)
            _put(tx, now, face, new.features, image_digest)
        stored.append(face)
    return stored


def list_faces(
    tx: Transaction, account: str, region: str, name: str, after: str, size: int, user_id: str | None
) -> tuple[Collection, list[StoredFace]]:
    """The collection, and so many of its faces (or of those of one of its users) behind the one with the key `after`.
    Raises as `require_collection`."""
    collection = require_collection(tx, account, region, name)
    page = {"collection_key": collection.key, "after": after, "size": size}
    rows = tx.all(SQL.faces, **page) if user_id is None else tx.all(SQL.faces_of_user, user_id=user_id, **page)
    return collection, [_face(row) for row in rows]


def find_faces(
    tx: Transaction, account: str, region: str, name: str, face_ids: Sequence[str]
) -> tuple[Collection, list[StoredFace]]:
    """The collection, and those of the faces that it has. Raises as `require_collection`."""
    collection = require_collection(tx, account, region, name)
    rows = [tx.one(SQL.face, collection_key=collection.key, face_id=face_id) for face_id in face_ids]
    return collection, [_face(row) for row in rows if row is not None]


def features_of(tx: Transaction, account: str, region: str, name: str) -> tuple[Collection, list[tuple[str, bytes]]]:
    """The collection, and of each of its faces the id and what tells it from others. Raises as `require_collection`."""
    collection = require_collection(tx, account, region, name)
    rows = tx.all(SQL.features, collection_key=collection.key)
    return collection, [(row["face_id"], row["features"]) for row in rows]


def require_face(features: Sequence[tuple[str, bytes]], face_id: str) -> bytes:
    """The features of one of them.

    Raises:
        InvalidParameterException: it is none of them.
    """
    for known, numbers in features:
        if known == face_id:
            return numbers
    raise InvalidParameterException("faceId was not found in the collection.")


def delete_faces(
    tx: Transaction, account: str, region: str, name: str, face_ids: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """Remove at most 1,000 faces, but not those that are associated with a user. Those that went, and those that did
    not, with their users ("" for one that is not there). Raises as `require_collection`."""
    collection = require_collection(tx, account, region, name)
    deleted: list[str] = []
    kept: dict[str, str] = {}
    for face_id in face_ids:
        if tx.run(SQL.delete_face, collection_key=collection.key, face_id=face_id):
            deleted.append(face_id)
            continue
        row = tx.one(SQL.face, collection_key=collection.key, face_id=face_id)
        kept[face_id] = row["user_id"] if row else ""
    return deleted, kept


class ForgottenFaces:
    """Removes what was left of deleted collections."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def forget(self, job: outbox.Job) -> None:
        """Remove the faces of one of them, its users, and what was answered to changes of those."""
        while await self._tables.write(_forget, job.payload.decode()):
            pass


def _forget(tx: Transaction, key: str) -> int:
    rest = (SQL.delete_faces_of, SQL.delete_users_of, SQL.delete_user_requests_of)
    return next((gone for some in rest if (gone := tx.run(some, collection_key=key, size=AT_ONCE))), 0)


def _put(tx: Transaction, collection: Collection, face: StoredFace, features: bytes, image_digest: bytes) -> None:
    tx.run(
        SQL.put_face,
        collection_key=collection.key,
        face_key=face.key,
        account=collection.account,
        region=collection.region,
        face_id=face.face_id,
        image_id=face.image_id,
        image_digest=image_digest,
        external_id=face.external_id,
        box_left=face.box.left,
        box_top=face.box.top,
        box_width=face.box.width,
        box_height=face.box.height,
        confidence=face.confidence,
        features=features,
    )


def _with_image(face: StoredFace, image_id: str | None) -> StoredFace:
    return face if image_id is None else replace(face, image_id=image_id)


def _collection(row: Row) -> Collection:
    return Collection(
        account=row["account"],
        region=row["region"],
        name=row["name"],
        key=row["collection_key"],
        model_version=row["model_version"],
        created=row["created"],
    )


def _face(row: Row) -> StoredFace:
    return StoredFace(
        key=row["face_key"],
        face_id=row["face_id"],
        image_id=row["image_id"],
        external_id=row["external_id"],
        box=Box(left=row["box_left"], top=row["box_top"], width=row["box_width"], height=row["box_height"]),
        confidence=row["confidence"],
        user_id=row["user_id"],
    )

"""Users of collections, as rows: who they are, and which faces are associated with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from marinelayer.ports import Row, Transaction
from marinelayer.services.rekognition.errors import ConflictException, ResourceNotFoundException
from marinelayer.services.rekognition.face_store import Collection, require_collection
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.rekognition", "users.sql")
NOBODY = ""
"""Whom a face is associated with that is associated with no user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user of a collection. Keys sort by their making; `revision` counts the changes of what is associated with the
    user, of which there are `faces`."""

    key: str
    user_id: str
    revision: int
    faces: int

    @property
    def status(self) -> Literal["ACTIVE", "CREATED"]:
        """What answers say of the user. (None is ever UPDATING: a change is complete when it is answered.)"""
        return "ACTIVE" if self.faces else "CREATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A face, with the user that it is associated with (`NOBODY` for none) and what tells it from others."""

    face_id: str
    user_id: str
    features: bytes


def create_user(tx: Transaction, collection: Collection, key: str, user_id: str) -> None:
    """Keep a new user.

    Raises:
        ConflictException: there is one of that id.
    """
    row = {"account": collection.account, "region": collection.region, "user_id": user_id}
    if not tx.run(SQL.put_user, collection_key=collection.key, user_key=key, **row):
        raise ConflictException


def require_user(tx: Transaction, collection: Collection, user_id: str) -> User:
    """The user.

    Raises:
        ResourceNotFoundException: there is none of that id.
    """
    row = tx.one(SQL.user, collection_key=collection.key, user_id=user_id)
    if row is None:
        raise ResourceNotFoundException(f"The user id: {user_id} does not exist")
    return _user(row)


def delete_user(tx: Transaction, collection: Collection, user_id: str) -> None:
    """Remove a user; the faces stay, and are nobody's. Raises as `require_user`."""
    require_user(tx, collection, user_id)
    tx.run(SQL.disassociate_all, collection_key=collection.key, user_id=user_id)
    tx.run(SQL.delete_user, collection_key=collection.key, user_id=user_id)


def list_users(tx: Transaction, account: str, region: str, name: str, after: str, size: int) -> list[User]:
    """So many users of a collection behind the one with the key `after`. Raises as `require_collection`."""
    collection = require_collection(tx, account, region, name)
    return [_user(row) for row in tx.all(SQL.users, collection_key=collection.key, after=after, size=size)]


def candidates(tx: Transaction, collection: Collection, face_ids: Sequence[str]) -> dict[str, Candidate]:
    """Those of the faces that a collection has, by their ids."""
    rows = [tx.one(SQL.candidate, collection_key=collection.key, face_id=face_id) for face_id in face_ids]
    return {
        row["face_id"]: Candidate(face_id=row["face_id"], user_id=row["user_id"], features=row["features"])
        for row in rows
        if row is not None
    }


def features_of_user(tx: Transaction, collection: Collection, user_id: str) -> list[bytes]:
    """What tells each of a user's faces from others."""
    rows = tx.all(SQL.features_of_user, collection_key=collection.key, user_id=user_id)
    return [row["features"] for row in rows]


def features_of_users(tx: Transaction, collection: Collection) -> dict[str, list[bytes]]:
    """The same of each user who has a face, by their ids."""
    found: dict[str, list[bytes]] = {}
    for row in tx.all(SQL.features_of_users, collection_key=collection.key):
        found.setdefault(row["user_id"], []).append(row["features"])
    return found


def change_faces(
    tx: Transaction, collection: Collection, user: User, face_ids: Sequence[str], *, known: str, becomes: str
) -> User:
    """Let the faces, at most 100, be associated with `becomes` rather than with `known`: the one is the user, the other
    `NOBODY`. The user as changed.

    Raises:
        ConflictException: the user or a face is not any more what it was when this was decided on.
        ResourceNotFoundException: the user is gone.
    """
    place = {"collection_key": collection.key}
    if face_ids and not tx.run(SQL.change_user, user_key=user.key, revision=user.revision, **place):
        raise ConflictException
    for face_id in face_ids:
        if not tx.run(SQL.associate_face, face_id=face_id, known=known, user_id=becomes, **place):
            raise ConflictException
    return require_user(tx, collection, user.user_id)


def _user(row: Row) -> User:
    return User(key=row["user_key"], user_id=row["user_id"], revision=row["revision"], faces=row["faces"])

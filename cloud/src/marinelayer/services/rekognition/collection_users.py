"""The users of a collection: CreateUser, DeleteUser, ListUsers.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_CreateUser.html and its neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Ids, Tables, Transaction
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.face_collections import on_collection
from marinelayer.services.rekognition.face_store import require_collection
from marinelayer.services.rekognition.pages import after
from marinelayer.services.rekognition.user_requests import Change, answered, change_of, remember
from marinelayer.services.rekognition.user_store import create_user, delete_user, list_users

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

LARGEST_PAGE = 500


class CollectionUsers:
    """Makes users, shows them and removes them."""

    def __init__(self, tables: Tables, clock: Clock, ids: Ids, pages: PageTokens) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._pages = pages

    @operation("CreateUser", needs=need("rekognition:CreateUser", on=on_collection))
    async def create(self, caller: Caller, request: wire.CreateUserRequest) -> wire.CreateUserResponse:
        """Make a user whom no face is associated with.

        Raises:
            ResourceNotFoundException: there is no such collection.
            ConflictException: it has a user of that id.
            IdempotentParameterMismatchException: the token was given with another request.
        """
        change = change_of(caller, "CreateUser", request, self._clock.now())
        key = self._ids.ordered()
        return await self._tables.write(_create, change, request["CollectionId"], key, request["UserId"])

    @operation("DeleteUser", needs=need("rekognition:DeleteUser", on=on_collection))
    async def delete(self, caller: Caller, request: wire.DeleteUserRequest) -> wire.DeleteUserResponse:
        """Remove a user. The faces that were associated with the user stay in the collection.

        Raises:
            ResourceNotFoundException: there is no such collection, or no such user in it.
            IdempotentParameterMismatchException: the token was given with another request.
        """
        change = change_of(caller, "DeleteUser", request, self._clock.now())
        return await self._tables.write(_delete, change, request["CollectionId"], request["UserId"])

    @operation("ListUsers", needs=need("rekognition:ListUsers", on=on_collection))
    async def list(self, caller: Caller, request: wire.ListUsersRequest) -> wire.ListUsersResponse:
        """A page of a collection's users, the oldest first.

        Raises:
            ResourceNotFoundException: there is no such collection.
            InvalidPaginationTokenException: the token is not one of this list's.
        """
        name, size = request["CollectionId"], request.get("MaxResults", LARGEST_PAGE)
        scope = f"rekognition.ListUsers/{caller.account}/{caller.region}/{name}"
        start = after(self._pages, request.get("NextToken"), scope)
        users = await self._tables.read(list_users, caller.account, caller.region, name, start, size + 1)
        answer: wire.ListUsersResponse = {
            "Users": [{"UserId": user.user_id, "UserStatus": user.status} for user in users[:size]]
        }
        if len(users) > size:
            answer["NextToken"] = self._pages.seal(users[size - 1].key, scope)
        return answer


def _create(tx: Transaction, change: Change, name: str, key: str, user_id: str) -> Any:
    collection = require_collection(tx, change.account, change.region, name)
    known = answered(tx, collection, change)
    if known is None:
        create_user(tx, collection, key, user_id)
        remember(tx, collection, change, {})
    return {}


def _delete(tx: Transaction, change: Change, name: str, user_id: str) -> Any:
    collection = require_collection(tx, change.account, change.region, name)
    known = answered(tx, collection, change)
    if known is None:
        delete_user(tx, collection, user_id)
        remember(tx, collection, change, {})
    return {}

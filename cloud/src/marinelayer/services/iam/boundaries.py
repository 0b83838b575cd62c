"""Permissions boundaries of users: a managed policy beyond which none of their own policies reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.iam.attachments import delete_boundary, set_boundary
from marinelayer.services.iam.errors import NoSuchEntity
from marinelayer.services.iam.policies import require_attachable
from marinelayer.services.iam.users import OnUser, User, boundary_context, require_user, user_for
from marinelayer.services.operation import operation

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire


class UserBoundaries:
    """The permissions boundaries of an account's users."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("PutUserPermissionsBoundary", needs=OnUser("iam:PutUserPermissionsBoundary"))
    async def put(self, caller: Caller, request: wire.PutUserPermissionsBoundaryRequest) -> None:
        """Bound a user by a policy, in place of any other."""
        arn = request["PermissionsBoundary"]
        user = await user_for(
            self._tables,
            caller,
            "iam:PutUserPermissionsBoundary",
            request["UserName"],
            context=boundary_context(arn),
        )
        await self._tables.write(_set, user, arn)

    @operation("DeleteUserPermissionsBoundary", needs=OnUser("iam:DeleteUserPermissionsBoundary"))
    async def delete(self, caller: Caller, request: wire.DeleteUserPermissionsBoundaryRequest) -> None:
        """Free a user from its boundary."""
        user = await user_for(self._tables, caller, "iam:DeleteUserPermissionsBoundary", request["UserName"])
        await self._tables.write(_delete, user)


def _set(tx: Transaction, user: User, arn: str) -> None:
    require_user(tx, user)
    require_attachable(tx, user.account, arn)
    set_boundary(tx, user.user_id, arn, account=user.account)


def _delete(tx: Transaction, user: User) -> None:
    require_user(tx, user)
    if not delete_boundary(tx, user.user_id):
        raise NoSuchEntity(f"The permissions boundary of user {user.name} cannot be found.")

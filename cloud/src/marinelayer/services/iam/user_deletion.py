"""Deleting a user: what must have gone before, in the order in which AWS names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.iam.accounts import access_keys
from marinelayer.services.iam.attachments import delete_boundary, demand_no_policies
from marinelayer.services.iam.errors import DeleteConflict
from marinelayer.services.iam.existing import OnExisting
from marinelayer.services.iam.user_store import SQL, User, require_user
from marinelayer.services.iam.users import user_for
from marinelayer.services.operation import operation

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire


class UserDeletion:
    """The end of an account's users."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("DeleteUser", needs=OnExisting("iam:DeleteUser"))
    async def delete(self, caller: Caller, request: wire.DeleteUserRequest) -> None:
        """Remove a user who has neither password, keys, policies nor groups left."""
        user = await user_for(self._tables, caller, "iam:DeleteUser", request["UserName"])
        await self._tables.write(_delete_user, user)


def _delete_user(tx: Transaction, user: User) -> None:
    require_user(tx, user)
    if tx.one(SQL.any_login_profile, user_id=user.user_id) is not None:
        raise DeleteConflict("Cannot delete entity, must delete login profile first.")
    if access_keys(tx, user.user_id, size=1):
        raise DeleteConflict("Cannot delete entity, must delete access keys first.")
    demand_no_policies(tx, user.user_id)
    if tx.one(SQL.any_group_of_user, user_id=user.user_id) is not None:
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    delete_boundary(tx, user.user_id)
    tx.run(SQL.delete_user, user_id=user.user_id)

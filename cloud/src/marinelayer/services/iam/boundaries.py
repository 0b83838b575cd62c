"""Permissions boundaries of users and roles: a managed policy beyond which none of their own policies reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.iam.attachments import boundary_context, delete_boundary, set_boundary
from marinelayer.services.iam.errors import NoSuchEntity
from marinelayer.services.iam.existing import OnExisting
from marinelayer.services.iam.holders import Holder, holder_for
from marinelayer.services.iam.policies import require_attachable
from marinelayer.services.operation import operation

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire


class Boundaries:
    """The permissions boundaries of an account's users and roles."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("PutUserPermissionsBoundary", needs=OnExisting("iam:PutUserPermissionsBoundary"))
    async def put_user(self, caller: Caller, request: wire.PutUserPermissionsBoundaryRequest) -> None:
        """Cut what a user may to a policy, in place of any other."""
        await self._put(caller, "iam:PutUserPermissionsBoundary", request)

    @operation("PutRolePermissionsBoundary", needs=OnExisting("iam:PutRolePermissionsBoundary"))
    async def put_role(self, caller: Caller, request: wire.PutRolePermissionsBoundaryRequest) -> None:
        """Cut what a role may to a policy, in place of any other."""
        await self._put(caller, "iam:PutRolePermissionsBoundary", request)

    @operation("DeleteUserPermissionsBoundary", needs=OnExisting("iam:DeleteUserPermissionsBoundary"))
    async def delete_user(self, caller: Caller, request: wire.DeleteUserPermissionsBoundaryRequest) -> None:
        """Free a user from its boundary."""
        await self._delete(caller, "iam:DeleteUserPermissionsBoundary", request)

    @operation("DeleteRolePermissionsBoundary", needs=OnExisting("iam:DeleteRolePermissionsBoundary"))
    async def delete_role(self, caller: Caller, request: wire.DeleteRolePermissionsBoundaryRequest) -> None:
        """Free a role from its boundary."""
        await self._delete(caller, "iam:DeleteRolePermissionsBoundary", request)

    async def _put(self, caller: Caller, action: str, request: Mapping[str, Any]) -> None:
        arn: str = request["PermissionsBoundary"]
        holder = await holder_for(self._tables, caller, action, request, boundary_context(arn))
        await self._tables.write(_set, holder, arn)

    async def _delete(self, caller: Caller, action: str, request: Mapping[str, Any]) -> None:
        holder = await holder_for(self._tables, caller, action, request)
        await self._tables.write(_delete, holder)


def _set(tx: Transaction, holder: Holder, arn: str) -> None:
    holder.require(tx)
    require_attachable(tx, holder.account, arn)
    set_boundary(tx, holder.id, arn, account=holder.account)


def _delete(tx: Transaction, holder: Holder) -> None:
    holder.require(tx)
    if not delete_boundary(tx, holder.id):
        raise NoSuchEntity(
            f"Role {holder.name} does not have a permissions boundary."
            if holder.kind == "role"
            else f"The permissions boundary of user {holder.name} cannot be found."
        )

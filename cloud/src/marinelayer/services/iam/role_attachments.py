"""Managed policies of roles: AttachRolePolicy, DetachRolePolicy, ListAttachedRolePolicies, and the boundaries of roles:
PutRolePermissionsBoundary, DeleteRolePermissionsBoundary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.iam.attached_policies import attached_page, policy_context
from marinelayer.services.iam.attachments import attach, delete_boundary, detach, set_boundary
from marinelayer.services.iam.errors import NoSuchEntity
from marinelayer.services.iam.policies import account_of, require_attachable
from marinelayer.services.iam.role_store import Role, require_role
from marinelayer.services.iam.roles import OnRole, role_for
from marinelayer.services.iam.users import boundary_context
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire


class RoleAttachments:
    """What managed policies give to an account's roles, and take from them."""

    def __init__(self, tables: Tables, pages: PageTokens) -> None:
        self._tables = tables
        self._pages = pages

    @operation("AttachRolePolicy", needs=OnRole("iam:AttachRolePolicy"))
    async def attach(self, caller: Caller, request: wire.AttachRolePolicyRequest) -> None:
        """Give the role a managed policy, once."""
        role, arn = await self._role(caller, "iam:AttachRolePolicy", request), request["PolicyArn"]
        await self._tables.write(_attach, role, arn)

    @operation("DetachRolePolicy", needs=OnRole("iam:DetachRolePolicy"))
    async def detach(self, caller: Caller, request: wire.DetachRolePolicyRequest) -> None:
        """Take a managed policy from the role."""
        role, arn = await self._role(caller, "iam:DetachRolePolicy", request), request["PolicyArn"]
        account_of(arn)
        await self._tables.write(detach, role.role_id, arn)

    @operation("ListAttachedRolePolicies", needs=OnRole("iam:ListAttachedRolePolicies"))
    async def list(
        self, caller: Caller, request: wire.ListAttachedRolePoliciesRequest
    ) -> wire.ListAttachedRolePoliciesResponse:
        """A page of the role's managed policies."""
        role = await role_for(self._tables, caller, "iam:ListAttachedRolePolicies", request["RoleName"])
        return {**await attached_page(self._tables, self._pages, role.role_id, request)}

    @operation("PutRolePermissionsBoundary", needs=OnRole("iam:PutRolePermissionsBoundary"))
    async def bound(self, caller: Caller, request: wire.PutRolePermissionsBoundaryRequest) -> None:
        """Cut what the role may to a managed policy, in place of any other."""
        arn = request["PermissionsBoundary"]
        context = boundary_context(arn)
        role = await role_for(self._tables, caller, "iam:PutRolePermissionsBoundary", request["RoleName"], context)
        await self._tables.write(_bound, role, arn)

    @operation("DeleteRolePermissionsBoundary", needs=OnRole("iam:DeleteRolePermissionsBoundary"))
    async def unbound(self, caller: Caller, request: wire.DeleteRolePermissionsBoundaryRequest) -> None:
        """Take the role's boundary away."""
        role = await role_for(self._tables, caller, "iam:DeleteRolePermissionsBoundary", request["RoleName"])
        if not await self._tables.write(delete_boundary, role.role_id):
            raise NoSuchEntity(f"Role {role.name} does not have a permissions boundary.")

    async def _role(
        self, caller: Caller, action: str, request: wire.AttachRolePolicyRequest | wire.DetachRolePolicyRequest
    ) -> Role:
        context = policy_context(request["PolicyArn"])
        return await role_for(self._tables, caller, action, request["RoleName"], context)


def _attach(tx: Transaction, role: Role, arn: str) -> None:
    require_role(tx, role)
    require_attachable(tx, role.account, arn)
    attach(tx, role.role_id, arn, account=role.account, kind="Role")


def _bound(tx: Transaction, role: Role, arn: str) -> None:
    require_role(tx, role)
    require_attachable(tx, role.account, arn)
    set_boundary(tx, role.role_id, arn, account=role.account)

"""Inline policies of roles: put, get, list, delete. What the role's sessions may counts from the next request on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.iam.attachments import (
    delete_inline_policy,
    inline_policies,
    inline_policy,
    put_inline_policy,
)
from marinelayer.services.iam.documents import checked_document, shown_document
from marinelayer.services.iam.errors import NoSuchEntity
from marinelayer.services.iam.names import checked_name
from marinelayer.services.iam.pages import Listing
from marinelayer.services.iam.role_store import Role, require_role
from marinelayer.services.iam.roles import OnRole, role_for
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

INLINE_LETTERS = 10_240
"""How many characters a role's inline policies may have together, blanks not counted."""


class RolePolicies:
    """The inline policies of an account's roles."""

    def __init__(self, tables: Tables, pages: PageTokens) -> None:
        self._tables = tables
        self._pages = pages

    @operation("PutRolePolicy", needs=OnRole("iam:PutRolePolicy"))
    async def put(self, caller: Caller, request: wire.PutRolePolicyRequest) -> None:
        """Give the role a policy, in place of one of that name."""
        role = await role_for(self._tables, caller, "iam:PutRolePolicy", request["RoleName"])
        name = checked_name(request["PolicyName"], "policyName")
        await self._tables.write(_put, role, name, checked_document(request["PolicyDocument"]))

    @operation("GetRolePolicy", needs=OnRole("iam:GetRolePolicy"))
    async def get(self, caller: Caller, request: wire.GetRolePolicyRequest) -> wire.GetRolePolicyResponse:
        """One policy; the document percent-encoded (RFC 3986), as AWS answers it."""
        role = await role_for(self._tables, caller, "iam:GetRolePolicy", request["RoleName"])
        name = checked_name(request["PolicyName"], "policyName")
        row = await self._tables.read(inline_policy, role.role_id, name)
        if row is None:
            raise _no_such_policy(name)
        return {"RoleName": role.name, "PolicyName": row["name"], "PolicyDocument": shown_document(row["document"])}

    @operation("ListRolePolicies", needs=OnRole("iam:ListRolePolicies"))
    async def list(self, caller: Caller, request: wire.ListRolePoliciesRequest) -> wire.ListRolePoliciesResponse:
        """A page of the names of the role's policies."""
        role = await role_for(self._tables, caller, "iam:ListRolePolicies", request["RoleName"])
        listing = Listing(self._pages, f"iam.ListRolePolicies/{role.role_id}", request)
        rows = await self._tables.read(inline_policies, role.role_id, after=listing.after, size=listing.limit)
        shown, end = listing.cut([row["name"] for row in rows], str)
        return {"PolicyNames": list(shown), **end}

    @operation("DeleteRolePolicy", needs=OnRole("iam:DeleteRolePolicy"))
    async def delete(self, caller: Caller, request: wire.DeleteRolePolicyRequest) -> None:
        """Take a policy away."""
        role = await role_for(self._tables, caller, "iam:DeleteRolePolicy", request["RoleName"])
        name = checked_name(request["PolicyName"], "policyName")
        if not await self._tables.write(delete_inline_policy, role.role_id, name):
            raise _no_such_policy(name)


def _put(tx: Transaction, role: Role, name: str, document: str) -> None:
    require_role(tx, role)
    put_inline_policy(tx, role.role_id, name, document, letters=INLINE_LETTERS, whose=f"role {role.name}")


def _no_such_policy(name: str) -> NoSuchEntity:
    return NoSuchEntity(f"The role policy with name {name} cannot be found.")

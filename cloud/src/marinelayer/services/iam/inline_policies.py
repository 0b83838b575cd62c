"""Inline policies of users, groups and roles: put, get, list, delete. They count from the next request on.

A document is kept as it was sent, once it has been compiled: what can not be enforced is not accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from marinelayer.ports import Caller, Row, Tables, Transaction
from marinelayer.services.iam.attachments import (
    delete_inline_policy,
    inline_policies,
    inline_policy,
    put_inline_policy,
)
from marinelayer.services.iam.documents import checked_document, shown_document
from marinelayer.services.iam.errors import NoSuchEntity
from marinelayer.services.iam.existing import OnExisting
from marinelayer.services.iam.holders import Holder, holder_for
from marinelayer.services.iam.names import checked_name
from marinelayer.services.iam.pages import Listing
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

INLINE_LETTERS: Final[Mapping[str, int]] = {"user": 2048, "group": 5120, "role": 10_240}
"""How many characters the inline policies of one may have together, blanks not counted."""


class InlinePolicies:
    """The inline policies of an account's users, groups and roles."""

    def __init__(self, tables: Tables, pages: PageTokens) -> None:
        self._tables = tables
        self._pages = pages

    @operation("PutUserPolicy", needs=OnExisting("iam:PutUserPolicy"))
    async def put_user(self, caller: Caller, request: wire.PutUserPolicyRequest) -> None:
        """Give the user a policy, in place of one of that name."""
        await self._put(caller, "iam:PutUserPolicy", request)

    @operation("PutGroupPolicy", needs=OnExisting("iam:PutGroupPolicy"))
    async def put_group(self, caller: Caller, request: wire.PutGroupPolicyRequest) -> None:
        """Give the group a policy, in place of one of that name."""
        await self._put(caller, "iam:PutGroupPolicy", request)

    @operation("PutRolePolicy", needs=OnExisting("iam:PutRolePolicy"))
    async def put_role(self, caller: Caller, request: wire.PutRolePolicyRequest) -> None:
        """Give the role a policy, in place of one of that name."""
        await self._put(caller, "iam:PutRolePolicy", request)

    @operation("GetUserPolicy", needs=OnExisting("iam:GetUserPolicy"))
    async def get_user(self, caller: Caller, request: wire.GetUserPolicyRequest) -> wire.GetUserPolicyResponse:
        """One policy; the document percent-encoded (RFC 3986), as AWS answers it."""
        holder, row = await self._found(caller, "iam:GetUserPolicy", request)
        return {"UserName": holder.name, "PolicyName": row["name"], "PolicyDocument": shown_document(row["document"])}

    @operation("GetGroupPolicy", needs=OnExisting("iam:GetGroupPolicy"))
    async def get_group(self, caller: Caller, request: wire.GetGroupPolicyRequest) -> wire.GetGroupPolicyResponse:
        """One policy; the document percent-encoded (RFC 3986), as AWS answers it."""
        holder, row = await self._found(caller, "iam:GetGroupPolicy", request)
        return {"GroupName": holder.name, "PolicyName": row["name"], "PolicyDocument": shown_document(row["document"])}

    @operation("GetRolePolicy", needs=OnExisting("iam:GetRolePolicy"))
    async def get_role(self, caller: Caller, request: wire.GetRolePolicyRequest) -> wire.GetRolePolicyResponse:
        """One policy; the document percent-encoded (RFC 3986), as AWS answers it."""
        holder, row = await self._found(caller, "iam:GetRolePolicy", request)
        return {"RoleName": holder.name, "PolicyName": row["name"], "PolicyDocument": shown_document(row["document"])}

    @operation("ListUserPolicies", needs=OnExisting("iam:ListUserPolicies"))
    async def list_user(self, caller: Caller, request: wire.ListUserPoliciesRequest) -> wire.ListUserPoliciesResponse:
        """A page of the names of the user's policies."""
        return await self._names(caller, "iam:ListUserPolicies", request)

    @operation("ListGroupPolicies", needs=OnExisting("iam:ListGroupPolicies"))
    async def list_group(
        self, caller: Caller, request: wire.ListGroupPoliciesRequest
    ) -> wire.ListGroupPoliciesResponse:
        """A page of the names of the group's policies."""
        return {**await self._names(caller, "iam:ListGroupPolicies", request)}

    @operation("ListRolePolicies", needs=OnExisting("iam:ListRolePolicies"))
    async def list_role(self, caller: Caller, request: wire.ListRolePoliciesRequest) -> wire.ListRolePoliciesResponse:
        """A page of the names of the role's policies."""
        return {**await self._names(caller, "iam:ListRolePolicies", request)}

    @operation("DeleteUserPolicy", needs=OnExisting("iam:DeleteUserPolicy"))
    async def delete_user(self, caller: Caller, request: wire.DeleteUserPolicyRequest) -> None:
        """Take a policy from the user."""
        await self._delete(caller, "iam:DeleteUserPolicy", request)

    @operation("DeleteGroupPolicy", needs=OnExisting("iam:DeleteGroupPolicy"))
    async def delete_group(self, caller: Caller, request: wire.DeleteGroupPolicyRequest) -> None:
        """Take a policy from the group."""
        await self._delete(caller, "iam:DeleteGroupPolicy", request)

    @operation("DeleteRolePolicy", needs=OnExisting("iam:DeleteRolePolicy"))
    async def delete_role(self, caller: Caller, request: wire.DeleteRolePolicyRequest) -> None:
        """Take a policy from the role."""
        await self._delete(caller, "iam:DeleteRolePolicy", request)

    async def _put(self, caller: Caller, action: str, request: Mapping[str, Any]) -> None:
        holder = await holder_for(self._tables, caller, action, request)
        name = checked_name(request["PolicyName"], "policyName")
        await self._tables.write(_put, holder, name, checked_document(request["PolicyDocument"]))

    async def _found(self, caller: Caller, action: str, request: Mapping[str, Any]) -> tuple[Holder, Row]:
        holder = await holder_for(self._tables, caller, action, request)
        name = checked_name(request["PolicyName"], "policyName")
        row = await self._tables.read(inline_policy, holder.id, name)
        if row is None:
            raise _no_such_policy(holder, name)
        return holder, row

    async def _names(self, caller: Caller, action: str, request: Mapping[str, Any]) -> wire.ListUserPoliciesResponse:
        holder = await holder_for(self._tables, caller, action, request)
        listing = Listing(self._pages, f"iam.inline/{holder.id}", request)
        rows = await self._tables.read(inline_policies, holder.id, after=listing.after, size=listing.limit)
        shown, end = listing.cut(rows, lambda row: row["name"])
        return {"PolicyNames": [row["name"] for row in shown], **end}

    async def _delete(self, caller: Caller, action: str, request: Mapping[str, Any]) -> None:
        holder = await holder_for(self._tables, caller, action, request)
        name = checked_name(request["PolicyName"], "policyName")
        if not await self._tables.write(delete_inline_policy, holder.id, name):
            raise _no_such_policy(holder, name)


def _put(tx: Transaction, holder: Holder, name: str, document: str) -> None:
    holder.require(tx)
    letters, whose = INLINE_LETTERS[holder.kind], f"{holder.kind} {holder.name}"
    put_inline_policy(tx, holder.id, name, document, letters=letters, whose=whose)


def _no_such_policy(holder: Holder, name: str) -> NoSuchEntity:
    return NoSuchEntity(f"The {holder.kind} policy with name {name} cannot be found.")

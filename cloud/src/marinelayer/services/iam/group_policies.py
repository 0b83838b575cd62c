"""Inline policies of groups: put, get, list, delete. They count for every member."""

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
from marinelayer.services.iam.groups import Group, OnGroup, group_for, require_group
from marinelayer.services.iam.names import checked_name
from marinelayer.services.iam.pages import Listing
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

INLINE_LETTERS = 5120
"""How many characters a group's inline policies may have together, blanks not counted."""


class GroupPolicies:
    """The inline policies of an account's groups."""

    def __init__(self, tables: Tables, pages: PageTokens) -> None:
        self._tables = tables
        self._pages = pages

    @operation("PutGroupPolicy", needs=OnGroup("iam:PutGroupPolicy"))
    async def put(self, caller: Caller, request: wire.PutGroupPolicyRequest) -> None:
        """Give the group a policy, in place of one of that name."""
        group = await group_for(self._tables, caller, "iam:PutGroupPolicy", request["GroupName"])
        name = checked_name(request["PolicyName"], "policyName")
        await self._tables.write(_put, group, name, checked_document(request["PolicyDocument"]))

    @operation("GetGroupPolicy", needs=OnGroup("iam:GetGroupPolicy"))
    async def get(self, caller: Caller, request: wire.GetGroupPolicyRequest) -> wire.GetGroupPolicyResponse:
        """One policy; the document percent-encoded (RFC 3986), as AWS answers it."""
        group = await group_for(self._tables, caller, "iam:GetGroupPolicy", request["GroupName"])
        name = checked_name(request["PolicyName"], "policyName")
        row = await self._tables.read(inline_policy, group.group_id, name)
        if row is None:
            raise _no_such_policy(name)
        return {"GroupName": group.name, "PolicyName": name, "PolicyDocument": shown_document(row["document"])}

    @operation("ListGroupPolicies", needs=OnGroup("iam:ListGroupPolicies"))
    async def list(self, caller: Caller, request: wire.ListGroupPoliciesRequest) -> wire.ListGroupPoliciesResponse:
        """A page of the names of the group's policies."""
        group = await group_for(self._tables, caller, "iam:ListGroupPolicies", request["GroupName"])
        listing = Listing(self._pages, f"iam.ListGroupPolicies/{group.group_id}", request)
        rows = await self._tables.read(inline_policies, group.group_id, after=listing.after, size=listing.limit)
        shown, end = listing.cut(rows, lambda row: row["name"])
        return {"PolicyNames": [row["name"] for row in shown], **end}

    @operation("DeleteGroupPolicy", needs=OnGroup("iam:DeleteGroupPolicy"))
    async def delete(self, caller: Caller, request: wire.DeleteGroupPolicyRequest) -> None:
        """Take a policy away."""
        group = await group_for(self._tables, caller, "iam:DeleteGroupPolicy", request["GroupName"])
        await self._tables.write(_delete, group, checked_name(request["PolicyName"], "policyName"))


def _put(tx: Transaction, group: Group, name: str, document: str) -> None:
    require_group(tx, group)
    put_inline_policy(tx, group.group_id, name, document, letters=INLINE_LETTERS, whose=f"group {group.name}")


def _delete(tx: Transaction, group: Group, name: str) -> None:
    if not delete_inline_policy(tx, group.group_id, name):
        raise _no_such_policy(name)


def _no_such_policy(name: str) -> NoSuchEntity:
    return NoSuchEntity(f"The group policy with name {name} cannot be found.")

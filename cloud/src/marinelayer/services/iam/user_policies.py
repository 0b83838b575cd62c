"""Inline policies of users: put, get, list, delete.

A document is kept as it was sent, once it has been compiled: what can not be enforced is not accepted.
"""

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
from marinelayer.services.iam.names import checked_name, checked_page_size
from marinelayer.services.iam.pages import after
from marinelayer.services.iam.users import OnUser, User, require_user, user_for
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

INLINE_LETTERS = 2048
"""How many characters a user's inline policies may have together, blanks not counted."""


class UserPolicies:
    """The inline policies of an account's users."""

    def __init__(self, tables: Tables, pages: PageTokens) -> None:
        self._tables = tables
        self._pages = pages

    @operation("PutUserPolicy", needs=OnUser("iam:PutUserPolicy"))
    async def put(self, caller: Caller, request: wire.PutUserPolicyRequest) -> None:
        """Give the user a policy, in place of one of that name."""
        user = await user_for(self._tables, caller, "iam:PutUserPolicy", request["UserName"])
        name = checked_name(request["PolicyName"], "policyName")
        document = checked_document(request["PolicyDocument"])
        await self._tables.write(_put_policy, user, name, document)

    @operation("GetUserPolicy", needs=OnUser("iam:GetUserPolicy"))
    async def get(self, caller: Caller, request: wire.GetUserPolicyRequest) -> wire.GetUserPolicyResponse:
        """One policy; the document percent-encoded (RFC 3986), as AWS answers it."""
        user = await user_for(self._tables, caller, "iam:GetUserPolicy", request["UserName"])
        name = checked_name(request["PolicyName"], "policyName")
        row = await self._tables.read(inline_policy, user.user_id, name)
        if row is None:
            raise _no_such_policy(name)
        return {"UserName": user.name, "PolicyName": row["name"], "PolicyDocument": shown_document(row["document"])}

    @operation("ListUserPolicies", needs=OnUser("iam:ListUserPolicies"))
    async def list(self, caller: Caller, request: wire.ListUserPoliciesRequest) -> wire.ListUserPoliciesResponse:
        """A page of the names of the user's policies."""
        user = await user_for(self._tables, caller, "iam:ListUserPolicies", request["UserName"])
        size = checked_page_size(request.get("MaxItems"))
        scope = f"iam.ListUserPolicies/{user.user_id}"
        rows = await self._tables.read(
            inline_policies, user.user_id, after=after(self._pages, request.get("Marker"), scope), size=size + 1
        )
        answer: wire.ListUserPoliciesResponse = {
            "PolicyNames": [row["name"] for row in rows[:size]],
            "IsTruncated": len(rows) > size,
        }
        if len(rows) > size:
            answer["Marker"] = self._pages.seal(rows[size - 1]["name"], scope)
        return answer

    @operation("DeleteUserPolicy", needs=OnUser("iam:DeleteUserPolicy"))
    async def delete(self, caller: Caller, request: wire.DeleteUserPolicyRequest) -> None:
        """Take a policy away."""
        user = await user_for(self._tables, caller, "iam:DeleteUserPolicy", request["UserName"])
        name = checked_name(request["PolicyName"], "policyName")
        await self._tables.write(_delete_policy, user, name)


def _put_policy(tx: Transaction, user: User, name: str, document: str) -> None:
    require_user(tx, user)
    put_inline_policy(tx, user.user_id, name, document, letters=INLINE_LETTERS, whose=f"user {user.name}")


def _delete_policy(tx: Transaction, user: User, name: str) -> None:
    if not delete_inline_policy(tx, user.user_id, name):
        raise _no_such_policy(name)


def _no_such_policy(name: str) -> NoSuchEntity:
    return NoSuchEntity(f"The user policy with name {name} cannot be found.")

"""Managed policies attached to users, groups and roles: attach, detach, list.

What is attached counts from the next request on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.iam.attachments import attach, attached, detach
from marinelayer.services.iam.existing import OnExisting
from marinelayer.services.iam.holders import Holder, holder_for
from marinelayer.services.iam.names import checked_path_prefix
from marinelayer.services.iam.pages import Listing
from marinelayer.services.iam.policies import account_of, name_of, path_of, require_attachable
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire


class AttachedPolicies:
    """What is attached to an account's users, groups and roles."""

    def __init__(self, tables: Tables, pages: PageTokens) -> None:
        self._tables = tables
        self._pages = pages

    @operation("AttachUserPolicy", needs=OnExisting("iam:AttachUserPolicy"))
    async def attach_user(self, caller: Caller, request: wire.AttachUserPolicyRequest) -> None:
        """Attach a policy to a user, once."""
        await self._attach(caller, "iam:AttachUserPolicy", request)

    @operation("AttachGroupPolicy", needs=OnExisting("iam:AttachGroupPolicy"))
    async def attach_group(self, caller: Caller, request: wire.AttachGroupPolicyRequest) -> None:
        """Attach a policy to a group, once."""
        await self._attach(caller, "iam:AttachGroupPolicy", request)

    @operation("AttachRolePolicy", needs=OnExisting("iam:AttachRolePolicy"))
    async def attach_role(self, caller: Caller, request: wire.AttachRolePolicyRequest) -> None:
        """Attach a policy to a role, once."""
        await self._attach(caller, "iam:AttachRolePolicy", request)

    @operation("DetachUserPolicy", needs=OnExisting("iam:DetachUserPolicy"))
    async def detach_user(self, caller: Caller, request: wire.DetachUserPolicyRequest) -> None:
        """Take a policy from a user."""
        await self._detach(caller, "iam:DetachUserPolicy", request)

    @operation("DetachGroupPolicy", needs=OnExisting("iam:DetachGroupPolicy"))
    async def detach_group(self, caller: Caller, request: wire.DetachGroupPolicyRequest) -> None:
        """Take a policy from a group."""
        await self._detach(caller, "iam:DetachGroupPolicy", request)

    @operation("DetachRolePolicy", needs=OnExisting("iam:DetachRolePolicy"))
    async def detach_role(self, caller: Caller, request: wire.DetachRolePolicyRequest) -> None:
        """Take a policy from a role."""
        await self._detach(caller, "iam:DetachRolePolicy", request)

    @operation("ListAttachedUserPolicies", needs=OnExisting("iam:ListAttachedUserPolicies"))
    async def list_user(
        self, caller: Caller, request: wire.ListAttachedUserPoliciesRequest
    ) -> wire.ListAttachedUserPoliciesResponse:
        """A page of what is attached to a user, its groups' policies not among them."""
        return await self._page(caller, "iam:ListAttachedUserPolicies", request)

    @operation("ListAttachedGroupPolicies", needs=OnExisting("iam:ListAttachedGroupPolicies"))
    async def list_group(
        self, caller: Caller, request: wire.ListAttachedGroupPoliciesRequest
    ) -> wire.ListAttachedGroupPoliciesResponse:
        """A page of what is attached to a group."""
        return {**await self._page(caller, "iam:ListAttachedGroupPolicies", request)}

    @operation("ListAttachedRolePolicies", needs=OnExisting("iam:ListAttachedRolePolicies"))
    async def list_role(
        self, caller: Caller, request: wire.ListAttachedRolePoliciesRequest
    ) -> wire.ListAttachedRolePoliciesResponse:
        """A page of what is attached to a role."""
        return {**await self._page(caller, "iam:ListAttachedRolePolicies", request)}

    async def _attach(self, caller: Caller, action: str, request: Mapping[str, Any]) -> None:
        arn: str = request["PolicyArn"]
        holder = await holder_for(self._tables, caller, action, request, _policy_context(arn))
        await self._tables.write(_attach, holder, arn)

    async def _detach(self, caller: Caller, action: str, request: Mapping[str, Any]) -> None:
        arn: str = request["PolicyArn"]
        holder = await holder_for(self._tables, caller, action, request, _policy_context(arn))
        account_of(arn)
        await self._tables.write(detach, holder.id, arn)

    async def _page(
        self, caller: Caller, action: str, request: Mapping[str, Any]
    ) -> wire.ListAttachedUserPoliciesResponse:
        """What is attached, by ARN, within the path that the input's PathPrefix names."""
        holder = await holder_for(self._tables, caller, action, request)
        prefix = checked_path_prefix(request.get("PathPrefix", "/"))
        listing = Listing(self._pages, f"iam.attached/{holder.id}/{prefix}", request)
        every = await self._tables.read(attached, holder.id)
        arns = [arn for arn in every if arn > listing.after and path_of(arn).startswith(prefix)]
        shown, end = listing.cut(arns, str)
        return {"AttachedPolicies": shown_attached(shown), **end}


def shown_attached(arns: Sequence[str]) -> list[wire.AttachedPolicy]:
    """Attached policies in the model's shape."""
    return [{"PolicyName": name_of(arn), "PolicyArn": arn} for arn in arns]


def _policy_context(arn: str) -> dict[str, tuple[str, ...]]:
    """The condition key that says which policy is attached or detached."""
    return {"iam:policyarn": (arn,)}


def _attach(tx: Transaction, holder: Holder, arn: str) -> None:
    holder.require(tx)
    require_attachable(tx, holder.account, arn)
    attach(tx, holder.id, arn, account=holder.account, kind=holder.kind.capitalize())

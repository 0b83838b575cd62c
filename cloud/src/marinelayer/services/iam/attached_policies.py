"""Managed policies attached to users and groups: attach, detach, list; and ListEntitiesForPolicy.

What is attached counts from the next request on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Row, Tables, Transaction
from marinelayer.services.iam.attachments import SQL, attach, attached, detach
from marinelayer.services.iam.groups import Group, OnGroup, group_for, require_group
from marinelayer.services.iam.names import checked_path_prefix
from marinelayer.services.iam.pages import Listing
from marinelayer.services.iam.policies import (
    ManagedPolicy,
    OnPolicy,
    account_of,
    name_of,
    path_of,
    policy_for,
    require_attachable,
)
from marinelayer.services.iam.users import OnUser, User, require_user, user_for
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire


class AttachedPolicies:
    """What is attached to an account's users and groups."""

    def __init__(self, tables: Tables, pages: PageTokens) -> None:
        self._tables = tables
        self._pages = pages

    @operation("AttachUserPolicy", needs=OnUser("iam:AttachUserPolicy"))
    async def attach_user(self, caller: Caller, request: wire.AttachUserPolicyRequest) -> None:
        """Attach a policy to a user, once."""
        arn = request["PolicyArn"]
        user = await user_for(
            self._tables, caller, "iam:AttachUserPolicy", request["UserName"], context=policy_context(arn)
        )
        await self._tables.write(_attach_user, user, arn)

    @operation("DetachUserPolicy", needs=OnUser("iam:DetachUserPolicy"))
    async def detach_user(self, caller: Caller, request: wire.DetachUserPolicyRequest) -> None:
        """Take a policy from a user."""
        arn = request["PolicyArn"]
        user = await user_for(
            self._tables, caller, "iam:DetachUserPolicy", request["UserName"], context=policy_context(arn)
        )
        account_of(arn)
        await self._tables.write(detach, user.user_id, arn)

    @operation("ListAttachedUserPolicies", needs=OnUser("iam:ListAttachedUserPolicies"))
    async def list_user(
        self, caller: Caller, request: wire.ListAttachedUserPoliciesRequest
    ) -> wire.ListAttachedUserPoliciesResponse:
        """A page of what is attached to a user, its groups' policies not among them."""
        user = await user_for(self._tables, caller, "iam:ListAttachedUserPolicies", request["UserName"])
        return await attached_page(self._tables, self._pages, user.user_id, request)

    @operation("AttachGroupPolicy", needs=OnGroup("iam:AttachGroupPolicy"))
    async def attach_group(self, caller: Caller, request: wire.AttachGroupPolicyRequest) -> None:
        """Attach a policy to a group, once."""
        arn = request["PolicyArn"]
        group = await group_for(
            self._tables, caller, "iam:AttachGroupPolicy", request["GroupName"], context=policy_context(arn)
        )
        await self._tables.write(_attach_group, group, arn)

    @operation("DetachGroupPolicy", needs=OnGroup("iam:DetachGroupPolicy"))
    async def detach_group(self, caller: Caller, request: wire.DetachGroupPolicyRequest) -> None:
        """Take a policy from a group."""
        arn = request["PolicyArn"]
        group = await group_for(
            self._tables, caller, "iam:DetachGroupPolicy", request["GroupName"], context=policy_context(arn)
        )
        account_of(arn)
        await self._tables.write(detach, group.group_id, arn)

    @operation("ListAttachedGroupPolicies", needs=OnGroup("iam:ListAttachedGroupPolicies"))
    async def list_group(
        self, caller: Caller, request: wire.ListAttachedGroupPoliciesRequest
    ) -> wire.ListAttachedGroupPoliciesResponse:
        """A page of what is attached to a group."""
        group = await group_for(self._tables, caller, "iam:ListAttachedGroupPolicies", request["GroupName"])
        return {**await attached_page(self._tables, self._pages, group.group_id, request)}

    @operation("ListEntitiesForPolicy", needs=OnPolicy("iam:ListEntitiesForPolicy"))
    async def list_entities(
        self, caller: Caller, request: wire.ListEntitiesForPolicyRequest
    ) -> wire.ListEntitiesForPolicyResponse:
        """A page of whom a policy is attached to or bounds."""
        policy = await policy_for(self._tables, caller, "iam:ListEntitiesForPolicy", request["PolicyArn"])
        prefix, only = checked_path_prefix(request.get("PathPrefix", "/")), request.get("EntityFilter", "").lower()
        usage = request.get("PolicyUsageFilter")
        listing = Listing(self._pages, f"iam.ListEntitiesForPolicy/{policy.arn}/{prefix}/{only}/{usage}", request)
        rows = await self._tables.read(
            _entities, policy, caller.account, prefix, only=only, usage=usage, after=listing.after, size=listing.limit
        )
        shown, end = listing.cut(rows, lambda row: f"{row['kind']}:{row['folded']}")
        return {
            "PolicyGroups": [
                {"GroupName": row["name"], "GroupId": row["id"]} for row in shown if row["kind"] == "group"
            ],
            "PolicyUsers": [{"UserName": row["name"], "UserId": row["id"]} for row in shown if row["kind"] == "user"],
            "PolicyRoles": [{"RoleName": row["name"], "RoleId": row["id"]} for row in shown if row["kind"] == "role"],
            **end,
        }


def policy_context(arn: str) -> dict[str, tuple[str, ...]]:
    """The condition key that says which policy is attached or detached."""
    return {"iam:policyarn": (arn,)}


async def attached_page(
    tables: Tables, pages: PageTokens, owner: str, request: Mapping[str, Any]
) -> wire.ListAttachedUserPoliciesResponse:
    """A page of what is attached to an owner, by ARN, within the path that the input's PathPrefix names."""
    prefix = checked_path_prefix(request.get("PathPrefix", "/"))
    listing = Listing(pages, f"iam.attached/{owner}/{prefix}", request)
    arns = [
        arn for arn in await tables.read(attached, owner) if arn > listing.after and path_of(arn).startswith(prefix)
    ]
    shown, end = listing.cut(arns, lambda arn: arn)
    return {"AttachedPolicies": shown_attached(shown), **end}


def shown_attached(arns: Sequence[str]) -> list[wire.AttachedPolicy]:
    """Attached policies in the model's shape."""
    return [{"PolicyName": name_of(arn), "PolicyArn": arn} for arn in arns]


def _attach_user(tx: Transaction, user: User, arn: str) -> None:
    require_user(tx, user)
    require_attachable(tx, user.account, arn)
    attach(tx, user.user_id, arn, account=user.account, kind="User")


def _attach_group(tx: Transaction, group: Group, arn: str) -> None:
    require_group(tx, group)
    require_attachable(tx, group.account, arn)
    attach(tx, group.group_id, arn, account=group.account, kind="Group")


def _entities(
    tx: Transaction,
    policy: ManagedPolicy,
    account: str,
    prefix: str,
    *,
    only: str,
    usage: str | None,
    after: str,
    size: int,
) -> list[Row]:
    kind, _, name = after.partition(":")
    return tx.all(
        SQL.entities_of_policy,
        account=account,
        arn=policy.arn,
        permissions=int(usage != "PermissionsBoundary"),
        boundaries=int(usage != "PermissionsPolicy"),
        kind=kind,
        after=name,
        only=only,
        prefix=prefix,
        length=len(prefix),
        size=size,
    )

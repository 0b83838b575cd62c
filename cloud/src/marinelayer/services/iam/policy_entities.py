"""Whom a managed policy is attached to, and whom it bounds: ListEntitiesForPolicy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Row, Tables, Transaction
from marinelayer.services.iam.attachments import SQL
from marinelayer.services.iam.existing import OnExisting
from marinelayer.services.iam.names import checked_path_prefix
from marinelayer.services.iam.pages import Listing
from marinelayer.services.iam.policies import ManagedPolicy, policy_for
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire


class PolicyEntities:
    """The users, groups and roles that a policy counts for."""

    def __init__(self, tables: Tables, pages: PageTokens) -> None:
        self._tables = tables
        self._pages = pages

    @operation("ListEntitiesForPolicy", needs=OnExisting("iam:ListEntitiesForPolicy"))
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

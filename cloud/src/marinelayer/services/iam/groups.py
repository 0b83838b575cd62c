"""Groups: CreateGroup, GetGroup, ListGroups, UpdateGroup, DeleteGroup; and how other nouns find the group that they
act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Ids, Tables, Transaction
from marinelayer.security.requirement import ContextKeys, Requirement
from marinelayer.services.iam.arns import group_arn
from marinelayer.services.iam.attachments import demand_no_policies
from marinelayer.services.iam.errors import DeleteConflict
from marinelayer.services.iam.existing import Kind, OnExisting, demand_on
from marinelayer.services.iam.group_store import (
    SQL,
    Group,
    find_group,
    groups,
    members,
    no_such_group,
    put_group,
    read_group,
    rename_group,
    require_group,
)
from marinelayer.services.iam.names import checked_name, checked_path, checked_path_prefix
from marinelayer.services.iam.pages import Listing
from marinelayer.services.iam.times import moment
from marinelayer.services.iam.user_store import read_user
from marinelayer.services.iam.users import shown_user
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire


def _facts(_group: Group, _action: str) -> ContextKeys:
    return {}


_KIND = Kind(member="groupName", find=find_group, arn=group_arn, facts=_facts, missing=no_such_group)


async def group_for(
    tables: Tables, caller: Caller, action: str, name: str, context: ContextKeys | None = None
) -> Group:
    """The caller's account's group `name`, on which the caller may do `action`; `context` are further condition keys.
    Raises as `demand_on`."""
    return await demand_on(tables, caller, _KIND, action, name, context)


def _new_group_arn(request: Mapping[str, Any], caller: Caller) -> str:
    return group_arn(caller.account, request.get("Path", "/"), request["GroupName"])


class Groups:
    """The groups of an account."""

    def __init__(self, tables: Tables, clock: Clock, ids: Ids, pages: PageTokens) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._pages = pages

    @operation("CreateGroup", needs=need("iam:CreateGroup", on=_new_group_arn))
    async def create(self, caller: Caller, request: wire.CreateGroupRequest) -> wire.CreateGroupResponse:
        """A group without members and policies."""
        group = Group(
            group_id=self._ids.aws("AGPA", 21),
            account=caller.account,
            name=checked_name(request["GroupName"], "groupName"),
            path=checked_path(request.get("Path", "/")),
            created=self._clock.now(),
        )
        await self._tables.write(put_group, group)
        return {"Group": shown_group(group)}

    @operation("GetGroup", needs=OnExisting("iam:GetGroup"))
    async def get(self, caller: Caller, request: wire.GetGroupRequest) -> wire.GetGroupResponse:
        """A group with a page of its members, by name."""
        group = await group_for(self._tables, caller, "iam:GetGroup", request["GroupName"])
        listing = Listing(self._pages, f"iam.GetGroup/{group.group_id}", request)
        rows = await self._tables.read(members, group, listing.after, listing.limit)
        shown, end = listing.cut(rows, lambda row: row["folded"])
        return {"Group": shown_group(group), "Users": [shown_user(read_user(row)) for row in shown], **end}

    @operation(
        "ListGroups",
        needs=need(
            "iam:ListGroups", on=lambda request, caller: group_arn(caller.account, request.get("PathPrefix", "/"), "")
        ),
    )
    async def list(self, caller: Caller, request: wire.ListGroupsRequest) -> wire.ListGroupsResponse:
        """A page of the account's groups, by name."""
        prefix = checked_path_prefix(request.get("PathPrefix", "/"))
        listing = Listing(self._pages, f"iam.ListGroups/{caller.account}/{prefix}", request)
        rows = await self._tables.read(groups, caller.account, prefix, after=listing.after, size=listing.limit)
        shown, end = listing.cut(rows, lambda row: row["folded"])
        return {"Groups": [shown_group(read_group(row)) for row in shown], **end}

    @operation("UpdateGroup", needs=OnExisting("iam:UpdateGroup"))
    async def update(self, caller: Caller, request: wire.UpdateGroupRequest) -> None:
        """Another name or path, which the caller must be allowed on both ARNs."""
        group = await group_for(self._tables, caller, "iam:UpdateGroup", request["GroupName"])
        name = checked_name(request.get("NewGroupName", group.name), "newGroupName")
        path = checked_path(request.get("NewPath", group.path))
        await caller.demand(Requirement(action="iam:UpdateGroup", resource=group_arn(group.account, path, name)))
        await self._tables.write(rename_group, group, name, path)

    @operation("DeleteGroup", needs=OnExisting("iam:DeleteGroup"))
    async def delete(self, caller: Caller, request: wire.DeleteGroupRequest) -> None:
        """Remove a group that has neither members nor policies left."""
        group = await group_for(self._tables, caller, "iam:DeleteGroup", request["GroupName"])
        await self._tables.write(_delete_group, group)


def shown_group(group: Group) -> wire.Group:
    """A group in the model's shape."""
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.group_id,
        "Arn": group.arn,
        "CreateDate": moment(group.created),
    }


def _delete_group(tx: Transaction, group: Group) -> None:
    require_group(tx, group)
    if tx.one(SQL.any_member, group_id=group.group_id) is not None:
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    demand_no_policies(tx, group.group_id)
    tx.run(SQL.delete_group, group_id=group.group_id)

"""Who is in which group: AddUserToGroup, RemoveUserFromGroup, ListGroupsForUser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.iam.errors import LimitExceeded, NoSuchEntity
from marinelayer.services.iam.existing import OnExisting
from marinelayer.services.iam.group_store import SQL, Group, groups_of_user, read_group, require_group
from marinelayer.services.iam.groups import group_for, shown_group
from marinelayer.services.iam.names import checked_name
from marinelayer.services.iam.pages import Listing
from marinelayer.services.iam.user_store import find_user, no_such_user
from marinelayer.services.iam.users import user_for
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

GROUPS_PER_USER = 10


class GroupMembers:
    """The members of an account's groups."""

    def __init__(self, tables: Tables, pages: PageTokens) -> None:
        self._tables = tables
        self._pages = pages

    @operation("AddUserToGroup", needs=OnExisting("iam:AddUserToGroup"))
    async def add(self, caller: Caller, request: wire.AddUserToGroupRequest) -> None:
        """Let a user be a member, once: the group's policies count for it from the next request on."""
        group = await group_for(self._tables, caller, "iam:AddUserToGroup", request["GroupName"])
        await self._tables.write(_add, group, checked_name(request["UserName"], "userName"))

    @operation("RemoveUserFromGroup", needs=OnExisting("iam:RemoveUserFromGroup"))
    async def remove(self, caller: Caller, request: wire.RemoveUserFromGroupRequest) -> None:
        """Let a user be a member no more."""
        group = await group_for(self._tables, caller, "iam:RemoveUserFromGroup", request["GroupName"])
        await self._tables.write(_remove, group, checked_name(request["UserName"], "userName"))

    @operation("ListGroupsForUser", needs=OnExisting("iam:ListGroupsForUser"))
    async def list(self, caller: Caller, request: wire.ListGroupsForUserRequest) -> wire.ListGroupsForUserResponse:
        """A page of a user's groups, by name."""
        user = await user_for(self._tables, caller, "iam:ListGroupsForUser", request["UserName"])
        listing = Listing(self._pages, f"iam.ListGroupsForUser/{user.user_id}", request)
        rows = await self._tables.read(groups_of_user, user.user_id, after=listing.after, size=listing.limit)
        shown, end = listing.cut(rows, lambda row: row["folded"])
        return {"Groups": [shown_group(read_group(row)) for row in shown], **end}


def _add(tx: Transaction, group: Group, name: str) -> None:
    require_group(tx, group)
    user = find_user(tx, group.account, name)
    if user is None:
        raise no_such_user(name)
    tx.run(SQL.put_member, user_id=user.user_id, group_id=group.group_id)
    if len(groups_of_user(tx, user.user_id)) > GROUPS_PER_USER:
        raise LimitExceeded(f"Cannot exceed quota for GroupsPerUser: {GROUPS_PER_USER}")


def _remove(tx: Transaction, group: Group, name: str) -> None:
    require_group(tx, group)
    user = find_user(tx, group.account, name)
    if user is None:
        raise no_such_user(name)
    if not tx.run(SQL.delete_member, user_id=user.user_id, group_id=group.group_id):
        raise NoSuchEntity(f"User {name} is not in group {group.name}.")

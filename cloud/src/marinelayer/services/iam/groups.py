"""Groups: CreateGroup, GetGroup, ListGroups, UpdateGroup, DeleteGroup; and how other nouns find the group they act on.

A group's ARN holds its path, which only its row knows: operations on a group that exists are demanded here, as soon as
the row is read and before anything is said of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Ids, Row, Tables, Transaction
from marinelayer.security.requirement import Requirement
from marinelayer.services.iam.arns import group_arn
from marinelayer.services.iam.attachments import attached, inline_policies
from marinelayer.services.iam.errors import DeleteConflict, EntityAlreadyExists, LimitExceeded, NoSuchEntity
from marinelayer.services.iam.names import checked_name, checked_path, checked_path_prefix, is_name
from marinelayer.services.iam.pages import Listing
from marinelayer.services.iam.users import moment, shown_user, user_of
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.statements import Statements

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

SQL = Statements("marinelayer.services.iam", "groups.sql")

GROUPS_PER_ACCOUNT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group as stored; `created` in microseconds."""

    group_id: str
    account: str
    name: str
    path: str
    created: int

    @property
    def arn(self) -> str:
        """`arn:aws:iam::ACCOUNT:group/PATH/NAME`."""
        return group_arn(self.account, self.path, self.name)


@dataclass(frozen=True, slots=True)
class OnGroup:
    """The needs of an operation on a group that exists: `action` on the group's ARN, demanded by the handler through
    `group_for`, since only the row knows the path in that ARN."""

    action: str

    def __call__(self, request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
        """Nothing that could be said from the input alone."""
        return ()


async def group_for(
    tables: Tables, caller: Caller, action: str, name: str, *, context: Mapping[str, tuple[str, ...]] | None = None
) -> Group:
    """The caller's account's group `name`, on which the caller may do `action`; `context` are further condition keys.

    Raises:
        AccessDenied: the caller may not; whether there is such a group is not told then.
        NoSuchEntity: there is none.
        ValidationError: the name is none.
    """
    group = await tables.read(find_group, caller.account, name) if is_name(name) else None
    arn = group.arn if group else group_arn(caller.account, "/", name)
    await caller.demand(Requirement(action=action, resource=arn, context=context or {}))
    checked_name(name, "groupName")
    if group is None:
        raise no_such_group(name)
    return group


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
        await self._tables.write(_put_group, group)
        return {"Group": shown_group(group)}

    @operation("GetGroup", needs=OnGroup("iam:GetGroup"))
    async def get(self, caller: Caller, request: wire.GetGroupRequest) -> wire.GetGroupResponse:
        """A group with a page of its members, by name."""
        group = await group_for(self._tables, caller, "iam:GetGroup", request["GroupName"])
        listing = Listing(self._pages, f"iam.GetGroup/{group.group_id}", request)
        rows = await self._tables.read(_members, group, listing.after, listing.limit)
        shown, end = listing.cut(rows, lambda row: row["folded"])
        return {"Group": shown_group(group), "Users": [shown_user(user_of(row)) for row in shown], **end}

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
        return {"Groups": [shown_group(group_of(row)) for row in shown], **end}

    @operation("UpdateGroup", needs=OnGroup("iam:UpdateGroup"))
    async def update(self, caller: Caller, request: wire.UpdateGroupRequest) -> None:
        """Another name or path, which the caller must be allowed on both ARNs."""
        group = await group_for(self._tables, caller, "iam:UpdateGroup", request["GroupName"])
        name = checked_name(request.get("NewGroupName", group.name), "newGroupName")
        path = checked_path(request.get("NewPath", group.path))
        await caller.demand(Requirement(action="iam:UpdateGroup", resource=group_arn(group.account, path, name)))
        await self._tables.write(_rename, group, name, path)

    @operation("DeleteGroup", needs=OnGroup("iam:DeleteGroup"))
    async def delete(self, caller: Caller, request: wire.DeleteGroupRequest) -> None:
        """Remove a group that has neither members nor policies left."""
        group = await group_for(self._tables, caller, "iam:DeleteGroup", request["GroupName"])
        await self._tables.write(_delete_group, group)


def find_group(tx: Transaction, account: str, name: str) -> Group | None:
    """The group, by its name, whatever its case."""
    row = tx.one(SQL.group, account=account, folded=name.lower())
    return group_of(row) if row else None


def groups(tx: Transaction, account: str, prefix: str = "/", *, after: str = "", size: int = 1000) -> list[Row]:
    """At most `size` groups of the account behind `after` (a name in lower case), by name, within a path prefix."""
    return tx.all(SQL.groups, account=account, prefix=prefix, length=len(prefix), after=after, size=size)


def groups_of_user(tx: Transaction, user_id: str, *, after: str = "", size: int = 1000) -> list[Row]:
    """At most `size` groups of a user behind `after` (a name in lower case), by name."""
    return tx.all(SQL.groups_of_user, user_id=user_id, after=after, size=size)


def has_groups(tx: Transaction, account: str) -> bool:
    """Whether the account has a group."""
    return tx.one(SQL.any_group, account=account) is not None


def require_group(tx: Transaction, group: Group) -> None:
    """For writes that follow a read.

    Raises:
        NoSuchEntity: the group has gone since.
    """
    if tx.one(SQL.group_by_id, group_id=group.group_id) is None:
        raise no_such_group(group.name)


def group_of(row: Row) -> Group:
    """A stored group as a value."""
    return Group(
        group_id=row["group_id"], account=row["account"], name=row["name"], path=row["path"], created=row["created"]
    )


def shown_group(group: Group) -> wire.Group:
    """A group in the model's shape."""
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.group_id,
        "Arn": group.arn,
        "CreateDate": moment(group.created),
    }


def no_such_group(name: str) -> NoSuchEntity:
    """The refusal where there is no group of this name."""
    return NoSuchEntity(f"The group with name {name} cannot be found.")


def _put_group(tx: Transaction, group: Group) -> None:
    stored = tx.run(
        SQL.put_group,
        group_id=group.group_id,
        account=group.account,
        name=group.name,
        folded=group.name.lower(),
        path=group.path,
        created=group.created,
    )
    if not stored:
        raise EntityAlreadyExists(f"Group with name {group.name} already exists.")
    count = tx.one(SQL.count_groups, account=group.account)
    if count is not None and count["n"] > GROUPS_PER_ACCOUNT:
        raise LimitExceeded(f"Cannot exceed quota for GroupsPerAccount: {GROUPS_PER_ACCOUNT}")


def _members(tx: Transaction, group: Group, after: str, size: int) -> list[Row]:
    return tx.all(SQL.members, group_id=group.group_id, after=after, size=size)


def _rename(tx: Transaction, group: Group, name: str, path: str) -> None:
    require_group(tx, group)
    taken = find_group(tx, group.account, name)
    if taken is not None and taken.group_id != group.group_id:
        raise EntityAlreadyExists(f"Group with name {name} already exists.")
    tx.run(SQL.set_group_name, group_id=group.group_id, name=name, folded=name.lower(), path=path)


def _delete_group(tx: Transaction, group: Group) -> None:
    require_group(tx, group)
    if tx.one(SQL.any_member, group_id=group.group_id) is not None:
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    if inline_policies(tx, group.group_id, size=1):
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
    if attached(tx, group.group_id):
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    tx.run(SQL.delete_group, group_id=group.group_id)

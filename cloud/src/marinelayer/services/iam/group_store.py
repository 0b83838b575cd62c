"""Groups and their members as they are stored, and the statements that find, write and remove them.

Synchronous functions over a transaction; what a caller may is asked elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from marinelayer.ports import Row, Transaction
from marinelayer.services.iam.arns import group_arn
from marinelayer.services.iam.errors import EntityAlreadyExists, NoSuchEntity
from marinelayer.services.iam.existing import demand_quota
from marinelayer.statements import Statements

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


def find_group(tx: Transaction, account: str, name: str) -> Group | None:
    """The group, by its name, whatever its case."""
    row = tx.one(SQL.group, account=account, folded=name.lower())
    return read_group(row) if row else None


def require_group(tx: Transaction, group: Group) -> None:
    """For writes that follow a read.

    Raises:
        NoSuchEntity: the group has gone since.
    """
    if tx.one(SQL.group_by_id, group_id=group.group_id) is None:
        raise no_such_group(group.name)


def no_such_group(name: str) -> NoSuchEntity:
    """The refusal where there is no group of this name."""
    return NoSuchEntity(f"The group with name {name} cannot be found.")


def has_groups(tx: Transaction, account: str) -> bool:
    """Whether the account has a group."""
    return tx.one(SQL.any_group, account=account) is not None


def groups(tx: Transaction, account: str, prefix: str = "/", *, after: str = "", size: int = 1000) -> list[Row]:
    """At most `size` groups of the account behind `after` (a name in lower case), by name, within a path prefix."""
    return tx.all(SQL.groups, account=account, prefix=prefix, length=len(prefix), after=after, size=size)


def groups_of_user(tx: Transaction, user_id: str, *, after: str = "", size: int = 1000) -> list[Row]:
    """At most `size` groups of a user behind `after` (a name in lower case), by name."""
    return tx.all(SQL.groups_of_user, user_id=user_id, after=after, size=size)


def members(tx: Transaction, group: Group, after: str, size: int) -> list[Row]:
    """At most `size` users of the group behind `after` (a name in lower case), by name."""
    return tx.all(SQL.members, group_id=group.group_id, after=after, size=size)


def put_group(tx: Transaction, group: Group) -> None:
    """Store a new group.

    Raises:
        EntityAlreadyExists: there is one of its name.
        LimitExceeded: the account has as many as it may.
    """
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
    demand_quota(tx.one(SQL.count_groups, account=group.account), "GroupsPerAccount", GROUPS_PER_ACCOUNT)


def rename_group(tx: Transaction, group: Group, name: str, path: str) -> None:
    """Give the group another name and path.

    Raises:
        NoSuchEntity: the group has gone since.
        EntityAlreadyExists: another one has the name.
    """
    require_group(tx, group)
    taken = find_group(tx, group.account, name)
    if taken is not None and taken.group_id != group.group_id:
        raise EntityAlreadyExists(f"Group with name {name} already exists.")
    tx.run(SQL.set_group_name, group_id=group.group_id, name=name, folded=name.lower(), path=path)


def read_group(row: Row) -> Group:
    """A stored row as a group."""
    return Group(
        group_id=row["group_id"], account=row["account"], name=row["name"], path=row["path"], created=row["created"]
    )

"""Users as they are stored, and the statements that find, write and rename them.

Synchronous functions over a transaction; what a caller may is asked elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from marinelayer.ports import Row, Transaction
from marinelayer.services.iam.arns import user_arn
from marinelayer.services.iam.attachments import set_boundary
from marinelayer.services.iam.errors import EntityAlreadyExists, NoSuchEntity
from marinelayer.services.iam.existing import demand_quota
from marinelayer.services.iam.policies import require_attachable
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.iam", "users.sql")
USERS_PER_ACCOUNT = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user as stored; `created` in microseconds."""

    user_id: str
    account: str
    name: str
    path: str
    tags: Mapping[str, str]
    created: int
    boundary: str | None = None
    """The ARN of the policy that bounds it."""

    @property
    def arn(self) -> str:
        """`arn:aws:iam::ACCOUNT:user/PATH/NAME`."""
        return user_arn(self.account, self.path, self.name)


def find_user(tx: Transaction, account: str, name: str) -> User | None:
    """The user, by its name, whatever its case."""
    row = tx.one(SQL.user, account=account, folded=name.lower())
    return read_user(row) if row else None


def require_user(tx: Transaction, user: User) -> User:
    """The user as it is now, for writes that follow a read.

    Raises:
        NoSuchEntity: the user has gone since.
    """
    row = tx.one(SQL.user_by_id, user_id=user.user_id)
    if row is None:
        raise no_such_user(user.name)
    return read_user(row)


def no_such_user(name: str) -> NoSuchEntity:
    """The refusal where there is no user of this name."""
    return NoSuchEntity(f"The user with name {name} cannot be found.")


def has_users(tx: Transaction, account: str) -> bool:
    """Whether the account has a user."""
    return tx.one(SQL.any_user, account=account) is not None


def users(tx: Transaction, account: str, prefix: str, after: str, size: int) -> list[Row]:
    """At most `size` users of the account behind `after` (a name in lower case), by name, within a path prefix."""
    return tx.all(SQL.users, account=account, prefix=prefix, length=len(prefix), after=after, size=size)


def put_user(tx: Transaction, user: User) -> None:
    """Store a new user.

    Raises:
        EntityAlreadyExists: there is one of its name.
        LimitExceeded: the account has as many as it may.
        NoSuchEntity, InvalidInput: there is no policy that its boundary names.
    """
    stored = tx.run(
        SQL.put_user,
        user_id=user.user_id,
        account=user.account,
        name=user.name,
        folded=user.name.lower(),
        path=user.path,
        tags=json.dumps(dict(user.tags)),
        created=user.created,
    )
    if not stored:
        raise EntityAlreadyExists(f"User with name {user.name} already exists.")
    demand_quota(tx.one(SQL.count_users, account=user.account), "UsersPerAccount", USERS_PER_ACCOUNT)
    if user.boundary:
        require_attachable(tx, user.account, user.boundary)
        set_boundary(tx, user.user_id, user.boundary, account=user.account)


def rename_user(tx: Transaction, user: User, name: str, path: str) -> None:
    """Give the user another name and path.

    Raises:
        NoSuchEntity: the user has gone since.
        EntityAlreadyExists: another one has the name.
    """
    require_user(tx, user)
    taken = find_user(tx, user.account, name)
    if taken is not None and taken.user_id != user.user_id:
        raise EntityAlreadyExists(f"User with name {name} already exists.")
    tx.run(SQL.set_user_name, user_id=user.user_id, name=name, folded=name.lower(), path=path)


def read_user(row: Row) -> User:
    """A stored row as a user."""
    return User(
        user_id=row["user_id"],
        account=row["account"],
        name=row["name"],
        path=row["path"],
        tags=json.loads(row["tags"]),
        created=row["created"],
        boundary=row["boundary"],
    )

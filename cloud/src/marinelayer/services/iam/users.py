"""Users: CreateUser, GetUser, ListUsers, UpdateUser; and how other nouns find the user that they act on.

A user's ARN holds its path, which only its row knows: operations on a user that exists are demanded here, as soon as
the row is read and before anything is said of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Ids, Row, Tables, Transaction
from marinelayer.security.requirement import ContextKeys, Requirement
from marinelayer.services.iam.accounts import SQL
from marinelayer.services.iam.arns import root_arn, user_arn
from marinelayer.services.iam.attachments import set_boundary
from marinelayer.services.iam.errors import (
    EntityAlreadyExists,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from marinelayer.services.iam.names import (
    NEW_USER_NAME,
    checked_name,
    checked_path,
    checked_path_prefix,
    checked_tags,
    is_name,
)
from marinelayer.services.iam.pages import Listing
from marinelayer.services.iam.policies import require_attachable
from marinelayer.services.iam.tags import creation_needs, request_tag_context, resource_tag_context, shown_tags
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

USERS_PER_ACCOUNT = 5000
_OF_BOUNDED = frozenset(
    {
        "iam:AttachUserPolicy",
        "iam:DeleteUserPermissionsBoundary",
        "iam:DeleteUserPolicy",
        "iam:DetachUserPolicy",
        "iam:PutUserPolicy",
    }
)
"""The actions whose conditions may ask for the user's boundary, iam:PermissionsBoundary."""


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


@dataclass(frozen=True, slots=True)
class OnUser:
    """The needs of an operation on a user that exists: `action` on the user's ARN, demanded by the handler through
    `user_for`, since only the row knows the path in that ARN."""

    action: str

    def __call__(self, request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
        """Nothing that could be said from the input alone."""
        return ()


async def user_for(
    tables: Tables, caller: Caller, action: str, name: str, *, context: Mapping[str, tuple[str, ...]] | None = None
) -> User:
    """The caller's account's user `name`, on whom the caller may do `action`; `context` are further condition keys.

    Raises:
        AccessDenied: the caller may not; whether there is such a user is not told then.
        NoSuchEntity: there is none.
        ValidationError: the name is none.
    """
    user = await tables.read(find_user, caller.account, name) if is_name(name) else None
    known = resource_tag_context(user.tags) if user else {}
    if user and user.boundary and action in _OF_BOUNDED:
        known |= boundary_context(user.boundary)
    arn = user.arn if user else user_arn(caller.account, "/", name)
    await caller.demand(Requirement(action=action, resource=arn, context={**known, **(context or {})}))
    checked_name(name, "userName")
    if user is None:
        raise no_such_user(name)
    return user


def boundary_context(arn: str | None) -> dict[str, tuple[str, ...]]:
    """The condition key that says which policy bounds someone."""
    return {"iam:permissionsboundary": (arn,)} if arn else {}


def own_name(caller: Caller) -> str | None:
    """The name of the user who calls, for operations that act on the caller where no user is named; None for root.

    Raises:
        ValidationError: the caller is neither.
    """
    match caller.principal.kind:
        case "user":
            return caller.principal.name
        case "root":
            return None
        case _:
            raise ValidationError("Must specify userName when calling with non-User credentials")


def moment(microseconds: int) -> datetime:
    """A stored time as IAM shows it: whole seconds."""
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC)


def _new_user_arn(request: Mapping[str, Any], caller: Caller) -> str:
    return user_arn(caller.account, request.get("Path", "/"), request["UserName"])


def _new_user_context(request: Mapping[str, Any]) -> ContextKeys:
    return {**request_tag_context(request), **boundary_context(request.get("PermissionsBoundary"))}


class Users:
    """The users of an account."""

    def __init__(self, tables: Tables, clock: Clock, ids: Ids, pages: PageTokens) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._pages = pages

    @operation("CreateUser", needs=creation_needs("iam:CreateUser", "iam:TagUser", _new_user_arn, _new_user_context))
    async def create(self, caller: Caller, request: wire.CreateUserRequest) -> wire.CreateUserResponse:
        """A user without any permission."""
        user = User(
            user_id=self._ids.aws("AIDA", 21),
            account=caller.account,
            name=checked_name(request["UserName"], "userName", NEW_USER_NAME),
            path=checked_path(request.get("Path", "/")),
            tags=checked_tags(request.get("Tags")),
            created=self._clock.now(),
            boundary=request.get("PermissionsBoundary"),
        )
        await self._tables.write(_put_user, user)
        return {"User": shown_user(user, whole=True)}

    @operation("GetUser", needs=OnUser("iam:GetUser"))
    async def get(self, caller: Caller, request: wire.GetUserRequest) -> wire.GetUserResponse:
        """The user named, else the caller."""
        name = request["UserName"] if "UserName" in request else own_name(caller)
        if name is None:
            return {"User": await self._root(caller)}
        return {"User": shown_user(await user_for(self._tables, caller, "iam:GetUser", name), whole=True)}

    async def _root(self, caller: Caller) -> wire.User:
        arn = root_arn(caller.account)
        await caller.demand(Requirement(action="iam:GetUser", resource=arn))
        created: int = await self._tables.read(_account_created, caller.account)
        return {"UserId": caller.account, "Arn": arn, "CreateDate": moment(created)}

    @operation(
        "ListUsers",
        needs=need(
            "iam:ListUsers", on=lambda request, caller: user_arn(caller.account, request.get("PathPrefix", "/"), "")
        ),
    )
    async def list(self, caller: Caller, request: wire.ListUsersRequest) -> wire.ListUsersResponse:
        """A page of the account's users, by name, without their tags, as AWS."""
        prefix = checked_path_prefix(request.get("PathPrefix", "/"))
        listing = Listing(self._pages, f"iam.ListUsers/{caller.account}/{prefix}", request)
        rows = await self._tables.read(users, caller.account, prefix, listing.after, listing.limit)
        shown, end = listing.cut(rows, lambda row: row["folded"])
        return {"Users": [shown_user(user_of(row)) for row in shown], **end}

    @operation("UpdateUser", needs=OnUser("iam:UpdateUser"))
    async def update(self, caller: Caller, request: wire.UpdateUserRequest) -> None:
        """Another name or path, which the caller must be allowed on both ARNs."""
        user = await user_for(self._tables, caller, "iam:UpdateUser", request["UserName"])
        name = checked_name(request.get("NewUserName", user.name), "newUserName", NEW_USER_NAME)
        path = checked_path(request.get("NewPath", user.path))
        new = Requirement(
            action="iam:UpdateUser",
            resource=user_arn(user.account, path, name),
            context=resource_tag_context(user.tags),
        )
        await caller.demand(new)
        await self._tables.write(_rename, user, name, path)


def find_user(tx: Transaction, account: str, name: str) -> User | None:
    """The user, by its name, whatever its case."""
    row = tx.one(SQL.user, account=account, folded=name.lower())
    return user_of(row) if row else None


def no_such_user(name: str) -> NoSuchEntity:
    """The refusal where there is no user of this name."""
    return NoSuchEntity(f"The user with name {name} cannot be found.")


def has_users(tx: Transaction, account: str) -> bool:
    """Whether the account has a user."""
    return tx.one(SQL.any_user, account=account) is not None


def require_user(tx: Transaction, user: User) -> None:
    """For writes that follow a read.

    Raises:
        NoSuchEntity: the user has gone since.
    """
    if tx.one(SQL.user_by_id, user_id=user.user_id) is None:
        raise no_such_user(user.name)


def _put_user(tx: Transaction, user: User) -> None:
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
    count = tx.one(SQL.count_users, account=user.account)
    if count is not None and count["n"] > USERS_PER_ACCOUNT:
        raise LimitExceeded(f"Cannot exceed quota for UsersPerAccount: {USERS_PER_ACCOUNT}")
    if user.boundary:
        require_attachable(tx, user.account, user.boundary)
        set_boundary(tx, user.user_id, user.boundary, account=user.account)


def _rename(tx: Transaction, user: User, name: str, path: str) -> None:
    require_user(tx, user)
    taken = find_user(tx, user.account, name)
    if taken is not None and taken.user_id != user.user_id:
        raise EntityAlreadyExists(f"User with name {name} already exists.")
    tx.run(SQL.set_user_name, user_id=user.user_id, name=name, folded=name.lower(), path=path)


def users(tx: Transaction, account: str, prefix: str, after: str, size: int) -> list[Row]:
    """At most `size` users of the account behind `after` (a name in lower case), by name, within a path prefix."""
    return tx.all(SQL.users, account=account, prefix=prefix, length=len(prefix), after=after, size=size)


def _account_created(tx: Transaction, account: str) -> int:
    row = tx.one(SQL.account, account=account)
    return row["created"] if row else 0


def user_of(row: Row) -> User:
    """A stored user as a value."""
    return User(
        user_id=row["user_id"],
        account=row["account"],
        name=row["name"],
        path=row["path"],
        tags=json.loads(row["tags"]),
        created=row["created"],
        boundary=row["boundary"],
    )


def shown_user(user: User, *, whole: bool = False) -> wire.User:
    """A user in the model's shape; tags and boundary stand only in `whole` ones, as AWS's lists leave them out."""
    shown: wire.User = {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.user_id,
        "Arn": user.arn,
        "CreateDate": moment(user.created),
    }
    if whole and user.boundary:
        shown["PermissionsBoundary"] = shown_boundary(user.boundary)
    if whole and user.tags:
        shown["Tags"] = shown_tags(user.tags)
    return shown


def shown_boundary(arn: str) -> wire.AttachedPermissionsBoundary:
    """A permissions boundary in the model's shape."""
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}

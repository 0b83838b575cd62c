"""Users: CreateUser, GetUser, ListUsers, UpdateUser; and how other nouns find the user that they act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Ids, Tables, Transaction
from marinelayer.security.requirement import ContextKeys, Requirement
from marinelayer.services.iam.accounts import SQL
from marinelayer.services.iam.arns import root_arn, user_arn
from marinelayer.services.iam.attachments import boundary_context, bounded_context
from marinelayer.services.iam.errors import ValidationError
from marinelayer.services.iam.existing import Kind, OnExisting, demand_on
from marinelayer.services.iam.names import (
    NEW_USER_NAME,
    checked_name,
    checked_path,
    checked_path_prefix,
    checked_tags,
)
from marinelayer.services.iam.pages import Listing
from marinelayer.services.iam.tags import creation_needs, request_tag_context, resource_tag_context, shown_tags
from marinelayer.services.iam.times import moment
from marinelayer.services.iam.user_store import User, find_user, no_such_user, put_user, read_user, rename_user, users
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire


def _facts(user: User, action: str) -> ContextKeys:
    return {**resource_tag_context(user.tags), **bounded_context(user.boundary, action)}


_KIND = Kind(member="userName", find=find_user, arn=user_arn, facts=_facts, missing=no_such_user)


async def user_for(tables: Tables, caller: Caller, action: str, name: str, context: ContextKeys | None = None) -> User:
    """The caller's account's user `name`, on whom the caller may do `action`; `context` are further condition keys.
    Raises as `demand_on`."""
    return await demand_on(tables, caller, _KIND, action, name, context)


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
        await self._tables.write(put_user, user)
        return {"User": shown_user(user, whole=True)}

    @operation("GetUser", needs=OnExisting("iam:GetUser"))
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
        return {"Users": [shown_user(read_user(row)) for row in shown], **end}

    @operation("UpdateUser", needs=OnExisting("iam:UpdateUser"))
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
        await self._tables.write(rename_user, user, name, path)


def _account_created(tx: Transaction, account: str) -> int:
    row = tx.one(SQL.account, account=account)
    return row["created"] if row else 0


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

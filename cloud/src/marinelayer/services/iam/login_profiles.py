"""Passwords of users: CreateLoginProfile, GetLoginProfile, UpdateLoginProfile, DeleteLoginProfile, ChangePassword.

A password is kept as a slow salted hash. Nothing signs in with it yet: the console has its own way in.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Caller, Clock, Ids, Row, Tables, Transaction
from marinelayer.services.iam.errors import (
    EntityAlreadyExists,
    EntityTemporarilyUnmodifiable,
    InvalidUserType,
    NoSuchEntity,
    ValidationError,
)
from marinelayer.services.iam.existing import OnExisting
from marinelayer.services.iam.password_policies import SQL, password_policy
from marinelayer.services.iam.passwords import check_password, check_reuse, hash_password, is_password
from marinelayer.services.iam.times import moment
from marinelayer.services.iam.user_store import User, require_user
from marinelayer.services.iam.users import own_name, user_for
from marinelayer.services.operation import operation

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

_REMEMBERED = 24
"""How many passwords the strictest policy lets nobody use again."""


class LoginProfiles:
    """The passwords of an account's users."""

    def __init__(self, tables: Tables, clock: Clock, ids: Ids) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids

    @operation("CreateLoginProfile", needs=OnExisting("iam:CreateLoginProfile"))
    async def create(self, caller: Caller, request: wire.CreateLoginProfileRequest) -> wire.CreateLoginProfileResponse:
        """Give a user a password."""
        user = await self._user(caller, "iam:CreateLoginProfile", request.get("UserName"))
        if "Password" not in request:
            raise ValidationError("The request must contain the parameter Password.")
        check_password(request["Password"], await self._tables.read(password_policy, caller.account))
        hashed = await asyncio.to_thread(hash_password, request["Password"], self._ids.token(32))
        reset, now = request.get("PasswordResetRequired", False), self._clock.now()
        await self._tables.write(_create, user, hashed, reset=reset, now=now)
        return {"LoginProfile": {"UserName": user.name, "CreateDate": moment(now), "PasswordResetRequired": reset}}

    @operation("GetLoginProfile", needs=OnExisting("iam:GetLoginProfile"))
    async def get(self, caller: Caller, request: wire.GetLoginProfileRequest) -> wire.GetLoginProfileResponse:
        """Whether a user has a password, since when, and whether it must be changed."""
        user = await self._user(caller, "iam:GetLoginProfile", request.get("UserName"))
        row = await self._profile(user)
        return {
            "LoginProfile": {
                "UserName": user.name,
                "CreateDate": moment(row["created"]),
                "PasswordResetRequired": bool(row["reset_required"]),
            }
        }

    @operation("UpdateLoginProfile", needs=OnExisting("iam:UpdateLoginProfile"))
    async def update(self, caller: Caller, request: wire.UpdateLoginProfileRequest) -> None:
        """Give a user another password, or say whether it must be changed."""
        user = await user_for(self._tables, caller, "iam:UpdateLoginProfile", request["UserName"])
        row = await self._profile(user)
        reset = request.get("PasswordResetRequired", bool(row["reset_required"]))
        if "Password" in request:
            await self._change(user, row, request["Password"], reset=reset)
        elif "PasswordResetRequired" in request:
            await self._tables.write(_set_reset, user, reset=reset)

    @operation("DeleteLoginProfile", needs=OnExisting("iam:DeleteLoginProfile"))
    async def delete(self, caller: Caller, request: wire.DeleteLoginProfileRequest) -> None:
        """Take a user's password away."""
        user = await self._user(caller, "iam:DeleteLoginProfile", request.get("UserName"))
        await self._tables.write(_delete, user)

    @operation("ChangePassword", needs=OnExisting("iam:ChangePassword"))
    async def change(self, caller: Caller, request: wire.ChangePasswordRequest) -> None:
        """Let a user change its own password, which it must know."""
        if caller.principal.kind != "user":
            raise InvalidUserType("Only IAM Users can change their own password")
        user = await user_for(self._tables, caller, "iam:ChangePassword", caller.principal.name)
        row = await self._profile(user)
        if not await asyncio.to_thread(is_password, request["OldPassword"], row["hash"]):
            raise AccessDenied("The old password was incorrect.")
        await self._change(user, row, request["NewPassword"], reset=False)

    async def _user(self, caller: Caller, action: str, name: str | None) -> User:
        """The user named, else the caller."""
        chosen = own_name(caller) if name is None else name
        if chosen is None:
            raise ValidationError("The request must contain the parameter UserName.")
        return await user_for(self._tables, caller, action, chosen)

    async def _profile(self, user: User) -> Row:
        row = await self._tables.read(login_profile, user.user_id)
        if row is None:
            raise _no_such_profile(user)
        return row

    async def _change(self, user: User, row: Row, password: str, *, reset: bool) -> None:
        """Set a new password in place of the one that `row` holds, if it fits the account's policy; `reset` is whether
        it must be changed."""
        policy = await self._tables.read(password_policy, user.account)
        check_password(password, policy)
        hashes = [row["hash"], *json.loads(row["earlier"])]
        await asyncio.to_thread(check_reuse, password, hashes, policy)
        hashed = await asyncio.to_thread(hash_password, password, self._ids.token(32))
        password_of = {"hash": hashed, "before": row["hash"], "earlier": json.dumps(hashes[:_REMEMBERED])}
        await self._tables.write(_set_password, user, password_of, reset=reset, now=self._clock.now())


def login_profile(tx: Transaction, user_id: str) -> Row | None:
    """A user's password as it is stored (columns `hash`, `earlier`, `reset_required`, `created`, `changed`), None
    where the user has none."""
    return tx.one(SQL.login_profile, user_id=user_id)


def _create(tx: Transaction, user: User, hashed: str, *, reset: bool, now: int) -> None:
    require_user(tx, user)
    if not tx.run(SQL.put_login_profile, user_id=user.user_id, hash=hashed, reset_required=int(reset), now=now):
        raise EntityAlreadyExists(f"Login Profile for User {user.name} already exists.")


def _set_password(tx: Transaction, user: User, password: Mapping[str, str], *, reset: bool, now: int) -> None:
    """Store a password's `hash` and those of the `earlier` ones, where the present hash is that of `before`."""
    if not tx.run(SQL.set_password, user_id=user.user_id, reset_required=int(reset), now=now, **password):
        raise EntityTemporarilyUnmodifiable(
            f"Login Profile for User {user.name} cannot be modified while it is being changed. Please try again."
        )


def _set_reset(tx: Transaction, user: User, *, reset: bool) -> None:
    if not tx.run(SQL.set_reset_required, user_id=user.user_id, reset_required=int(reset)):
        raise _no_such_profile(user)


def _delete(tx: Transaction, user: User) -> None:
    if not tx.run(SQL.delete_login_profile, user_id=user.user_id):
        raise _no_such_profile(user)


def _no_such_profile(user: User) -> NoSuchEntity:
    return NoSuchEntity(f"Login Profile for User {user.name} cannot be found.")

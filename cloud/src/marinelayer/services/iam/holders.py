"""Users, groups and roles as what they have in common: policies are given to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.security.requirement import ContextKeys
from marinelayer.services.iam.group_store import require_group
from marinelayer.services.iam.groups import group_for
from marinelayer.services.iam.role_store import require_role
from marinelayer.services.iam.roles import role_for
from marinelayer.services.iam.user_store import require_user
from marinelayer.services.iam.users import user_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds policies, by the unique `id` that they are stored under. `require(tx)` is for writes that follow a
    read: it raises NoSuchEntity where the holder has gone since."""

    kind: Literal["user", "group", "role"]
    id: str
    account: str
    name: str
    require: Callable[[Transaction], object]


async def holder_for(
    tables: Tables, caller: Caller, action: str, request: Mapping[str, Any], context: ContextKeys | None = None
) -> Holder:
    """The user, group or role that the input names, on whom the caller may do `action`; `context` are further condition
    keys.

    Raises:
        AccessDenied: the caller may not; whether there is such a holder is not told then.
        NoSuchEntity: there is none.
        ValidationError: the name is none.
    """
    if "UserName" in request:
        user = await user_for(tables, caller, action, request["UserName"], context)
        return Holder(
            kind="user", id=user.user_id, account=user.account, name=user.name, require=partial(require_user, user=user)
        )
    if "GroupName" in request:
        group = await group_for(tables, caller, action, request["GroupName"], context)
        return Holder(
            kind="group",
            id=group.group_id,
            account=group.account,
            name=group.name,
            require=partial(require_group, group=group),
        )
    role = await role_for(tables, caller, action, request["RoleName"], context)
    return Holder(
        kind="role", id=role.role_id, account=role.account, name=role.name, require=partial(require_role, role=role)
    )

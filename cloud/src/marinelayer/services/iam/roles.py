"""Roles: CreateRole, GetRole, ListRoles, UpdateRole, UpdateAssumeRolePolicy, DeleteRole; and how other nouns find the
role that they act on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Ids, Principals, Tables, Transaction
from marinelayer.security.requirement import ContextKeys, ResourcePolicy
from marinelayer.services.iam.accounts import SQL as KEYS
from marinelayer.services.iam.arns import role_arn
from marinelayer.services.iam.attachments import (
    boundary_context,
    bounded_context,
    delete_boundary,
    demand_no_policies,
)
from marinelayer.services.iam.documents import shown_document
from marinelayer.services.iam.errors import DeleteConflict
from marinelayer.services.iam.existing import Kind, OnExisting, demand_on
from marinelayer.services.iam.key_uses import KeyUses
from marinelayer.services.iam.names import NEW_ROLE_NAME, checked_name, checked_path, checked_path_prefix, checked_tags
from marinelayer.services.iam.pages import Listing
from marinelayer.services.iam.profile_store import profiles_of_role
from marinelayer.services.iam.role_store import (
    SQL,
    Role,
    find_role,
    no_such_role,
    put_role,
    read_role,
    require_role,
    roles,
)
from marinelayer.services.iam.tags import creation_needs, request_tag_context, shown_tags
from marinelayer.services.iam.times import moment
from marinelayer.services.iam.trust import read_trust
from marinelayer.services.iam.users import shown_boundary
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

SHORTEST_LIMIT = 3600
"""Seconds: what MaxSessionDuration is where it is not given."""


def _facts(role: Role, action: str) -> ContextKeys:
    return {**role.tag_facts, **bounded_context(role.boundary, action)}


_KIND = Kind(member="roleName", find=find_role, arn=role_arn, facts=_facts, missing=no_such_role)


async def role_for(tables: Tables, caller: Caller, action: str, name: str, context: ContextKeys | None = None) -> Role:
    """The caller's account's role `name`, on which the caller may do `action`; `context` are further condition keys.
    Raises as `demand_on`."""
    return await demand_on(tables, caller, _KIND, action, name, context)


def _new_role_arn(request: Mapping[str, Any], caller: Caller) -> str:
    return role_arn(caller.account, request.get("Path", "/"), request["RoleName"])


def _creation_context(request: Mapping[str, Any]) -> ContextKeys:
    return {**request_tag_context(request), **boundary_context(request.get("PermissionsBoundary"))}


class Roles:
    """The roles of an account."""

    def __init__(
        self, tables: Tables, clock: Clock, ids: Ids, pages: PageTokens, principals: Principals, uses: KeyUses
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._pages = pages
        self._principals = principals
        self._uses = uses

    @operation("CreateRole", needs=creation_needs("iam:CreateRole", "iam:TagRole", _new_role_arn, _creation_context))
    async def create(self, caller: Caller, request: wire.CreateRoleRequest) -> wire.CreateRoleResponse:
        """A role that may nothing yet, to be assumed by whom its trust policy names."""
        role = Role(
            role_id=self._ids.aws("AROA", 21),
            account=caller.account,
            name=checked_name(request["RoleName"], "roleName", NEW_ROLE_NAME),
            path=checked_path(request.get("Path", "/")),
            description=request.get("Description", ""),
            trust=await read_trust(request["AssumeRolePolicyDocument"], self._principals),
            longest=request.get("MaxSessionDuration", SHORTEST_LIMIT),
            tags=checked_tags(request.get("Tags")),
            created=self._clock.now(),
            boundary=request.get("PermissionsBoundary"),
        )
        await self._tables.write(put_role, role)
        shown = shown_role(role, whole=True)
        # AWS tells it of roles that are read, not of one that is made.
        shown.pop("MaxSessionDuration", None)
        return {"Role": shown}

    @operation("GetRole", needs=OnExisting("iam:GetRole"))
    async def get(self, caller: Caller, request: wire.GetRoleRequest) -> wire.GetRoleResponse:
        """The role with its trust policy, percent-encoded (RFC 3986) as AWS answers it."""
        role = await role_for(self._tables, caller, "iam:GetRole", request["RoleName"])
        use = await self._uses.of(role.role_id)
        last: wire.RoleLastUsed = {} if use is None else {"LastUsedDate": moment(use.used), "Region": use.region}
        return {"Role": {**shown_role(role, whole=True), "RoleLastUsed": last}}

    @operation(
        "ListRoles",
        needs=need(
            "iam:ListRoles", on=lambda request, caller: role_arn(caller.account, request.get("PathPrefix", "/"), "")
        ),
    )
    async def list(self, caller: Caller, request: wire.ListRolesRequest) -> wire.ListRolesResponse:
        """A page of the account's roles, by name, without their tags, as AWS."""
        prefix = checked_path_prefix(request.get("PathPrefix", "/"))
        listing = Listing(self._pages, f"iam.ListRoles/{caller.account}/{prefix}", request)
        rows = await self._tables.read(roles, caller.account, prefix, listing.after, listing.limit)
        shown, end = listing.cut(rows, lambda row: row["folded"])
        return {"Roles": [shown_role(read_role(row)) for row in shown], **end}

    @operation("UpdateRole", needs=OnExisting("iam:UpdateRole"))
    async def update(self, caller: Caller, request: wire.UpdateRoleRequest) -> wire.UpdateRoleResponse:
        """Another description, or another limit of sessions; what is not given stays."""
        role = await role_for(self._tables, caller, "iam:UpdateRole", request["RoleName"])
        await self._tables.write(_update, role, request.get("Description"), request.get("MaxSessionDuration"))
        return {}

    @operation("UpdateRoleDescription", needs=OnExisting("iam:UpdateRoleDescription"))
    async def describe(
        self, caller: Caller, request: wire.UpdateRoleDescriptionRequest
    ) -> wire.UpdateRoleDescriptionResponse:
        """Another description."""
        role = await role_for(self._tables, caller, "iam:UpdateRoleDescription", request["RoleName"])
        return {"Role": shown_role(await self._tables.write(_update, role, request["Description"], None))}

    @operation("UpdateAssumeRolePolicy", needs=OnExisting("iam:UpdateAssumeRolePolicy"))
    async def trust(self, caller: Caller, request: wire.UpdateAssumeRolePolicyRequest) -> None:
        """Another trust policy. Sessions that there are go on."""
        role = await role_for(self._tables, caller, "iam:UpdateAssumeRolePolicy", request["RoleName"])
        await self._tables.write(_set_trust, role, await read_trust(request["PolicyDocument"], self._principals))

    @operation("DeleteRole", needs=OnExisting("iam:DeleteRole"))
    async def delete(self, caller: Caller, request: wire.DeleteRoleRequest) -> None:
        """Remove a role on which nothing depends; its sessions end with it."""
        role = await role_for(self._tables, caller, "iam:DeleteRole", request["RoleName"])
        await self._tables.write(_delete, role)


def shown_role(role: Role, *, whole: bool = False) -> wire.Role:
    """A role in the shape of the model; with its tags and its boundary where the whole is asked for, as AWS."""
    shown: wire.Role = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.role_id,
        "Arn": role.arn,
        "CreateDate": moment(role.created),
        "AssumeRolePolicyDocument": shown_document(role.trust.text),
        "MaxSessionDuration": role.longest,
    }
    if role.description:
        shown["Description"] = role.description
    if whole and role.tags:
        shown["Tags"] = shown_tags(role.tags)
    if whole and role.boundary is not None:
        shown["PermissionsBoundary"] = shown_boundary(role.boundary)
    return shown


def _update(tx: Transaction, role: Role, description: str | None, longest: int | None) -> Role:
    now = require_role(tx, role)
    tx.run(
        SQL.set_role,
        role_id=role.role_id,
        description=now.description if description is None else description,
        longest=now.longest if longest is None else longest,
    )
    return require_role(tx, role)


def _set_trust(tx: Transaction, role: Role, trust: ResourcePolicy) -> None:
    changed = tx.run(SQL.set_trust, role_id=role.role_id, trust=trust.text, trusted=json.dumps(dict(trust.principals)))
    if not changed:
        raise no_such_role(role.name)


def _delete(tx: Transaction, role: Role) -> None:
    require_role(tx, role)
    if profiles_of_role(tx, role.role_id):
        raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    demand_no_policies(tx, role.role_id)
    delete_boundary(tx, role.role_id)
    tx.run(KEYS.delete_key_use, access_key_id=role.role_id)
    tx.run(SQL.delete_role, role_id=role.role_id)

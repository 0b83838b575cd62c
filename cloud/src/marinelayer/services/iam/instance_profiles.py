"""Instance profiles: what carries a role to a machine. No machine is here; they are kept for who prepares them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Ids, Tables, Transaction
from marinelayer.security.requirement import ContextKeys, Requirement
from marinelayer.services.iam.arns import instance_profile_arn, role_arn
from marinelayer.services.iam.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from marinelayer.services.iam.existing import Kind, OnExisting, demand_on
from marinelayer.services.iam.names import checked_name, checked_path, checked_path_prefix, checked_tags
from marinelayer.services.iam.pages import Listing
from marinelayer.services.iam.profile_store import (
    SQL,
    InstanceProfile,
    find_profile,
    no_such_profile,
    profiles_of_role,
    put_profile,
    read_profile,
    require_profile,
)
from marinelayer.services.iam.role_store import SQL as ROLES
from marinelayer.services.iam.role_store import Role, find_role, no_such_role, read_role, require_role
from marinelayer.services.iam.roles import role_for, shown_role
from marinelayer.services.iam.tags import (
    checked_new_tags,
    creation_needs,
    request_tag_context,
    shown_tags,
    tag_page,
    tagged,
    untagged,
)
from marinelayer.services.iam.times import moment
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

Held = tuple[InstanceProfile, Role | None]
"""A profile with the role in it."""


def _facts(profile: InstanceProfile, _action: str) -> ContextKeys:
    return profile.facts


_KIND = Kind(
    member="instanceProfileName", find=find_profile, arn=instance_profile_arn, facts=_facts, missing=no_such_profile
)


def _new_arn(request: Mapping[str, Any], caller: Caller) -> str:
    return instance_profile_arn(caller.account, request.get("Path", "/"), request["InstanceProfileName"])


class InstanceProfiles:
    """The instance profiles of an account."""

    def __init__(self, tables: Tables, clock: Clock, ids: Ids, pages: PageTokens) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._pages = pages

    @operation(
        "CreateInstanceProfile",
        needs=creation_needs("iam:CreateInstanceProfile", "iam:TagInstanceProfile", _new_arn),
    )
    async def create(
        self, caller: Caller, request: wire.CreateInstanceProfileRequest
    ) -> wire.CreateInstanceProfileResponse:
        """An instance profile without a role."""
        profile = InstanceProfile(
            profile_id=self._ids.aws("AIPA", 21),
            account=caller.account,
            name=checked_name(request["InstanceProfileName"], "instanceProfileName"),
            path=checked_path(request.get("Path", "/")),
            tags=checked_tags(request.get("Tags")),
            created=self._clock.now(),
        )
        await self._tables.write(put_profile, profile)
        return {"InstanceProfile": shown_profile((profile, None))}

    @operation("GetInstanceProfile", needs=OnExisting("iam:GetInstanceProfile"))
    async def get(self, caller: Caller, request: wire.GetInstanceProfileRequest) -> wire.GetInstanceProfileResponse:
        """The profile with its role."""
        profile = await self._profile(caller, "iam:GetInstanceProfile", request["InstanceProfileName"])
        return {"InstanceProfile": shown_profile(await self._tables.read(_with_role, profile))}

    @operation(
        "ListInstanceProfiles",
        needs=need(
            "iam:ListInstanceProfiles",
            on=lambda request, caller: instance_profile_arn(caller.account, request.get("PathPrefix", "/"), ""),
        ),
    )
    async def list(
        self, caller: Caller, request: wire.ListInstanceProfilesRequest
    ) -> wire.ListInstanceProfilesResponse:
        """A page of the account's profiles, by name, without their tags, as AWS."""
        prefix = checked_path_prefix(request.get("PathPrefix", "/"))
        listing = Listing(self._pages, f"iam.ListInstanceProfiles/{caller.account}/{prefix}", request)
        found = await self._tables.read(_profiles, caller.account, prefix, listing.after, listing.limit)
        shown, end = listing.cut(found, _position)
        return {"InstanceProfiles": [shown_profile(held, whole=False) for held in shown], **end}

    @operation("ListInstanceProfilesForRole", needs=OnExisting("iam:ListInstanceProfilesForRole"))
    async def list_for_role(
        self, caller: Caller, request: wire.ListInstanceProfilesForRoleRequest
    ) -> wire.ListInstanceProfilesForRoleResponse:
        """A page of the profiles that hold a role, by name."""
        role = await role_for(self._tables, caller, "iam:ListInstanceProfilesForRole", request["RoleName"])
        listing = Listing(self._pages, f"iam.ListInstanceProfilesForRole/{role.role_id}", request)
        found = await self._tables.read(profiles_of_role, role.role_id, after=listing.after, size=listing.limit)
        shown, end = listing.cut([(profile, role) for profile in found], _position)
        return {"InstanceProfiles": [shown_profile(held, whole=False) for held in shown], **end}

    @operation("DeleteInstanceProfile", needs=OnExisting("iam:DeleteInstanceProfile"))
    async def delete(self, caller: Caller, request: wire.DeleteInstanceProfileRequest) -> None:
        """Remove a profile that holds no role."""
        profile = await self._profile(caller, "iam:DeleteInstanceProfile", request["InstanceProfileName"])
        await self._tables.write(_delete, profile)

    @operation("AddRoleToInstanceProfile", needs=OnExisting("iam:AddRoleToInstanceProfile"))
    async def add(self, caller: Caller, request: wire.AddRoleToInstanceProfileRequest) -> None:
        """Put a role into a profile, which holds one at most. Whoever does must be allowed to pass the role to EC2."""
        profile = await self._profile(caller, "iam:AddRoleToInstanceProfile", request["InstanceProfileName"])
        name = checked_name(request["RoleName"], "roleName")
        role = await self._tables.read(find_role, caller.account, name)
        await caller.demand(
            Requirement(
                action="iam:PassRole",
                resource=role.arn if role else role_arn(caller.account, "/", name),
                context={**(role.tag_facts if role else {}), "iam:passedtoservice": ("ec2.amazonaws.com",)},
            )
        )
        if role is None:
            raise no_such_role(name)
        await self._tables.write(_add, profile, role)

    @operation("RemoveRoleFromInstanceProfile", needs=OnExisting("iam:RemoveRoleFromInstanceProfile"))
    async def remove(self, caller: Caller, request: wire.RemoveRoleFromInstanceProfileRequest) -> None:
        """Take a role out of a profile."""
        profile = await self._profile(caller, "iam:RemoveRoleFromInstanceProfile", request["InstanceProfileName"])
        await self._tables.write(_remove, profile, checked_name(request["RoleName"], "roleName"))

    @operation("TagInstanceProfile", needs=OnExisting("iam:TagInstanceProfile"))
    async def tag(self, caller: Caller, request: wire.TagInstanceProfileRequest) -> None:
        """Add tags, in place of those with the same keys."""
        context = request_tag_context(request)
        profile = await self._profile(caller, "iam:TagInstanceProfile", request["InstanceProfileName"], context)
        await self._tables.write(_tag, profile, checked_new_tags(request), ())

    @operation("UntagInstanceProfile", needs=OnExisting("iam:UntagInstanceProfile"))
    async def untag(self, caller: Caller, request: wire.UntagInstanceProfileRequest) -> None:
        """Take tags away; keys that it has not are no matter."""
        context = request_tag_context(request)
        profile = await self._profile(caller, "iam:UntagInstanceProfile", request["InstanceProfileName"], context)
        await self._tables.write(_tag, profile, {}, request["TagKeys"])

    @operation("ListInstanceProfileTags", needs=OnExisting("iam:ListInstanceProfileTags"))
    async def list_tags(
        self, caller: Caller, request: wire.ListInstanceProfileTagsRequest
    ) -> wire.ListInstanceProfileTagsResponse:
        """A page of the profile's tags, by key."""
        profile = await self._profile(caller, "iam:ListInstanceProfileTags", request["InstanceProfileName"])
        return {**tag_page(profile.tags, self._pages, f"iam.ListInstanceProfileTags/{profile.profile_id}", request)}

    async def _profile(
        self, caller: Caller, action: str, name: str, context: ContextKeys | None = None
    ) -> InstanceProfile:
        """The caller's account's profile, on which the caller may do `action`. Raises as `demand_on`."""
        return await demand_on(self._tables, caller, _KIND, action, name, context)


def _position(held: Held) -> str:
    return held[0].name.lower()


def shown_profile(held: Held, *, whole: bool = True) -> wire.InstanceProfile:
    """A profile with its role in the shape of the model; with its tags where the whole is asked for."""
    profile, role = held
    shown: wire.InstanceProfile = {
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.profile_id,
        "Arn": profile.arn,
        "CreateDate": moment(profile.created),
        "Roles": [] if role is None else [shown_role(role)],
    }
    if whole and profile.tags:
        shown["Tags"] = shown_tags(profile.tags)
    return shown


def _with_role(tx: Transaction, profile: InstanceProfile) -> Held:
    row = tx.one(ROLES.role_by_id, role_id=profile.role_id) if profile.role_id else None
    return profile, None if row is None else read_role(row)


def _profiles(tx: Transaction, account: str, prefix: str, after: str, size: int) -> list[Held]:
    rows = tx.all(SQL.profiles, account=account, prefix=prefix, length=len(prefix), after=after, size=size)
    return [_with_role(tx, read_profile(row)) for row in rows]


def _add(tx: Transaction, profile: InstanceProfile, role: Role) -> None:
    now = require_profile(tx, profile)
    require_role(tx, role)
    if now.role_id:
        raise LimitExceeded("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    tx.run(SQL.set_profile_role, profile_id=profile.profile_id, role_id=role.role_id)


def _remove(tx: Transaction, profile: InstanceProfile, name: str) -> None:
    _, role = _with_role(tx, require_profile(tx, profile))
    if role is None or role.name.lower() != name.lower():
        raise NoSuchEntity(f"Role with name {name} cannot be found in instance profile {profile.name}.")
    tx.run(SQL.set_profile_role, profile_id=profile.profile_id, role_id="")


def _delete(tx: Transaction, profile: InstanceProfile) -> None:
    if require_profile(tx, profile).role_id:
        raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    tx.run(SQL.delete_profile, profile_id=profile.profile_id)


def _tag(tx: Transaction, profile: InstanceProfile, added: Mapping[str, str], removed: Sequence[str]) -> None:
    tags = tagged(untagged(require_profile(tx, profile).tags, removed), added)
    tx.run(SQL.set_profile_tags, profile_id=profile.profile_id, tags=json.dumps(tags))

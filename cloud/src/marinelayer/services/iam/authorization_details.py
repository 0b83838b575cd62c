"""GetAccountAuthorizationDetails: an account's users, groups, roles and policies with all that they grant, in pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.iam.attached_policies import shown_attached
from marinelayer.services.iam.attachments import attached, inline_policies
from marinelayer.services.iam.documents import shown_document
from marinelayer.services.iam.group_store import Group, groups, groups_of_user, read_group
from marinelayer.services.iam.groups import shown_group
from marinelayer.services.iam.instance_profiles import shown_profile
from marinelayer.services.iam.managed_policies import Wanted, listed, position_of, shown_policy
from marinelayer.services.iam.pages import Listing
from marinelayer.services.iam.policies import ManagedPolicy
from marinelayer.services.iam.policy_versions import shown_version, versions_of
from marinelayer.services.iam.profile_store import PROFILES_PER_ACCOUNT, profiles_of_role
from marinelayer.services.iam.role_store import Role, read_role, roles
from marinelayer.services.iam.roles import shown_role
from marinelayer.services.iam.times import moment
from marinelayer.services.iam.user_store import User, read_user, users
from marinelayer.services.iam.users import shown_user
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire


@dataclass(frozen=True, slots=True)
class _Entry:
    """One detail, its kind, and where it stands among all of them."""

    kind: str
    position: str
    detail: Any


class AuthorizationDetails:
    """What accounts have granted."""

    def __init__(self, tables: Tables, pages: PageTokens) -> None:
        self._tables = tables
        self._pages = pages

    @operation("GetAccountAuthorizationDetails", needs=need("iam:GetAccountAuthorizationDetails"))
    async def get(
        self, caller: Caller, request: wire.GetAccountAuthorizationDetailsRequest
    ) -> wire.GetAccountAuthorizationDetailsResponse:
        """A page of details, of the kinds that Filter names: all the account's own, and AWS's policies that it uses."""
        kinds = tuple(kind for kind in _SECTIONS if kind in (request.get("Filter") or _SECTIONS))
        listing = Listing(self._pages, f"iam.GetAccountAuthorizationDetails/{caller.account}/{kinds}", request)
        entries = await self._tables.read(_entries, caller.account, kinds, listing.after, listing.limit)
        shown, end = listing.cut(entries, lambda entry: entry.position)

        def of(*kinds: str) -> list[Any]:
            return [entry.detail for entry in shown if entry.kind in kinds]

        return {
            "UserDetailList": of("User"),
            "GroupDetailList": of("Group"),
            "RoleDetailList": of("Role"),
            "Policies": of("LocalManagedPolicy", "AWSManagedPolicy"),
            **end,
        }


def _entries(tx: Transaction, account: str, kinds: Sequence[str], after: str, size: int) -> list[_Entry]:
    """At most `size` entries behind the position `after`, in the order of the sections."""
    section, _, behind = after.partition(":")
    found: list[_Entry] = []
    for number, kind in enumerate(_SECTIONS):
        if kind in kinds and number >= int(section or "0") and len(found) < size:
            start = behind if str(number) == section else ""
            made = _SECTIONS[kind](tx, account, start, size - len(found))
            found += [_Entry(kind, f"{number}:{position}", detail) for position, detail in made]
    return found


def _users(tx: Transaction, account: str, after: str, size: int) -> list[tuple[str, Any]]:
    return [(row["folded"], _user_detail(tx, read_user(row))) for row in users(tx, account, "/", after, size)]


def _groups(tx: Transaction, account: str, after: str, size: int) -> list[tuple[str, Any]]:
    return [(row["folded"], _group_detail(tx, read_group(row))) for row in groups(tx, account, after=after, size=size)]


def _roles(tx: Transaction, account: str, after: str, size: int) -> list[tuple[str, Any]]:
    return [(row["folded"], _role_detail(tx, read_role(row))) for row in roles(tx, account, "/", after, size)]


def _local_policies(tx: Transaction, account: str, after: str, size: int) -> list[tuple[str, Any]]:
    found = listed(tx, Wanted(account=account, scope="Local"), after, size)
    return [(position_of(policy), _policy_detail(tx, policy)) for policy in found]


def _aws_policies(tx: Transaction, account: str, after: str, size: int) -> list[tuple[str, Any]]:
    found = listed(tx, Wanted(account=account, scope="AWS", least_uses=1), after, size)
    return [(position_of(policy), _policy_detail(tx, policy)) for policy in found]


_SECTIONS: Mapping[str, Callable[[Transaction, str, str, int], list[tuple[str, Any]]]] = {
    "User": _users,
    "Group": _groups,
    "Role": _roles,
    "LocalManagedPolicy": _local_policies,
    "AWSManagedPolicy": _aws_policies,
}
"""What reads the details of each kind behind a position, with their positions, in the order of the answer."""


def _user_detail(tx: Transaction, user: User) -> wire.UserDetail:
    whole = shown_user(user, whole=True)
    detail: wire.UserDetail = {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.user_id,
        "Arn": user.arn,
        "CreateDate": moment(user.created),
        "UserPolicyList": _inline(tx, user.user_id),
        "GroupList": [row["name"] for row in groups_of_user(tx, user.user_id)],
        "AttachedManagedPolicies": shown_attached(attached(tx, user.user_id)),
    }
    return {**detail, **_further(whole)}


def _group_detail(tx: Transaction, group: Group) -> wire.GroupDetail:
    return {
        **shown_group(group),
        "GroupPolicyList": _inline(tx, group.group_id),
        "AttachedManagedPolicies": shown_attached(attached(tx, group.group_id)),
    }


def _role_detail(tx: Transaction, role: Role) -> wire.RoleDetail:
    whole = shown_role(role, whole=True)
    profiles = profiles_of_role(tx, role.role_id, size=PROFILES_PER_ACCOUNT)
    detail: wire.RoleDetail = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.role_id,
        "Arn": role.arn,
        "CreateDate": moment(role.created),
        "AssumeRolePolicyDocument": shown_document(role.trust.text),
        "InstanceProfileList": [shown_profile((profile, role), whole=False) for profile in profiles],
        "RolePolicyList": _inline(tx, role.role_id),
        "AttachedManagedPolicies": shown_attached(attached(tx, role.role_id)),
    }
    return {**detail, **_further(whole)}


class _Further(TypedDict, total=False):
    """What users and roles have where they were given it."""

    PermissionsBoundary: wire.AttachedPermissionsBoundary
    Tags: Sequence[wire.Tag]


def _further(whole: wire.User | wire.Role) -> _Further:
    found: _Further = {}
    if "PermissionsBoundary" in whole:
        found["PermissionsBoundary"] = whole["PermissionsBoundary"]
    if "Tags" in whole:
        found["Tags"] = whole["Tags"]
    return found


def _policy_detail(tx: Transaction, policy: ManagedPolicy) -> wire.ManagedPolicyDetail:
    return {
        **shown_policy(policy, with_description=True),
        "PolicyVersionList": [shown_version(policy, row, with_document=True) for row in versions_of(tx, policy)],
    }


def _inline(tx: Transaction, owner: str) -> list[wire.PolicyDetail]:
    return [
        {"PolicyName": row["name"], "PolicyDocument": shown_document(row["document"])}
        for row in inline_policies(tx, owner)
    ]

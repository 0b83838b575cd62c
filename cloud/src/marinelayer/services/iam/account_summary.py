"""GetAccountSummary: how much an account has of what IAM counts, and how much it may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Row, Tables, Transaction
from marinelayer.services.iam.access_keys import KEYS_PER_USER
from marinelayer.services.iam.attachments import ATTACHED_POLICIES
from marinelayer.services.iam.group_members import GROUPS_PER_USER
from marinelayer.services.iam.group_store import GROUPS_PER_ACCOUNT
from marinelayer.services.iam.inline_policies import INLINE_LETTERS
from marinelayer.services.iam.key_uses import SQL
from marinelayer.services.iam.managed_policies import LETTERS, POLICIES_PER_ACCOUNT
from marinelayer.services.iam.policy_versions import VERSIONS_PER_POLICY
from marinelayer.services.iam.profile_store import PROFILES_PER_ACCOUNT
from marinelayer.services.iam.role_store import ROLES_PER_ACCOUNT
from marinelayer.services.iam.trust import TRUST_LETTERS
from marinelayer.services.iam.user_store import USERS_PER_ACCOUNT
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

QUOTAS: Mapping[str, int] = {
    "UsersQuota": USERS_PER_ACCOUNT,
    "GroupsQuota": GROUPS_PER_ACCOUNT,
    "RolesQuota": ROLES_PER_ACCOUNT,
    "InstanceProfilesQuota": PROFILES_PER_ACCOUNT,
    "AssumeRolePolicySizeQuota": TRUST_LETTERS,
    "PoliciesQuota": POLICIES_PER_ACCOUNT,
    "AccessKeysPerUserQuota": KEYS_PER_USER,
    "GroupsPerUserQuota": GROUPS_PER_USER,
    "AttachedPoliciesPerUserQuota": ATTACHED_POLICIES,
    "AttachedPoliciesPerGroupQuota": ATTACHED_POLICIES,
    "AttachedPoliciesPerRoleQuota": ATTACHED_POLICIES,
    "UserPolicySizeQuota": INLINE_LETTERS["user"],
    "GroupPolicySizeQuota": INLINE_LETTERS["group"],
    "RolePolicySizeQuota": INLINE_LETTERS["role"],
    "PolicySizeQuota": LETTERS,
    "VersionsPerPolicyQuota": VERSIONS_PER_POLICY,
    "PolicyVersionsInUseQuota": 10_000,
    "SigningCertificatesPerUserQuota": 2,
    "ServerCertificatesQuota": 20,
}
"""The quotas of IAM by the names that the summary gives them."""

_NONE = (
    "MFADevices",
    "MFADevicesInUse",
    "AccountMFAEnabled",
    "AccountPasswordPresent",
    "AccountSigningCertificatesPresent",
    "ServerCertificates",
    "Providers",
)
"""What no account has here."""


class AccountSummaries:
    """The summaries of accounts."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("GetAccountSummary", needs=need("iam:GetAccountSummary"))
    async def get(self, caller: Caller, _: Mapping[str, Any]) -> wire.GetAccountSummaryResponse:
        """Counts and quotas by their names."""
        row = await self._tables.read(_counted, caller.account)
        return {
            "SummaryMap": {
                **QUOTAS,
                **dict.fromkeys(_NONE, 0),
                "Users": row["users"],
                "Groups": row["groups"],
                "Roles": row["roles"],
                "InstanceProfiles": row["profiles"],
                "Policies": row["policies"],
                "PolicyVersionsInUse": row["versions"],
                "AccountAccessKeysPresent": int(row["root_keys"] > 0),
                "GlobalEndpointTokenVersion": 1,
            }
        }


def _counted(tx: Transaction, account: str) -> Row:
    return tx.one(SQL.summary, account=account) or {}

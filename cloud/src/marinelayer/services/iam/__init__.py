"""IAM: accounts, users, groups, access keys, policies, roles and their sessions.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/. Knows no protocol and no other service.
"""

from __future__ import annotations

from marinelayer.ports import Clock, Ids, Keyring, Principals, Tables
from marinelayer.services.iam.access_keys import AccessKeys
from marinelayer.services.iam.account_aliases import AccountAliases
from marinelayer.services.iam.account_summary import AccountSummaries
from marinelayer.services.iam.accounts import (
    Account,
    AccountExistsError,
    RootKey,
    accounts,
    create_account,
    export_accounts,
    import_accounts,
    prepare_account,
)
from marinelayer.services.iam.attached_policies import AttachedPolicies
from marinelayer.services.iam.authorization_details import AuthorizationDetails
from marinelayer.services.iam.boundaries import Boundaries
from marinelayer.services.iam.context_keys import ContextKeyNames
from marinelayer.services.iam.credential_reports import CredentialReports
from marinelayer.services.iam.group_members import GroupMembers
from marinelayer.services.iam.groups import Groups
from marinelayer.services.iam.identities import IamIdentities
from marinelayer.services.iam.inline_policies import InlinePolicies
from marinelayer.services.iam.instance_profiles import InstanceProfiles
from marinelayer.services.iam.key_uses import AccessKeyUses, KeyUses, used_by
from marinelayer.services.iam.login_profiles import LoginProfiles
from marinelayer.services.iam.managed_policies import ManagedPolicies
from marinelayer.services.iam.oidc_providers import OidcProviders, OidcProviderTags
from marinelayer.services.iam.password_policies import PasswordPolicies
from marinelayer.services.iam.policy_entities import PolicyEntities
from marinelayer.services.iam.policy_versions import PolicyVersions
from marinelayer.services.iam.role_tags import RoleTags
from marinelayer.services.iam.roles import Roles
from marinelayer.services.iam.sessions import IamSessions
from marinelayer.services.iam.simulations import Simulations
from marinelayer.services.iam.trust import RoleAccess
from marinelayer.services.iam.user_deletion import UserDeletion
from marinelayer.services.iam.user_tags import UserTags
from marinelayer.services.iam.users import Users
from marinelayer.services.operation import ServiceTable, service_table
from marinelayer.services.paging import PageTokens

__all__ = [
    "Account",
    "AccountExistsError",
    "IamIdentities",
    "IamSessions",
    "KeyUses",
    "RoleAccess",
    "RootKey",
    "accounts",
    "create_account",
    "export_accounts",
    "iam_service",
    "import_accounts",
    "prepare_account",
    "used_by",
]


def iam_service(
    *, tables: Tables, clock: Clock, ids: Ids, keyring: Keyring, uses: KeyUses, principals: Principals
) -> ServiceTable:
    """IAM's operations. `uses` is told by the pipeline when keys are used."""
    pages = PageTokens(keyring)
    return service_table(
        "iam",
        (
            Users(tables, clock, ids, pages),
            UserDeletion(tables),
            AccessKeys(tables, clock, ids, keyring, pages),
            ManagedPolicies(tables, clock, ids, pages),
            PolicyVersions(tables, clock, pages),
            Groups(tables, clock, ids, pages),
            GroupMembers(tables, pages),
            InlinePolicies(tables, pages),
            AttachedPolicies(tables, pages),
            PolicyEntities(tables, pages),
            Boundaries(tables),
            UserTags(tables, pages),
            LoginProfiles(tables, clock, ids),
            PasswordPolicies(tables),
            AccountAliases(tables),
            AccountSummaries(tables),
            AccessKeyUses(tables, uses),
            CredentialReports(tables, clock, uses),
            AuthorizationDetails(tables, pages),
            ContextKeyNames(tables),
            Roles(tables, clock, ids, pages, principals, uses),
            RoleTags(tables, pages),
            InstanceProfiles(tables, clock, ids, pages),
            OidcProviders(tables, clock),
            OidcProviderTags(tables, pages),
            Simulations(tables, pages),
        ),
    )

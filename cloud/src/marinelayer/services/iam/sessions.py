"""Sessions: temporary credentials for roles, users and federated users, and what they may now.

A session may what its role or user may at the moment of each request, cut by its own policies; with its role, user or
account it ends. Source: IAM User Guide, "Temporary security credentials in IAM", "Session policies".
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Final

from marinelayer.model.errors import TokenInvalid
from marinelayer.ports import AssumableRole, Credentials, Ids, Keyring, Row, Tables, Transaction
from marinelayer.security.identity import Identity, IdentityPolicy, Principal
from marinelayer.security.session import Session, with_session_tags
from marinelayer.services.iam.accounts import SQL
from marinelayer.services.iam.arns import assumed_role_arn, federated_user_arn
from marinelayer.services.iam.attachments import SQL as POLICIES
from marinelayer.services.iam.attachments import held
from marinelayer.services.iam.aws_policies import aws_policies
from marinelayer.services.iam.policies import find_policy
from marinelayer.services.iam.principals import owner_principal
from marinelayer.services.iam.provider_store import find_provider
from marinelayer.services.iam.role_store import SQL as ROLES
from marinelayer.services.iam.role_store import role_of_arn
from marinelayer.services.iam.session_tokens import SessionTokens, account_in_key, is_temporary, packed_size

MOST_PACKED: Final = 3072
"""Bytes that the policies and tags of a session may have, packed: a token must fit into a request's header."""
_EVERYTHING: Final = IdentityPolicy(
    name="of the account's root",
    kind="managed",
    text='{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
)
_NOTHING: Final = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"none:None","Resource":"*"}}'


class IamSessions:
    """Issues sessions (ports.Sessions)."""

    def __init__(self, tables: Tables, keyring: Keyring, ids: Ids) -> None:
        self._tables = tables
        self._tokens = SessionTokens(keyring)
        self._ids = ids

    async def role(self, arn: str) -> AssumableRole | None:
        """The role of an ARN, None if there is none."""
        role = await self._tables.read(role_of_arn, arn)
        if role is None:
            return None
        return AssumableRole(
            account=role.account, role_id=role.role_id, name=role.name, longest=role.longest, tags=role.tags
        )

    async def audiences(self, account: str, url: str) -> Collection[str] | None:
        """The clients of an account's OpenID Connect provider (its URL without https://); None where there is none."""
        provider = await self._tables.read(find_provider, account, url)
        return None if provider is None else provider.client_ids

    async def account_of(self, access_key_id: str) -> str | None:
        """The account that an access key belongs to; temporary ones tell it themselves."""
        return await self._tables.read(_account_of, access_key_id)

    async def lacking_policy(self, account: str, arns: Sequence[str]) -> str | None:
        """The first of these managed policies that the account can not use; None where it can use all."""
        return await self._tables.read(_lacking_policy, account, tuple(arns))

    def packed_percent(self, session: Session) -> int:
        """How much of what a session's policies and tags may have they have."""
        return -(-100 * packed_size(session) // MOST_PACKED)

    def issue(self, session: Session) -> Credentials:
        """New credentials for a session; nothing is stored."""
        return self._tokens.issue(session, self._ids)


def _lacking_policy(tx: Transaction, account: str, arns: Sequence[str]) -> str | None:
    return next((arn for arn in arns if find_policy(tx, account, arn) is None), None)


def _account_of(tx: Transaction, access_key_id: str) -> str | None:
    if not is_temporary(access_key_id):
        key = tx.one(SQL.key_account, access_key_id=access_key_id)
        return None if key is None else key["account"]
    account = account_in_key(access_key_id)
    return account if account is not None and tx.one(SQL.account, account=account) is not None else None


def session_identity(tx: Transaction, session: Session) -> Identity:
    """Who a session is and what it may now, without its credentials.

    Raises:
        TokenInvalid: its role, user or account has gone.
    """
    match session.kind:
        case "role":
            return _of_role(tx, session)
        case "session-token":
            return _of_user(tx, session)
        case "federation-token":
            return _federated(tx, session)


def _of_role(tx: Transaction, session: Session) -> Identity:
    row = tx.one(ROLES.session_role, role_id=session.issuer)
    if row is None:
        raise TokenInvalid
    given = held(tx, session.issuer)
    return Identity(
        principal=Principal(
            kind="role-session",
            account=row["account"],
            arn=assumed_role_arn(row["account"], row["name"], session.name),
            unique_id=f"{session.issuer}:{session.name}",
            canonical_id=row["canonical_id"],
            name=session.name,
            path=row["path"],
            tags=with_session_tags(json.loads(row["tags"]), session.tags),
        ),
        policies=given.policies,
        boundary=given.boundary,
        session_policies=_session_policies(tx, session) or None,
        session=session,
    )


def _of_user(tx: Transaction, session: Session) -> Identity:
    row, given = _issuer(tx, session), held(tx, session.issuer)
    return Identity(
        principal=owner_principal(row, session.issuer),
        policies=given.policies,
        boundary=given.boundary,
        session=session,
    )


def _federated(tx: Transaction, session: Session) -> Identity:
    row, given = _issuer(tx, session), held(tx, session.issuer)
    by_root = session.issuer == session.account
    return Identity(
        principal=Principal(
            kind="federated-user",
            account=session.account,
            arn=federated_user_arn(session.account, session.name),
            unique_id=f"{session.account}:{session.name}",
            canonical_id=row["canonical_id"],
            name=session.name,
            tags=session.tags,
        ),
        policies=(_EVERYTHING,) if by_root else given.policies,
        boundary=given.boundary,
        # Without a policy of its own, a federated user may nothing that it is not itself allowed by a resource.
        session_policies=_session_policies(tx, session),
        session=session,
    )


def _issuer(tx: Transaction, session: Session) -> Row:
    """The row of the user, or of the account whose root it is."""
    if session.issuer == session.account:
        row = tx.one(SQL.account, account=session.account)
    else:
        row = tx.one(SQL.session_user, user_id=session.issuer)
    if row is None:
        raise TokenInvalid
    return row


def _session_policies(tx: Transaction, session: Session) -> tuple[IdentityPolicy, ...]:
    """What cuts the session, nothing where it was given none. A managed policy counts as it is now; one that has gone
    allows nothing."""
    own = (
        () if session.policy is None else (IdentityPolicy(name="of the session", kind="session", text=session.policy),)
    )
    managed = (
        IdentityPolicy(name=arn, kind="session", text=_policy_text(tx, session.account, arn) or _NOTHING)
        for arn in session.policy_arns
    )
    return (*own, *managed)


def _policy_text(tx: Transaction, account: str, arn: str) -> str | None:
    """The document of a policy's default version as `account` sees it; None where there is no such policy."""
    aws = aws_policies().get(arn)
    if aws is not None:
        return aws.document
    policy = find_policy(tx, account, arn)
    if policy is None:
        return None
    version = tx.one(POLICIES.policy_version, arn=arn, version=policy.default_version)
    return version["document"] if version else None

"""Identities by access key, for the pipeline; and principals' unique ids, for resource policies.

An identity is read in one statement with its key, user, account and policies, and once for as long as nothing in these
tables changes, so that a deleted key or a changed policy counts from the next request on.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from marinelayer.ports import Keyring, Row, Tables, Transaction
from marinelayer.security.identity import Identity
from marinelayer.security.session import Session
from marinelayer.services.iam.accounts import SQL, unwrap_secret
from marinelayer.services.iam.arns import parse_role_arn, parse_session_arn, parse_user_arn, root_arn
from marinelayer.services.iam.attachments import held, held_in
from marinelayer.services.iam.principals import owner_principal, root_principal, user_principal
from marinelayer.services.iam.role_store import find_role, role_of_arn
from marinelayer.services.iam.session_tokens import SessionTokens, is_temporary
from marinelayer.services.iam.sessions import session_identity
from marinelayer.services.iam.user_store import SQL as USERS

_KEPT = 4096
_READ = (
    "iam_access_keys",
    "accounts",
    "iam_users",
    "iam_roles",
    "iam_group_members",
    "iam_inline_policies",
    "iam_attachments",
    "iam_boundaries",
    "iam_policies",
    "iam_policy_versions",
)
"""The tables that an identity is made of."""


class IamIdentities:
    """Identities and principals as IAM's tables hold them (ports.Identities, ports.Principals)."""

    def __init__(self, tables: Tables, keyring: Keyring) -> None:
        self._tables = tables
        self._keyring = keyring
        self._tokens = SessionTokens(keyring)
        self._secrets: OrderedDict[bytes, str] = OrderedDict()
        self._revision = tables.revision(*_READ)
        self._known: dict[str, Identity] = {}
        self._known_at: int | None = None
        """The revision at which those were read."""

    async def by_access_key(self, access_key_id: str, session_token: str | None = None) -> Identity | None:
        """The identity with its secret and policies, read in one statement, or None. Temporary credentials are known by
        key and token together.

        Raises:
            TokenInvalid: the token is not this key's, or what it stands for has gone.
        """
        if not (access_key_id.isascii() and access_key_id.isalnum()):
            return None
        number = self._revision.number
        if is_temporary(access_key_id) and session_token is not None:
            return await self._of_session(access_key_id, session_token, number)
        if number is not None and number == self._known_at:
            known = self._known.get(access_key_id)
            if known is not None:
                return known
        rows = await self._tables.read(_identity_rows, access_key_id)
        if not rows:
            return None
        identity = self._identity(access_key_id, rows)
        self._keep(access_key_id, identity, number)
        return identity

    async def _of_session(self, access_key_id: str, token: str, number: int | None) -> Identity:
        name = f"{access_key_id} {token}"
        if number is not None and number == self._known_at and name in self._known:
            return self._known[name]
        session, secret = self._tokens.read(access_key_id, token)
        identity = replace(
            await self._tables.read(session_identity, session),
            access_key_id=access_key_id,
            secret_key=secret,
            session_token=token,
            expires_at=session.expires_at,
        )
        self._keep(name, identity, number)
        return identity

    def _keep(self, name: str, identity: Identity, number: int | None) -> None:
        """Remember an identity that was read when the tables' revision was `number`, or later."""
        if number is None:
            return
        if number != self._known_at or len(self._known) >= _KEPT:
            self._known.clear()
            self._known_at = number
        self._known[name] = identity

    def _identity(self, access_key_id: str, rows: Sequence[Row]) -> Identity:
        key, found = rows[0], held_in(rows)
        return Identity(
            principal=owner_principal(key, key["owner"]),
            access_key_id=access_key_id,
            secret_key=self._secret(access_key_id, key["secret"]),
            active=key["status"] == "Active",
            policies=found.policies,
            boundary=found.boundary,
        )

    async def by_arn(self, arn: str) -> Identity | None:
        """The identity of a root's or user's ARN, without a key: what it would act by. None where there is none."""
        return await self._tables.read(identity_of, arn)

    async def of_role(self, arn: str, session: str) -> Identity | None:
        """What a session of the role of an ARN acts by, without credentials. None where there is no such role."""
        return await self._tables.read(_role_session, arn, session)

    async def by_session(self, session: Session) -> Identity:
        """The identity of a session, without credentials: what it would act by now.

        Raises:
            TokenInvalid: its role, user or account has gone.
        """
        return await self._tables.read(session_identity, session)

    async def unique_ids(self, arns: Iterable[str]) -> Mapping[str, str]:
        """The unique id that each of the ARNs of roots and users has now. Those that name no one are left out."""
        return await self._tables.read(_unique_ids, tuple(arns))

    async def display_names(self, canonical_ids: Iterable[str]) -> Mapping[str, str]:
        """The names of accounts by their canonical ids; ids that name none, or one without a name, are left out."""
        return await self._tables.read(_display_names, tuple(canonical_ids))

    def _secret(self, access_key_id: str, wrapped: bytes) -> str:
        secret = self._secrets.get(wrapped)
        if secret is None:
            secret = self._secrets[wrapped] = unwrap_secret(self._keyring, access_key_id, wrapped)
            if len(self._secrets) > _KEPT:
                self._secrets.popitem(last=False)
        return secret


def identity_of(tx: Transaction, arn: str) -> Identity | None:
    """What the root, user, role or session of a role that an ARN names acts by, without a key; None where there is
    none. A role acts by a session of it."""
    if parse_role_arn(arn) is not None or parse_session_arn(arn) is not None:
        return _session_of(tx, arn)
    named = parse_user_arn(arn)
    number = named.account if named is not None else arn.removeprefix("arn:aws:iam::").removesuffix(":root")
    account = tx.one(SQL.account, account=number)
    if account is None:
        return None
    if named is None:
        return Identity(principal=root_principal(account)) if arn == root_arn(number) else None
    user = tx.one(USERS.user, account=number, folded=named.name.lower())
    if user is None or (user["path"], user["name"]) != (named.path, named.name):
        return None
    found = held(tx, user["user_id"])
    return Identity(
        principal=user_principal({**user, "canonical_id": account["canonical_id"]}, user["user_id"]),
        policies=found.policies,
        boundary=found.boundary,
    )


def _role_session(tx: Transaction, arn: str, name: str) -> Identity | None:
    if parse_role_arn(arn) is None:
        return None
    return _session_of(tx, arn, name)


def _session_of(tx: Transaction, arn: str, name: str = "session") -> Identity | None:
    role_id = _unique_id(tx, arn)
    if role_id is None or not role_id.startswith("AROA"):
        return None
    if parse_role_arn(arn) is None:
        name = arn.rpartition("/")[2]
    session = Session(kind="role", account=arn.split(":")[4], issuer=role_id, name=name, issued_at=0, expires_at=0)
    return replace(session_identity(tx, session), session=None)


def _identity_rows(tx: Transaction, access_key_id: str) -> list[Row]:
    return tx.all(SQL.identity, access_key_id=access_key_id)


def _unique_ids(tx: Transaction, arns: Sequence[str]) -> Mapping[str, str]:
    found = {arn: _unique_id(tx, arn) for arn in arns}
    return {arn: unique_id for arn, unique_id in found.items() if unique_id is not None}


def _unique_id(tx: Transaction, arn: str) -> str | None:
    if (named := parse_user_arn(arn)) is not None:
        user = tx.one(USERS.user, account=named.account, folded=named.name.lower())
        same = user is not None and (user["path"], user["name"]) == (named.path, named.name)
        return user["user_id"] if user is not None and same else None
    if parse_role_arn(arn) is not None:
        role = role_of_arn(tx, arn)
        return None if role is None else role.role_id
    if (session := parse_session_arn(arn)) is not None:
        return _session_id(tx, *session)
    account = arn.removeprefix("arn:aws:iam::").removesuffix(":root")
    return account if arn == root_arn(account) and tx.one(SQL.account, account=account) else None


def _session_id(tx: Transaction, account: str, kind: str, name: str) -> str | None:
    """The id that a session's ARN stands for: its role's, for whoever assumes it; a federated user's own."""
    if kind == "assumed-role":
        role = find_role(tx, account, name)
        return None if role is None or role.name != name else role.role_id
    return f"{account}:{name}" if tx.one(SQL.account, account=account) else None


def _display_names(tx: Transaction, canonical_ids: Sequence[str]) -> Mapping[str, str]:
    rows = ((one, tx.one(SQL.account_of_canonical_id, canonical_id=one)) for one in canonical_ids)
    return {canonical_id: row["name"] for canonical_id, row in rows if row is not None and row["name"]}

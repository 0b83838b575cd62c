"""Accounts with the keys of their root users: how a cloud begins, and what a reset keeps.

The composition root calls these at first start, around a reset, and where accounts are added and removed; no AWS
operation does. Pure statements and values: the randomness is drawn in `prepare_account`, before the write.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from marinelayer.ports import Clock, Ids, Keyring, Row, Transaction
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.iam", "iam.sql")


class AccountExistsError(Exception):
    """There is such an account or access key already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RootKey:
    """An access key of an account's root user, as its owner must know it."""

    access_key_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """An access key as it is stored: `secret` is wrapped by the keyring, `created` in microseconds."""

    access_key_id: str
    secret: bytes = field(repr=False)
    status: str
    created: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account: 12 digits, a name for people, S3's canonical id (64 hex digits), its creation in microseconds, and
    the keys of its root user where they were asked for."""

    account: str
    name: str
    canonical_id: str
    created: int
    root_keys: tuple[WrappedKey, ...] = ()


def prepare_account(
    account: str, *, keyring: Keyring, ids: Ids, clock: Clock, name: str = "", root_key: RootKey | None = None
) -> tuple[Account, RootKey]:
    """A new account and its root key, which is drawn where none is given. Nothing is stored yet."""
    key = root_key or RootKey(access_key_id=ids.aws("AKIA", 20), secret=ids.secret())
    created = clock.now()
    wrapped = WrappedKey(
        access_key_id=key.access_key_id,
        secret=wrap_secret(keyring, key.access_key_id, key.secret),
        status="Active",
        created=created,
    )
    return (
        Account(account=account, name=name, canonical_id=ids.token(64), created=created, root_keys=(wrapped,)),
        key,
    )


def create_account(tx: Transaction, account: Account) -> None:
    """Store an account with its root keys.

    Raises:
        AccountExistsError: its number, canonical id or one of its keys is there already.
    """
    stored = tx.run(
        SQL.put_account,
        account=account.account,
        name=account.name,
        canonical_id=account.canonical_id,
        created=account.created,
    )
    if not stored:
        raise AccountExistsError(f"there is an account {account.account} already")
    for key in account.root_keys:
        if not put_access_key(tx, key, account=account.account, owner=account.account):
            raise AccountExistsError(f"there is an access key {key.access_key_id} already")


def delete_account(tx: Transaction, account: str) -> bool:
    """Remove an account that owns nothing, with the keys of its root user; False where there is none."""
    tx.run(SQL.delete_key_uses, owner=account)
    tx.run(SQL.delete_access_keys, owner=account)
    for forget in (SQL.delete_password_policies, SQL.delete_account_aliases, SQL.delete_credential_reports):
        tx.run(forget, account=account)
    return bool(tx.run(SQL.delete_account, account=account))


def accounts(tx: Transaction) -> tuple[Account, ...]:
    """Every account, by number, without keys."""
    return tuple(_account(row) for row in tx.all(SQL.accounts))


def export_accounts(tx: Transaction) -> tuple[Account, ...]:
    """Every account with its root keys: what survives a reset. `import_accounts` puts them back."""
    return tuple(
        _account(row, tuple(wrapped_key(key) for key in access_keys(tx, row["account"])))
        for row in tx.all(SQL.accounts)
    )


def import_accounts(tx: Transaction, exported: Iterable[Account]) -> None:
    """Put exported accounts into empty tables. The keyring must be the one that they were exported under."""
    for account in exported:
        create_account(tx, account)


def root_key(tx: Transaction, account: str, keyring: Keyring) -> RootKey | None:
    """The first active key of the account's root user; None where there is no such account or key."""
    for row in access_keys(tx, account):
        key = wrapped_key(row)
        if key.status == "Active":
            return RootKey(
                access_key_id=key.access_key_id, secret=unwrap_secret(keyring, key.access_key_id, key.secret)
            )
    return None


def access_keys(tx: Transaction, owner: str, *, after: str = "", size: int = 1000) -> list[Row]:
    """At most `size` keys of `owner` (a user's id, or an account's number for its root user) behind `after`, by id."""
    return tx.all(SQL.access_keys, owner=owner, after=after, size=size)


def put_access_key(tx: Transaction, key: WrappedKey, *, account: str, owner: str) -> bool:
    """Store a key; False, and nothing changes, if its id is taken."""
    return bool(
        tx.run(
            SQL.put_access_key,
            access_key_id=key.access_key_id,
            account=account,
            owner=owner,
            secret=key.secret,
            status=key.status,
            created=key.created,
        )
    )


def wrapped_key(row: Row) -> WrappedKey:
    """A stored key as a value."""
    return WrappedKey(
        access_key_id=row["access_key_id"], secret=row["secret"], status=row["status"], created=row["created"]
    )


def wrap_secret(keyring: Keyring, access_key_id: str, secret: str) -> bytes:
    """The secret of a key, bound to the key's id."""
    return keyring.wrap(secret.encode(), _purpose(access_key_id))


def unwrap_secret(keyring: Keyring, access_key_id: str, wrapped: bytes) -> str:
    """What `wrap_secret` hid. Raises ValueError if it was changed or belongs to another key."""
    return keyring.unwrap(wrapped, _purpose(access_key_id)).decode()


def _purpose(access_key_id: str) -> str:
    return f"access-key:{access_key_id}"


def _account(row: Row, root_keys: tuple[WrappedKey, ...] = ()) -> Account:
    return Account(
        account=row["account"],
        name=row["name"],
        canonical_id=row["canonical_id"],
        created=row["created"],
        root_keys=root_keys,
    )

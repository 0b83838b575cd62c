"""Access keys of users and of the account's root: create, list, switch on and off, delete.

Where no user is named, they are the caller's own. The secret is shown once, when the key is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Clock, Ids, Keyring, Row, Tables, Transaction
from marinelayer.security.requirement import Requirement
from marinelayer.services.iam.accounts import SQL, WrappedKey, access_keys, put_access_key, wrap_secret
from marinelayer.services.iam.arns import root_arn
from marinelayer.services.iam.errors import LimitExceeded, NoSuchEntity, ValidationError
from marinelayer.services.iam.existing import OnExisting
from marinelayer.services.iam.names import checked_access_key_id
from marinelayer.services.iam.pages import Listing
from marinelayer.services.iam.times import moment
from marinelayer.services.iam.user_store import User, require_user
from marinelayer.services.iam.users import own_name, user_for
from marinelayer.services.operation import operation
from marinelayer.services.paging import PageTokens

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

KEYS_PER_USER = 2


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose keys they are: a user, or with None the account's root."""

    account: str
    user: User | None

    @property
    def key(self) -> str:
        """What the owner's keys are stored under."""
        return self.user.user_id if self.user else self.account


class AccessKeys:
    """The access keys of an account's users."""

    def __init__(self, tables: Tables, clock: Clock, ids: Ids, keyring: Keyring, pages: PageTokens) -> None:
        self._tables = tables
        self._clock = clock
        self._ids = ids
        self._keyring = keyring
        self._pages = pages

    @operation("CreateAccessKey", needs=OnExisting("iam:CreateAccessKey"))
    async def create(self, caller: Caller, request: wire.CreateAccessKeyRequest) -> wire.CreateAccessKeyResponse:
        """A new key with its secret; a user has at most two."""
        owner = await self._owner(caller, "iam:CreateAccessKey", request.get("UserName"))
        access_key_id, secret = self._ids.aws("AKIA", 20), self._ids.secret()
        key = WrappedKey(
            access_key_id=access_key_id,
            secret=wrap_secret(self._keyring, access_key_id, secret),
            status="Active",
            created=self._clock.now(),
        )
        await self._tables.write(_create_key, owner, key)
        made: wire.AccessKey = {
            "AccessKeyId": access_key_id,
            "Status": "Active",
            "SecretAccessKey": secret,
            "CreateDate": moment(key.created),
        }
        if owner.user:
            made["UserName"] = owner.user.name
        return {"AccessKey": made}

    @operation("ListAccessKeys", needs=OnExisting("iam:ListAccessKeys"))
    async def list(self, caller: Caller, request: wire.ListAccessKeysRequest) -> wire.ListAccessKeysResponse:
        """A page of a user's keys, without secrets."""
        owner = await self._owner(caller, "iam:ListAccessKeys", request.get("UserName"))
        listing = Listing(self._pages, f"iam.ListAccessKeys/{owner.key}", request)
        rows = await self._tables.read(access_keys, owner.key, after=listing.after, size=listing.limit)
        shown, end = listing.cut(rows, lambda row: row["access_key_id"])
        return {"AccessKeyMetadata": [_shown(owner, row) for row in shown], **end}

    @operation("UpdateAccessKey", needs=OnExisting("iam:UpdateAccessKey"))
    async def update(self, caller: Caller, request: wire.UpdateAccessKeyRequest) -> None:
        """Switch a key on or off."""
        owner = await self._owner(caller, "iam:UpdateAccessKey", request.get("UserName"))
        status = request["Status"]
        if status not in {"Active", "Inactive"}:
            raise ValidationError(
                f"1 validation error detected: Value '{status}' at 'status' failed to satisfy constraint: Member must "
                "satisfy enum value set: [Active, Inactive]"
            )
        await self._tables.write(_set_status, owner, checked_access_key_id(request["AccessKeyId"]), status)

    @operation("DeleteAccessKey", needs=OnExisting("iam:DeleteAccessKey"))
    async def delete(self, caller: Caller, request: wire.DeleteAccessKeyRequest) -> None:
        """Remove a key: the next request by it is refused."""
        owner = await self._owner(caller, "iam:DeleteAccessKey", request.get("UserName"))
        await self._tables.write(_delete_key, owner, checked_access_key_id(request["AccessKeyId"]))

    async def _owner(self, caller: Caller, action: str, name: str | None) -> _Owner:
        if name is None:
            name = own_name(caller)
        if name is not None:
            return _Owner(caller.account, await user_for(self._tables, caller, action, name))
        await caller.demand(Requirement(action=action, resource=root_arn(caller.account)))
        return _Owner(caller.account, None)


def _create_key(tx: Transaction, owner: _Owner, key: WrappedKey) -> None:
    if owner.user:
        require_user(tx, owner.user)
    count = tx.one(SQL.count_access_keys, owner=owner.key)
    if count is not None and count["n"] >= KEYS_PER_USER:
        raise LimitExceeded(f"Cannot exceed quota for AccessKeysPerUser: {KEYS_PER_USER}")
    put_access_key(tx, key, account=owner.account, owner=owner.key)


def _set_status(tx: Transaction, owner: _Owner, access_key_id: str, status: str) -> None:
    if not tx.run(SQL.set_access_key_status, access_key_id=access_key_id, owner=owner.key, status=status):
        raise _no_such_key(access_key_id)


def _delete_key(tx: Transaction, owner: _Owner, access_key_id: str) -> None:
    if not tx.run(SQL.delete_access_key, access_key_id=access_key_id, owner=owner.key):
        raise _no_such_key(access_key_id)
    tx.run(SQL.delete_key_use, access_key_id=access_key_id)


def _no_such_key(access_key_id: str) -> NoSuchEntity:
    return NoSuchEntity(f"The Access Key with id {access_key_id} cannot be found.")


def _shown(owner: _Owner, row: Row) -> wire.AccessKeyMetadata:
    shown: wire.AccessKeyMetadata = {
        "AccessKeyId": row["access_key_id"],
        "Status": row["status"],
        "CreateDate": moment(row["created"]),
    }
    if owner.user:
        shown["UserName"] = owner.user.name
    return shown

"""The account's password policy: UpdateAccountPasswordPolicy, GetAccountPasswordPolicy, DeleteAccountPasswordPolicy.

It is enforced on every password that is set from then on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.iam.errors import NoSuchEntity, ValidationError
from marinelayer.services.operation import need, operation
from marinelayer.statements import Statements

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

SQL = Statements("marinelayer.services.iam", "sign_in.sql")

_FLAGS = (
    "RequireSymbols",
    "RequireNumbers",
    "RequireUppercaseCharacters",
    "RequireLowercaseCharacters",
    "AllowUsersToChangePassword",
)
_BOUNDS = {"MinimumPasswordLength": (6, 128), "MaxPasswordAge": (1, 1095), "PasswordReusePrevention": (1, 24)}
_SHORTEST = 6
"""The MinimumPasswordLength where none is given."""


class PasswordPolicies:
    """The password policies of accounts."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("UpdateAccountPasswordPolicy", needs=need("iam:UpdateAccountPasswordPolicy"))
    async def update(self, caller: Caller, request: wire.UpdateAccountPasswordPolicyRequest) -> None:
        """Set the whole policy: what is not given gets its default."""
        given = cast("Mapping[str, Any]", request)
        for member, (least, most) in _BOUNDS.items():
            if member in given and not least <= given[member] <= most:
                raise ValidationError(
                    f"1 validation error detected: Value '{given[member]}' at '{member[0].lower()}{member[1:]}' failed "
                    f"to satisfy constraint: Member must have value between {least} and {most}"
                )
        policy = {
            "MinimumPasswordLength": given.get("MinimumPasswordLength", _SHORTEST),
            **{flag: given.get(flag, False) for flag in _FLAGS},
            "ExpirePasswords": "MaxPasswordAge" in given,
            **{
                member: given[member]
                for member in ("MaxPasswordAge", "PasswordReusePrevention", "HardExpiry")
                if member in given
            },
        }
        await self._tables.write(_put, caller.account, json.dumps(policy))

    @operation("GetAccountPasswordPolicy", needs=need("iam:GetAccountPasswordPolicy"))
    async def get(self, caller: Caller, _: Mapping[str, Any]) -> wire.GetAccountPasswordPolicyResponse:
        """The policy that was set."""
        policy = await self._tables.read(password_policy, caller.account)
        if policy is None:
            raise NoSuchEntity(f"The Password Policy with domain name {caller.account} cannot be found.")
        return {"PasswordPolicy": policy}

    @operation("DeleteAccountPasswordPolicy", needs=need("iam:DeleteAccountPasswordPolicy"))
    async def delete(self, caller: Caller, _: Mapping[str, Any]) -> None:
        """Go back to AWS's default."""
        await self._tables.write(_delete, caller.account)


def password_policy(tx: Transaction, account: str) -> wire.PasswordPolicy | None:
    """The account's password policy in the model's shape, None where AWS's default holds."""
    row = tx.one(SQL.password_policy, account=account)
    return json.loads(row["document"]) if row else None


def _put(tx: Transaction, account: str, document: str) -> None:
    tx.run(SQL.put_password_policy, account=account, document=document)


def _delete(tx: Transaction, account: str) -> None:
    if not tx.run(SQL.delete_password_policy, account=account):
        raise NoSuchEntity("The account policy with name PasswordPolicy cannot be found.")

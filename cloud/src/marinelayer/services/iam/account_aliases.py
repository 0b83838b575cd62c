"""The account's alias: one name, which no other account has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.iam.errors import EntityAlreadyExists, NoSuchEntity, ValidationError
from marinelayer.services.iam.password_policies import SQL
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import iam as wire

_ALIAS = re.compile(r"(?!\d{12}$)[a-z0-9](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9]", re.ASCII)


class AccountAliases:
    """The aliases of accounts."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @operation("CreateAccountAlias", needs=need("iam:CreateAccountAlias"))
    async def create(self, caller: Caller, request: wire.CreateAccountAliasRequest) -> None:
        """Give the account an alias, in place of any other."""
        alias = request["AccountAlias"]
        if not _ALIAS.fullmatch(alias):
            raise ValidationError(
                f"1 validation error detected: Value '{alias[:63]}' at 'accountAlias' failed to satisfy constraint: "
                "Member must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$"
            )
        await self._tables.write(_put, caller.account, alias)

    @operation("ListAccountAliases", needs=need("iam:ListAccountAliases"))
    async def list(self, caller: Caller, _: Mapping[str, Any]) -> wire.ListAccountAliasesResponse:
        """The account's alias, if it has one."""
        alias = await self._tables.read(account_alias, caller.account)
        return {"AccountAliases": [] if alias is None else [alias], "IsTruncated": False}

    @operation("DeleteAccountAlias", needs=need("iam:DeleteAccountAlias"))
    async def delete(self, caller: Caller, request: wire.DeleteAccountAliasRequest) -> None:
        """Take the account's alias away."""
        await self._tables.write(_delete, caller.account, request["AccountAlias"])


def account_alias(tx: Transaction, account: str) -> str | None:
    """The account's alias, None where it has none."""
    row = tx.one(SQL.account_alias, account=account)
    return row["alias"] if row else None


def _put(tx: Transaction, account: str, alias: str) -> None:
    taken = tx.one(SQL.owner_of_alias, alias=alias)
    if taken is not None and taken["account"] != account:
        raise EntityAlreadyExists(f"The account alias {alias} already exists.")
    tx.run(SQL.put_account_alias, account=account, alias=alias)


def _delete(tx: Transaction, account: str, alias: str) -> None:
    if not tx.run(SQL.delete_account_alias, account=account, alias=alias):
        raise NoSuchEntity(f"The Account Alias {alias} was not found.")

"""An account that is removed leaves nothing that a later one of its number would find, in whatever table."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import pytest

from marinelayer.app.account_removal import remove_account
from marinelayer.config import CloudError
from marinelayer.ports import Statement, Tables
from marinelayer.services.iam.accounts import SQL as IAM
from marinelayer.storage.migrations import migrations

NUMBER, OTHER = "111122223333", "444455556666"
GONE_WITH_OTHERS = {
    "accounts": "it is what is removed",
    "iam_attachments": "of users, groups and roles",
    "iam_boundaries": "of users and roles",
    "translate_terminology_files": "of terminologies",
    "rekognition_faces": "of collections; an outbox job takes them, which nothing finds any more",
    "rekognition_users": "of collections, as their faces",
    "rekognition_user_requests": "of collections, as their faces",
}
"""Tables whose rows go with what they belong to, which keeps its account."""


@dataclass(frozen=True)
class Table:
    """A table of the schema, with the types of its columns as SQLite calls them."""

    name: str
    columns: dict[str, str]

    @property
    def insert(self) -> Statement:
        """Puts a row with `values`."""
        values = (f":{column}" for column in self.columns)
        sql = f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES ({', '.join(values)})"
        return Statement(f"insert into {self.name}", sql)

    def values(self, account: str) -> dict[str, Any]:
        """Of a row of the account, whatever else it says: each of its texts and numbers is the account's number."""
        of_kind: dict[str, Any] = {"INTEGER": int(account), "REAL": float(account), "BLOB": account.encode()}
        return {column: of_kind.get(kind, account) for column, kind in self.columns.items()}


def tables_with_accounts() -> list[Table]:
    """Every table of the newest schema that has a column `account`."""
    database = sqlite3.connect(":memory:")
    for migration in migrations("sqlite"):
        for script in migration.scripts:
            database.executescript(script)
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    found = (
        Table(name, {column[1]: column[2] for column in database.execute(f"PRAGMA table_info({name})")})
        for name in names
    )
    kept = [table for table in found if "account" in table.columns]
    database.close()
    return kept


TABLES = tables_with_accounts()


@pytest.fixture
async def two_accounts(tables: Tables) -> Tables:
    """Tables with the accounts NUMBER and OTHER."""
    for number in (NUMBER, OTHER):
        values: dict[str, Any] = {"account": number, "name": "", "canonical_id": number, "created": 1}
        await tables.write(lambda tx, values: tx.run(IAM.put_account, **values), values)
    return tables


async def accounts_in(tables: Tables, name: str) -> set[str]:
    rows = await tables.read(lambda tx: tx.all(Statement("accounts", f"SELECT account FROM {name}")))
    return {row["account"] for row in rows}


@pytest.mark.parametrize("table", [one for one in TABLES if one.name not in GONE_WITH_OTHERS], ids=lambda one: one.name)
async def test_a_row_of_an_account_keeps_it_or_goes_with_it(two_accounts: Tables, table: Table) -> None:
    for number in (NUMBER, OTHER):
        await two_accounts.write(lambda tx, values: tx.run(table.insert, **values), table.values(number))
    refused = ""
    try:
        await two_accounts.write(remove_account, NUMBER)
    except CloudError as refusal:
        refused = str(refusal)
    left = await accounts_in(two_accounts, table.name)
    assert left == ({NUMBER, OTHER} if "still owns" in refused else {OTHER})
    assert await accounts_in(two_accounts, "accounts") == left


def test_every_table_that_is_left_out_is_there() -> None:
    assert GONE_WITH_OTHERS.keys() <= {table.name for table in TABLES}

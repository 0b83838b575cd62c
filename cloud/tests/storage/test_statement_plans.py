"""A statement is planned once, however often it runs and with whatever values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw

from marinelayer.storage.sqlite_connection import open_file


def test_a_join_is_not_planned_anew_for_each_value(tmp_path: Path) -> None:
    connection: Any = open_file(tmp_path / "planned.sqlite")
    connection.execute(
        "CREATE TABLE a (id TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID; CREATE TABLE b (id TEXT PRIMARY KEY) WITHOUT ROWID"
    )
    planning: list[Any] = []

    def note(*what: Any) -> int:
        planning.append(what)
        return apsw.SQLITE_OK

    connection.authorizer = note  # SQLite asks it whenever it plans a statement
    after_each: list[int] = []
    for value in ("one", "two", "one", "three"):
        connection.execute("SELECT name FROM a JOIN b ON a.id = b.id WHERE a.id = :id", {"id": value}).fetchall()
        after_each.append(len(planning))
    connection.authorizer = None
    connection.close()
    assert after_each[0] > 0
    assert set(after_each) == {after_each[0]}

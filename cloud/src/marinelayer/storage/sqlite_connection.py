"""One connection to a SQLite file of ours: how it is opened, what is refused, and statements on it.

A connection and its transaction are used by one thread at a time. Knows no queue, no event loop and nothing of what
the tables mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import apsw

from marinelayer.ports import Row, Statement, Value
from marinelayer.storage.migrations import SchemaError, pending
from marinelayer.storage.parameters import parameter_names, refuse_values

APPLICATION_ID = 0x4D4C5952
"""`MLYR`, in the file's header: what this file is."""

_PAGE_SIZE = 4096
_CACHE_KIB = 32 * 1024
_STATEMENTS = 500


class _Cursor(Protocol):
    """What we use of apsw.Cursor, whose stubs speak of types newer than our oldest Python."""

    def execute(self, statements: str, bindings: Mapping[str, Value] | None = None, /) -> _Cursor: ...
    def fetchone(self) -> tuple[Any, ...] | None: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...
    def get_description(self) -> Sequence[Sequence[Any]]: ...
    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...


class Connection(Protocol):
    """What we use of apsw.Connection."""

    @property
    def in_transaction(self) -> bool:
        """Whether one is open. SQLite itself ends it when the disk is full or broken."""
        ...

    def cursor(self) -> _Cursor:
        """A new cursor."""
        ...

    def pragma(self, name: str, value: int | str | None = None, /) -> Any:
        """Set or get a pragma."""
        ...

    def config(self, option: int, value: int, /) -> int:
        """Set a switch of the connection."""
        ...

    def changes(self) -> int:
        """Rows changed by the last INSERT, UPDATE or DELETE."""
        ...

    def total_changes(self) -> int:
        """Rows changed since it was opened, also by what was undone."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


_CHANGES = re.compile(r"^\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(\w+)", re.IGNORECASE)


class _Known:
    """What is known of a statement: its parameters, the table that it changes, whether it gives rows, and their
    columns, once it has been seen to give one."""

    __slots__ = ("columns", "parameters", "rows", "table")

    def __init__(self, sql: str) -> None:
        changes = _CHANGES.match(sql)
        self.parameters: Mapping[str, None] = dict.fromkeys(parameter_names(sql))
        self.table = changes[1] if changes else None
        self.rows = changes is None or "RETURNING" in sql
        self.columns: tuple[str, ...] | None = None


class SqliteTransaction:
    """Statements on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._run = self._cursor.execute
        self._known: dict[str, _Known] = {}
        self._changed: set[str] = set()

    def one(self, statement: Statement, **values: Value) -> Row | None:
        """The first row, or None."""
        known = self._execute(statement, values)
        row = self._cursor.fetchone()
        return None if row is None else dict(zip(known.columns or self._columns(known), row, strict=True))

    def all(self, statement: Statement, **values: Value) -> list[Row]:
        """Every row."""
        known = self._execute(statement, values)
        first = self._cursor.fetchone()
        if first is None:
            return []
        columns = known.columns or self._columns(known)
        return [dict(zip(columns, row, strict=True)) for row in (first, *self._cursor)]

    def run(self, statement: Statement, **values: Value) -> int:
        """Run it; the number of rows changed."""
        known = self._execute(statement, values)
        if known.rows:
            self._cursor.fetchall()
        # changes() goes on telling of an earlier statement when this one was no INSERT, UPDATE or DELETE.
        return 0 if known.table is None else self._connection.changes()

    def changed(self, *tables: str) -> bool:
        """Whether a statement was to change one of these tables since the last commit, also where it was undone."""
        return not self._changed.isdisjoint(tables)

    def control(self, sql: str) -> None:
        """A statement of transaction control."""
        self._run(sql)

    def take_changed(self) -> set[str]:
        """The tables that statements were to change since this was asked last, also where nothing came of it."""
        changed, self._changed = self._changed, set()
        return changed

    def _execute(self, statement: Statement, values: Mapping[str, Value]) -> _Known:
        sql = statement.sql
        known = self._known.get(sql)
        if known is None:
            known = self._known[sql] = _Known(sql)
        if values.keys() != known.parameters.keys():
            raise refuse_values(statement.name, known.parameters, values)
        self._run(sql, values)
        if known.table is not None:
            self._changed.add(known.table)
        return known

    def _columns(self, known: _Known) -> tuple[str, ...]:
        known.columns = tuple(str(column[0]) for column in self._cursor.get_description())
        return known.columns


def open_file(path: Path) -> Connection:
    """A connection to the database at `path`, which is made where it is not there.

    Raises:
        SchemaError: it is no SQLite database, or another program's.
    """
    connection = cast("Connection", apsw.Connection(str(path), statementcachesize=_STATEMENTS))
    try:
        _refuse_strangers(connection, path)
        # Without this, a SQLite that knows STAT4 plans a statement anew whenever it is given other values, which costs
        # several times what the statement does.
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        connection.pragma("journal_mode", "WAL")
        connection.pragma("synchronous", "FULL")
        connection.pragma("foreign_keys", 1)
        connection.pragma("cache_size", -_CACHE_KIB)
        connection.pragma("temp_store", "MEMORY")
        connection.pragma("trusted_schema", 0)
        connection.pragma("busy_timeout", 5_000)
    except apsw.NotADBError:
        connection.close()
        raise SchemaError(f"{path} is not a SQLite database") from None
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_strangers(connection: Connection, path: Path) -> None:
    application = connection.pragma("application_id")
    if application == 0 and connection.pragma("schema_version") == 0:
        # These are written into the file's first page, so that they must come before anything else.
        connection.pragma("page_size", _PAGE_SIZE)
        connection.pragma("auto_vacuum", "INCREMENTAL")
        connection.pragma("application_id", APPLICATION_ID)
    elif application != APPLICATION_ID:
        raise SchemaError(f"{path} is a database of another program (application id {application:#x})")


def migrate(connection: Connection, path: Path) -> None:
    """Bring the schema up to date.

    Raises:
        SchemaError: a newer Marine Layer wrote it.
    """
    cursor = connection.cursor()
    for migration in pending("sqlite", connection.pragma("user_version"), str(path)):
        cursor.execute("BEGIN IMMEDIATE")
        try:
            for script in migration.scripts:
                cursor.execute(script).fetchall()
            connection.pragma("user_version", migration.version)
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise

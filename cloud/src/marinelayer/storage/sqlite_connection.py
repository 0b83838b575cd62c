"""One connection to a SQLite file of ours: how it is opened, what is refused, and statements on it.

A connection and its transaction are used by one thread at a time. Knows no queue, no event loop and nothing of what
the tables mean.
"""

from __future__ import annotations

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
        """Rows changed since the connection was opened."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class SqliteTransaction:
    """Statements on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._parameters: dict[str, Mapping[str, None]] = {}
        self._columns: dict[str, tuple[str, ...]] = {}

    def one(self, statement: Statement, **values: Value) -> Row | None:
        """The first row, or None."""
        row = self._execute(statement, values).fetchone()
        return None if row is None else dict(zip(self._columns_of(statement), row, strict=True))

    def all(self, statement: Statement, **values: Value) -> list[Row]:
        """Every row."""
        cursor = self._execute(statement, values)
        first = cursor.fetchone()
        if first is None:
            return []
        columns = self._columns_of(statement)
        return [dict(zip(columns, row, strict=True)) for row in (first, *cursor)]

    def run(self, statement: Statement, **values: Value) -> int:
        """Run it; the number of rows changed."""
        before = self._connection.total_changes()
        self._execute(statement, values).fetchall()
        # changes() goes on telling of an earlier statement when this one was no INSERT, UPDATE or DELETE.
        return self._connection.changes() if self._connection.total_changes() != before else 0

    def control(self, sql: str) -> None:
        """A statement of transaction control."""
        self._cursor.execute(sql)

    def _execute(self, statement: Statement, values: Mapping[str, Value]) -> _Cursor:
        sql = statement.sql
        parameters = self._parameters.get(sql)
        if parameters is None:
            parameters = self._parameters[sql] = dict.fromkeys(parameter_names(sql))
        if values.keys() != parameters.keys():
            raise refuse_values(statement.name, parameters, values)
        return self._cursor.execute(sql, values)

    def _columns_of(self, statement: Statement) -> tuple[str, ...]:
        columns = self._columns.get(statement.sql)
        if columns is None:
            described = self._cursor.get_description()
            columns = self._columns[statement.sql] = tuple(str(column[0]) for column in described)
        return columns


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

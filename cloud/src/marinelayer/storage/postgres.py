"""Tables in PostgreSQL, for a team that outgrows one machine.

Each write function runs in a SERIALIZABLE transaction and runs again from its start when PostgreSQL could not
serialise it; each read runs on one REPEATABLE READ snapshot. Connections are synchronous, one a thread of a small pool,
because write functions are. Values have the same types as from SQLite: int, float, str, bytes, None.

psycopg is an optional dependency (`marinelayer[postgres]`): import this module only when PostgreSQL is asked for.
Knows nothing of what the tables mean.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from queue import LifoQueue
from typing import Any, Concatenate, LiteralString, ParamSpec, TypeVar, cast

import psycopg
from psycopg import adapt, errors, pq
from psycopg.rows import dict_row
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumper

from marinelayer.ports import Row, Statement, Transaction, Value
from marinelayer.storage.migrations import pending
from marinelayer.storage.parameters import parameter_names, refuse_values, replace_parameters

P = ParamSpec("P")
R = TypeVar("R")
_Connection = psycopg.Connection[dict[str, Any]]

_WRITE = "BEGIN ISOLATION LEVEL SERIALIZABLE"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_ATTEMPTS = 12
_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.25
_MIGRATION_LOCK = 0x4D4C5952
"""The advisory lock under which one node migrates and the others wait: the same number as SQLite's application id."""


@lru_cache(maxsize=2048)
def _translate(sql: str) -> tuple[str, tuple[str, ...]]:
    """The statement with `$1`, `$2`, ... for its names, and the names in that order."""
    names = parameter_names(sql)
    numbers = {name: f"${number}" for number, name in enumerate(names, 1)}
    return replace_parameters(sql, numbers.__getitem__), names


class _PostgresTransaction:
    """Statements on one connection."""

    def __init__(self, connection: _Connection) -> None:
        self._cursor = psycopg.RawCursor[dict[str, Any]](connection)

    def one(self, statement: Statement, **values: Value) -> Row | None:
        """The first row, or None."""
        return self._execute(statement, values).fetchone()

    def all(self, statement: Statement, **values: Value) -> list[Row]:
        """Every row."""
        return list(self._execute(statement, values).fetchall())

    def run(self, statement: Statement, **values: Value) -> int:
        """Run it; the number of rows changed."""
        return self._execute(statement, values).rowcount

    def changed(self, *tables: str) -> bool:
        """Others write to the same tables: nothing that was read before is to be relied on."""
        return True

    def _execute(self, statement: Statement, values: Mapping[str, Value]) -> psycopg.RawCursor[dict[str, Any]]:
        sql, names = _translate(statement.sql)
        if len(values) != len(names) or not all(name in values for name in names):
            raise refuse_values(statement.name, names, values)
        # Statements come from our own .sql files; psycopg's type wants a literal, which a file can not be.
        return self._cursor.execute(cast("LiteralString", sql), [values[name] for name in names])


class UntoldRevision:
    """ports.Revision that tells nothing."""

    number: int | None = None


class PostgresTables:
    """The port `Tables` on a PostgreSQL database, brought to the present schema where needed."""

    def __init__(self, url: str, *, connections: int = 8, jitter: Callable[[], float] | None = None) -> None:
        """Connect to `url` (`postgresql://user:password@host/database`) and migrate.

        `jitter` gives numbers in [0, 1) that spread the pauses between attempts.

        Raises:
            SchemaError: the database was written by a newer Marine Layer.
            psycopg.OperationalError: it can not be reached.
        """
        self._url = url
        self._jitter = jitter or random.SystemRandom().random
        first = self._connect()
        try:
            _migrate(first)
        except BaseException:
            first.close()
            raise
        # As many places as threads: a thread never waits for a connection. None is one that is not made yet.
        self._connections: LifoQueue[_Connection | None] = LifoQueue()
        for _ in range(connections - 1):
            self._connections.put(None)
        self._connections.put(first)
        self._size = connections
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="postgres")

    async def write(
        self, function: Callable[Concatenate[Transaction, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `function(tx, ...)` serializably, again where PostgreSQL says so; its result once committed.

        Raises:
            psycopg.errors.SerializationFailure: it lost against others every time.
            psycopg.OperationalError: the connection was lost; lost during COMMIT, the write may have been done.
            Exception: whatever the function raised, which undid all that it wrote.
        """
        return await self._run(_WRITE, lambda transaction: function(transaction, *args, **kwargs))

    async def read(self, function: Callable[Concatenate[Transaction, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `function(tx, ...)` on one snapshot. It can not write."""
        return await self._run(_READ, lambda transaction: function(transaction, *args, **kwargs))

    def revision(self, *tables: str) -> UntoldRevision:
        """Other nodes write to the same tables, so that it can not be told whether they have changed."""
        return UntoldRevision()

    async def empty(self) -> None:
        """Remove every row of every table of ours, for a reset."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._empty)

    async def close(self) -> None:
        """Finish what runs, then close the connections. Safe when called twice."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._threads.shutdown()
        while not self._connections.empty():
            connection = self._connections.get()
            if connection is not None:
                connection.close()

    async def _run(self, begin: LiteralString, call: Callable[[Transaction], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._attempt, begin, call)

    # --- in a thread ----------------------------------------------------------------------------------------

    def _attempt(self, begin: LiteralString, call: Callable[[Transaction], R]) -> R:
        """Run `call` until it commits, or fails for a reason that another attempt would meet again."""
        for attempt in range(1, _ATTEMPTS + 1):
            connection = self._begin(begin)
            try:
                result = call(_PostgresTransaction(connection))
                connection.execute("COMMIT")
            except (errors.SerializationFailure, errors.DeadlockDetected):
                if attempt == _ATTEMPTS:
                    raise
            else:
                return result
            finally:
                self._give_back(connection)
            longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
            time.sleep(longest * (0.5 + self._jitter() / 2))
        raise AssertionError("the last attempt returns or raises")

    def _begin(self, begin: LiteralString) -> _Connection:
        """A connection with a transaction begun; a connection that went stale while it lay idle is replaced."""
        idle = self._connections.get()
        if idle is not None:
            try:
                idle.execute(begin)
            except psycopg.OperationalError:
                idle.close()
            else:
                return idle
        fresh = None
        try:
            fresh = self._connect()
            fresh.execute(begin)
        except BaseException:
            if fresh is not None:
                fresh.close()
            self._connections.put(None)
            raise
        return fresh

    def _give_back(self, connection: _Connection) -> None:
        """Put the connection back without an open transaction, or a place for a new one if it is broken."""
        try:
            if connection.info.transaction_status != pq.TransactionStatus.IDLE:
                connection.execute("ROLLBACK")
        except psycopg.Error:
            connection.close()
            self._connections.put(None)
        else:
            self._connections.put(connection)

    def _connect(self) -> _Connection:
        connection: _Connection = psycopg.Connection[dict[str, Any]].connect(
            self._url, autocommit=True, row_factory=dict_row
        )
        _same_values_as_sqlite(connection)
        return connection

    def _empty(self) -> None:
        connection = self._begin(_WRITE)
        try:
            rows = connection.execute(
                "SELECT quote_ident(tablename) AS name FROM pg_tables"
                " WHERE schemaname = current_schema() AND tablename <> 'marinelayer_schema'"
            ).fetchall()
            if rows:
                names = ", ".join(str(row["name"]) for row in rows)
                connection.execute(cast("LiteralString", f"TRUNCATE {names} RESTART IDENTITY"))
            connection.execute("COMMIT")
        finally:
            self._give_back(connection)


class _BoolAsIntDumper(adapt.Dumper):
    """True is 1 in the shared subset, which has no booleans."""

    oid = psycopg.postgres.types["int8"].oid

    def dump(self, obj: bool) -> bytes:
        """`0` or `1`."""
        return b"1" if obj else b"0"


class _BoolAsIntLoader(adapt.Loader):
    """A comparison's outcome is 0 or 1, as on SQLite."""

    def load(self, data: adapt.Buffer) -> int:
        """`t` or `f`."""
        return 1 if bytes(data) == b"t" else 0


class _NumericLoader(adapt.Loader):
    """PostgreSQL's sums of BIGINT are NUMERIC: an int where it is whole, else a float, as on SQLite."""

    def load(self, data: adapt.Buffer) -> int | float:
        """A decimal number as text."""
        text = bytes(data).decode("ascii")
        return int(text) if text.lstrip("-").isdigit() else float(text)


def _same_values_as_sqlite(connection: _Connection) -> None:
    # One type for every int also keeps one prepared statement for each statement.
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.adapters.register_dumper(bool, _BoolAsIntDumper)
    connection.adapters.register_dumper(str, StrDumper)
    connection.adapters.register_loader("numeric", _NumericLoader)
    connection.adapters.register_loader("bool", _BoolAsIntLoader)


def _migrate(connection: _Connection) -> None:
    """Bring the schema up to date, one node at a time."""
    connection.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
    try:
        connection.execute("CREATE TABLE IF NOT EXISTS marinelayer_schema (version BIGINT NOT NULL)")
        row = connection.execute("SELECT version FROM marinelayer_schema").fetchone()
        for migration in pending("postgres", int(row["version"]) if row else 0, "the PostgreSQL database"):
            with connection.transaction():
                for script in migration.scripts:
                    connection.execute(cast("LiteralString", script))
                connection.execute("DELETE FROM marinelayer_schema")
                connection.execute("INSERT INTO marinelayer_schema VALUES (%s)", [migration.version])
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])

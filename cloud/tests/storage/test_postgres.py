from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import pytest

from marinelayer.ports import Statement, Transaction
from marinelayer.storage.migrations import NewerSchemaError

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")

from marinelayer.storage.postgres import PostgresTables  # noqa: E402 - not without psycopg

INSERT = Statement(
    "insert",
    "INSERT INTO outbox (job_id, kind, ordering, payload, state, due) VALUES (:job_id, '', '', :payload, 'dead', :due)",
)
COUNT = Statement("count", "SELECT count(*) AS n FROM outbox")
SUM = Statement("sum", "SELECT COALESCE(SUM(due), 0) AS total FROM outbox")


def put(tx: Transaction, job_id: str, due: int = 0) -> int:
    return tx.run(INSERT, job_id=job_id, payload=b"", due=due)


def count(tx: Transaction) -> int:
    row = tx.one(COUNT)
    assert row is not None
    return row["n"]


@pytest.fixture
def database(postgres_server: str) -> Iterator[str]:
    """A database that nobody has migrated."""
    name = f"marinelayer_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield urlsplit(postgres_server)._replace(path=f"/{name}").geturl()
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def postgres(postgres_database: str) -> AsyncIterator[PostgresTables]:
    tables = PostgresTables(postgres_database, connections=4, jitter=lambda: 0.5)
    await tables.empty()
    yield tables
    await tables.close()


async def test_a_write_that_could_not_be_serialised_runs_again(postgres: PostgresTables) -> None:
    runs = 0

    def put_total(tx: Transaction, job_id: str) -> None:
        nonlocal runs
        runs += 1
        row = tx.one(SUM)
        assert row is not None
        put(tx, job_id, due=row["total"] + 1)

    # Whether two meet is the server's affair: seven rounds, of eight at once, as far as none have met.
    written = 0
    while runs == written < 56:
        await asyncio.gather(*(postgres.write(put_total, f"{written + n}") for n in range(8)))
        written += 8
    rows = await postgres.read(lambda tx: tx.all(Statement("dues", "SELECT due FROM outbox ORDER BY due")))
    # Each saw the sum of all before it: 1, 2, 4, 8, ...
    assert [row["due"] for row in rows] == [2**n for n in range(written)]
    assert runs > written


async def test_attempts_are_bounded(postgres: PostgresTables) -> None:
    runs = 0

    def always_lose(tx: Transaction) -> None:
        nonlocal runs
        runs += 1
        raise psycopg.errors.SerializationFailure("could not serialize access")

    with pytest.raises(psycopg.errors.SerializationFailure):
        await postgres.write(always_lose)
    assert runs == 12


async def test_connections_that_the_server_closed_are_replaced(
    postgres: PostgresTables, postgres_database: str
) -> None:
    await asyncio.gather(*(postgres.write(put, f"{n}") for n in range(8)))
    with psycopg.connect(postgres_database, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert await asyncio.gather(*(postgres.read(count) for _ in range(8))) == [8] * 8


async def test_a_connection_that_breaks_in_the_middle_fails_its_write_and_no_other(
    postgres: PostgresTables, postgres_database: str
) -> None:
    pid = Statement("pid", "SELECT pg_backend_pid() AS pid")

    def put_and_break(tx: Transaction) -> None:
        put(tx, "lost")
        row = tx.one(pid)
        assert row is not None
        with psycopg.connect(postgres_database, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [row["pid"]])
        put(tx, "lost too")

    with pytest.raises(psycopg.OperationalError):
        await postgres.write(put_and_break)
    assert await asyncio.gather(*(postgres.write(put, f"{n}") for n in range(8))) == [1] * 8
    assert await postgres.read(count) == 8


async def test_two_nodes_that_start_at_once_migrate_once(database: str) -> None:
    nodes = await asyncio.gather(*(asyncio.to_thread(PostgresTables, database) for _ in range(4)))
    await nodes[0].write(put, "a")
    assert await nodes[3].read(count) == 1
    for node in nodes:
        await node.close()


async def test_a_newer_schema_is_refused(database: str) -> None:
    await PostgresTables(database).close()
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE marinelayer_schema SET version = 999")
    with pytest.raises(NewerSchemaError, match="schema version 999"):
        PostgresTables(database)


async def test_emptying_leaves_the_schema(postgres: PostgresTables) -> None:
    await postgres.write(put, "a")
    await postgres.empty()
    assert await postgres.read(count) == 0
    assert await postgres.write(put, "a") == 1

from __future__ import annotations

import asyncio
import functools
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from marinelayer.ports import Row, Statement, Transaction
from marinelayer.storage.migrations import NewerSchemaError, SchemaError, migrations
from marinelayer.storage.sqlite import SqliteTables, TablesClosedError, kind_of
from marinelayer.storage.sqlite_connection import APPLICATION_ID

INSERT = Statement(
    "insert",
    "INSERT INTO outbox (job_id, kind, ordering, payload, state, due) VALUES (:job_id, '', '', x'', 'dead', 0)",
)
INSERT_BYTES = Statement(
    "insert_bytes",
    "INSERT INTO outbox (job_id, kind, ordering, payload, state, due) VALUES (:job_id, '', '', :payload, 'dead', 0)",
)
IDS = Statement("ids", "SELECT job_id FROM outbox ORDER BY job_id")


def put(tx: Transaction, job_id: str) -> int:
    return tx.run(INSERT, job_id=job_id)


def ids(tx: Transaction) -> list[str]:
    return [row["job_id"] for row in tx.all(IDS)]


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[SqliteTables]:
    tables = SqliteTables(tmp_path / "cloud.db")
    yield tables
    await tables.close()


class Gate:
    """A write function that holds the committer until it is opened, so that others queue behind it."""

    def __init__(self, sqlite: SqliteTables) -> None:
        sqlite._long.add(kind_of(self))  # else it would hold the event loop
        self.entered = threading.Event()
        self.opened = threading.Event()

    def __call__(self, tx: Transaction) -> None:
        self.entered.set()
        assert self.opened.wait(10)


async def test_writes_that_queue_meanwhile_share_one_commit(sqlite: SqliteTables) -> None:
    gate = Gate(sqlite)
    held = asyncio.create_task(sqlite.write(gate))
    await asyncio.to_thread(gate.entered.wait, 10)
    waiting = [asyncio.create_task(sqlite.write(put, f"{n:03}")) for n in range(100)]
    await asyncio.sleep(0)
    gate.opened.set()
    assert await asyncio.gather(*waiting) == [1] * 100
    await held
    assert (sqlite.writes, sqlite.commits) == (101, 2)
    assert len(await sqlite.read(ids)) == 100


async def test_many_concurrent_writers_need_far_fewer_commits_than_writes(sqlite: SqliteTables) -> None:
    async def writer(name: int) -> None:
        for n in range(25):
            await sqlite.write(put, f"{name}-{n}")

    await asyncio.gather(*(writer(name) for name in range(16)))
    assert sqlite.writes == 400
    assert sqlite.commits < 200
    assert len(await sqlite.read(ids)) == 400


async def test_a_failing_write_does_not_disturb_its_neighbours_in_the_group(sqlite: SqliteTables) -> None:
    def put_and_fail(tx: Transaction, job_id: str) -> None:
        put(tx, job_id)
        raise LookupError(job_id)

    gate = Gate(sqlite)
    held = asyncio.create_task(sqlite.write(gate))
    await asyncio.to_thread(gate.entered.wait, 10)
    waiting = [asyncio.create_task(sqlite.write(put_and_fail if n % 3 == 0 else put, f"{n}")) for n in range(9)]
    broken = asyncio.create_task(sqlite.write(put, "1"))
    await asyncio.sleep(0)
    gate.opened.set()
    outcomes = await asyncio.gather(*waiting, broken, return_exceptions=True)
    await held
    assert [type(outcome) for outcome in outcomes] == [LookupError, int, int] * 3 + [apsw.ConstraintError]
    assert [str(outcome) for outcome in outcomes[0:9:3]] == ["0", "3", "6"]
    assert await sqlite.read(ids) == ["1", "2", "4", "5", "7", "8"]
    assert sqlite.commits == 2


async def test_a_commit_that_fails_fails_every_write_of_its_group_and_the_next_group_goes_on(
    sqlite: SqliteTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    from marinelayer.storage.sqlite_connection import SqliteTransaction

    control = SqliteTransaction.control
    commits = 0

    def failing(transaction: SqliteTransaction, sql: str) -> None:
        nonlocal commits
        commits += sql == "COMMIT"
        if sql == "COMMIT" and commits == 2:
            raise apsw.FullError("database or disk is full")
        control(transaction, sql)

    monkeypatch.setattr(SqliteTransaction, "control", failing)
    gate = Gate(sqlite)
    held = asyncio.create_task(sqlite.write(gate))
    await asyncio.to_thread(gate.entered.wait, 10)
    lost = [asyncio.create_task(sqlite.write(put, f"lost{n}")) for n in range(3)]
    await asyncio.sleep(0)
    gate.opened.set()
    outcomes = await asyncio.gather(*lost, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [apsw.FullError] * 3
    await held
    await sqlite.write(put, "kept")
    assert await sqlite.read(ids) == ["kept"]


async def test_a_full_disk_undoes_the_whole_group_and_tells_all_its_callers(tmp_path: Path) -> None:
    tables = SqliteTables(tmp_path / "cloud.db")
    limit = Statement("limit", "PRAGMA max_page_count = 1000")
    big = Statement(
        "big",
        "INSERT INTO outbox (job_id, kind, ordering, payload, state, due)"
        " VALUES (:job_id, '', '', zeroblob(:size), 'dead', 0)",
    )

    def fill(tx: Transaction) -> int:
        return tx.run(big, job_id="big", size=64 * 1024 * 1024)

    def set_limit(tx: Transaction) -> Row | None:
        return tx.one(limit)

    try:
        await tables.write(set_limit)
        with pytest.raises(apsw.FullError):
            await tables.write(fill)
        assert await tables.write(put, "small") == 1
        assert await tables.read(ids) == ["small"]
    finally:
        await tables.close()


async def test_a_cancelled_caller_holds_nothing_up(sqlite: SqliteTables) -> None:
    gate = Gate(sqlite)
    held = asyncio.create_task(sqlite.write(gate))
    await asyncio.to_thread(gate.entered.wait, 10)
    cancelled = asyncio.create_task(sqlite.write(put, "a"))
    await asyncio.sleep(0)
    cancelled.cancel()
    gate.opened.set()
    await held
    await sqlite.write(put, "b")
    assert cancelled.cancelled()
    assert await sqlite.read(ids) == ["a", "b"]


async def test_close_commits_what_is_queued(tmp_path: Path) -> None:
    tables = SqliteTables(tmp_path / "cloud.db")
    waiting = [asyncio.create_task(tables.write(put, f"{n}")) for n in range(5)]
    await asyncio.sleep(0)
    await tables.close()
    assert await asyncio.gather(*waiting) == [1] * 5
    with pytest.raises(TablesClosedError):
        await tables.write(put, "late")
    again = SqliteTables(tmp_path / "cloud.db")
    assert await again.read(ids) == ["0", "1", "2", "3", "4"]
    await again.close()


async def test_the_file_says_what_it_is_and_how_it_is_kept(sqlite: SqliteTables, tmp_path: Path) -> None:
    def pragmas(tx: Transaction) -> dict[str, object]:
        names = (
            "journal_mode",
            "synchronous",
            "page_size",
            "auto_vacuum",
            "application_id",
            "user_version",
            "foreign_keys",
        )
        rows = {name: tx.one(Statement(name, f"PRAGMA {name}")) for name in names}
        return {name: row and row[name] for name, row in rows.items()}

    full, incremental = 2, 2
    expected = {
        "journal_mode": "wal",
        "synchronous": full,
        "page_size": 4096,
        "auto_vacuum": incremental,
        "application_id": APPLICATION_ID,
        "user_version": migrations("sqlite")[-1].version,
        "foreign_keys": 1,
    }
    assert await sqlite.write(pragmas) == expected


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cloud.db"
    asyncio.run(SqliteTables(path).close())
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(NewerSchemaError, match="schema version 999"):
        SqliteTables(path)


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cloud.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(SchemaError, match="another program"):
        SqliteTables(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cloud.db"
    path.write_bytes(b"hello " * 1000)
    with pytest.raises(SchemaError, match="not a SQLite database"):
        SqliteTables(path)
    assert path.read_bytes() == b"hello " * 1000


async def test_a_creation_that_was_killed_is_completed(tmp_path: Path) -> None:
    path = tmp_path / "cloud.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.close()
    tables = SqliteTables(path)
    assert await tables.write(put, "a") == 1
    await tables.close()


async def test_reads_share_a_snapshot_until_something_is_written(sqlite: SqliteTables) -> None:
    await sqlite.write(put, "a")
    statements: list[str] = []
    reading: Any = sqlite._reading
    reading.exec_trace = lambda _cursor, sql, _bindings: statements.append(sql) or True

    assert [await sqlite.read(ids) for _ in range(3)] == [["a"]] * 3
    assert statements.count("BEGIN") == 1
    await sqlite.write(put, "b")
    assert statements.count("ROLLBACK") == 1
    assert [await sqlite.read(ids) for _ in range(2)] == [["a", "b"]] * 2
    assert statements.count("BEGIN") == 2


async def test_a_read_during_a_commit_is_not_seen_again_after_it(sqlite: SqliteTables) -> None:
    gate = Gate(sqlite)
    holding = asyncio.create_task(sqlite.write(gate))
    await asyncio.to_thread(gate.entered.wait, 10)
    writing = asyncio.create_task(sqlite.write(put, "a"))
    await asyncio.sleep(0)
    assert [await sqlite.read(ids) for _ in range(2)] == [[], []]
    gate.opened.set()
    await asyncio.gather(holding, writing)
    assert await sqlite.read(ids) == ["a"]


async def test_a_kept_snapshot_does_not_let_the_log_grow(sqlite: SqliteTables, tmp_path: Path) -> None:
    def put_much(tx: Transaction, job_id: str) -> int:
        return tx.run(INSERT_BYTES, job_id=job_id, payload=bytes(100_000))

    for number in range(150):
        assert len(await sqlite.read(ids)) == number
        await sqlite.write(put_much, f"{number:03}")
    assert (tmp_path / "cloud.db-wal").stat().st_size < 8 * 1024 * 1024


async def test_a_write_runs_on_its_callers_thread_until_it_is_seen_to_take_long(
    sqlite: SqliteTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []

    def note(tx: Transaction) -> None:
        threads.append(threading.current_thread().name)

    await sqlite.write(note)
    monkeypatch.setattr("marinelayer.storage.sqlite._LONG_SECONDS", -1.0)
    await sqlite.write(note)
    monkeypatch.undo()
    await sqlite.write(note)
    await sqlite.write(note)
    here = threading.current_thread().name
    assert threads == [here, here, "sqlite-committer", here]


async def test_a_wrapped_write_that_takes_long_says_nothing_of_others_that_are_wrapped_alike(
    sqlite: SqliteTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []

    def wrapped(inner: Callable[..., None]) -> Callable[[Transaction], None]:
        @functools.wraps(inner)
        def write(tx: Transaction) -> None:
            threads.append(threading.current_thread().name)

        return write

    def one() -> None: ...
    def other() -> None: ...

    monkeypatch.setattr("marinelayer.storage.sqlite._LONG_SECONDS", -1.0)
    await sqlite.write(wrapped(one))
    monkeypatch.undo()
    await sqlite.write(wrapped(other))
    await sqlite.write(wrapped(one))
    here = threading.current_thread().name
    assert threads == [here, here, "sqlite-committer"]


async def test_a_write_that_fails_alone_is_undone_and_commits_nothing(sqlite: SqliteTables) -> None:
    def put_and_fail(tx: Transaction) -> None:
        put(tx, "a")
        raise LookupError

    with pytest.raises(LookupError):
        await sqlite.write(put_and_fail)
    assert sqlite.commits == 0
    await sqlite.write(put, "b")
    assert await sqlite.read(ids) == ["b"]


async def test_of_a_group_only_what_fails_is_undone_and_the_others_run_again(sqlite: SqliteTables) -> None:
    ran: list[str] = []

    def put_in_turn(tx: Transaction, name: str, error: type[Exception] | None) -> str:
        ran.append(name)
        put(tx, name)
        if error is not None:
            raise error
        return name

    def refuse(_: Transaction) -> None:
        ran.append("refused")
        raise PermissionError

    outcomes = await asyncio.gather(
        sqlite.write(put_in_turn, "a", None),
        sqlite.write(refuse),
        sqlite.write(put_in_turn, "b", LookupError),
        sqlite.write(put_in_turn, "c", ValueError),
        sqlite.write(put_in_turn, "d", None),
        return_exceptions=True,
    )
    assert [outcome if isinstance(outcome, str) else type(outcome) for outcome in outcomes] == [
        "a", PermissionError, LookupError, ValueError, "d",
    ]  # fmt: skip
    assert ran == ["a", "refused", "b", "a", "refused", "b", "c", "d"]
    assert await sqlite.read(ids) == ["a", "d"]
    assert sqlite.commits == 1


async def test_a_write_that_is_refused_before_it_changes_anything_costs_the_others_nothing(
    sqlite: SqliteTables,
) -> None:
    ran: list[str] = []

    def put_in_turn(tx: Transaction, name: str) -> None:
        ran.append(name)
        put(tx, name)

    def refuse(_: Transaction) -> None:
        ran.append("refused")
        raise PermissionError

    await asyncio.gather(
        sqlite.write(put_in_turn, "a"), sqlite.write(refuse), sqlite.write(put_in_turn, "b"), return_exceptions=True
    )
    assert ran == ["a", "refused", "b"]
    assert await sqlite.read(ids) == ["a", "b"]


def test_what_a_loop_left_behind_is_written_and_holds_no_other_loop_up(tmp_path: Path) -> None:
    tables = SqliteTables(tmp_path / "cloud.db")

    async def leave() -> None:
        asyncio.get_running_loop().create_task(tables.write(put, "left"))
        await asyncio.sleep(0)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(leave())  # and it is not run any more
    assert asyncio.run(tables.write(put, "other")) == 1
    assert asyncio.run(tables.read(ids)) == ["left", "other"]
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    asyncio.run(tables.close())


async def test_writes_of_several_loops_all_end(sqlite: SqliteTables) -> None:
    async def write_many(name: int) -> None:
        for n in range(50):
            await sqlite.write(put, f"{name}-{n}")

    elsewhere = [asyncio.to_thread(asyncio.run, write_many(name)) for name in range(4)]
    await asyncio.gather(write_many(9), *elsewhere)
    assert len(await sqlite.read(ids)) == 250


async def test_a_revision_tells_of_each_change_of_its_tables_before_the_writer_is_told(sqlite: SqliteTables) -> None:
    jobs, others = sqlite.revision("outbox", "accounts"), sqlite.revision("accounts")
    before = jobs.number, others.number
    await sqlite.write(put, "a")
    assert jobs.number != before[0]
    assert others.number == before[1]
    seen = jobs.number
    await sqlite.write(ids)
    assert jobs.number == seen

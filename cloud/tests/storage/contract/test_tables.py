"""What both databases must do alike, on the outbox's table, which every schema has."""

from __future__ import annotations

import asyncio
import threading

import pytest

from marinelayer.ports import Row, Statement, Tables, Transaction, Value

INSERT = Statement(
    "insert",
    "INSERT INTO outbox (job_id, kind, ordering, payload, state, due, attempts, lease)"
    " VALUES (:job_id, 'kind', '', :payload, 'dead', :due, 0, :lease)"
    " ON CONFLICT (job_id) DO NOTHING",
)
UPSERT = Statement(
    "upsert",
    "INSERT INTO outbox (job_id, kind, ordering, payload, state, due) VALUES (:job_id, 'kind', '', :payload, 'dead', 1)"
    " ON CONFLICT (job_id) DO UPDATE SET due = outbox.due + 1 RETURNING job_id, due",
)
GET = Statement("get", "SELECT job_id, payload, due, lease FROM outbox WHERE job_id = :job_id")
ALL = Statement("all", "SELECT job_id, due FROM outbox ORDER BY job_id")
ADD = Statement("add", "UPDATE outbox SET due = due + :n WHERE job_id = :job_id")
SET = Statement("set", "UPDATE outbox SET due = :due WHERE job_id = :job_id")
DELETE = Statement("delete", "DELETE FROM outbox WHERE due >= :due RETURNING job_id")
COUNT = Statement("count", "SELECT count(*) AS n FROM outbox")


def put(tx: Transaction, job_id: str, payload: bytes = b"", due: int = 0, lease: str | None = None) -> int:
    return tx.run(INSERT, job_id=job_id, payload=payload, due=due, lease=lease)


def get(tx: Transaction, job_id: str) -> Row | None:
    return tx.one(GET, job_id=job_id)


def count(tx: Transaction) -> int:
    row = tx.one(COUNT)
    assert row is not None
    return row["n"]


async def test_values_come_back_as_they_went_in(tables: Tables) -> None:
    await tables.write(put, "a", bytes(range(256)), 2**62, "é🌫")
    assert await tables.read(get, "a") == {"job_id": "a", "payload": bytes(range(256)), "due": 2**62, "lease": "é🌫"}
    row = await tables.read(get, "a")
    assert row is not None
    assert {name: type(value) for name, value in row.items()} == {
        "job_id": str,
        "payload": bytes,
        "due": int,
        "lease": str,
    }


async def test_none_is_null_and_a_row_that_is_not_there_is_none(tables: Tables) -> None:
    await tables.write(put, "a")
    row = await tables.read(get, "a")
    assert row is not None
    assert row["lease"] is None
    assert await tables.read(get, "b") is None


async def test_true_is_the_integer_1(tables: Tables) -> None:
    await tables.write(put, "a", due=True)
    row = await tables.read(get, "a")
    assert row is not None
    assert (row["due"], type(row["due"])) == (1, int)


async def test_a_comparison_is_0_or_1(tables: Tables) -> None:
    statement = Statement("compare", "SELECT job_id = 'a' AS same, job_id = 'b' AS other FROM outbox")
    await tables.write(put, "a")
    row = await tables.read(lambda tx: tx.one(statement))
    assert row == {"same": 1, "other": 0}


async def test_sums_are_numbers_and_the_sum_of_nothing_is_none(tables: Tables) -> None:
    statement = Statement("sum", "SELECT SUM(due) AS total, AVG(due) AS mean FROM outbox")
    assert await tables.read(lambda tx: tx.one(statement)) == {"total": None, "mean": None}
    await tables.write(put, "a", due=1)
    await tables.write(put, "b", due=2)
    row = await tables.read(lambda tx: tx.one(statement))
    assert row is not None
    assert row == {"total": 3, "mean": 1.5}
    assert type(row["total"]) is int


async def test_a_nul_byte_in_bytes_and_every_order_of_bytes_is_kept(tables: Tables) -> None:
    def ordered(tx: Transaction) -> list[bytes]:
        rows = tx.all(
            Statement("ordered", "SELECT payload FROM outbox WHERE payload > :after ORDER BY payload"), after=b""
        )
        return [row["payload"] for row in rows]

    keys = [b"a", b"a\x00", b"a/b", b"aZ", b"b", "é".encode(), b"\xff"]
    for key in reversed(keys):
        await tables.write(put, key.hex(), key)
    assert await tables.read(ordered) == keys


async def test_text_is_ordered_by_code_point(tables: Tables) -> None:
    for name in ("b", "B", "a", "_", "é", "A-b", "A"):
        await tables.write(put, name)
    rows = await tables.read(lambda tx: tx.all(ALL))
    assert [row["job_id"] for row in rows] == ["A", "A-b", "B", "_", "a", "b", "é"]


async def test_run_tells_how_many_rows_changed(tables: Tables) -> None:
    def work(tx: Transaction) -> list[int]:
        return [
            put(tx, "a", due=1),
            put(tx, "a", due=2),
            put(tx, "b", due=3),
            tx.run(ADD, n=0, job_id="a"),
            tx.run(ADD, n=1, job_id="none"),
            tx.run(DELETE, due=0),
            tx.run(DELETE, due=0),
        ]

    assert await tables.write(work) == [1, 0, 1, 1, 0, 2, 0]


async def test_returning_gives_the_rows_and_one_finishes_the_statement(tables: Tables) -> None:
    def twice(tx: Transaction) -> list[Row | None]:
        return [tx.one(UPSERT, job_id="a", payload=b""), tx.one(UPSERT, job_id="a", payload=b"")]

    assert await tables.write(twice) == [{"job_id": "a", "due": 1}, {"job_id": "a", "due": 2}]
    await tables.write(put, "b", due=9)

    def delete_both(tx: Transaction) -> Row | None:
        return tx.one(DELETE, due=0)

    assert await tables.write(delete_both) is not None
    assert await tables.read(count) == 0


async def test_an_exception_undoes_the_write_and_is_raised_to_its_caller(tables: Tables) -> None:
    def put_and_fail(tx: Transaction) -> None:
        put(tx, "a")
        raise LookupError("no such bucket")

    with pytest.raises(LookupError, match="no such bucket"):
        await tables.write(put_and_fail)
    assert await tables.read(get, "a") is None


async def test_a_refused_statement_undoes_the_write(tables: Tables) -> None:
    bad = Statement(
        "bad", "INSERT INTO outbox (job_id, kind, ordering, payload, state, due) VALUES ('b', 'k', '', :p, 'no', 0)"
    )

    def put_and_break(tx: Transaction) -> None:
        put(tx, "a")
        tx.run(bad, p=b"")

    with pytest.raises(Exception, match=r"(?i)constraint"):
        await tables.write(put_and_break)
    assert await tables.read(count) == 0
    assert await tables.write(put, "a") == 1


async def test_text_is_refused_where_bytes_belong(tables: Tables) -> None:
    with pytest.raises(Exception, match=r"(?i)cannot store TEXT|type bytea"):
        await tables.write(put, "a", "text")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("values", [{}, {"job_id": "a", "more": 1}, {"other": "a"}])
async def test_exactly_the_named_values_must_be_given(tables: Tables, values: dict[str, Value]) -> None:
    with pytest.raises(TypeError, match="statement get"):
        await tables.read(lambda tx: tx.one(GET, **values))


async def test_a_read_can_not_write(tables: Tables) -> None:
    with pytest.raises(Exception, match=r"(?i)read-?only"):
        await tables.read(put, "a")
    assert await tables.read(count) == 0


async def test_a_read_after_an_acknowledged_write_sees_it(tables: Tables) -> None:
    for n in range(20):
        await tables.write(put, f"{n:03}")
        assert await tables.read(count) == n + 1


async def test_a_read_sees_one_snapshot(tables: Tables) -> None:
    await tables.write(put, "a", due=1)
    written = threading.Event()

    def write_meanwhile() -> None:
        other = asyncio.new_event_loop()
        try:
            other.run_until_complete(tables.write(put, "b"))
        finally:
            other.close()
            written.set()

    def count_twice(tx: Transaction) -> tuple[int, int]:
        before = count(tx)
        thread = threading.Thread(target=write_meanwhile)
        thread.start()
        assert written.wait(10)
        thread.join()
        return before, count(tx)

    assert await tables.read(count_twice) == (1, 1)
    assert await tables.read(count) == 2


async def test_concurrent_read_modify_writes_lose_nothing(tables: Tables) -> None:
    def add_one(tx: Transaction) -> None:
        row = get(tx, "a")
        assert row is not None
        tx.run(SET, due=row["due"] + 1, job_id="a")

    def copy_last(tx: Transaction, job_id: str) -> None:
        put(tx, job_id, due=count(tx))

    await tables.write(put, "a")
    await asyncio.gather(*(tables.write(add_one) for _ in range(30)))
    row = await tables.read(get, "a")
    assert row is not None
    assert row["due"] == 30
    await asyncio.gather(*(tables.write(copy_last, f"b{n}") for n in range(10)))
    rows = await tables.read(lambda tx: tx.all(ALL))
    assert sorted(row["due"] for row in rows if row["job_id"] != "a") == list(range(1, 11))


async def test_colons_and_percent_signs_in_text_and_comments_are_no_parameters(tables: Tables) -> None:
    statement = Statement(
        "literal",
        "SELECT ':no %s %% $1' AS a, 'it''s :no' AS \"b:no\", CAST(:yes AS BIGINT) + :yes AS c -- not :this\n/* nor :that */",
    )
    assert await tables.read(lambda tx: tx.one(statement, yes=21)) == {"a": ":no %s %% $1", "b:no": "it's :no", "c": 42}


async def test_row_values_and_limits_work(tables: Tables) -> None:
    statement = Statement(
        "page", "SELECT job_id FROM outbox WHERE (due, job_id) > (:due, :job_id) ORDER BY due, job_id LIMIT :n"
    )
    for n, name in enumerate("abcde"):
        await tables.write(put, name, due=n // 2)
    rows = await tables.read(lambda tx: tx.all(statement, due=0, job_id="a", n=3))
    assert [row["job_id"] for row in rows] == ["b", "c", "d"]


async def test_a_closed_store_refuses(tables: Tables) -> None:
    close = tables.close  # pyright: ignore[reportAttributeAccessIssue]
    await close()
    with pytest.raises(RuntimeError):
        await tables.write(put, "a")
    with pytest.raises(RuntimeError):
        await tables.read(count)
    await close()

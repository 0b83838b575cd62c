"""What a page of a listing costs does not depend on the bucket: benchmarks/listing.py does this at a million keys."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import apsw
import pytest

from marinelayer.services.s3.listing import page_of_objects
from marinelayer.storage.sqlite import SqliteTables
from marinelayer.storage.sqlite_connection import SqliteTransaction, open_file

SMALL, LARGE = 2_000, 50_000


def rows(size: int) -> Iterator[tuple[Any, ...]]:
    described = (1, 12345, "0" * 32, 1_600_000_000_000_000, "a" * 64, "STANDARD")
    for number in range(size // 2):
        yield (1, b"plain/request-%09d.jpg" % number, *described)
    for number in range(size // 2):
        yield (1, b"rolled/%06d/request-%09d.jpg" % (number % 200, number), *described)


@pytest.fixture(scope="module")
def buckets(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    made: dict[int, Path] = {}
    for size in (SMALL, LARGE):
        path = made[size] = tmp_path_factory.mktemp("listing") / "cloud.db"
        asyncio.run(SqliteTables(path).close())
        connection = cast("Any", open_file(path))
        connection.execute("BEGIN")
        connection.execute(
            "INSERT INTO buckets (bucket_id, name, account, region, created, owner, acl)"
            " VALUES (1, 'photos', '111122223333', 'us-east-1', 0, 'a', '{\"owner\": \"a\", \"grants\": []}')"
        )
        connection.executemany(
            "INSERT INTO objects (bucket_id, key, seq, size, etag, modified, owner, storage_class)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows(size),
        )
        connection.execute("COMMIT")
        connection.close()
    return made


def cost(path: Path, request: Mapping[str, str], limit: int) -> tuple[int, int]:
    """Steps of SQLite's machine, and pages that it looked at, for one page."""
    connection = open_file(path)
    raw = cast("Any", connection)
    transaction = SqliteTransaction(connection)
    steps = 0

    def count(event: Mapping[str, Any]) -> None:
        nonlocal steps
        steps += event["stmt_status"]["SQLITE_STMTSTATUS_VM_STEP"]

    page_of_objects(transaction, {"Bucket": "photos"}, marker=b"", limit=1)
    raw.trace_v2(apsw.SQLITE_TRACE_PROFILE, count)
    for counter in (apsw.SQLITE_DBSTATUS_CACHE_HIT, apsw.SQLITE_DBSTATUS_CACHE_MISS):
        raw.status(counter, True)
    _, page = page_of_objects(transaction, {"Bucket": "photos", **request}, marker=b"", limit=limit)
    assert len(page.entries) == limit
    pages = sum(raw.status(counter)[0] for counter in (apsw.SQLITE_DBSTATUS_CACHE_HIT, apsw.SQLITE_DBSTATUS_CACHE_MISS))
    raw.trace_v2(0, None)
    connection.close()
    return steps, pages


@pytest.mark.parametrize(
    "request_", [{"Prefix": "plain/", "Delimiter": "/"}, {"Prefix": "plain/"}, {"Prefix": "plain/", "Delimiter": "-x"}]
)
def test_a_page_of_keys_costs_the_same_in_a_small_and_a_large_bucket(
    buckets: dict[int, Path], request_: dict[str, str]
) -> None:
    small, large = (cost(buckets[size], request_, 900) for size in (SMALL, LARGE))
    assert large[0] == pytest.approx(small[0], rel=0.05)
    assert large[1] == pytest.approx(small[1], rel=0.2)


def test_what_lies_below_a_common_prefix_is_skipped_however_much_it_is(buckets: dict[int, Path]) -> None:
    small, large = (cost(buckets[size], {"Prefix": "rolled/", "Delimiter": "/"}, 190) for size in (SMALL, LARGE))
    assert large[0] == pytest.approx(small[0], rel=0.05)
    assert large[1] < 2 * small[1]  # a seek passes one more level of a larger tree

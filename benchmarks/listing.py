"""What listing 1,000 keys costs by the size of the bucket: steps of SQLite's machine, pages, and memory.

    python benchmarks/listing.py [--sizes N ...] [--folder DIR]

Buckets are filled with rows directly. One half of the keys lies in one folder without sub-folders, the other half in
1,000 folders. Three pages are listed as ListObjectsV2 lists them, each on a new connection, whose cache is empty: the
first 1,000 keys of the folder, with a delimiter; 1,000 common prefixes, below each of which lies the more the larger
the bucket is; and 1,000 keys from the middle of the bucket without a delimiter. `pages` are those that SQLite looked
at, `read` those that it had to fetch, `memory` the most that Python allocated meanwhile.
"""

from __future__ import annotations

import argparse
import tempfile
import tracemalloc
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import apsw

from marinelayer.services.s3.listing import page_of_objects
from marinelayer.storage.sqlite_connection import SqliteTransaction, migrate, open_file

BUCKET = "benchmark"
FOLDERS = 1000
PAGES: Mapping[str, tuple[Mapping[str, str], bytes]] = {
    "1,000 keys, delimiter": ({"Prefix": "plain/", "Delimiter": "/"}, b""),
    "1,000 prefixes, delimiter": ({"Prefix": "rolled/", "Delimiter": "/"}, b""),
    "1,000 keys": ({}, b"plain/"),
}


def _rows(size: int) -> Iterator[tuple[Any, ...]]:
    described = (1, 12345, "0" * 32, 1_600_000_000_000_000, "a" * 64, "STANDARD", "CRC64NVME", "FULL_OBJECT")
    for number in range(size // 2):
        yield (1, b"plain/request-%09d.jpg" % number, *described)
    for number in range(size - size // 2):
        yield (1, b"rolled/%06d/request-%09d.jpg" % (number % FOLDERS, number), *described)


def fill(path: Path, size: int) -> None:
    """A database with one bucket of so many keys."""
    connection: Any = open_file(path)
    migrate(connection, path)
    connection.execute("BEGIN")
    connection.execute(
        "INSERT INTO buckets (bucket_id, name, account, region, created, owner, acl)"
        " VALUES (1, ?, '111122223333', 'us-east-1', 0, 'a', '{\"owner\": \"a\", \"grants\": []}')",
        (BUCKET,),
    )
    connection.executemany(
        "INSERT INTO objects (bucket_id, key, seq, size, etag, modified, owner, storage_class, checksum_algorithm,"
        " checksum_type) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        _rows(size),
    )
    connection.execute("COMMIT")
    connection.close()


def measure(path: Path, request: Mapping[str, str], marker: bytes) -> tuple[int, int, int, int]:
    """Machine steps, pages looked at, pages read, and KiB of memory of listing one page."""
    connection = open_file(path)
    raw = cast("Any", connection)
    steps = 0

    def count(event: Mapping[str, Any]) -> None:
        nonlocal steps
        steps += event["stmt_status"]["SQLITE_STMTSTATUS_VM_STEP"]

    transaction = SqliteTransaction(connection)
    transaction.control("BEGIN")
    page_of_objects(transaction, {"Bucket": BUCKET}, marker=b"", limit=1)  # the schema is read, statements are compiled
    raw.cache_flush()
    raw.execute("PRAGMA shrink_memory")
    raw.trace_v2(apsw.SQLITE_TRACE_PROFILE, count)
    raw.status(apsw.SQLITE_DBSTATUS_CACHE_HIT, True)
    raw.status(apsw.SQLITE_DBSTATUS_CACHE_MISS, True)
    tracemalloc.start()
    _, page = page_of_objects(transaction, {"Bucket": BUCKET, **request}, marker=marker, limit=1000)
    memory = tracemalloc.get_traced_memory()[1] // 1024
    tracemalloc.stop()
    if len(page.entries) != 1000:
        raise RuntimeError(f"the page has {len(page.entries)} entries")
    hits, misses = raw.status(apsw.SQLITE_DBSTATUS_CACHE_HIT)[0], raw.status(apsw.SQLITE_DBSTATUS_CACHE_MISS)[0]
    connection.close()
    return steps, hits + misses, misses, memory


def main() -> None:
    """Fill, measure and print, with each figure's ratio to that of the smallest bucket."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    options.add_argument("--folder", type=Path, default=None, help="where the throw-away folder is made")
    given = options.parse_args()
    print("| page | keys in the bucket | steps | pages | read | memory, KiB |\n|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="marinelayer-listing-") as name:
        for size in given.sizes:
            fill(Path(name) / f"{size}.db", size)
        for title, (request, marker) in PAGES.items():
            found = {size: measure(Path(name) / f"{size}.db", request, marker) for size in given.sizes}
            least = found[given.sizes[0]]
            for size, figures in found.items():
                shown = [f"{one:,} ({one / first:.2f})" for one, first in zip(figures, least, strict=True)]
                print(f"| {title} | {size:,} | {' | '.join(shown)} |")


if __name__ == "__main__":
    main()

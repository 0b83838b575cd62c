"""What was acknowledged survives SIGKILL at any moment."""

from __future__ import annotations

import asyncio
import hashlib
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path

from marinelayer.outbox import Job, Outbox
from marinelayer.ports import Statement, Tables
from marinelayer.storage.files import sweep
from marinelayer.storage.folder import DataFolder

CHILD = Path(__file__).with_name("works_until_killed.py")
ROUNDS = 5
ROWS = Statement("rows", "SELECT job_id, kind AS blob_id, payload AS digest, due AS size FROM outbox")


class RealClock:
    def now(self) -> int:
        return time.time_ns() // 1_000


def work_and_kill(path: Path, work: str, first: int, moments: random.Random) -> list[str]:
    """Start the child, kill it some moments after its first acknowledgement; the acknowledgements."""
    child = subprocess.Popen([sys.executable, CHILD, path, work, str(first)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child:
        begin = child.stdout.readline()
        assert begin, "the child ended by itself"
        time.sleep(moments.uniform(0.0, 0.4))
        child.kill()
        rest = child.stdout.read()
    assert child.returncode == -9
    # What was cut off in the middle was not acknowledged.
    return [line.decode().strip() for line in (begin + rest).splitlines(keepends=True) if line.endswith(b"\n")]


async def rows_by_name(tables: Tables) -> dict[str, tuple[str, bytes, int]]:
    rows = await tables.read(lambda tx: tx.all(ROWS))
    return {row["job_id"]: (row["blob_id"], row["digest"], row["size"]) for row in rows}


async def test_acknowledged_rows_and_their_blobs_survive_and_no_row_names_a_missing_blob(tmp_path: Path) -> None:
    moments = random.Random(1)
    acknowledged: set[str] = set()
    for n in range(ROUNDS):
        acknowledged |= set(await asyncio.to_thread(work_and_kill, tmp_path, "writes", n * 1_000_000, moments))
        folder = DataFolder(tmp_path)
        rows = await rows_by_name(folder.epoch.tables)
        assert acknowledged <= rows.keys()
        blobs = folder.epoch.blobs
        for name, (blob_id, digest, size) in rows.items():
            data = blobs.read(blob_id, 0, size).path.read_bytes()
            assert (len(data), hashlib.sha256(data).digest()) == (size, digest), name
        named = {blob_id for blob_id, _, _ in rows.values()}

        async def ask(ids: Sequence[str], named: set[str] = named) -> Collection[str]:
            return named.intersection(ids)

        await sweep(blobs, ask)
        assert {blob_id async for blob_id in blobs.ids()} == named
        await folder.close()
    assert len(acknowledged) > ROUNDS


async def test_a_killed_reset_leaves_an_epoch_with_what_must_survive(tmp_path: Path) -> None:
    moments = random.Random(2)
    for n in range(ROUNDS):
        assert await asyncio.to_thread(work_and_kill, tmp_path, "resets", n * 1_000_000, moments)
        folder = DataFolder(tmp_path)
        assert (await rows_by_name(folder.epoch.tables)).keys() == {"account"}
        await folder.close()


async def test_acknowledged_jobs_are_delivered_at_least_once_in_their_groups_order(tmp_path: Path) -> None:
    moments = random.Random(3)
    path = tmp_path / "cloud"
    acknowledged: list[str] = []
    for n in range(ROUNDS):
        acknowledged += await asyncio.to_thread(work_and_kill, path, "jobs", n * 1_000_000, moments)
    delivered = [line.split() for line in (tmp_path / "delivered").read_text().splitlines()]

    async def deliver(job: Job) -> None:
        delivered.append([job.group, job.id])

    folder = DataFolder(path)
    outbox = Outbox(folder.epoch.tables, RealClock())
    outbox.bind("mail", deliver)
    running = asyncio.create_task(outbox.run())
    await outbox.drain(20)
    assert await outbox.dead() == []
    await outbox.stop()
    await running
    await folder.close()

    assert set(acknowledged) <= {job_id for _, job_id in delivered}
    by_group: dict[str, list[str]] = defaultdict(list)
    for group, job_id in delivered:
        by_group[group].append(job_id)
    assert all(jobs == sorted(jobs) for jobs in by_group.values())
    # Only what was in flight at a kill may come twice: four at once.
    assert len(delivered) - len({job_id for _, job_id in delivered}) <= 4 * ROUNDS
    assert len(acknowledged) > 2 * ROUNDS

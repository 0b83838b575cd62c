"""A process for the kill tests: it works on a data folder for ever and prints each acknowledgement.

    works_until_killed.py FOLDER writes|resets|jobs FIRST

FIRST is where the numbering of this run begins.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import sys
import time
from pathlib import Path

from marinelayer.outbox import Job, Outbox, enqueue
from marinelayer.ports import Statement, Transaction
from marinelayer.storage.folder import DataFolder, Epoch

# The blob's id as the kind, its digest as the payload: the outbox's table is the one that every schema has.
INSERT = Statement(
    "insert",
    "INSERT INTO outbox (job_id, kind, ordering, payload, state, due)"
    " VALUES (:job_id, :blob_id, '', :digest, 'dead', :size)",
)
WRITERS = 6


class RealClock:
    def now(self) -> int:
        return time.time_ns() // 1_000


def acknowledge(name: str) -> None:
    os.write(1, f"{name}\n".encode())


def put(tx: Transaction, job_id: str, blob_id: str, digest: bytes, size: int) -> int:
    return tx.run(INSERT, job_id=job_id, blob_id=blob_id, digest=digest, size=size)


async def write_blobs(epoch: Epoch, names: range) -> None:
    for n in names:
        data = random.randbytes(random.choice([0, 100, 200_000, 2_500_000]))
        writer = epoch.blobs.create()
        for offset in range(0, len(data), 64 * 1024):
            await writer.write(data[offset : offset + 64 * 1024])
        await writer.finish()
        await epoch.tables.write(put, f"row{n}", writer.blob_id, hashlib.sha256(data).digest(), len(data))
        acknowledge(f"row{n}")


async def reset(folder: DataFolder, first: int) -> None:
    async def carry(old: Epoch, new: Epoch) -> None:
        await new.tables.write(put, "account", "", b"", 0)

    for n in range(first, first + 1_000_000):
        old = folder.epoch
        await folder.new_epoch(carry)
        acknowledge(f"reset{n}")
        await folder.discard(old)


async def work_off(folder: DataFolder, first: int) -> None:
    """Write jobs, and have each handler append its job to a file as its last deed."""
    delivered = os.open(folder.path.parent / "delivered", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def deliver(job: Job) -> None:
        await asyncio.sleep(random.random() * 0.002)
        os.write(delivered, f"{job.group} {job.id}\n".encode())

    tables = folder.epoch.tables
    outbox = Outbox(tables, RealClock())
    outbox.bind("mail", deliver, concurrency=4)
    running = asyncio.create_task(outbox.run())
    for n in range(first, first + 1_000_000):
        await tables.write(enqueue, job_id=f"{n:08}", kind="mail", group=f"g{n % 5}", payload=b"", due=0)
        acknowledge(f"{n:08}")
        outbox.poke()
        await asyncio.sleep(0.001)
    await running


async def main(path: Path, work: str, first: int) -> None:
    folder = DataFolder(path)
    if work == "writes":
        ranges = [range(first + n, first + 1_000_000, WRITERS) for n in range(WRITERS)]
        await asyncio.gather(*(write_blobs(folder.epoch, names) for names in ranges))
    elif work == "resets":
        await reset(folder, first)
    else:
        await work_off(folder, first)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))

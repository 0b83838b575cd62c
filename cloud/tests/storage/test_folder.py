from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from marinelayer.ports import Statement, Transaction
from marinelayer.storage.folder import DataFolder, Epoch
from marinelayer.storage.ownership import FolderError, FolderInUseError, Run, read_last, read_run

RUN = Run(pid=os.getpid(), api="http://127.0.0.1:4566", console="http://127.0.0.1:4567", control="control.sock")
INSERT = Statement(
    "insert",
    "INSERT INTO outbox (job_id, kind, ordering, payload, state, due) VALUES (:job_id, '', '', x'', 'dead', 0)",
)
IDS = Statement("ids", "SELECT job_id FROM outbox ORDER BY job_id")


def put(tx: Transaction, job_id: str) -> int:
    return tx.run(INSERT, job_id=job_id)


def ids(tx: Transaction) -> list[str]:
    return [row["job_id"] for row in tx.all(IDS)]


async def carry_nothing(old: Epoch, new: Epoch) -> None:
    pass


def epochs(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.glob("epoch-*"))


async def gone(path: Path) -> None:
    async with asyncio.timeout(5):
        while path.exists():  # noqa: ASYNC110, ASYNC240 - a thread that says nothing deletes it
            await asyncio.sleep(0.005)


async def test_a_new_folder_is_its_owners_alone_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "cloud"
    folder = DataFolder(path)
    assert (folder.account, folder.epoch.number) == ("123456789012", 1)
    for private in (path, folder.ca, folder.epoch.path):
        assert private.stat().st_mode & 0o777 == 0o700
    wrapped = folder.keyring.wrap(b"secret", "p")
    await folder.epoch.tables.write(put, "a")
    await folder.close()
    again = DataFolder(path)
    assert again.keyring.unwrap(wrapped, "p") == b"secret"
    assert await again.epoch.tables.read(ids) == ["a"]
    await again.close()


async def test_the_account_is_fixed_at_the_first_start(tmp_path: Path) -> None:
    await DataFolder(tmp_path, account="320333787981").close()
    folder = DataFolder(tmp_path)
    assert folder.account == "320333787981"
    await folder.close()
    with pytest.raises(FolderError, match="belongs to account 320333787981"):
        DataFolder(tmp_path, account="123456789012")
    await DataFolder(tmp_path, account="320333787981").close()


async def test_a_second_opener_is_refused_with_the_owners_pid(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    command = (
        "import sys, pathlib; from marinelayer.storage.folder import DataFolder; DataFolder(pathlib.Path(sys.argv[1]))"
    )
    second = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", command, tmp_path], capture_output=True, text=True, check=False
    )
    assert f"FolderInUseError: {tmp_path} is in use by process {os.getpid()}" in second.stderr
    with pytest.raises(FolderInUseError) as caught:
        DataFolder(tmp_path)
    assert caught.value.pid == os.getpid()
    await folder.close()
    await DataFolder(tmp_path).close()


async def test_a_server_is_found_while_it_serves_and_its_last_address_after(tmp_path: Path) -> None:
    assert read_run(tmp_path) is None
    assert read_run(tmp_path / "none") is None
    folder = DataFolder(tmp_path)
    assert read_run(tmp_path) is None
    folder.announce(RUN)
    assert read_run(tmp_path) == RUN
    await folder.close()
    assert read_run(tmp_path) is None
    assert not (tmp_path / "run.json").exists()
    assert read_last(tmp_path) == RUN


async def test_an_address_that_a_killed_server_left_is_not_believed(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.announce(RUN)
    left = (tmp_path / "run.json").read_bytes()
    await folder.close()
    (tmp_path / "run.json").write_bytes(left)
    assert read_run(tmp_path) is None
    folder = DataFolder(tmp_path)
    assert read_run(tmp_path) is None
    await folder.close()


async def test_looking_whether_a_server_runs_does_not_stop_one_from_starting(tmp_path: Path) -> None:
    await DataFolder(tmp_path).close()
    stop = asyncio.Event()

    def look() -> None:
        while not stop.is_set():
            read_run(tmp_path)

    looker = asyncio.create_task(asyncio.to_thread(look))
    try:
        for _ in range(20):
            folder = DataFolder(tmp_path)
            await folder.close()
            await asyncio.sleep(0)
    finally:
        stop.set()
        await looker


async def test_a_reset_carries_what_must_survive_and_deletes_the_rest(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    old = folder.epoch
    await old.tables.write(put, "account")
    await old.tables.write(put, "bucket")
    writer = old.blobs.create()
    await writer.write(b"x")
    await writer.finish()

    async def carry(before: Epoch, after: Epoch) -> None:
        assert "account" in await before.tables.read(ids)
        await after.tables.write(put, "account")

    new = await folder.new_epoch(carry)
    assert folder.epoch is new
    assert await new.tables.read(ids) == ["account"]
    assert [blob_id async for blob_id in new.blobs.ids()] == []
    assert await old.tables.read(ids) == ["account", "bucket"]
    await folder.discard(old)
    await gone(old.path)
    await folder.close()
    again = DataFolder(tmp_path)
    assert again.epoch.number == new.number
    assert await again.epoch.tables.read(ids) == ["account"]
    await again.close()


async def test_a_reset_with_a_spare_takes_milliseconds(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare_spare()
    times: list[float] = []
    for _ in range(5):
        await asyncio.sleep(0.05)
        old, begin = folder.epoch, time.perf_counter()
        await folder.new_epoch(carry_nothing)
        times.append(time.perf_counter() - begin)
        await folder.discard(old)
    assert min(times) < 0.05
    await folder.close()


async def test_a_reset_that_fails_leaves_all_as_it_was(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    await folder.epoch.tables.write(put, "a")

    async def fail(old: Epoch, new: Epoch) -> None:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        await folder.new_epoch(fail)
    old = folder.epoch
    assert old.number == 1
    assert await old.tables.read(ids) == ["a"]
    await gone(tmp_path / "epoch-2")
    await folder.new_epoch(carry_nothing)
    await folder.discard(old)
    await folder.close()


async def test_the_present_epoch_can_not_be_discarded(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with pytest.raises(ValueError, match="present epoch"):
        await folder.discard(folder.epoch)
    await folder.close()


async def test_closing_the_folder_discards_an_old_epoch_that_was_still_open(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    old = folder.epoch
    await folder.new_epoch(carry_nothing)
    await folder.close()
    with pytest.raises(RuntimeError, match="closed"):
        await old.tables.read(ids)
    await folder.discard(old)
    await gone(old.path)


async def test_epochs_that_a_killed_process_left_are_deleted_at_open(tmp_path: Path) -> None:
    await DataFolder(tmp_path).close()
    for number in (7, 12):
        (tmp_path / f"epoch-{number}" / "blobs").mkdir(parents=True)
    folder = DataFolder(tmp_path)
    await gone(tmp_path / "epoch-7")
    await gone(tmp_path / "epoch-12")
    assert epochs(tmp_path) == ["epoch-1"]
    await folder.close()


async def test_a_first_start_that_was_killed_before_the_pointer_goes_on(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    await folder.close()
    (tmp_path / "epoch").unlink()
    folder = DataFolder(tmp_path)
    assert folder.epoch.number == 1
    await folder.close()


async def test_a_lost_pointer_among_several_epochs_deletes_nothing(tmp_path: Path) -> None:
    await DataFolder(tmp_path).close()
    (tmp_path / "epoch").unlink()
    (tmp_path / "epoch-2").mkdir()
    with pytest.raises(FolderError, match="lost its file `epoch`"):
        DataFolder(tmp_path)
    assert epochs(tmp_path) == ["epoch-1", "epoch-2"]


async def test_a_lost_master_key_is_told_and_not_replaced(tmp_path: Path) -> None:
    await DataFolder(tmp_path).close()
    (tmp_path / "master.key").unlink()
    with pytest.raises(FolderError, match=r"lost its master\.key"):
        DataFolder(tmp_path)
    assert not (tmp_path / "master.key").exists()

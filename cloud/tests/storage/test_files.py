from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path

import pytest

from marinelayer.storage import durable
from marinelayer.storage.files import FileBlobs, sweep


@pytest.fixture
async def blobs(tmp_path: Path) -> AsyncIterator[FileBlobs]:
    blobs = FileBlobs(tmp_path / "blobs")
    yield blobs
    await blobs.close()


async def store(blobs: FileBlobs, *pieces: bytes) -> str:
    writer = blobs.create()
    for piece in pieces:
        await writer.write(piece)
    await writer.finish()
    return writer.blob_id


def content(blobs: FileBlobs, blob_id: str, offset: int, length: int) -> bytes:
    part = blobs.read(blob_id, offset, length)
    assert (part.offset, part.length) == (offset, length)
    return part.path.read_bytes()[part.offset : part.offset + part.length]


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def stored(blobs: FileBlobs) -> set[str]:
    return {blob_id async for blob_id in blobs.ids()}


@pytest.mark.parametrize("sizes", [[], [1], [70_000] * 40, [5 * 1024 * 1024, 1, 1024 * 1024]])
async def test_what_was_written_is_read_in_whole_and_in_part(blobs: FileBlobs, sizes: list[int]) -> None:
    pieces = [os.urandom(size) for size in sizes]
    blob_id = await store(blobs, *pieces)
    whole = b"".join(pieces)
    assert content(blobs, blob_id, 0, len(whole)) == whole
    assert content(blobs, blob_id, len(whole) // 2, len(whole) // 3) == whole[len(whole) // 2 :][: len(whole) // 3]
    assert blobs.read(blob_id, 0, 0).path.stat().st_size == len(whole)


async def test_nothing_is_stored_before_it_is_finished(blobs: FileBlobs, tmp_path: Path) -> None:
    writer = blobs.create()
    await writer.write(b"x" * 3_000_000)
    assert await stored(blobs) == set()
    await writer.finish()
    assert await stored(blobs) == {writer.blob_id}
    assert files(tmp_path / "blobs") == [f"{writer.blob_id[-2:]}/{writer.blob_id}"]


@pytest.mark.parametrize("finished", [True, False])
@pytest.mark.parametrize("size", [0, 10, 3_000_000])
async def test_an_abandoned_blob_leaves_nothing(blobs: FileBlobs, tmp_path: Path, finished: bool, size: int) -> None:
    writer = blobs.create()
    await writer.write(b"x" * size)
    if finished:
        await writer.finish()
    await writer.abandon()
    await writer.abandon()
    assert files(tmp_path / "blobs") == []


async def test_a_writer_whose_caller_was_cancelled_can_be_abandoned(blobs: FileBlobs, tmp_path: Path) -> None:
    for pause in (0, 0.0005, 0.002, 0.01):
        writer = blobs.create()

        async def upload() -> None:
            for _ in range(20):
                await writer.write(b"x" * 1_100_000)  # noqa: B023 - awaited within the round
            await writer.finish()  # noqa: B023

        task = asyncio.create_task(upload())
        await asyncio.sleep(pause)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await writer.abandon()
        assert files(tmp_path / "blobs") == []


async def test_a_full_disk_is_told_and_leaves_nothing(
    blobs: FileBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, data: object) -> int:
        raise OSError(28, "No space left on device")

    writer = blobs.create()
    with monkeypatch.context() as patch:
        patch.setattr("marinelayer.storage.files.os.write", full)
        await writer.write(b"x" * 2_000_000)
        with pytest.raises(OSError, match="No space left"):
            await writer.finish()
        with pytest.raises(OSError, match="No space left"):
            await writer.finish()
    await writer.abandon()
    assert files(tmp_path / "blobs") == []


async def test_a_deleted_blob_is_gone_and_deleting_it_again_is_nothing(blobs: FileBlobs) -> None:
    blob_id = await store(blobs, b"x")
    await blobs.delete(blob_id)
    await blobs.delete(blob_id)
    assert await stored(blobs) == set()


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "x" * 32, "A" * 32, "0" * 31, "0" * 32 + "\n"])
async def test_no_name_leads_out_of_the_folder(blobs: FileBlobs, name: str) -> None:
    with pytest.raises(ValueError, match="no blob's name"):
        blobs.read(name, 0, 1)


async def test_what_a_killed_process_had_not_finished_is_removed_at_open(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "blobs")
    kept = await store(blobs, b"kept")
    writer = blobs.create()
    await writer.write(b"x" * 3_000_000)
    await writer.write(b"x" * 3_000_000)
    assert len(files(tmp_path / "blobs")) == 2
    again = FileBlobs(tmp_path / "blobs")
    assert files(tmp_path / "blobs") == [f"{kept[-2:]}/{kept}"]
    await writer.abandon()
    await blobs.close()
    await again.close()


async def test_the_sweeper_deletes_what_no_row_names_and_spares_what_this_run_made(tmp_path: Path) -> None:
    before = FileBlobs(tmp_path / "blobs")
    old = [await store(before, b"x") for _ in range(5)]
    await before.close()
    blobs = FileBlobs(tmp_path / "blobs")
    new = await store(blobs, b"x")
    asked: list[str] = []

    async def named(ids: Sequence[str]) -> Collection[str]:
        asked.extend(ids)
        return {old[1], old[3]}

    assert await sweep(blobs, named) == 3
    assert sorted(asked) == sorted(old)
    assert await stored(blobs) == {old[1], old[3], new}
    await blobs.close()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the names of open files are read from /proc")
async def test_a_blob_is_synced_before_it_has_its_name_and_its_folder_after(
    blobs: FileBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, int]] = []

    def sync(descriptor: int) -> None:
        target = Path(f"/proc/self/fd/{descriptor}").resolve()
        synced.append((str(target.relative_to(tmp_path / "blobs")), len(list((tmp_path / "blobs").glob("??/*")))))

    monkeypatch.setattr(durable, "sync_file", sync)
    monkeypatch.setattr("marinelayer.storage.files.sync_file", sync)
    blob_id = await store(blobs, b"x")
    assert synced == [(f"new/{blob_id}", 0), (".", 0), (blob_id[-2:], 1)]

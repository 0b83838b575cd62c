"""Bytes of larger objects as files.

A blob is one file with a random name, in one of 256 folders by its last two digits. It is written under `new/`,
synced, renamed, and its folder synced, so that under its own name it is always whole. Names and folders tell nothing
of buckets and keys. All file I/O runs in threads.

Knows no database: which blobs are named by a row is asked of the caller.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from marinelayer.http import FileRange
from marinelayer.storage.durable import SharedFolderSync, sync_file, sync_folder

P = ParamSpec("P")
R = TypeVar("R")

_ID = re.compile(r"[0-9a-f]{32}")
_CHUNK = 1024 * 1024
"""Bytes that a writer gathers before it goes to a thread; up to twice as many are in memory."""
_SWEPT_AT_ONCE = 500


class FileBlobWriter:
    """Bytes on their way to a file. One chunk may be written while the next one is gathered."""

    def __init__(self, blobs: FileBlobs, blob_id: str) -> None:
        self._blobs = blobs
        self._blob_id = blob_id
        self._pieces: list[bytes] = []
        self._size = 0
        self._descriptor: int | None = None
        self._running: asyncio.Future[None] | None = None

    @property
    def blob_id(self) -> str:
        """The random name under which `finish` leaves the bytes."""
        return self._blob_id

    async def write(self, piece: bytes) -> None:
        """Append. An error of the disk is raised here, by a later call, or by `finish`."""
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size >= _CHUNK:
            await self._settle()
            self._running = self._blobs.in_thread(self._flush, self._take())

    async def finish(self) -> None:
        """Make it durable: after this returns it survives a power cut, though no row names it yet."""
        await self._settle()
        self._running = self._blobs.in_thread(self._finish, self._take())
        await self._settle()

    async def abandon(self) -> None:
        """Remove what was written. Safe after `finish` and when called twice."""
        self._take()
        with suppress(OSError):
            await self._settle()
        await self._blobs.in_thread(self._abandon)

    def _take(self) -> list[bytes]:
        pieces, self._pieces, self._size = self._pieces, [], 0
        return pieces

    async def _settle(self) -> None:
        """Wait for the thread that writes. Shielded: it goes on when its caller is cancelled, and whoever abandons
        the blob must be able to wait for it."""
        if self._running is not None:
            await asyncio.shield(self._running)
            self._running = None

    # --- in a thread ----------------------------------------------------------------------------------------

    def _flush(self, pieces: Sequence[bytes]) -> None:
        if self._descriptor is None:
            path = self._blobs.unfinished_path(self._blob_id)
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        data = memoryview(b"".join(pieces))
        while data:
            data = data[os.write(self._descriptor, data) :]

    def _finish(self, pieces: Sequence[bytes]) -> None:
        self._flush(pieces)
        if self._descriptor is not None:
            sync_file(self._descriptor)
        self._close()
        self._blobs.publish(self._blob_id)

    def _abandon(self) -> None:
        self._close()
        self._blobs.unfinished_path(self._blob_id).unlink(missing_ok=True)
        self._blobs.path(self._blob_id).unlink(missing_ok=True)

    def _close(self) -> None:
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)


class FileBlobs:
    """The port `Blobs` on a folder."""

    def __init__(self, folder: Path, *, threads: int = 8) -> None:
        """Use `folder`, which is made where it is not there, and remove what a killed process had not finished."""
        self._folder = folder
        self._new = folder / "new"
        self._new.mkdir(parents=True, exist_ok=True, mode=0o700)
        for leftover in self._new.iterdir():
            leftover.unlink()
        # Blobs of this run begin with it, so that the sweeper can tell them from those that an earlier run left.
        self._run = secrets.token_hex(4)
        self._made = itertools.count()
        self._syncs: dict[Path, SharedFolderSync] = {}
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="blobs")

    def create(self) -> FileBlobWriter:
        """A writer of a new blob."""
        # Numbered, so that the rows that name them come to lie beside each other.
        return FileBlobWriter(self, f"{self._run}{next(self._made):08x}{secrets.token_hex(8)}")

    def read(self, blob_id: str, offset: int, length: int) -> FileRange:
        """`length` bytes from `offset`, for the server to send."""
        return FileRange(self.path(blob_id), offset, length)

    async def delete(self, blob_id: str) -> None:
        """Remove it; nothing happens if it is gone."""
        await self.in_thread(self.path(blob_id).unlink, True)

    async def ids(self) -> AsyncIterator[str]:
        """Every finished blob that is stored, in no order."""
        for folder in await self.in_thread(lambda: sorted(self._folder.glob("??"))):
            for name in await self.in_thread(os.listdir, folder):
                if _ID.fullmatch(name):
                    yield name

    def made_here(self, blob_id: str) -> bool:
        """Whether the blob was made since this object was: a row that names it may still be on its way."""
        return blob_id.startswith(self._run)

    async def close(self) -> None:
        """Wait for what runs. Safe when called twice."""
        await asyncio.to_thread(self._threads.shutdown)

    # --- for writers ----------------------------------------------------------------------------------------

    def path(self, blob_id: str) -> Path:
        """Where the finished blob is.

        Raises:
            ValueError: this is no blob's name.
        """
        if not _ID.fullmatch(blob_id):
            raise ValueError(f"{blob_id!r} is no blob's name")
        return self._folder / blob_id[-2:] / blob_id

    def unfinished_path(self, blob_id: str) -> Path:
        """Where the blob is while it is written."""
        return self._new / blob_id

    def publish(self, blob_id: str) -> None:
        """Give the synced file its own name, durably."""
        path = self.path(blob_id)
        sync = self._syncs.get(path.parent)
        if sync is None:
            # Two threads may come here at once, for the same folder: all of this may be done twice.
            path.parent.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self._folder)
            sync = self._syncs.setdefault(path.parent, SharedFolderSync(path.parent))
        self.unfinished_path(blob_id).rename(path)
        sync.sync()

    def in_thread(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[R]:
        """Run the function in a thread of the blobs' own, so that slow disks hold up nothing else."""
        return asyncio.get_running_loop().run_in_executor(self._threads, partial(function, *args, **kwargs))


async def sweep(blobs: FileBlobs, named: Callable[[Sequence[str]], Awaitable[Collection[str]]]) -> int:
    """Delete the blobs that no row names, and return how many those were.

    `named` gets up to 500 ids and answers which of these a row names. Blobs of this run are left alone, since their
    rows may be on their way: a sweep may go on beside requests.
    """
    swept = 0
    batch: list[str] = []

    async def sweep_batch() -> int:
        keep = await named(batch)
        orphans = [blob_id for blob_id in batch if blob_id not in keep]
        for blob_id in orphans:
            await blobs.delete(blob_id)
        batch.clear()
        return len(orphans)

    async for blob_id in blobs.ids():
        if blobs.made_here(blob_id):
            continue
        batch.append(blob_id)
        if len(batch) == _SWEPT_AT_ONCE:
            swept += await sweep_batch()
    return swept + (await sweep_batch() if batch else 0)

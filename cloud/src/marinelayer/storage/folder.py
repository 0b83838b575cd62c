"""The data folder: where everything in it lies.

    lock, run.json, last.json    who owns it and how that process is reached (`ownership`)
    master.key                   what secrets are wrapped with
    account                      the account, fixed at the first start
    ca/                          the folder's own certificate authority
    epoch                        the number of the present epoch
    epoch-N/                     cloud.db and blobs/: all state. A reset makes the next epoch and deletes this one

Every file here is written so that a kill at any instruction leaves the old content or the new one.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from marinelayer.config import DEFAULT_ACCOUNT
from marinelayer.ports import Tables
from marinelayer.storage.durable import replace, sync_folder, write_new
from marinelayer.storage.files import FileBlobs
from marinelayer.storage.keyring import FileKeyring
from marinelayer.storage.ownership import FolderError, Ownership, Run
from marinelayer.storage.sqlite import SqliteTables

_EPOCH = re.compile(r"epoch-(\d+)")


class OpenTables(Tables, Protocol):
    """Tables that somebody opened and must close."""

    async def close(self) -> None:
        """Finish what is queued, then close."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """All state between two resets."""

    number: int
    path: Path
    tables: OpenTables
    blobs: FileBlobs

    async def close(self) -> None:
        """Finish what is queued, then close tables and blobs."""
        await self.tables.close()
        await self.blobs.close()


class DataFolder:
    """A data folder that this process owns, from construction to `close`."""

    def __init__(
        self,
        path: Path,
        *,
        account: str | None = None,
        open_tables: Callable[[Path], OpenTables] = SqliteTables,
    ) -> None:
        """Own the folder at `path`, which is made where it is not there.

        `account` is wanted at the first start, and confirmed later; None takes what the folder has, or the default.
        `open_tables` opens the database of an epoch, given where its file would lie.

        Raises:
            FolderInUseError: another process owns it.
            FolderError: it is another account's, or its master key is gone.
            SchemaError: its database can not be used.
        """
        path = path.absolute()
        if not path.exists():
            path.mkdir(mode=0o700, parents=True)
            sync_folder(path.parent)
        self.path = path
        self.ca = path / "ca"
        """The folder of the certificate authority, mode 0700."""
        self.control_socket = path / "control.sock"
        self._open_tables = open_tables
        self._spare: asyncio.Task[Epoch] | None = None
        self._retired: dict[int, Epoch] = {}
        self._ownership = Ownership(path)
        try:
            self.account = _account(path, account)
            """Twelve digits, fixed at the folder's first start."""
            self.keyring = _keyring(path)
            self.ca.mkdir(mode=0o700, exist_ok=True)
            self.epoch = self._open_epoch(_present_epoch(path))
            """The present one."""
            replace(path / "epoch", f"{self.epoch.number}\n".encode())
        except BaseException:
            self._ownership.end()
            raise
        for number in _epochs(path) - {self.epoch.number}:
            _delete(path / f"epoch-{number}")

    def announce(self, run: Run) -> None:
        """Write run.json and last.json, now that this process serves."""
        self._ownership.announce(run)

    def prepare_spare(self) -> None:
        """Make the next epoch ahead, in the background, so that a reset needs not wait for it."""
        if self._spare is None:
            number = max(_epochs(self.path)) + 1
            self._spare = asyncio.create_task(asyncio.to_thread(self._open_epoch, number))

    async def new_epoch(self, carry: Callable[[Epoch, Epoch], Awaitable[None]]) -> Epoch:
        """Make an empty epoch the present one, return it, and begin the spare for the next time.

        `carry(old, new)` copies what must survive, before the switch: a kill leaves the old epoch, or the new one with
        all that it needs. The old one stays open until it is given to `discard`. Not to be called while it runs.
        """
        new = await self._take_spare()
        try:
            await carry(self.epoch, new)
            await asyncio.to_thread(replace, self.path / "epoch", f"{new.number}\n".encode())
        except BaseException:
            await self.discard(new)
            raise
        self._retired[self.epoch.number] = self.epoch
        self.epoch = new
        self.prepare_spare()
        return new

    async def discard(self, epoch: Epoch) -> None:
        """Close an epoch that is not the present one, and delete it in the background. Safe when called twice.

        Raises:
            ValueError: it is the present one.
        """
        if epoch.number == self.epoch.number:
            raise ValueError("the present epoch can not be discarded")
        self._retired.pop(epoch.number, None)
        await epoch.close()
        _delete(epoch.path)

    async def close(self) -> None:
        """Close the present epoch, discard what is left of others, and leave the folder to other processes."""
        try:
            for epoch in list(self._retired.values()):
                await self.discard(epoch)
            if self._spare is not None:
                await self.discard(await self._take_spare())
            await self.epoch.close()
        finally:
            self.control_socket.unlink(missing_ok=True)
            self._ownership.end()

    async def _take_spare(self) -> Epoch:
        self.prepare_spare()
        spare, self._spare = self._spare, None
        if spare is None:
            raise AssertionError("there is one, just prepared")
        return await spare

    def _open_epoch(self, number: int) -> Epoch:
        path = self.path / f"epoch-{number}"
        path.mkdir(mode=0o700, exist_ok=True)
        sync_folder(self.path)
        tables = self._open_tables(path / "cloud.db")
        return Epoch(number=number, path=path, tables=tables, blobs=FileBlobs(path / "blobs"))


def _account(path: Path, wanted: str | None) -> str:
    file = path / "account"
    with suppress(FileExistsError):
        write_new(file, f"{wanted or DEFAULT_ACCOUNT}\n".encode())
    account = file.read_text("ascii").strip()
    if wanted not in (None, account):
        raise FolderError(f"{path} belongs to account {account} since its first start; it can not become {wanted}")
    return account


def _keyring(path: Path) -> FileKeyring:
    file = path / "master.key"
    if _epochs(path) and not file.exists():
        # A new key would hide that the old one is missing until the first secret is read.
        raise FolderError(f"{path} has lost its master.key, without which its secrets can not be read")
    return FileKeyring(file)


def _epochs(path: Path) -> set[int]:
    found = (_EPOCH.fullmatch(entry.name) for entry in path.iterdir())
    return {int(match[1]) for match in found if match}


def _present_epoch(path: Path) -> int:
    """The number in the pointer; without one (killed in its first start), the one that there is, or 1."""
    try:
        return int((path / "epoch").read_text("ascii"))
    except FileNotFoundError:
        epochs = _epochs(path)
        if len(epochs) > 1:
            raise FolderError(f"{path} has lost its file `epoch`, which names one of {sorted(epochs)}") from None
        return min(epochs, default=1)


def _delete(path: Path) -> None:
    # A daemon: a process that wants to end leaves the rest to the next start.
    threading.Thread(target=shutil.rmtree, args=(path, True), name=f"delete-{path.name}", daemon=True).start()

"""Making files and folders survive a power cut.

fsync of a file makes its bytes durable, fsync of its folder its name. macOS's fsync stops at the drive's cache, so
that F_FULLFSYNC is asked for where the system has it.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import suppress
from pathlib import Path

_FULL_SYNC: int | None = getattr(fcntl, "F_FULLFSYNC", None)


def sync_file(descriptor: int) -> None:
    """Return when the open file's bytes are on the disk."""
    if _FULL_SYNC is not None:
        # OSError: a file system that does not know it, as network ones.
        with suppress(OSError):
            fcntl.fcntl(descriptor, _FULL_SYNC)
            return
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Return when the names in `folder` are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync_file(descriptor)
    finally:
        os.close(descriptor)


def write_new(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Make the file `path`, which after a crash is there as a whole or not at all.

    Raises:
        FileExistsError: it is there already; it is left as it is.
    """
    temporary = _write_temporary(path, data, mode)
    try:
        # A link, unlike a rename, never replaces.
        path.hardlink_to(temporary)
    finally:
        temporary.unlink()
    sync_folder(path.parent)


def replace(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write the file `path`, which after a crash has its old content or its new one."""
    _write_temporary(path, data, mode).replace(path)
    sync_folder(path.parent)


def _write_temporary(path: Path, data: bytes, mode: int) -> Path:
    temporary = path.with_name(f".{path.name}.new")
    # One that a killed process left.
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        sync_file(descriptor)
    return temporary


class SharedFolderSync:
    """fsync of one folder, shared by the threads that ask for it while another one is under way."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._running = threading.Lock()
        self._asked = 0
        self._done = 0

    def sync(self) -> None:
        """Return when every name that was in the folder before this call is on the disk."""
        with self._lock:
            self._asked += 1
            mine = self._asked
        with self._running:
            if self._done >= mine:
                return
            with self._lock:
                covered = self._asked
            sync_folder(self._folder)
            self._done = covered

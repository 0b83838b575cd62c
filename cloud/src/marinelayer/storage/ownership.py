"""Which process owns a data folder, and how it is reached.

    lock         held (flock) by the one process that owns the folder; holds its pid
    run.json     how that process is reached, while it serves
    last.json    how it was reached the last time, for `marinelayer env` when no server runs

flock ends with its process, however that ends, so that no stale lock is ever to be judged.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from marinelayer.storage.durable import replace

_LOCK_SECONDS = 0.5
"""How long an opener tries: whoever looks whether a server runs holds the lock for a moment."""


class FolderError(Exception):
    """A data folder that can not be used. The text says why."""


class FolderInUseError(FolderError):
    """Another process owns the folder. `pid` is its process id, None where it can not be read."""

    def __init__(self, path: Path, pid: int | None) -> None:
        super().__init__(f"{path} is in use by {f'process {pid}' if pid else 'another process'}")
        self.pid = pid


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How the process that serves a folder is reached. `api` and `console` are URLs, `tls` the API's https URL or None,
    `control` the path of the control socket."""

    pid: int
    api: str
    console: str | None = None
    tls: str | None = None
    control: str | None = None


class Ownership:
    """The lock on a folder, from construction to `end`."""

    def __init__(self, path: Path) -> None:
        """Take the lock.

        Raises:
            FolderInUseError: another process holds it.
        """
        self._path = path
        self._descriptor = _lock(path)
        # A killed process's.
        self._run.unlink(missing_ok=True)

    def announce(self, run: Run) -> None:
        """Write where this process serves, now that it does."""
        content = json.dumps(asdict(run), indent=2).encode() + b"\n"
        replace(self._path / "last.json", content)
        replace(self._run, content)

    def end(self) -> None:
        """Leave the folder to others. Safe when called twice."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            self._run.unlink(missing_ok=True)
            os.close(descriptor)

    @property
    def _run(self) -> Path:
        return self._path / "run.json"


def read_run(path: Path) -> Run | None:
    """How the process that serves the folder at `path` is reached; None where none does."""
    return _read(path / "run.json") if _is_locked(path) else None


def read_last(path: Path) -> Run | None:
    """How the folder's server was reached the last time that it ran; None where it never did."""
    return _read(path / "last.json")


def _read(path: Path) -> Run | None:
    try:
        return Run(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None


def _is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path / "lock", os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _lock(path: Path) -> int:
    descriptor = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                pid = os.pread(descriptor, 32, 0).strip()
                os.close(descriptor)
                raise FolderInUseError(path, int(pid) if pid.isdigit() else None) from None
            time.sleep(0.02)
        else:
            os.truncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            return descriptor

"""Tables in one SQLite file.

Writes queue for one committer thread. It takes whatever is queued, runs each write function in a SAVEPOINT of its own
inside one transaction, commits once (one fsync for the group) and wakes all callers. It never waits for company: a
group forms by itself while the commit before it is on its way to the disk. Reads run at once on a connection of their
own, on the caller's thread, since they take microseconds. Nobody else writes to the file, so that reads may share one
snapshot until the next write begins, which saves most of what a small read costs. While something is being written
each read has its own: one that was kept would hold up the write-ahead log.

Knows nothing of what the tables mean.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import apsw

from marinelayer.ports import Transaction
from marinelayer.storage.sqlite_connection import SqliteTransaction, migrate, open_file

P = ParamSpec("P")
R = TypeVar("R")

_GROUP = 512
"""The most writes in one commit, so that the first of a flood need not wait for the last."""


class TablesClosedError(RuntimeError):
    """The tables were closed."""

    def __init__(self) -> None:
        super().__init__("the tables are closed")


class _Write:
    """A write function that waits for its commit, and then for its caller to wake."""

    __slots__ = ("error", "function", "future", "loop", "result")

    def __init__(self, function: Callable[[Transaction], Any], future: asyncio.Future[Any]) -> None:
        self.function = function
        self.future = future
        self.loop = future.get_loop()
        self.result: Any = None
        self.error: BaseException | None = None

    def wake(self) -> None:
        """Hand the outcome to the caller, on the caller's loop. A caller that was cancelled wants none."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class SqliteTables:
    """The port `Tables` on one SQLite file.

    A write is acknowledged when the commit that holds it is on disk (WAL, synchronous=FULL). A caller that is
    cancelled while it waits does not undo its write.
    """

    def __init__(self, path: Path) -> None:
        """Open `path`, make it where it is not there, and bring its schema up to date.

        Raises:
            SchemaError: the file is another program's database, or a newer Marine Layer's.
        """
        self._writing = open_file(path)
        try:
            migrate(self._writing, path)
            self._reading = open_file(path)
        except BaseException:
            self._writing.close()
            raise
        self._reading.pragma("query_only", 1)
        self._read_transaction = SqliteTransaction(self._reading)
        self._read_lock = threading.Lock()
        self._snapshot: int | None = None
        """How many writes had been asked for, and were all done, when the snapshot that is kept was taken."""
        self._in_snapshot = False
        self._queue: list[_Write] = []
        self._queued = threading.Condition()
        self._asked = 0
        """Writes asked for since the start."""
        self._busy = False
        """Whether one of them is queued or under way."""
        self._closing = False
        self.commits = 0
        """Groups that were committed since the start."""
        self.writes = 0
        """Write functions in these groups."""
        self._committer = threading.Thread(target=self._commit_groups, name="sqlite-committer", daemon=True)
        self._committer.start()

    async def write(
        self, function: Callable[Concatenate[Transaction, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `function(tx, ...)` in the committer thread; its result when its commit is on disk.

        Raises:
            TablesClosedError: `close` was called before.
            Exception: whatever the function raised, which undid all that it wrote and nothing else.
        """
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        write = _Write(lambda transaction: function(transaction, *args, **kwargs), future)
        with self._queued:
            if self._closing:
                raise TablesClosedError
            self._busy = True
            self._asked += 1
            self._queue.append(write)
            self._queued.notify()
        # A read that runs in another thread now leaves its snapshot itself.
        if self._read_lock.acquire(blocking=False):
            self._leave_snapshot()
            self._read_lock.release()
        return await future

    async def read(self, function: Callable[Concatenate[Transaction, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `function(tx, ...)` on one snapshot, here and now. It can not write."""
        with self._read_lock:
            if self._closing:
                raise TablesClosedError
            if self._snapshot != self._asked:
                self._enter_snapshot()
            try:
                return function(self._read_transaction, *args, **kwargs)
            finally:
                if self._snapshot != self._asked:
                    self._leave_snapshot()

    def _enter_snapshot(self) -> None:
        self._leave_snapshot()
        asked = self._asked  # before `_busy`, which a write sets first: what is read as done then is done
        self._snapshot = None if self._busy else asked
        self._read_transaction.control("BEGIN")
        self._in_snapshot = True

    def _leave_snapshot(self) -> None:
        if self._in_snapshot:
            self._read_transaction.control("ROLLBACK")
            self._in_snapshot = False

    async def close(self) -> None:
        """Commit what is queued, then close the file. Safe when called twice."""
        with self._queued:
            self._closing = True
            self._queued.notify()
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._committer.join()
        with self._read_lock:
            self._reading.close()
        self._writing.close()

    # --- the committer's thread -----------------------------------------------------------------------------

    def _commit_groups(self) -> None:
        transaction = SqliteTransaction(self._writing)
        while group := self._next_group():
            try:
                self._commit(transaction, group)
            except BaseException as error:  # noqa: BLE001 - it is the callers' error, and this thread must live on
                with suppress(apsw.Error):
                    transaction.control("ROLLBACK")
                for write in group:
                    write.error = error
            _wake(group)

    def _next_group(self) -> list[_Write]:
        """Whatever is queued, in order, once there is something; nothing when the tables are closing."""
        with self._queued:
            while not self._queue and not self._closing:
                self._busy = False
                self._queued.wait()
            group = self._queue[:_GROUP]
            del self._queue[:_GROUP]
            return group

    def _commit(self, transaction: SqliteTransaction, group: list[_Write]) -> None:
        transaction.control("BEGIN IMMEDIATE")
        for write in group:
            transaction.control("SAVEPOINT one")
            try:
                write.result = write.function(transaction)
            except BaseException as error:
                if not self._writing.in_transaction:
                    # The disk is full or broken, and SQLite has undone the whole group already.
                    raise
                write.error = error
                transaction.control("ROLLBACK TO one")
            transaction.control("RELEASE one")
        transaction.control("COMMIT")
        self.commits += 1
        self.writes += len(group)


def _wake(group: Sequence[_Write]) -> None:
    """Wake all callers with one call into each loop (nearly always one loop)."""
    for loop in {write.loop for write in group}:
        # RuntimeError: the loop was closed, so that nobody waits any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_wake_here, [write for write in group if write.loop is loop])


def _wake_here(group: Sequence[_Write]) -> None:
    for write in group:
        write.wake()

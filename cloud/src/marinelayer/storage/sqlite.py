"""Tables in one SQLite file.

Writes queue. Whatever is queued runs as one group in one transaction; then the committer's thread commits it (one fsync
for the group) and all callers wake. A group never waits for company: the next one forms by itself while the commit
before it is on its way to the disk. A write function that raises has nearly always changed nothing yet. Where it has,
the whole group is undone and runs again, each function in a SAVEPOINT of its own, which the others need not pay for.

The statements of a group run on its callers' own thread, since they take microseconds there, and several times as long
in a thread that must take Python's lock from the event loop's for each. A write function that has been seen to take
long runs in the committer's thread, and so do writes whose loop has gone.

Reads run at once on a connection of their own, on the caller's thread. Nobody else writes to the file, so that reads
may share one snapshot until the next write begins, which saves most of what a small read costs. While something is
being written each read has its own: one that was kept would hold up the write-ahead log. For the same reason it can be
told whether a table has changed since it was read (`Revision`).

Knows nothing of what the tables mean.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

import apsw

from marinelayer.ports import Transaction
from marinelayer.storage.sqlite_connection import SqliteTransaction, migrate, open_file

P = ParamSpec("P")
R = TypeVar("R")

_GROUP = 512
"""The most writes in one commit, so that the first of a flood need not wait for the last."""
_GROUP_SECONDS = 0.005
"""How long the writes of one group may keep the event loop; what is left is the next group's."""
_LONG_SECONDS = 0.002
"""A write function that took longer, when it ran last, runs in the committer's thread."""


class TablesClosedError(RuntimeError):
    """The tables were closed."""

    def __init__(self) -> None:
        super().__init__("the tables are closed")


class SqliteRevision:
    """ports.Revision: counts the commits that changed one of some tables."""

    __slots__ = ("_number",)

    def __init__(self) -> None:
        self._number = 0

    @property
    def number(self) -> int | None:
        """How many."""
        return self._number

    def count(self) -> None:
        """One of the tables was changed by a commit."""
        self._number += 1


class _Write:
    """A write function that waits for its commit, and then for its caller to wake."""

    __slots__ = ("error", "future", "kind", "loop", "result", "run")

    def __init__(
        self,
        kind: object,
        run: Callable[[Transaction], Any],
        future: asyncio.Future[Any],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.kind = kind
        self.run = run
        self.future = future
        self.loop = loop
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


def kind_of(function: Callable[..., Any]) -> object:
    """What stands for a write function in all its calls, also where each call makes it anew, or wraps another one (as
    `functools.wraps` says so): its code, or its class."""
    function = getattr(function, "__wrapped__", function)
    return getattr(function, "__code__", type(function))


class _Work:
    """How long this thread has worked, and at its last step. A clock that other processes' turns count in is looked at
    first, since asking for one's own time costs a system call."""

    __slots__ = ("_begun", "_last", "_worked", "_worked_at_last")

    def __init__(self) -> None:
        self._begun = self._last = time.perf_counter()
        self._worked = self._worked_at_last = time.thread_time()

    def exceeds(self, seconds: float) -> bool:
        """Whether it has worked longer than so many seconds."""
        return self._last - self._begun > seconds and time.thread_time() - self._worked > seconds

    def step_exceeds(self, seconds: float) -> bool:
        """Whether the step that ends now took longer, and perhaps those before it since this was said to be so."""
        before, self._last = self._last, time.perf_counter()
        if self._last - before <= seconds:
            return False
        worked, self._worked_at_last = self._worked_at_last, time.thread_time()
        return self._worked_at_last - worked > seconds


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
        self._write_transaction = SqliteTransaction(self._writing)
        self._read_lock = threading.Lock()
        self._snapshot: int | None = None
        """How many writes had been asked for, and were all done, when the snapshot that is kept was taken."""
        self._in_snapshot = False
        self._queue: deque[_Write] = deque()
        self._queued = threading.Condition()
        """Guards the queue, whose turn it is, and its group."""
        self._turn: Literal["nobody", "loop", "running", "committer"] = "nobody"
        """Who acts next on the writing connection: the event loop `_turn_loop`, which has been asked to run a group and
        may be running it, or the committer, which commits it, or runs and commits what is queued."""
        self._turn_loop: asyncio.AbstractEventLoop | None = None
        self._group: list[_Write] = []
        """What has run and is to be committed."""
        self._asked = 0
        """Writes asked for since the start."""
        self._closing = False
        self._long: set[object] = set()
        """The kinds of write functions that took long when they ran last."""
        self._revisions: dict[str, list[SqliteRevision]] = {}
        """Those to be counted up when a table has changed, by its name."""
        self.commits = 0
        """Groups that were committed since the start."""
        self.writes = 0
        """Write functions in these groups."""
        self._committer = threading.Thread(target=self._commit_groups, name="sqlite-committer", daemon=True)
        self._committer.start()

    def revision(self, *tables: str) -> SqliteRevision:
        """What tells whether one of these tables has changed. It counts before the writer is told of its commit."""
        revision = SqliteRevision()
        with self._queued:
            for table in tables:
                self._revisions.setdefault(table, []).append(revision)
        return revision

    async def write(
        self, function: Callable[Concatenate[Transaction, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `function(tx, ...)` in the next group; its result when its commit is on disk.

        Raises:
            TablesClosedError: `close` was called before.
            Exception: whatever the function raised, which undid all that it wrote and nothing else.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        write = _Write(kind_of(function), lambda transaction: function(transaction, *args, **kwargs), future, loop)
        with self._queued:
            if self._closing:
                raise TablesClosedError
            self._queue.append(write)
            if self._turn == "nobody" or (self._turn == "loop" and not _lives(self._turn_loop)):
                self._give_turn(loop)
            self._asked += 1
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
        asked = self._asked  # before `_turn`, which a write takes first: what is read as done then is done
        self._snapshot = asked if self._turn == "nobody" else None
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
            if self._turn in ("nobody", "loop"):
                self._turn = "committer"
            self._queued.notify()
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._committer.join()
        with self._read_lock:
            self._reading.close()
        self._writing.close()

    # --- whose turn it is; called with the lock held -----------------------------------------------------------

    def _give_turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have what is queued run next: on `loop`, whose own it is, or by the committer. Called on that loop."""
        if self._is_for(loop):
            self._turn, self._turn_loop = "loop", loop
            loop.call_soon(self._run_here, loop)
        else:
            self._turn = "committer"
            self._queued.notify()

    def _is_for(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether the next write is short and of this loop."""
        write = self._queue[0]
        return write.loop is loop and write.kind not in self._long and not self._closing

    # --- running a group ------------------------------------------------------------------------------------

    def _run_here(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run what is queued on its loop, as far as it is short. The rest, and the commit, are the committer's."""
        with self._queued:
            if self._turn != "loop" or self._turn_loop is not loop:
                return
            self._turn = "running"
        self._group = self._run(lambda: self._is_for(loop), _GROUP_SECONDS)
        with self._queued:
            self._turn = "committer"
            self._queued.notify()

    def _run(self, fits: Callable[[], bool], seconds: float) -> list[_Write]:
        """Take writes from the queue and run them in one transaction, while they fit and for so long.

        When the disk is full or broken, SQLite has undone them all, and all have that error.
        """
        group: list[_Write] = []
        most = min(len(self._queue), _GROUP)
        if not most or not fits():
            return group
        work = _Work()
        careful = False
        try:
            self._write_transaction.control("BEGIN IMMEDIATE")
            while len(group) < most and not work.exceeds(seconds) and (not group or fits()):
                write = self._queue.popleft()
                group.append(write)
                if not self._run_one(write, careful=careful):
                    careful = True
                    self._run_again(group)
                if work.step_exceeds(_LONG_SECONDS):
                    self._long.add(write.kind)
                elif self._long:
                    self._long.discard(write.kind)
            if all(write.error for write in group):
                self._write_transaction.control("ROLLBACK")
        except BaseException as error:  # noqa: BLE001 - it is the callers' error, and the next group must go on
            if not group:
                group.append(self._queue.popleft())
            self._fail(group, error)
        return group

    def _run_one(self, write: _Write, *, careful: bool) -> bool:
        """Run one write, in a savepoint where that is `careful`. False where it failed and what it had changed is not
        undone."""
        transaction = self._write_transaction
        if careful:
            transaction.control("SAVEPOINT one")
        changes = self._writing.total_changes()
        try:
            write.result = write.run(transaction)
        except BaseException as error:
            if not self._writing.in_transaction:
                raise
            write.error = error
            if careful:
                transaction.control("ROLLBACK TO one")
            elif self._writing.total_changes() != changes:
                return False
        if careful:
            transaction.control("RELEASE one")
        return True

    def _run_again(self, group: Sequence[_Write]) -> None:
        """Undo what a group has done, and run it anew, so that what fails can be undone alone."""
        self._write_transaction.control("ROLLBACK")
        self._write_transaction.control("BEGIN IMMEDIATE")
        for write in group:
            write.error = None
            self._run_one(write, careful=True)

    def _fail(self, group: Sequence[_Write], error: BaseException) -> None:
        """Nothing of this group is kept."""
        with suppress(apsw.Error):
            self._write_transaction.control("ROLLBACK")
        for write in group:
            write.error = error

    # --- the committer's thread -----------------------------------------------------------------------------

    def _commit_groups(self) -> None:
        while self._await_turn():
            group, self._group = self._group or self._run(lambda: True, inf), []
            self._commit(group)
            with self._queued:
                loop = self._queue[0].loop if self._queue else None
                if loop is None:
                    self._turn = "nobody"
                elif self._is_for(loop):
                    self._turn, self._turn_loop = "loop", loop
            self._wake(group, loop)

    def _await_turn(self) -> bool:
        """Wait until it is the committer's; False when the tables are closing and nothing is left to do."""
        with self._queued:
            while self._turn != "committer":
                if self._closing and self._turn == "nobody":
                    return False
                self._queued.wait()
        return True

    def _commit(self, group: Sequence[_Write]) -> None:
        """Commit what has run. Whoever finds a revision as it was has not missed a commit that was acknowledged."""
        if self._writing.in_transaction:
            try:
                self._write_transaction.control("COMMIT")
            except BaseException as error:  # noqa: BLE001 - as above
                self._fail(group, error)
            else:
                self.commits += 1
                self.writes += len(group)
        for table in self._write_transaction.take_changed():
            for revision in self._revisions.get(table, ()):
                revision.count()

    def _wake(self, group: Sequence[_Write], next_loop: asyncio.AbstractEventLoop | None) -> None:
        """Wake all callers with one call into each loop (nearly always one), and tell the one whose turn is next."""
        loops = {write.loop for write in group}
        if next_loop is not None:
            loops.add(next_loop)
        for loop in loops:
            try:
                loop.call_soon_threadsafe(self._wake_here, loop, [write for write in group if write.loop is loop])
            except RuntimeError:  # the loop was closed, so that nobody waits there any more
                with self._queued:
                    if self._turn == "loop" and self._turn_loop is loop:
                        self._turn = "committer"

    def _wake_here(self, loop: asyncio.AbstractEventLoop, group: Sequence[_Write]) -> None:
        for write in group:
            write.wake()
        if self._turn == "loop" and self._turn_loop is loop:
            # After what has come meanwhile, which may bring more writes.
            loop.call_soon(self._run_here, loop)


def _lives(loop: asyncio.AbstractEventLoop | None) -> bool:
    return loop is not None and loop.is_running() and not loop.is_closed()

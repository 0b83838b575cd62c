"""What must happen later: jobs that are written with their cause and run after it, at least once.

A write function that changes something calls `enqueue` in the same transaction, and its caller `Outbox.poke` once the
write is acknowledged. The outbox takes a lease on what is due, runs the handler of the job's kind, and deletes the job
when it is done. A job that failed is due again after a pause that doubles; one that can not succeed, or failed too
often, is dead: kept to be looked at, and no longer in the way of its group.

Rule 1: jobs of one group run one after another in the order of their writing; the next waits while an earlier one is
retried. Rule 2: a kill at any instruction loses no job; a job whose lease was held then runs again, with the same id,
by which its handler must recognise what it has already done.

Knows neither databases nor what any job means. After a reset it is made anew on the new epoch's tables.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

from marinelayer.ports import Clock, Row, Tables, Transaction
from marinelayer.statements import Statements

SQL = Statements("marinelayer", "outbox.sql")

_logger = logging.getLogger(__name__)
_SECOND = 1_000_000
_LEASE = 60 * _SECOND
_RENEW_SECONDS = 20.0
_LONGEST_SLEEP = 30.0
"""Seconds after which the outbox looks again unasked: the clock may jump, and another node may have died."""
_LOOK_AGAIN = 0.5
"""Seconds after which `drain` counts again unasked."""
_ERROR_LENGTH = 500


class JobFailed(Exception):
    """Trying this job again is useless. The text is kept as its last error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job as its handler gets it.

    `id` is the same at every attempt. `attempts` counts this one too, and those that a kill ended. `seq` is above those
    of all jobs that were there when this one was written.
    """

    id: str
    kind: str
    group: str
    payload: bytes
    attempts: int
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadJob:
    """A job that was given up at `died` (microseconds since the epoch), and why."""

    id: str
    kind: str
    group: str
    payload: bytes
    attempts: int
    died: int
    last_error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """When a failed job is tried again: pauses in microseconds, doubling from `first` to `longest`, until it was tried
    `attempts` times. The defaults end after about ten hours."""

    first: int = _SECOND
    longest: int = 15 * 60 * _SECOND
    attempts: int = 50

    def pause(self, attempt: int, jitter: float) -> int:
        """Microseconds after the failed attempt number `attempt` (from 1); `jitter` in [0, 1) takes up to a half off,
        so that what failed together does not come back together."""
        longest = min(self.longest, self.first * 2 ** min(attempt - 1, 40))
        return longest - int(longest * jitter / 2)


JobHandler = Callable[[Job], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Binding:
    handler: JobHandler
    concurrency: int
    retry: Retry


def enqueue(tx: Transaction, *, job_id: str, kind: str, group: str, payload: bytes, due: int) -> None:
    """Write a job, inside the write function that causes it.

    `due` is in microseconds since the epoch. Jobs of one `group` run in the order of their writing, whatever their
    kinds and dues; for a job that needs no order, take its id as its group. While a job of that `job_id` is not done
    (or is dead) nothing is written: a handler can not renew its own job, but raises to be called again.
    """
    tx.run(SQL.put, job_id=job_id, kind=kind, ordering=group, payload=payload, due=due)


class Outbox:
    """Runs the jobs that `enqueue` wrote, between `run` and `stop`."""

    def __init__(
        self,
        tables: Tables,
        clock: Clock,
        *,
        alone: bool = True,
        owner: str | None = None,
        jitter: Callable[[], float] | None = None,
    ) -> None:
        """Jobs of `tables`.

        `alone` says that no other process runs this outbox, so that every lease that is found at the start was left by
        a killed one and ends at once (else they end by time, after a minute). `owner` names this process in leases;
        it is random, as is `jitter`, which gives numbers in [0, 1).
        """
        self._tables = tables
        self._clock = clock
        self._alone = alone
        self._owner = owner or secrets.token_hex(8)
        self._jitter = jitter or random.SystemRandom().random
        self._bindings: dict[str, _Binding] = {}
        self._running: dict[str, tuple[str, asyncio.Task[None]]] = {}
        self._woken = asyncio.Event()
        self._stopping = False
        self._stopped = asyncio.Event()
        self._stopped.set()
        self._waiters: list[asyncio.Future[None]] = []
        self._renewed = 0.0

    def bind(self, kind: str, handler: JobHandler, *, concurrency: int = 8, retry: Retry | None = None) -> None:
        """Run jobs of `kind` by `handler`, at most `concurrency` at once.

        The handler raises JobFailed where trying again is useless; any other exception means: again, later. Jobs of a
        kind that nobody bound wait.

        Raises:
            ValueError: the kind is bound already.
        """
        if kind in self._bindings:
            raise ValueError(f"jobs of kind {kind} have a handler already")
        self._bindings[kind] = _Binding(handler=handler, concurrency=concurrency, retry=retry or Retry())
        self.poke()

    def poke(self) -> None:
        """Look for due jobs now: something was written."""
        self._woken.set()

    async def run(self) -> None:
        """Run due jobs until `stop`."""
        self._stopped.clear()
        try:
            leases_are_left = self._alone
            while not self._stopping:
                self._woken.clear()
                try:
                    if leases_are_left:
                        await self._tables.write(_take_over, self._owner, self._clock.now())
                        leases_are_left = False
                    await self._renew()
                    pause = await self._start_due()
                except Exception:
                    # The database can not be reached, or its disk is full: what is due stays so.
                    _logger.exception("the outbox can not take jobs; it tries again")
                    pause = 1.0
                await self._sleep(pause)
        finally:
            self._stopped.set()

    async def stop(self, grace: float = 5.0) -> None:
        """End `run`: start nothing more, give running jobs `grace` seconds, then cancel them and give them back."""
        self._stopping = True
        self.poke()
        await self._stopped.wait()
        tasks = [task for _, task in self._running.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def drain(self, timeout: float, *, kinds: Collection[str] | None = None) -> None:  # noqa: ASYNC109 - the time is the point
        """Return when no job of `kinds` (default: all that are bound) waits or runs; dead ones do not count.

        Raises:
            TimeoutError: some still did after `timeout` seconds; so does one that is due later than that.
        """
        wanted = tuple(self._bindings if kinds is None else kinds)
        async with asyncio.timeout(timeout):
            while True:
                settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiters.append(settled)
                if await self._tables.read(_count_waiting, wanted) == 0:
                    return
                # Another process's outbox may settle the last one, which nobody tells here.
                await asyncio.wait({settled}, timeout=_LOOK_AGAIN)

    async def dead(self, limit: int = 100) -> list[DeadJob]:
        """The jobs that were given up, the last one first."""
        rows = await self._tables.read(lambda tx: tx.all(SQL.dead, n=limit))
        return [
            DeadJob(
                id=row["job_id"],
                kind=row["kind"],
                group=row["ordering"],
                payload=row["payload"],
                attempts=row["attempts"],
                died=row["died"],
                last_error=row["last_error"],
            )
            for row in rows
        ]

    # --- the loop -------------------------------------------------------------------------------------------

    async def _start_due(self) -> float:
        """Take and start whatever is due and has room; the seconds until there may be more."""
        free = {kind: binding.concurrency for kind, binding in self._bindings.items()}
        for kind, _ in self._running.values():
            free[kind] -= 1
        free = {kind: places for kind, places in free.items() if places > 0}
        now = self._clock.now()
        due = await self._tables.read(_next_due, tuple(free))
        if due is None or due > now:
            return _LONGEST_SLEEP if due is None else (due - now) / _SECOND
        for row in await self._tables.write(_claim, self._owner, free, now, now + _LEASE):
            self._start(_job(row))
        return 0.0

    def _start(self, job: Job) -> None:
        if job.id in self._running:
            # It ran out of its lease while this process was held up, and is still at it.
            return
        task = asyncio.create_task(self._perform(job), name=f"outbox {job.kind}")
        self._running[job.id] = (job.kind, task)

    async def _sleep(self, seconds: float) -> None:
        longest = _RENEW_SECONDS if self._running else _LONGEST_SLEEP
        try:
            async with asyncio.timeout(min(seconds, longest)):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _renew(self) -> None:
        """Keep the leases of what runs."""
        now = asyncio.get_running_loop().time()
        if self._running and now - self._renewed >= _RENEW_SECONDS:
            await self._tables.write(_renew, tuple(self._running), self._owner, self._clock.now() + _LEASE)
            self._renewed = now

    # --- one job --------------------------------------------------------------------------------------------

    async def _perform(self, job: Job) -> None:
        """Run the handler, and write what came of it. Where that write fails the lease ends by time, and the job runs
        again."""
        try:
            outcome = await self._outcome(job)
            await self._tables.write(outcome, job, self._owner)
        except Exception:
            _logger.exception("the outcome of job %s (%s) could not be written", job.id, job.kind)
        finally:
            del self._running[job.id]
            self.poke()
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    async def _outcome(self, job: Job) -> Callable[[Transaction, Job, str], None]:
        binding = self._bindings[job.kind]
        if job.attempts > binding.retry.attempts:
            # Every attempt was ended by a kill, perhaps by its own doing.
            return _given_up(f"tried {job.attempts - 1} times without an end", self._clock.now())
        try:
            await binding.handler(job)
        except JobFailed as error:
            return _given_up(str(error), self._clock.now())
        except asyncio.CancelledError:
            return _again("the cloud stopped", self._clock.now())
        except Exception as error:  # noqa: BLE001 - whatever it is, the job is tried again
            text = f"{type(error).__name__}: {error}"
            _logger.warning("job %s (%s) failed, attempt %d: %s", job.id, job.kind, job.attempts, text)
            if job.attempts >= binding.retry.attempts:
                return _given_up(text, self._clock.now())
            return _again(text, self._clock.now() + binding.retry.pause(job.attempts, self._jitter()))
        return _done


def _job(row: Row) -> Job:
    return Job(
        id=row["job_id"],
        kind=row["kind"],
        group=row["ordering"],
        payload=row["payload"],
        attempts=row["attempts"],
        seq=row["seq"],
    )


def _take_over(tx: Transaction, owner: str, now: int) -> None:
    tx.run(SQL.take_over, owner=owner, now=now)


def _next_due(tx: Transaction, kinds: Collection[str]) -> int | None:
    found = (tx.one(SQL.next_due, kind=kind) for kind in kinds)
    return min((row["due"] for row in found if row is not None), default=None)


def _claim(tx: Transaction, owner: str, free: Mapping[str, int], now: int, lease_until: int) -> list[Row]:
    claimed: list[Row] = []
    for kind, places in free.items():
        claimed += tx.all(SQL.claim, owner=owner, lease_until=lease_until, kind=kind, now=now, n=places)
    # RETURNING has no order.
    return sorted(claimed, key=lambda row: row["seq"])


def _renew(tx: Transaction, job_ids: Collection[str], owner: str, lease_until: int) -> None:
    for job_id in job_ids:
        tx.run(SQL.renew, job_id=job_id, owner=owner, lease_until=lease_until)


def _done(tx: Transaction, job: Job, owner: str) -> None:
    if tx.run(SQL.done, job_id=job.id, owner=owner):
        tx.run(SQL.promote, ordering=job.group)


def _again(error: str, due: int) -> Callable[[Transaction, Job, str], None]:
    def again(tx: Transaction, job: Job, owner: str) -> None:
        tx.run(SQL.retry, job_id=job.id, owner=owner, due=due, error=error[:_ERROR_LENGTH])

    return again


def _given_up(error: str, now: int) -> Callable[[Transaction, Job, str], None]:
    def give_up(tx: Transaction, job: Job, owner: str) -> None:
        if tx.run(SQL.give_up, job_id=job.id, owner=owner, now=now, error=error[:_ERROR_LENGTH]):
            tx.run(SQL.promote, ordering=job.group)

    return give_up


def _count_waiting(tx: Transaction, kinds: Collection[str]) -> int:
    rows = (tx.one(SQL.waiting, kind=kind) for kind in kinds)
    return sum(row["n"] for row in rows if row is not None)

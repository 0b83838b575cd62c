from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import pairwise

import pytest

from marinelayer.outbox import SQL, Job, JobFailed, Outbox, Retry, enqueue
from marinelayer.ports import Tables, Transaction

QUICK = Retry(first=1_000, longest=4_000, attempts=5)


class HeldClock:
    """A clock that goes only when it is told to."""

    def __init__(self) -> None:
        self.time = 1_000_000_000_000_000

    def now(self) -> int:
        return self.time


class RealClock:
    def now(self) -> int:
        import time

        return time.time_ns() // 1_000


MakeOutbox = Callable[..., Outbox]


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
async def start(tables: Tables, clock: HeldClock) -> AsyncIterator[Callable[..., Outbox]]:
    """Makes outboxes; `go` runs one until the test ends."""
    running: list[tuple[Outbox, asyncio.Task[None]]] = []

    def make(*bindings: tuple[str, object], concurrency: int = 8, clock: object = clock, **options: object) -> Outbox:
        outbox = Outbox(tables, clock, jitter=lambda: 0.0, **options)
        for kind, handler in bindings:
            outbox.bind(kind, handler, concurrency=concurrency, retry=QUICK)
        running.append((outbox, asyncio.create_task(outbox.run())))
        return outbox

    yield make
    for outbox, task in running:
        await outbox.stop(grace=0.01)
        await asyncio.wait_for(task, 5)


async def put(tables: Tables, job_id: str, *, kind: str = "mail", group: str | None = None, due: int = 0) -> None:
    await tables.write(
        enqueue, job_id=job_id, kind=kind, group=job_id if group is None else group, payload=job_id.encode(), due=due
    )


async def eventually(condition: Callable[[], object], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.002)


async def test_a_job_is_run_once_with_what_was_written(tables: Tables, start: MakeOutbox) -> None:
    seen: list[Job] = []

    async def handle(job: Job) -> None:
        seen.append(job)

    await put(tables, "a", group="g")
    await start(("mail", handle)).drain(5)
    assert seen == [Job(id="a", kind="mail", group="g", payload=b"a", attempts=1, seq=1)]


async def test_a_poke_after_a_write_is_all_that_delivery_needs(tables: Tables, start: MakeOutbox) -> None:
    seen: list[str] = []

    async def handle(job: Job) -> None:
        seen.append(job.id)

    outbox = start(("mail", handle))
    await asyncio.sleep(0.02)
    await put(tables, "a")
    outbox.poke()
    await eventually(lambda: seen == ["a"], 2)


async def test_a_write_that_failed_leaves_no_job(tables: Tables, start: MakeOutbox) -> None:
    def put_and_fail(tx: Transaction) -> None:
        enqueue(tx, job_id="a", kind="mail", group="a", payload=b"", due=0)
        raise LookupError

    with pytest.raises(LookupError):
        await tables.write(put_and_fail)

    async def handle(job: Job) -> None:
        raise AssertionError(job)

    await start(("mail", handle)).drain(5)


async def test_nothing_runs_before_it_is_due(tables: Tables, start: MakeOutbox, clock: HeldClock) -> None:
    seen: list[str] = []

    async def handle(job: Job) -> None:
        seen.append(job.id)

    await put(tables, "later", due=clock.now() + 60_000_000)
    await put(tables, "now", due=clock.now())
    outbox = start(("mail", handle))
    await eventually(lambda: seen == ["now"])
    await asyncio.sleep(0.05)
    assert seen == ["now"]
    clock.time += 60_000_000
    outbox.poke()
    await eventually(lambda: seen == ["now", "later"])


async def test_a_job_due_soon_runs_without_another_poke(tables: Tables, start: MakeOutbox) -> None:
    seen: list[str] = []

    async def handle(job: Job) -> None:
        seen.append(job.id)

    await put(tables, "soon", due=RealClock().now() + 150_000)
    start(("mail", handle), clock=RealClock())
    await asyncio.sleep(0.05)
    assert seen == []
    await eventually(lambda: seen == ["soon"], 2)


async def test_a_group_keeps_its_order_though_its_first_job_fails_twice(tables: Tables, start: MakeOutbox) -> None:
    seen: list[tuple[str, int]] = []

    async def handle(job: Job) -> None:
        seen.append((job.id, job.attempts))
        if job.id == "a1" and job.attempts < 3:
            raise OSError("relay down")

    for n in (1, 2, 3):
        await put(tables, f"a{n}", group="a")
    await put(tables, "b1", group="b")
    await start(("mail", handle), clock=RealClock()).drain(5)
    assert [entry for entry in seen if entry[0] != "b1"] == [("a1", 1), ("a1", 2), ("a1", 3), ("a2", 1), ("a3", 1)]
    assert ("b1", 1) in seen


async def test_two_jobs_of_a_group_never_run_at_once_and_groups_run_side_by_side(
    tables: Tables, start: MakeOutbox
) -> None:
    running: set[str] = set()
    together = 0

    async def handle(job: Job) -> None:
        nonlocal together
        assert job.group not in running
        running.add(job.group)
        together = max(together, len(running))
        await asyncio.sleep(0.01)
        running.remove(job.group)

    for n in range(12):
        await put(tables, f"{n}", group=f"g{n % 4}")
    outbox = start(("mail", handle))
    await outbox.drain(10)
    assert together == 4
    assert await outbox.dead() == []


async def test_no_more_than_the_stated_number_of_a_kind_runs_at_once(tables: Tables, start: MakeOutbox) -> None:
    running = most = 0

    async def handle(job: Job) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.005)
        running -= 1

    for n in range(9):
        await put(tables, f"{n}")
    await start(("mail", handle), concurrency=2).drain(10)
    assert most == 2


async def test_the_pause_doubles_up_to_the_longest(tables: Tables, start: MakeOutbox, clock: HeldClock) -> None:
    times: list[int] = []

    async def handle(job: Job) -> None:
        times.append(clock.now())
        raise OSError("relay down")

    await put(tables, "a")
    outbox = start(("mail", handle))
    for _ in range(5):
        seen = len(times)
        async with asyncio.timeout(5):
            while len(times) == seen:
                outbox.poke()
                await asyncio.sleep(0.005)
                clock.time += 500 if times else 0
    gaps = [round((later - earlier) / 1_000) for earlier, later in pairwise(times)]
    assert all(gap >= least for gap, least in zip(gaps, [1, 2, 4, 4], strict=True))


def test_jitter_takes_up_to_a_half_off_the_pause() -> None:
    retry = Retry(first=1_000, longest=10_000, attempts=9)
    assert [retry.pause(n, 0.0) for n in range(1, 7)] == [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]
    assert retry.pause(3, 0.999) in range(2_000, 2_010)
    assert retry.pause(10_000, 0.0) == 10_000


async def test_a_job_that_can_not_succeed_is_dead_listed_and_out_of_its_groups_way(
    tables: Tables, start: MakeOutbox, clock: HeldClock
) -> None:
    seen: list[str] = []

    async def handle(job: Job) -> None:
        if job.id == "bad":
            raise JobFailed("no such mailbox")
        seen.append(job.id)

    await put(tables, "bad", group="g")
    await put(tables, "good", group="g")
    outbox = start(("mail", handle))
    await outbox.drain(5)
    assert seen == ["good"]
    (dead,) = await outbox.dead()
    assert (dead.id, dead.group, dead.payload, dead.attempts) == ("bad", "g", b"bad", 1)
    assert (dead.last_error, dead.died) == ("no such mailbox", clock.now())


async def test_a_job_that_failed_too_often_is_dead_with_its_last_error(tables: Tables, start: MakeOutbox) -> None:
    calls = 0

    async def handle(job: Job) -> None:
        nonlocal calls
        calls += 1
        raise OSError(f"relay down, {calls}")

    await put(tables, "a")
    outbox = start(("mail", handle), clock=RealClock())
    await outbox.drain(5)
    (dead,) = await outbox.dead()
    assert (calls, dead.attempts, dead.last_error) == (5, 5, "OSError: relay down, 5")


async def test_the_same_job_written_twice_is_one_job(tables: Tables, start: MakeOutbox) -> None:
    seen: list[str] = []

    async def handle(job: Job) -> None:
        seen.append(job.id)

    await put(tables, "a")
    await put(tables, "a")
    await start(("mail", handle)).drain(5)
    assert seen == ["a"]


async def test_a_kind_without_a_handler_waits_and_disturbs_no_other(tables: Tables, start: MakeOutbox) -> None:
    seen: list[str] = []

    async def handle(job: Job) -> None:
        seen.append(job.id)

    await put(tables, "strange", kind="unbound")
    await put(tables, "a")
    outbox = start(("mail", handle))
    await outbox.drain(5)
    assert seen == ["a"]
    outbox.bind("unbound", handle)
    await outbox.drain(5)
    assert seen == ["a", "strange"]
    with pytest.raises(ValueError, match="have a handler already"):
        outbox.bind("mail", handle)


async def test_drain_tells_when_time_is_up(tables: Tables, start: MakeOutbox, clock: HeldClock) -> None:
    async def handle(job: Job) -> None:
        raise AssertionError(job)

    await put(tables, "later", due=clock.now() + 1)
    outbox = start(("mail", handle))
    with pytest.raises(TimeoutError):
        await outbox.drain(0.05)
    await outbox.drain(5, kinds=["other"])


async def test_a_handler_may_write_the_groups_next_job(tables: Tables, start: MakeOutbox) -> None:
    seen: list[str] = []

    async def handle(job: Job) -> None:
        seen.append(job.id)
        if len(seen) < 4:
            await put(tables, f"a{len(seen)}", group="g")

    await put(tables, "a0", group="g")
    await start(("mail", handle)).drain(5)
    assert seen == ["a0", "a1", "a2", "a3"]


async def test_stop_gives_a_running_job_back_and_the_next_outbox_runs_it_again(
    tables: Tables, start: MakeOutbox
) -> None:
    begun = asyncio.Event()
    attempts: list[int] = []

    async def hang(job: Job) -> None:
        begun.set()
        await asyncio.sleep(60)

    async def handle(job: Job) -> None:
        attempts.append(job.attempts)

    await put(tables, "a")
    first = start(("mail", hang))
    await asyncio.wait_for(begun.wait(), 5)
    await first.stop(grace=0.01)
    await start(("mail", handle)).drain(5)
    assert attempts == [2]


async def leave_lease(tables: Tables, clock: HeldClock) -> None:
    """Do what a process did that was killed while it ran a job."""

    def claim(tx: Transaction) -> int:
        until = clock.now() + 60_000_000
        return len(tx.all(SQL.claim, owner="killed", lease_until=until, kind="mail", now=clock.now(), n=8))

    assert await tables.write(claim) == 1


async def test_a_lease_that_a_killed_process_left_ends_at_the_next_start(
    tables: Tables, start: MakeOutbox, clock: HeldClock
) -> None:
    attempts: list[int] = []

    async def handle(job: Job) -> None:
        attempts.append(job.attempts)

    await put(tables, "a")
    await leave_lease(tables, clock)
    await start(("mail", handle), alone=True).drain(5)
    assert attempts == [2]


async def test_beside_other_processes_a_lease_ends_by_time_only(
    tables: Tables, start: MakeOutbox, clock: HeldClock
) -> None:
    attempts: list[int] = []

    async def handle(job: Job) -> None:
        attempts.append(job.attempts)

    await put(tables, "a")
    await leave_lease(tables, clock)
    outbox = start(("mail", handle), alone=False)
    await asyncio.sleep(0.05)
    assert attempts == []
    clock.time += 61_000_000
    outbox.poke()
    await outbox.drain(5)
    assert attempts == [2]


async def test_a_job_whose_every_attempt_was_killed_is_given_up(
    tables: Tables, start: MakeOutbox, clock: HeldClock
) -> None:
    async def handle(job: Job) -> None:
        raise AssertionError(job)

    await put(tables, "a")
    for _ in range(QUICK.attempts):
        await leave_lease(tables, clock)
        clock.time += 61_000_000
    outbox = start(("mail", handle))
    await outbox.drain(5)
    (dead,) = await outbox.dead()
    assert dead.last_error == "tried 5 times without an end"


async def test_two_outboxes_share_the_work_and_run_no_job_twice(tables: Tables, start: MakeOutbox) -> None:
    seen: list[str] = []

    async def handle(job: Job) -> None:
        seen.append(job.id)
        await asyncio.sleep(0.001)

    for n in range(40):
        await put(tables, f"{n:02}")
    first = start(("mail", handle), alone=False)
    second = start(("mail", handle), alone=False)
    await asyncio.gather(first.drain(10), second.drain(10))
    assert sorted(seen) == [f"{n:02}" for n in range(40)]


async def test_a_lease_is_kept_while_its_handler_runs(
    tables: Tables, start: MakeOutbox, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marinelayer.outbox._RENEW_SECONDS", 0.01)
    begun, finish = asyncio.Event(), asyncio.Event()
    runs: list[str] = []

    async def hold(job: Job) -> None:
        runs.append(job.id)
        begun.set()
        await finish.wait()

    await put(tables, "a")
    first = start(("mail", hold), alone=False)
    await asyncio.wait_for(begun.wait(), 5)
    second = start(("mail", hold), alone=False)
    for _ in range(4):
        # Half a lease at a time, with a renewal in between.
        clock.time += 30_000_000
        await asyncio.sleep(0.05)
        second.poke()
    await asyncio.sleep(0.05)
    finish.set()
    await first.drain(5)
    assert runs == ["a"]

"""Workers fail alone, are replaced, and never outlive the cloud."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from marinelayer.engines.supervisor import Limits, Supervisor
from marinelayer.ports import BadImageError, EngineBusyError, EngineFailedError, EngineUnavailableError

HERE = Path(__file__).parent
Opener = Callable[..., Supervisor]


@pytest.fixture
async def troubled(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Opener]:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    made: list[Supervisor] = []

    def make(options: dict[str, Any] | None = None, **limits: Any) -> Supervisor:
        supervisor = Supervisor("troubled_task", options=options, limits=Limits(**{"backoff": 0.01, **limits}))
        made.append(supervisor)
        return supervisor

    yield make
    await asyncio.gather(*(supervisor.close() for supervisor in made))


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        return True


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        await asyncio.sleep(0.02)
    return False


async def test_a_worker_starts_at_the_first_task_and_serves_the_next_ones(troubled: Opener) -> None:
    supervisor = troubled()
    assert supervisor.pids == ()
    first = await supervisor.run({"do": "echo", "text": "žluť \ud83d"}, b"x" * 200_000)
    second = await supervisor.run({"do": "echo"}, b"y")
    assert (first["payload"], first["text"]) == ("x" * 200_000, "žluť \ud83d")
    assert second["payload"] == "y"
    assert first["pid"] == second["pid"] != os.getpid()


async def test_a_worker_is_low_in_priority_single_threaded_and_knows_no_secret(
    troubled: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARINELAYER_ROOT_KEY", "id:secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    seen = await troubled().run({"do": "surroundings"})
    assert seen["nice"] == min(19, os.nice(0) + 5)
    assert seen["environment"]["OMP_NUM_THREADS"] == "1"
    assert "secret" not in str(seen["environment"])


async def test_a_worker_that_dies_fails_only_its_own_task(troubled: Opener) -> None:
    supervisor = troubled(workers=2)
    sleeping = asyncio.create_task(supervisor.run({"do": "sleep", "seconds": 0.5}))
    await asyncio.sleep(0)
    with pytest.raises(EngineFailedError):
        await supervisor.run({"do": "die"})
    assert "pid" in await sleeping
    assert (await supervisor.run({"do": "echo"}, b"again"))["payload"] == "again"


async def test_a_worker_that_hangs_is_killed_at_its_deadline(troubled: Opener) -> None:
    supervisor = troubled(deadline=0.5)
    pid = (await supervisor.run({"do": "echo"}))["pid"]
    began = time.monotonic()
    with pytest.raises(EngineFailedError):
        await supervisor.run({"do": "sleep", "seconds": 60})
    assert time.monotonic() - began < 5
    assert gone(pid)
    assert (await supervisor.run({"do": "echo"}))["pid"] != pid


async def test_a_worker_that_sends_nonsense_is_killed(troubled: Opener) -> None:
    supervisor = troubled()
    descriptors = (await supervisor.run({"do": "sockets"}))["sockets"]
    assert len(descriptors) == 1, "a worker holds its own socket and no other"
    with pytest.raises(EngineFailedError):
        await supervisor.run({"do": "babble", "descriptor": descriptors[0]})


async def test_an_idle_worker_killed_from_outside_fails_no_task(troubled: Opener) -> None:
    supervisor = troubled()
    pid = (await supervisor.run({"do": "echo"}))["pid"]
    os.kill(pid, signal.SIGKILL)
    assert await until(lambda: gone(pid))
    assert (await supervisor.run({"do": "echo"}))["pid"] != pid


async def test_what_a_task_refuses_is_raised_here_and_the_worker_stays(troubled: Opener) -> None:
    supervisor = troubled()
    pid = (await supervisor.run({"do": "echo"}))["pid"]
    with pytest.raises(BadImageError, match="not a picture"):
        await supervisor.run({"do": "refuse"})
    with pytest.raises(EngineFailedError) as failed:
        await supervisor.run({"do": "fail"})
    assert "ZeroDivisionError" in str(failed.value)
    assert "secret text" not in str(failed.value)
    assert (await supervisor.run({"do": "echo"}))["pid"] == pid


async def test_a_worker_is_replaced_after_its_count_of_tasks(troubled: Opener) -> None:
    supervisor = troubled(tasks=2)
    pids = [(await supervisor.run({"do": "echo"}))["pid"] for _ in range(5)]
    assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4]


async def test_a_worker_that_grew_is_replaced(troubled: Opener) -> None:
    supervisor = troubled(memory=150 << 20)
    first = (await supervisor.run({"do": "echo"}))["pid"]
    grown = (await supervisor.run({"do": "grow", "bytes": 200 << 20}))["pid"]
    after = (await supervisor.run({"do": "echo"}))["pid"]
    assert first == grown != after
    assert gone(first)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds an address space")
async def test_a_task_can_not_take_more_memory_than_the_ceiling(troubled: Opener) -> None:
    supervisor = troubled(ceiling=1 << 30)
    with pytest.raises(EngineFailedError, match="MemoryError"):
        await supervisor.run({"do": "swallow", "bytes": 2 << 30})
    assert (await supervisor.run({"do": "swallow", "bytes": 1 << 20}))["size"] == 1 << 20


async def test_no_more_tasks_wait_than_the_queue_holds(troubled: Opener) -> None:
    supervisor = troubled(queue=2)
    await supervisor.warm()
    running = [asyncio.create_task(supervisor.run({"do": "sleep", "seconds": 0.2})) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(EngineBusyError):
        await supervisor.run({"do": "echo"})
    assert len({result["pid"] for result in await asyncio.gather(*running)}) == 1


async def test_a_task_does_not_wait_longer_than_its_patience(troubled: Opener) -> None:
    supervisor = troubled(patience=0.1)
    await supervisor.warm()
    running = asyncio.create_task(supervisor.run({"do": "sleep", "seconds": 0.6}))
    await asyncio.sleep(0)
    with pytest.raises(EngineBusyError):
        await supervisor.run({"do": "echo"})
    await running


async def test_a_caller_that_goes_away_does_not_end_the_worker(troubled: Opener) -> None:
    supervisor = troubled()
    pid = (await supervisor.run({"do": "echo"}))["pid"]
    leaving = asyncio.create_task(supervisor.run({"do": "sleep", "seconds": 0.3}))
    await asyncio.sleep(0.05)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    answer = await supervisor.run({"do": "echo"}, b"mine")
    assert (answer["pid"], answer["payload"]) == (pid, "mine")


async def test_a_worker_that_lacks_something_says_what(troubled: Opener) -> None:
    with pytest.raises(EngineUnavailableError, match="install the thing"):
        await troubled({"lacking": "install the thing"}).run({"do": "echo"})


async def test_an_unknown_module_says_so() -> None:
    supervisor = Supervisor("no_such_task_module")
    with pytest.raises(EngineUnavailableError, match="no_such_task_module"):
        await supervisor.run({})
    await supervisor.close()


async def test_a_worker_that_can_not_start_is_tried_again_ever_more_slowly(troubled: Opener) -> None:
    supervisor = troubled({"broken": True}, backoff=0.2)
    began = time.monotonic()
    for _ in range(3):
        with pytest.raises(EngineFailedError):
            await supervisor.run({"do": "echo"})
    assert time.monotonic() - began > 0.2 + 0.4


async def test_a_worker_that_loads_for_too_long_is_given_up(troubled: Opener) -> None:
    supervisor = troubled({"slow": 60}, start=0.5)
    with pytest.raises(EngineFailedError):
        await supervisor.run({"do": "echo"})


async def test_closing_ends_idle_and_busy_workers(troubled: Opener) -> None:
    supervisor = troubled(workers=2)
    busy = asyncio.create_task(supervisor.run({"do": "sleep", "seconds": 60}))
    idle = (await supervisor.run({"do": "echo"}))["pid"]
    await supervisor.close()
    with pytest.raises(EngineFailedError):
        await busy
    assert gone(idle)
    with pytest.raises(EngineFailedError):
        await supervisor.run({"do": "echo"})


CLOUD = """
import asyncio, sys
from marinelayer.engines.supervisor import Limits, Supervisor

async def main():
    idle, busy = Supervisor("troubled_task"), Supervisor("troubled_task", limits=Limits(deadline=1.0))
    pids = [(await supervisor.run({"do": "echo"}))["pid"] for supervisor in (idle, busy)]
    asyncio.create_task(busy.run({"do": "sleep", "seconds": 600}))
    await asyncio.sleep(0.2)
    print(*pids, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_no_worker_outlives_a_cloud_that_was_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    cloud = await asyncio.create_subprocess_exec(sys.executable, "-c", CLOUD, stdout=subprocess.PIPE)
    assert cloud.stdout is not None
    idle, busy = map(int, (await cloud.stdout.readline()).split())
    assert not gone(idle)
    assert not gone(busy)
    cloud.kill()
    await cloud.wait()
    assert await until(lambda: gone(idle), 3)
    assert await until(lambda: gone(busy), 1 + 5 + 3), "its alarm ends a worker that is busy"

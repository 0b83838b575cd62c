"""Running families over a set of engines: each call goes the whole way, through the supervisor to one warm worker and
back, one at a time."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from evaluation.figures import Cost, Family, Row, Skipped, Timing
from marinelayer.engines.assembly import Engines

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What came of one family."""

    family: Family
    rows: Sequence[Row]
    cost: Cost | None


class Bench:
    """What a family works with: the engines, the folder of data, and every how many items to take one."""

    def __init__(self, engines: Engines, data: Path, step: int) -> None:
        self.engines = engines
        self.data = data
        self.step = step

    async def timed(
        self, call: Callable[[Item], Awaitable[Result]], items: Sequence[Item]
    ) -> tuple[list[Result], Timing]:
        """The results, one call after the other, and what they took."""
        results: list[Result] = []
        times: list[float] = []
        for item in items:
            began = time.perf_counter()
            results.append(await call(item))
            times.append(time.perf_counter() - began)
        ordered = sorted(times)
        timing = Timing(
            per_second=len(times) / sum(times),
            median=1000 * statistics.median(times),
            slow=1000 * ordered[int(len(ordered) * 0.95)],
        )
        return results, timing

    async def measured(self, family: Family) -> Measured:
        """Everything that one family finds here; what it can not measure is a row that says why."""
        if not family.task:
            return Measured(family=family, rows=[row async for row in family.measure(self)], cost=None)
        said = self.engines.describe().get(family.task, {"available": False, "missing": ["there is no such engine"]})
        folder = family.data(self.data)
        if not said["available"]:
            return Measured(family=family, rows=[Skipped(what=family.title, reason=_lacking(said))], cost=None)
        supervisor = self.engines.supervisors[family.task]
        began = time.perf_counter()
        await supervisor.warm()
        cold, loaded = time.perf_counter() - began, _resident(supervisor.pids[0])
        rows: list[Row] = [Skipped(what=family.title, reason=problem) for problem in said["missing"]]
        if folder.is_dir():
            rows += [row async for row in family.measure(self)]
        else:
            rows.append(Skipped(what=family.title, reason=f"no data: there is no folder {family.folder}"))
        cost = Cost(cold=cold, loaded=loaded, worked=max(_resident(pid) for pid in supervisor.pids))
        return Measured(family=family, rows=rows, cost=cost)


def _lacking(said: dict[str, list[str]]) -> str:
    return "no engine: " + "; ".join(said["missing"])


def _resident(pid: int) -> float:
    """Megabytes that a process and those that it started hold."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return pages * resource.getpagesize() / 1e6 + sum(_resident(int(child)) for child in children)

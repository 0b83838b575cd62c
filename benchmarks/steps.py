"""A cloud whose steps are timed: `python steps.py FOLDER` serves like `marinelayer up`, and prints at its end, as JSON,
what each step cost.

The steps are wrapped from here; the product knows nothing of it. Each is charged with its own time, without the steps
within it and without the stopwatch's own. What a step costs is the median of its occurrences, so that a moment in which
the machine did something else does not count; on the committer's thread, which waits for the disk, it is the mean of
the thread's CPU time.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import inspect
import json
import signal
import statistics
import sys
import threading
import time
import types
from collections import defaultdict
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import uvloop
from load import ROOT
from pydantic import SecretStr

COMMITTER = "committer: "
PATH = "marinelayer.pipeline.path"
S3 = "marinelayer.services.s3"

STEPS: tuple[tuple[str, str], ...] = (
    ("parse HTTP", "marinelayer.serving.http1:Connection.data_received"),
    ("read the claim", f"{PATH}:read_claim"),
    ("read the identity", "marinelayer.services.iam.identities:IamIdentities.by_access_key"),
    ("verify the signature", f"{PATH}:verify_v4"),
    ("find the operation", f"{PATH}:identify"),
    ("find the operation", f"{PATH}:find_operation"),
    ("find the operation", f"{PATH}:address"),
    ("parse the input", "marinelayer.protocol.rest_xml:S3Dialect.parse"),
    ("collect the facts", f"{PATH}:request_facts"),
    ("read what the resource says", f"{S3}.access:S3Access.of"),
    ("decide", "marinelayer.pipeline.authorise:decide"),
    ("handler: its own", f"{S3}.get:ObjectReads.get"),
    ("handler: its own", f"{S3}.put:ObjectWrites.put"),
    ("handler: look up what is known", f"{S3}.known:Known.newest"),
    ("handler: open the bytes", f"{S3}.reading:Reader.body"),
    ("handler: take the body in, digests, seal", f"{S3}.put:receive_held"),
    ("handler: queue the write, wake", "marinelayer.storage.sqlite:SqliteTables.write"),
    ("write the answer", "marinelayer.protocol.rest_xml:S3Dialect.write"),
    ("log line", "marinelayer.app.cloud:log_request"),
    ("compose the head, socket write", "marinelayer.serving.exchange:Exchange._send"),
    ("the path between the steps", f"{PATH}:Pipeline.__call__"),
    ("the write's statements", f"{S3}.put:put_object"),
    ("the group's transaction", "marinelayer.storage.sqlite:SqliteTables._run"),
    ("committer: commit", "marinelayer.storage.sqlite:SqliteTables._commit"),
)
"""What a step is called, and the function that is it or part of it. A function's own time is without that of the others
here. What the committer's thread does says so."""

STOPWATCH = "the stopwatch itself"


class Stopwatch:
    """Charges time to whichever step is innermost, on one thread."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._open: list[list[int]] = []
        self.overhead = 0
        """Nanoseconds that the stopwatch itself took."""
        self.spent: defaultdict[str, list[int]] = defaultdict(list)
        """Nanoseconds of each occurrence, by function."""
        self._inner = {"call": 0, "await": 0}
        self._outer = {"call": 0, "await": 0}
        self._calibrate()

    def enter(self) -> None:
        """A step begins: begun, time of the steps within."""
        self._open.append([self._clock(), 0])

    def leave(self, kind: Literal["call", "await"]) -> int:
        """It ends; what it cost itself."""
        now = self._clock()
        begun, within = self._open.pop()
        inner, outer = self._inner[kind], self._outer[kind]
        self.overhead += inner + outer
        if self._open:
            self._open[-1][1] += now - begun + outer
        return now - begun - within - inner

    def call(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, timed."""

        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            self.enter()
            try:
                return function(*args, **kwargs)
            finally:
                self.spent[name].append(self.leave("call"))

        return timed

    def awaited(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The coroutine function `function`, timed while it runs and not while it waits."""

        @functools.wraps(function)
        @types.coroutine
        def timed(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            running = function(*args, **kwargs).__await__()
            spent, value = 0, None
            while True:
                self.enter()
                try:
                    wanted = running.send(value)
                except StopIteration as end:
                    self.spent[name].append(spent + self.leave("await"))
                    return end.value
                except BaseException:
                    self.leave("await")
                    raise
                spent += self.leave("await")
                value = yield wanted

        return timed

    def forget(self) -> None:
        """Begin anew."""
        self.spent.clear()
        self.overhead = 0

    def _calibrate(self) -> None:
        """What the stopwatch charges for nothing, and what it takes besides, which is then the surrounding step's."""

        async def nothing() -> None:
            return

        call, awaited = self.call("call", lambda: None), self.awaited("await", nothing)

        def run_awaited() -> None:
            with suppress(StopIteration):
                awaited().send(None)

        plain = _median_time(self._clock, lambda: None)
        for name, run in (("call", call), ("await", run_awaited)):
            whole = _median_time(self._clock, run) - plain
            self._inner[name] = int(statistics.median(self.spent[name]))
            self._outer[name] = max(0, whole - self._inner[name])
        self.forget()


def _median_time(clock: Callable[[], int], run: Callable[[], object]) -> int:
    times: list[int] = []
    for _ in range(5000):
        begun = clock()
        run()
        times.append(clock() - begun)
    return int(statistics.median(times))


def wrap(loop: Stopwatch, committer: Stopwatch) -> dict[str, str]:
    """Time every step; the steps' names by function."""
    names: dict[str, str] = {}
    for step, where in STEPS:
        module, _, path = where.partition(":")
        *owners, attribute = path.split(".")
        owner: Any = importlib.import_module(module)
        for name in owners:
            owner = getattr(owner, name)
        function = getattr(owner, attribute)
        watch = committer if step.startswith(COMMITTER) else loop
        make = watch.awaited if inspect.iscoroutinefunction(function) else watch.call
        setattr(owner, attribute, make(where, function))
        names[where] = step
    return names


async def serve(folder: Path) -> dict[str, float]:
    """Serve until SIGTERM. The microseconds of each step in all that was served since the last SIGUSR1, in the order of
    STEPS."""
    loop, committer = Stopwatch(time.perf_counter_ns), Stopwatch(time.thread_time_ns)
    names = wrap(loop, committer)
    from marinelayer.app import cloud as app  # noqa: PLC0415 - the wrapped functions are to be found by it
    from marinelayer.config import Settings  # noqa: PLC0415 - as above

    key = SecretStr(f"{ROOT['access_key_id']}:{ROOT['secret_key']}")
    app.set_up_log()
    settings: dict[str, Any] = {"data": folder, "port": 0, "console_port": 0, "root_key": key}
    cloud = await app.Cloud.start(Settings(**settings), log=app.log_request)
    ended = asyncio.Event()
    running = asyncio.get_running_loop()
    running.add_signal_handler(signal.SIGTERM, ended.set)

    def forget() -> None:
        loop.forget()
        committer.forget()

    running.add_signal_handler(signal.SIGUSR1, forget)
    print("ready", cloud.api_url, flush=True)
    await ended.wait()
    await cloud.stop()
    found = {STOPWATCH: (loop.overhead + committer.overhead) / 1000}
    for where, step in names.items():
        times = committer.spent.get(where, [])
        total = sum(times)
        if where in loop.spent:
            times = loop.spent[where]
            total = statistics.median(times) * len(times)
        if times:
            found[step] = found.get(step, 0.0) + total / 1000
    return found


if __name__ == "__main__":
    threading.current_thread().name = "loop"
    print(json.dumps(uvloop.run(serve(Path(sys.argv[1])))), flush=True)

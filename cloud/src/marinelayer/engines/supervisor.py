"""A supervisor: keeps a few workers of one kind, gives each one task at a time, and ends those that misbehave.

Rule 1: a worker that dies, hangs or says nonsense fails only the task that it had. Rule 2: a task that its caller
gave up runs to its end, since killing and loading again costs more; one that talks is ended with its worker, since it
may be long. Rule 3: no more tasks wait than `Limits.queue`. Workers start at the first task, by exec and never by fork.
Knows nothing of what the tasks are.

`concurrent.futures.ProcessPoolExecutor` is no choice: it fails all pending work when one worker dies, and it can not
end one task.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import structlog

from marinelayer.engines import frames
from marinelayer.ports import (
    BadDocumentError,
    BadImageError,
    BadVideoError,
    EngineBusyError,
    EngineFailedError,
    EngineUnavailableError,
    ImageTooLargeError,
    SelectionError,
    TrainingDataError,
)

LOG = structlog.get_logger()

PASSED_ON = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"),
)
"""All that a worker gets of our environment: nothing in it may be a secret."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
ERRORS: dict[str, type[Exception]] = {
    "bad-image": BadImageError,
    "image-too-large": ImageTooLargeError,
    "unavailable": EngineUnavailableError,
    "selection": SelectionError,
    "bad-video": BadVideoError,
    "bad-document": BadDocumentError,
    "training-data": TrainingDataError,
}
Answer = Callable[[Mapping[str, Any]], Awaitable[bytes]]
"""What a task that talks gets for what it asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one kind of worker may use."""

    workers: int = 1
    """Processes at the same time."""
    queue: int = 32
    """Tasks that may wait for a free worker; one more is refused."""
    patience: float = 30.0
    """Seconds that a task may wait for a free worker."""
    start: float = 60.0
    """Seconds to load."""
    deadline: float = 30.0
    """Seconds for one task; of one that talks, for each step."""
    pace: float = 1.0
    """Seconds that a task that talks gets in all for each MiB that it is given, beside the deadline."""
    tasks: int = 2000
    """Tasks after which a worker is replaced."""
    memory: int = 900 << 20
    """Resident bytes after a task above which a worker is replaced."""
    ceiling: int = 4 << 30
    """Bytes of address space that a worker can not pass, even within a task; of memory that it holds, where it may use
    a graphics processor (`worker.bound_memory`)."""
    backoff: float = 0.25
    """Seconds before the next start after a worker broke; doubled for each further one, to 30."""


class WorkerDiedError(Exception):
    """A worker's process ended, or its socket holds nonsense."""


class Worker:
    """One running worker process, ready for a task."""

    def __init__(
        self,
        module: str,
        process: subprocess.Popen[bytes],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._module = module
        self._process = process
        self._reader = reader
        self._writer = writer
        self.tasks = 0
        self.rss = 0

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it may be given a task: an idle worker may have been killed from outside."""
        return self._process.poll() is None and not self._reader.at_eof()

    @classmethod
    async def start(cls, module: str, options: Mapping[str, Any], limits: Limits) -> Worker:
        """Start a process and wait until it has loaded.

        Raises:
            EngineUnavailableError: it says what it lacks.
            WorkerDiedError: it ended, or took longer than `limits.start`.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            process = _spawn(module, theirs)
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        worker = cls(module, process, reader, writer)
        try:
            await worker.ask({**options, "memory_ceiling": limits.ceiling}, b"", limits.start)
        except BaseException:
            await worker.kill()
            raise
        return worker

    async def ask(self, request: Mapping[str, Any], payload: bytes, deadline: float) -> Mapping[str, Any]:
        """The result of one task.

        Raises:
            WorkerDiedError: no answer within `deadline` seconds, or none at all; the worker is of no more use.
            BadImageError, ImageTooLargeError, EngineUnavailableError, EngineFailedError: what the task says.
        """
        reply, _ = await self._exchange({**request, "deadline": deadline}, payload, deadline)
        return self._result(reply)

    async def converse(
        self, request: Mapping[str, Any], answer: Answer, limits: Limits
    ) -> AsyncGenerator[tuple[Mapping[str, Any], bytes]]:
        """What one task that talks tells, while `answer` gives it what it asks for.

        The worker's time is bounded in each step by `limits.deadline`, and in all by that and `limits.pace` for each
        MiB that it was given.

        Raises:
            WorkerDiedError: it took longer, or gave no answer at all; the worker is of no more use.
            SelectionError, TrainingDataError, EngineFailedError, ...: what the task says. Whatever `answer` raises.
        """
        left = limits.deadline
        header, payload = {**request, "deadline": limits.deadline}, b""
        clock = asyncio.get_running_loop().time
        while True:
            begun = clock()
            reply, told = await self._exchange(header, payload, min(left, limits.deadline))
            left -= clock() - begun
            if left <= 0:
                raise WorkerDiedError("the task took too long in all")
            if "ask" in reply:
                payload = await answer(reply["ask"])
                left += limits.pace * len(payload) / (1 << 20)
                header = {}
            elif "tell" in reply:
                yield reply["tell"], told
                header = None
            else:
                self._result(reply)
                return

    async def _exchange(
        self, header: Mapping[str, Any] | None, payload: bytes, deadline: float
    ) -> tuple[Mapping[str, Any], bytes]:
        """Send a frame, if there is one, and read the next one."""
        try:
            async with asyncio.timeout(deadline):
                if header is not None:
                    self._writer.write(frames.head(header, len(payload)))
                    self._writer.write(payload)
                    await self._writer.drain()
                reply, told = await frames.read(self._reader)
        except TimeoutError as error:
            raise WorkerDiedError(f"no answer within {deadline:g} s") from error
        except (EOFError, OSError, frames.FrameError) as error:
            raise WorkerDiedError(f"{type(error).__name__}, exit status {self._process.poll()}") from error
        for level, text in reply.get("said", ()):
            LOG.log(logging.getLevelNamesMapping()[level], "engine worker says", engine=self._module, text=text)
        return reply, told

    def _result(self, reply: Mapping[str, Any]) -> Mapping[str, Any]:
        """The result that a task's last frame holds. Raises the error that it holds."""
        self.tasks += 1
        self.rss = int(reply.get("rss", 0))
        if "error" in reply:
            raise ERRORS.get(str(reply["error"]), EngineFailedError)(str(reply.get("text", "")))
        return reply.get("result", {})

    async def stop(self) -> None:
        """End it politely (its socket closes), and by force when it has not gone after two seconds."""
        await self._hang_up()
        try:
            await asyncio.to_thread(self._process.wait, 2.0)
        except subprocess.TimeoutExpired:
            await self.kill()

    async def kill(self) -> None:
        """End it and what it started, now."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._hang_up()
        await asyncio.to_thread(self._process.wait)

    async def _hang_up(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


class Supervisor:
    """Runs tasks of one module (`open_task`, see `worker`) with the given options, within the given limits."""

    def __init__(self, module: str, *, options: Mapping[str, Any] | None = None, limits: Limits | None = None) -> None:
        self._module = module
        self._options = dict(options or {})
        self._limits = limits or Limits()
        self._slots = asyncio.Semaphore(self._limits.workers)
        self._idle: list[Worker] = []
        self._jobs: set[asyncio.Task[Any]] = set()
        self._talking: set[Worker] = set()
        self._waiting = 0
        self._broken = 0
        self._not_before = 0.0
        self._closed = False

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the workers that wait for a task."""
        return tuple(worker.pid for worker in self._idle)

    async def run(self, request: Mapping[str, Any], payload: bytes = b"") -> Mapping[str, Any]:
        """The result of one task.

        Raises:
            EngineBusyError: too many tasks wait already, or this one waited too long.
            EngineFailedError: the worker died, overran its deadline, or failed on this input.
            EngineUnavailableError, BadImageError, ImageTooLargeError: what the task says.
        """
        await self._slot()
        return await self._own(self._work(request, payload))

    async def converse(
        self, request: Mapping[str, Any], answer: Answer
    ) -> AsyncGenerator[tuple[Mapping[str, Any], bytes]]:
        """What one task that talks tells (header and payload), while `answer` gives it what it asks for. Who leaves
        it before its end ends its worker.

        Raises, once it is iterated:
            EngineBusyError, EngineFailedError, EngineUnavailableError, SelectionError, BadDocumentError: as `run`.
        """
        await self._slot()
        try:
            worker = await self._worker()
            self._talking.add(worker)
            try:
                async with aclosing(worker.converse(request, answer, self._limits)) as told:
                    async for one in told:
                        yield one
            except WorkerDiedError as error:
                await worker.kill()
                self._note_broken(str(error))
                raise EngineFailedError("the engine's worker broke on this input") from error
            except (*ERRORS.values(), EngineFailedError):
                await self._put_back(worker)
                raise
            except BaseException:
                await worker.kill()
                raise
            finally:
                self._talking.discard(worker)
            await self._put_back(worker)
        finally:
            self._slots.release()

    async def warm(self) -> None:
        """Have one worker loaded, so that the first task need not wait for it. Raises as `run`."""
        if not self._idle:
            await self._slot()
            await self._own(self._load())

    async def close(self) -> None:
        """End every worker. Tasks that still run fail with EngineFailedError."""
        self._closed = True
        for job in list(self._jobs):
            job.cancel()
        await asyncio.gather(*self._jobs, *(worker.kill() for worker in self._talking), return_exceptions=True)
        idle, self._idle = self._idle, []
        await asyncio.gather(*(worker.stop() for worker in idle))

    async def _slot(self) -> None:
        if self._closed:
            raise EngineFailedError("the engines are stopping")
        if self._slots.locked() and self._waiting >= self._limits.queue:
            raise EngineBusyError(f"{self._waiting} tasks wait for this engine")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._limits.patience):
                await self._slots.acquire()
        except TimeoutError as error:
            raise EngineBusyError(f"no worker was free within {self._limits.patience:g} s") from error
        finally:
            self._waiting -= 1

    async def _own(self, work: Any) -> Any:
        """Run `work`, which holds a slot, to its end even if our caller is cancelled (rule 2)."""
        job = asyncio.ensure_future(work)
        self._jobs.add(job)
        job.add_done_callback(self._finished)
        try:
            return await asyncio.shield(job)
        except asyncio.CancelledError:
            if self._closed and job.cancelled():
                raise EngineFailedError("the engines are stopping") from None
            raise

    def _finished(self, job: asyncio.Task[Any]) -> None:
        self._jobs.discard(job)
        self._slots.release()
        if not job.cancelled():
            job.exception()  # a caller that went away must not leave a warning

    async def _load(self) -> None:
        self._idle.append(await self._worker())

    async def _work(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        worker = await self._worker()
        try:
            result = await worker.ask(request, payload, self._limits.deadline)
        except WorkerDiedError as error:
            await worker.kill()
            self._note_broken(str(error))
            raise EngineFailedError("the engine's worker broke on this input") from error
        except (BadImageError, ImageTooLargeError, EngineUnavailableError, EngineFailedError):
            await self._put_back(worker)
            raise
        except BaseException:
            await worker.kill()
            raise
        await self._put_back(worker)
        return result

    async def _worker(self) -> Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            await worker.kill()
        await asyncio.sleep(max(0.0, self._not_before - asyncio.get_running_loop().time()))
        try:
            return await Worker.start(self._module, self._options, self._limits)
        except WorkerDiedError as error:
            self._note_broken(str(error))
            raise EngineFailedError("the engine's worker could not start") from error

    async def _put_back(self, worker: Worker) -> None:
        self._broken = 0
        if self._closed:
            await worker.kill()
        elif worker.tasks > self._limits.tasks or worker.rss > self._limits.memory:
            LOG.info("engine worker replaced", engine=self._module, tasks=worker.tasks, rss=worker.rss)
            await worker.stop()
        else:
            self._idle.append(worker)

    def _note_broken(self, reason: str) -> None:
        pause = min(30.0, self._limits.backoff * 2**self._broken)
        self._broken += 1
        self._not_before = asyncio.get_running_loop().time() + pause
        LOG.warning("engine worker broke", engine=self._module, reason=reason, pause=pause)


def _spawn(module: str, channel: socket.socket) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    descriptor = channel.fileno()
    return subprocess.Popen(
        # -P: a file of the user's working folder must not be taken for a library.
        [sys.executable, "-P", "-m", "marinelayer.engines.worker", module, str(descriptor)],
        env=environment | dict.fromkeys(ONE_THREAD, "1") | {"PYTHONUTF8": "1"},
        pass_fds=(descriptor,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the terminal is the cloud's to handle
    )

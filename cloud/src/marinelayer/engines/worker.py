"""A worker: one process that does one kind of task, one at a time, until its socket closes.

    python -m marinelayer.engines.worker MODULE FD

`MODULE` has `open_task(options)`, which gives a `Task` or a `TalkingTask`. The first frame on socket FD holds the
options; the worker answers `ready` when its models are loaded, and then answers each frame with one; a task that talks
may ask and tell in between. What the engines log goes with the next frame. It is told apart from the cloud on purpose:
it has no credentials, a low priority, one thread for its arithmetic and an alarm that ends it when a task overruns, so
that it can not outlive a cloud that was killed.
"""

from __future__ import annotations

import importlib
import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from marinelayer.engines import frames
from marinelayer.ports import (
    BadDocumentError,
    BadImageError,
    BadVideoError,
    EngineUnavailableError,
    ImageTooLargeError,
    SelectionError,
    TrainingDataError,
)

NICENESS = 5
ALARM_MARGIN = 5.0
"""Seconds that the cloud's own deadline has to act before the worker ends itself."""
WATCH = 0.5
"""Seconds between two looks at the memory that is held, where the address space can not be bounded."""

REFUSALS: dict[type[Exception], str] = {
    BadImageError: "bad-image",
    ImageTooLargeError: "image-too-large",
    EngineUnavailableError: "unavailable",
    SelectionError: "selection",
    BadVideoError: "bad-video",
    BadDocumentError: "bad-document",
    TrainingDataError: "training-data",
}
"""What a task may raise to say that the input, not the engine, is at fault; `supervisor` raises it again."""


class Task(Protocol):
    """What a worker does."""

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """One task: a JSON object and bytes in, a JSON object out. May raise one of REFUSALS."""
        ...


@runtime_checkable
class TalkingTask(Protocol):
    """What a worker does that needs more than one payload, or gives more than one."""

    def converse(self, request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        """One task: a JSON object in and out, and whatever is asked and told meanwhile. May raise one of REFUSALS."""
        ...


class Talk:
    """The cloud, as a task that runs reaches it. Each step, from one exchange to the next, has the task's deadline;
    the time that the cloud takes does not count."""

    def __init__(self, channel: socket.socket, deadline: float) -> None:
        self._channel = channel
        self._deadline = deadline

    def ask(self, header: Mapping[str, Any]) -> bytes:
        """Ask the cloud for bytes.

        Raises:
            EOFError: the cloud wants no more of this.
        """
        with self._waiting():
            self._channel.sendall(frames.head({"ask": header}))
            answer = frames.receive(self._channel)
        if answer is None:
            raise EOFError
        return answer[1]

    def tell(self, header: Mapping[str, Any], payload: bytes) -> None:
        """Give the cloud a part of the result. Waits until it can be taken."""
        with self._waiting():
            self._channel.sendall(frames.head({"tell": header}, len(payload)))
            self._channel.sendall(payload)

    @contextmanager
    def _waiting(self) -> Generator[None]:
        signal.setitimer(signal.ITIMER_REAL, 0)
        yield
        signal.setitimer(signal.ITIMER_REAL, self._deadline + ALARM_MARGIN)


def main() -> int:
    """Serve the socket whose number is the second argument, with the task of the module named by the first."""
    module, descriptor = sys.argv[1], int(sys.argv[2])
    os.set_inheritable(descriptor, False)  # a program that a task starts must not keep the socket open
    os.nice(NICENESS)
    with socket.socket(fileno=descriptor) as channel:
        said = _Said()
        first = frames.receive(channel)
        if first is None:
            return 0
        options, _ = first
        try:
            task = _open(importlib.import_module(module), options)
        except Exception as error:  # noqa: BLE001  # whatever it is, the cloud must hear it
            channel.sendall(frames.head({"error": "unavailable", "text": _text(error), "said": said.taken()}))
            return 1
        channel.sendall(frames.head({"ready": True, "rss": resident_bytes(), "said": said.taken()}))
        try:
            _serve(channel, task, said)
        except (BrokenPipeError, ConnectionResetError, EOFError):
            return 0  # the cloud is gone
    return 0


def _serve(channel: socket.socket, task: Task | TalkingTask, said: _Said) -> None:
    while (frame := frames.receive(channel)) is not None:
        request, payload = frame
        deadline = float(request.get("deadline", 60.0))
        signal.setitimer(signal.ITIMER_REAL, deadline + ALARM_MARGIN)
        reply = _answer(task, request, payload, Talk(channel, deadline))
        signal.setitimer(signal.ITIMER_REAL, 0)
        channel.sendall(frames.head({**reply, "rss": resident_bytes(), "said": said.taken()}))


def _answer(task: Task | TalkingTask, request: Mapping[str, Any], payload: bytes, talk: Talk) -> dict[str, Any]:
    try:
        if isinstance(task, TalkingTask):
            return {"result": task.converse(request, talk)}
        return {"result": task.run(request, payload)}
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except tuple(REFUSALS) as error:
        return {"error": REFUSALS[type(error)], "text": str(error)}
    except Exception as error:  # noqa: BLE001  # one task's failure is not the worker's end
        # Only the kind: the text of an exception may hold what a user sent.
        return {"error": "failed", "text": type(error).__name__}


def _text(error: Exception) -> str:
    return str(error) if isinstance(error, EngineUnavailableError) else f"{type(error).__name__}: {error}"


def _open(module: Any, options: Mapping[str, Any]) -> Task | TalkingTask:
    """The module's task, with the memory of this process bounded before any model is loaded.

    A module whose models may run elsewhere than on the processor has `devices(options)`, which names what is tried.
    """
    devices = module.devices(options) if hasattr(module, "devices") else ()
    bound_memory(int(options.get("memory_ceiling", 0)), devices)
    return module.open_task(options)


def bound_memory(ceiling: int, devices: Sequence[str]) -> None:
    """Bound what this process may take to `ceiling` bytes (0: no bound): allocations beyond it fail, where the system
    can do that.

    A graphics processor's driver reserves addresses for all memory of the machine and more, so that where one is to
    be used, the address space stays unbounded, and the process ends when it holds more than the ceiling.
    """
    if ceiling and devices:
        threading.Thread(target=_watch, args=(ceiling,), daemon=True).start()
    elif ceiling and sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))


def _watch(ceiling: int) -> None:
    while resident_bytes() <= ceiling:
        time.sleep(WATCH)
    os._exit(1)


class _Said(logging.Handler):
    """What the engines log, kept for the next frame. They log nothing that a user sent."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._records: list[tuple[str, str]] = []
        log = logging.getLogger("marinelayer.engines")
        log.setLevel(logging.INFO)
        log.propagate = False
        log.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self._records.append((record.levelname, record.getMessage()))

    def taken(self) -> list[tuple[str, str]]:
        """Level and text of what was logged since this was last asked."""
        records, self._records = self._records, []
        return records


def resident_bytes() -> int:
    """The memory that this process holds now; its highest where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()
    except OSError:
        highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return highest if sys.platform == "darwin" else highest * 1024


if __name__ == "__main__":
    sys.exit(main())

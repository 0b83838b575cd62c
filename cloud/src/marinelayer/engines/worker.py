"""A worker: one process that does one kind of task, one at a time, until its socket closes.

    python -m marinelayer.engines.worker MODULE FD

`MODULE` has `open_task(options)`, which gives a `Task` or a `TalkingTask`. The first frame on socket FD holds the
options; the worker answers `ready` when its models are loaded, and then answers each frame with one; a task that talks
may ask and tell in between. It is told apart from the cloud on purpose: it has no credentials, a low priority, one
thread for its arithmetic and an alarm that ends it when a task overruns, so that it can not outlive a cloud that was
killed.
"""

from __future__ import annotations

import importlib
import os
import resource
import signal
import socket
import sys
from collections.abc import Generator, Mapping
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
        first = frames.receive(channel)
        if first is None:
            return 0
        options, _ = first
        _limit_memory(int(options.get("memory_ceiling", 0)))
        try:
            task: Task | TalkingTask = importlib.import_module(module).open_task(options)
        except Exception as error:  # noqa: BLE001  # whatever it is, the cloud must hear it
            channel.sendall(frames.head({"error": "unavailable", "text": _said(error)}))
            return 1
        channel.sendall(frames.head({"ready": True, "rss": resident_bytes()}))
        try:
            _serve(channel, task)
        except (BrokenPipeError, ConnectionResetError, EOFError):
            return 0  # the cloud is gone
    return 0


def _serve(channel: socket.socket, task: Task | TalkingTask) -> None:
    while (frame := frames.receive(channel)) is not None:
        request, payload = frame
        deadline = float(request.get("deadline", 60.0))
        signal.setitimer(signal.ITIMER_REAL, deadline + ALARM_MARGIN)
        reply = _answer(task, request, payload, Talk(channel, deadline))
        signal.setitimer(signal.ITIMER_REAL, 0)
        channel.sendall(frames.head({**reply, "rss": resident_bytes()}))


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


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, EngineUnavailableError) else f"{type(error).__name__}: {error}"


def _limit_memory(ceiling: int) -> None:
    """Let allocations fail beyond `ceiling` bytes of address space, where the system can (0: no limit)."""
    if ceiling and sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))


def resident_bytes() -> int:
    """The memory that this process holds now; its highest where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()
    except OSError:
        highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return highest if sys.platform == "darwin" else highest * 1024


if __name__ == "__main__":
    sys.exit(main())

"""One canonical line a request: for people on a terminal, JSON elsewhere. Never a secret, a body or a query string.

Elsewhere the lines of one turn of the event loop are written at once, at its end.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
import traceback
from datetime import UTC, datetime
from functools import lru_cache
from json import JSONEncoder
from json.encoder import encode_basestring_ascii
from typing import Any, TextIO
from urllib.parse import quote

import structlog

from marinelayer.model.errors import InternalError, Refusal, ServiceError
from marinelayer.pipeline.trace import Trace
from marinelayer.security.decision import Decision

_LOG = structlog.get_logger()
_JSON = JSONEncoder(default=repr)
_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))


_OURS = "x-marinelayer-"


class _Lines:
    """Lines for a file, each turn's written together: a system call each would be a good part of what they cost."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._waiting: list[str] = []

    def add(self, line: str) -> None:
        """Write it at the end of the loop's turn, at once where no loop runs."""
        self._waiting.append(line)
        if len(self._waiting) > 1:
            return
        try:
            asyncio.get_running_loop().call_soon(self._write)
        except RuntimeError:
            self._write()

    def _write(self) -> None:
        text = "".join(self._waiting)
        self._waiting.clear()
        self._file.write(text)
        self._file.flush()


_lines: _Lines | None = None
"""Where lines of requests go without a terminal."""


def set_up_log() -> None:
    """Lines go to stderr: stdout says `ready` and nothing else."""
    global _lines  # noqa: PLW0603 - the process has one log
    terminal = sys.stderr.isatty()
    _lines = None if terminal else _Lines(sys.stderr)
    last: Any = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(serializer=_written)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def log_request(trace: Trace) -> None:
    """The line of one answered request; with the traceback when it was our fault. Before it, a line for each permission
    that soft enforcement did without."""
    for decision in trace.let_through:
        _log_let_through(trace, decision)
    if _lines is not None and trace.error is None and trace.denied is None and not trace.told:
        _lines.add(_line_of_success(trace))
        return
    facts: dict[str, Any] = {
        "request_id": trace.request.id,
        "service": trace.service.name if trace.service else "",
        "operation": trace.operation,
        "method": trace.request.method,
        "path": _printable(trace.request.path),
        "peer": trace.request.peer,
        "principal": trace.identity.principal.arn or "anonymous",
        "status": trace.status,
        "microseconds": trace.microseconds,
    }
    facts |= {name.removeprefix(_OURS).replace("-", "_"): value for name, value in trace.told.items()}
    error = trace.error
    if isinstance(error, Refusal):
        facts["error"] = error.code if isinstance(error, ServiceError) else type(error).__name__
    elif error is not None:
        facts["error"] = InternalError.__name__
        facts["traceback"] = "".join(traceback.format_exception(error))
    if trace.denied is not None:
        facts["denied"] = f"{trace.denied.requirement.action} on {trace.denied.requirement.resource}"
        facts["outcome"] = trace.denied.outcome
    if _lines is None:
        (_LOG.error if trace.status >= 500 else _LOG.info)("request", **facts)
    else:
        _lines.add(_line("error" if trace.status >= 500 else "info", facts))


def _log_let_through(trace: Trace, decision: Decision) -> None:
    facts: dict[str, Any] = {
        "request_id": trace.request.id,
        "principal": trace.identity.principal.arn,
        "would_deny": f"{decision.requirement.action} on {_printable(decision.requirement.resource)}",
        "outcome": decision.outcome,
        "why": decision.message,
    }
    if _lines is None:
        _LOG.warning("let through", **facts)
    else:
        _lines.add(_line("warning", facts, event="let through"))


def _line_of_success(trace: Trace) -> str:
    """As `_line` writes it, of what nearly every request is."""
    request, text = trace.request, encode_basestring_ascii
    return (
        f'{{"request_id": {text(request.id)}, "service": "{trace.service.name if trace.service else ""}", '
        f'"operation": {text(trace.operation)}, "method": {text(request.method)}, '
        f'"path": {text(_printable(request.path))}, "peer": {text(request.peer)}, '
        f'"principal": {text(trace.identity.principal.arn or "anonymous")}, "status": {trace.status}, '
        f'"microseconds": {trace.microseconds}, "event": "request", '
        f'"level": "{"error" if trace.status >= 500 else "info"}", "timestamp": "{_now()}"}}\n'
    )


def _now() -> str:
    second, micros = divmod(time.time_ns() // 1000, 1_000_000)
    return f"{_second(second)}.{micros:06d}Z"


@lru_cache(maxsize=1)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()[:-6]


def _line(level: str, facts: dict[str, Any], *, event: str = "request") -> str:
    """As structlog would write it, which takes several times as long."""
    members = [
        f'"{name}": {value if type(value) is int else encode_basestring_ascii(value)}' for name, value in facts.items()
    ]
    return f'{{{", ".join(members)}, "event": "{event}", "level": "{level}", "timestamp": "{_now()}"}}\n'


def _printable(path: str) -> str:
    """A raw path, whose bytes above 127 could be a terminal's own commands."""
    return path if path.isascii() else quote(path.encode("latin-1"), safe=_VISIBLE)


def _written(line: dict[str, Any], **_: Any) -> str:
    # json.dumps with a `default` makes an encoder for each line.
    return _JSON.encode(line)

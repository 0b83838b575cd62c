"""One canonical line a request: for people on a terminal, JSON elsewhere. Never a secret, a body or a query string."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from typing import Any
from urllib.parse import quote

import structlog

from marinelayer.model.errors import InternalError, Refusal, ServiceError
from marinelayer.pipeline.trace import Trace

_LOG = structlog.get_logger()
_JSON = json.JSONEncoder(default=repr)
_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))


def set_up_log() -> None:
    """Lines go to stderr: stdout says `ready` and nothing else."""
    terminal = sys.stderr.isatty()
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
    """The line of one answered request; with the traceback when it was our fault."""
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
    error = trace.error
    if isinstance(error, Refusal):
        facts["error"] = error.code if isinstance(error, ServiceError) else type(error).__name__
    elif error is not None:
        facts["error"] = InternalError.__name__
        facts["traceback"] = "".join(traceback.format_exception(error))
    if trace.denied is not None:
        facts["denied"] = f"{trace.denied.requirement.action} on {trace.denied.requirement.resource}"
        facts["outcome"] = trace.denied.outcome
    (_LOG.error if trace.status >= 500 else _LOG.info)("request", **facts)


def _printable(path: str) -> str:
    """A raw path, whose bytes above 127 could be a terminal's own commands."""
    return path if path.isascii() else quote(path.encode("latin-1"), safe=_VISIBLE)


def _written(line: dict[str, Any], **_: Any) -> str:
    # json.dumps with a `default` makes an encoder for each line.
    return _JSON.encode(line)

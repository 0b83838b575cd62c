"""The cloud's own addresses, `/_marinelayer/...`: what has no AWS API.

They are signed like any request (service name `marinelayer`) and authorised by `marinelayer:*` actions, but for those
that name a reason to be open.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from marinelayer.http import Request, Response
from marinelayer.model.errors import (
    InternalError,
    InvalidParameter,
    MalformedCredentials,
    MalformedRequest,
    MissingParameter,
    Refusal,
    RequestTooLarge,
    ServiceDown,
    UnknownOperation,
)
from marinelayer.ports import Caller

PREFIX = "/_marinelayer/"
SIGNING_NAME = "marinelayer"
OWN_ACTIONS: Final = frozenset({"marinelayer:ListInbox"})
"""The actions that own addresses need, as policies name them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRoute:
    """One address. `action` is what a caller must be allowed on `*`; None leaves it open, `open_because` says why."""

    run: Callable[[Request, Caller], Awaitable[Response]]
    action: str | None = None
    open_because: str = ""

    def __post_init__(self) -> None:
        if self.action is None and not self.open_because:
            raise ValueError("an open address needs a reason")
        if self.action is not None and self.action not in OWN_ACTIONS:
            raise ValueError(f"{self.action} is not among the own actions")


def json_response(value: Mapping[str, Any], *, status: int = 200, request_id: str = "") -> Response:
    """A JSON document that no cache keeps."""
    headers = (
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("x-amzn-requestid", request_id),
    )
    return Response(status=status, headers=headers, body=json.dumps(value, ensure_ascii=False).encode())


def refused(refusal: Refusal, *, request_id: str) -> Response:
    """A refusal of one of our own addresses, under the name of its class."""
    status = next((status for kind, status in _STATUSES.items() if isinstance(refusal, kind)), 403)
    error = {"code": type(refusal).__name__, "message": refusal.message}
    return json_response({"error": error}, status=status, request_id=request_id)


_STATUSES: Mapping[type[Refusal], int] = {
    UnknownOperation: 404,
    InvalidParameter: 400,
    MissingParameter: 400,
    MalformedRequest: 400,
    MalformedCredentials: 400,
    RequestTooLarge: 413,
    InternalError: 500,
    ServiceDown: 503,
}
"""What is not named here is a question of who asks."""

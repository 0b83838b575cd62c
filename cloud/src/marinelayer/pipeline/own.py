"""The cloud's own addresses, `/_marinelayer/...`: what has no AWS API.

They are signed like any request (service name `marinelayer`) and authorised by `marinelayer:*` actions, but for those
that name a reason to be open.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marinelayer.http import Request, Response
from marinelayer.model.errors import Refusal
from marinelayer.ports import Caller

PREFIX = "/_marinelayer/"
SIGNING_NAME = "marinelayer"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRoute:
    """One address. `action` is what a caller must be allowed on `*`; None leaves it open, `open_because` says why."""

    run: Callable[[Request, Caller], Awaitable[Response]]
    action: str | None = None
    open_because: str = ""

    def __post_init__(self) -> None:
        if self.action is None and not self.open_because:
            raise ValueError("an open address needs a reason")


def json_response(value: Mapping[str, Any], *, status: int = 200, request_id: str = "") -> Response:
    """A JSON document that no cache keeps."""
    headers = (
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("x-amzn-requestid", request_id),
    )
    return Response(status=status, headers=headers, body=json.dumps(value, ensure_ascii=False).encode())


def refused(refusal: Refusal, *, status: int, code: str, request_id: str) -> Response:
    """A refusal of one of our own addresses."""
    return json_response({"error": {"code": code, "message": refusal.message}}, status=status, request_id=request_id)

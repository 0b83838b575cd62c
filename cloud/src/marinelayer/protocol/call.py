"""One request as the router understood it, on its way to being parsed and answered."""

from __future__ import annotations

from dataclasses import dataclass, field

from marinelayer.http import Body, Request
from marinelayer.model.service import Operation, Service


@dataclass(slots=True, kw_only=True)
class Call:
    """A request with its service, operation and payload.

    `payload` is the whole body, or the body as a stream where `operation.streaming_input` names a member for it.
    `service` is the operation's own. `bucket` and `key` are S3's, None elsewhere or where the request names none.
    """

    request: Request
    service: Service
    operation: Operation
    payload: bytes | Body = field(repr=False)
    bucket: str | None = None
    key: str | None = None

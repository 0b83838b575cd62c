"""What is known of a request while it is on its way, for its one line in the log. Knows no steps."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from marinelayer.http import Request
from marinelayer.model.service import Service
from marinelayer.protocol.cors import Fields
from marinelayer.security.decision import Decision
from marinelayer.security.identity import ANONYMOUS_IDENTITY, Identity


@dataclass(slots=True)
class Trace:
    """What is known of one request so far, for its one line in the log. Never holds a secret."""

    request: Request
    started: int = field(default_factory=time.perf_counter_ns)
    service: Service | None = None
    operation: str = ""
    identity: Identity = ANONYMOUS_IDENTITY
    """Who is proven to ask."""
    region: str = ""
    """The region that the request acts in, "" until that is known."""
    denied: Decision | None = None
    let_through: list[Decision] = field(default_factory=list["Decision"])
    """What soft enforcement allowed though nothing allows it."""
    scheme: str = ""
    """How it is signed (`Claim.scheme`), "" where it is not."""
    by_acl: bool = False
    """Whether an ACL alone allowed it."""
    error: BaseException | None = None
    status: int = 0
    headers: Fields = ()
    """Those of the answer."""
    sent: int | None = None
    """Bytes of the answer's body, None where only the socket will know."""
    requester_charged: bool = False
    """Whether the requester pays for it, and not the bucket's owner."""
    website: bool = False
    """Whether a website answers it, with pages."""
    told: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the answer says in headers of our own."""
    cors: Fields = ()
    """What the answer says to the browser of another origin."""

    @property
    def microseconds(self) -> int:
        """Time since the request's head was read."""
        return (time.perf_counter_ns() - self.started) // 1000

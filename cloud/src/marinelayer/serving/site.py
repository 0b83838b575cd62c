"""What all connections of one server share: the handler above them, their bounds, and who they are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from marinelayer.http import Handler, Request, Response
from marinelayer.model.errors import Refusal
from marinelayer.serving.answer import DateField
from marinelayer.serving.departures import Departures
from marinelayer.serving.head import FieldNames
from marinelayer.serving.limits import Limits

Refuse = Callable[[Refusal, str], Response]
"""Writes a refusal that was made before anyone knew the service; the second argument is the request id."""

Takeover = Callable[[asyncio.Transport, bytes], Awaitable[None]]
"""Takes a connection over after `200 Connection established`, with what the client sent after its CONNECT."""

Tunnel = Callable[[Request], Awaitable[Response | Takeover]]
"""Answers a CONNECT, whose authority is the request's `host`: a refusal, or who takes the connection over."""


class Member(Protocol):
    """A connection as its server sees it."""

    deadline: float
    """When, in the loop's time, `expire` is due."""

    def expire(self, now: float) -> None:
        """Act on a deadline that may have passed."""
        ...

    def retire(self) -> None:
        """Close as soon as nothing is under way."""
        ...

    def cut(self) -> None:
        """Close now; a running handler is cancelled."""
        ...


@dataclass(slots=True, kw_only=True, eq=False)
class Site:
    """Shared by the connections of one server. With a `tunnel` it is a proxy: its clients name the host in the
    request target or by CONNECT; without one they do neither, or name themselves."""

    handler: Handler
    ids: Callable[[], str]
    refuse: Refuse
    limits: Limits = field(default_factory=Limits)
    tunnel: Tunnel | None = None
    date: DateField = field(default_factory=DateField)
    names: FieldNames = field(default_factory=FieldNames)
    departures: Departures = field(default_factory=Departures)
    stopping: bool = False
    connections: set[Member] = field(default_factory=set["Member"], init=False)
    _leaving: set[asyncio.Task[None]] = field(default_factory=set["asyncio.Task[None]"], init=False)
    _quiet: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def join(self, member: Member) -> None:
        """A client has come."""
        self.connections.add(member)

    def leave(self, member: Member, task: asyncio.Task[None] | None = None) -> None:
        """A client is gone; its handler, `task`, may still be winding up."""
        self.connections.discard(member)
        if task is not None and not task.done():
            self._leaving.add(task)
            task.add_done_callback(self._left)
        self._look()

    async def quiet(self) -> None:
        """Until no client is connected and no handler runs."""
        self._quiet.clear()
        self._look()
        await self._quiet.wait()

    def _left(self, task: asyncio.Task[None]) -> None:
        self._leaving.discard(task)
        self._look()

    def _look(self) -> None:
        if not self.connections and not self._leaving:
            self._quiet.set()

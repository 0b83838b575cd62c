"""Small answers of one turn of the event loop, written together at its end.

A client that waits for several of them is woken once then, and waking a client costs more than writing to it. The order
of what one connection writes is its outlet's affair. Knows no connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)

_MOST = 64
"""Answers that wait for each other, so that the first of a flood need not wait for the last."""


class Departures:
    """What is to be written at the end of this turn. One for all connections of a server."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def add(self, loop: asyncio.AbstractEventLoop, write: Callable[[], None]) -> None:
        """Have `write` called at the end of the turn of `loop` in which this is called."""
        self._waiting.append(write)
        if len(self._waiting) == 1:
            loop.call_soon(self._depart)
        elif len(self._waiting) >= _MOST:
            self._depart()

    def _depart(self) -> None:
        waiting, self._waiting = self._waiting, []
        for write in waiting:
            try:
                write()
            except Exception:
                # One connection's trouble is none of the others'.
                logger.exception("an answer could not be written")

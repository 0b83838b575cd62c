"""Work in somebody's name after their request has been answered. Ports only: nothing here does anything."""

from __future__ import annotations

from typing import Protocol

from marinelayer.ports.access import Caller


class Mandates(Protocol):
    """What remains of callers when their requests are over."""

    def given(self, caller: Caller) -> str:
        """Who the caller is, in a form that can be written down. Holds no secret."""
        ...

    async def caller(self, mandate: str, request_id: str) -> Caller:
        """Who gave the mandate, with what they may now. `request_id` is the same at every attempt.

        Raises:
            AccessDenied: they are no longer there. Who came after them under the same name is somebody else.
        """
        ...

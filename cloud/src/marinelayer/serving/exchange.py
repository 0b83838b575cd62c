"""One request and its answer: the handler is asked, and what it says is sent, or what can be said in its place.

Knows the way out of the connection, not the connection.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from marinelayer.http import ClientGone, Request, Response
from marinelayer.model.errors import InternalError
from marinelayer.serving.answer import BadAnswerError, compose_head
from marinelayer.serving.head import Head
from marinelayer.serving.outlet import ConnectionLostError, FileUnavailableError, Outlet, close_pieces
from marinelayer.serving.site import Site, Takeover

logger = logging.getLogger(__name__)


class Exchange:
    """One request on its way. `begin_answer` is called when its answer is known and about to be written; it says
    whether the connection must end with it.

    Both methods return whether the connection may stay, and raise ConnectionLostError when there is no one to answer,
    or whatever broke a body off in the middle: the connection must then be cut.
    """

    __slots__ = ("_begin_answer", "_head", "_outlet", "_request", "_site")

    def __init__(
        self, site: Site, outlet: Outlet, request: Request, head: Head, begin_answer: Callable[[], bool]
    ) -> None:
        self._site = site
        self._outlet = outlet
        self._request = request
        self._head = head
        self._begin_answer = begin_answer

    async def answer(self) -> bool:
        """Ask the handler."""
        try:
            response = await self._site.handler(self._request)
        except ClientGone:
            raise ConnectionLostError from None
        except Exception:
            logger.exception("request %s: the handler failed", self._request.id)
            response = self._site.refuse(InternalError(), self._request.id)
        return await self._respond(response)

    async def connect(self) -> Takeover | bool:
        """Ask the tunnel: who takes the connection over, or, where it refuses, as `answer`."""
        assert self._site.tunnel is not None  # noqa: S101 - else the head was refused
        try:
            answer = await self._site.tunnel(self._request)
        except Exception:
            logger.exception("request %s: the tunnel failed", self._request.id)
            answer = self._site.refuse(InternalError(), self._request.id)
        return await self._respond(answer) if isinstance(answer, Response) else answer

    async def _respond(self, response: Response) -> bool:
        try:
            return await self._send(response)
        except (BadAnswerError, FileUnavailableError):
            logger.exception("request %s: the answer can not be sent", self._request.id)
            await close_pieces(response.body)
            return await self._send(self._site.refuse(InternalError(), self._request.id))

    async def _send(self, response: Response) -> bool:
        head = self._head
        close = self._begin_answer() or not head.persistent
        composed = compose_head(response, method=head.method, minor=head.minor, close=close, date=self._site.date)
        await self._outlet.send(composed, response.body)
        return not composed.close

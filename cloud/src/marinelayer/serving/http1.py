"""One HTTP/1.1 connection: bytes become requests, one at a time, and responses become bytes, in the same order.

Reading, deadlines and the end of a connection are here; how heads are read and written, how chunks are framed and how
bodies travel is in the modules beside.

Rule 1: the next request begins when the last one is answered and its body is out of the way. Rule 2: what a client
may make us hold or wait for is bounded by `Limits`. Rule 3: an answer that is on the wire is never lost by how the
connection ends, and one that broke off never ends as if it were whole.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from dataclasses import replace
from math import inf
from typing import Any, Literal, cast

from marinelayer.http import Body, BytesBody, ClientGone, NoBody, Request
from marinelayer.model.errors import (
    MalformedRequest,
    Refusal,
    RequestTimedOut,
    RequestTooLarge,
    ServiceDown,
)
from marinelayer.serving.answer import CONTINUE, ESTABLISHED, compose_head
from marinelayer.serving.body import SocketBody
from marinelayer.serving.exchange import Exchange
from marinelayer.serving.framing import ChunkedFraming, Framing, LengthFraming
from marinelayer.serving.head import Head, parse_head
from marinelayer.serving.intake import HeadTooLargeError, Intake
from marinelayer.serving.outlet import ConnectionLostError, Outlet
from marinelayer.serving.site import Site, Takeover

logger = logging.getLogger(__name__)

_NO_BODY = NoBody()
_STOPPING_LINGER_SECONDS = 0.5


class Connection(asyncio.Protocol):
    """One client's connection (site.Member, body.Inlet)."""

    def __init__(self, site: Site, scheme: Literal["http", "https"]) -> None:
        self.deadline = inf
        self._site = site
        self._limits = site.limits
        self._scheme: Literal["http", "https"] = scheme
        self._loop = asyncio.get_running_loop()
        self._peer = ""
        self._intake = Intake(site.limits)
        self._in_head = False
        self._task: asyncio.Task[None] | None = None
        self._body: SocketBody | None = None
        """The body that is still coming in, wanted or not."""
        self._framing: Framing
        """That body's."""
        self._expects = False
        self._tls = ""
        self._unwanted = False
        self._broken = False
        """The body could not be read to its end, so that nothing more can be."""
        self._paused = False
        self._eof = False
        self._deaf = False
        """Nothing that comes in is read any more."""
        self._linger_end = inf

    # --- what the transport says ----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self._transport = cast("asyncio.Transport", transport)
        self._outlet = Outlet(self._loop, self._transport, self._limits, self._site.departures)
        peer: Any = transport.get_extra_info("peername")
        if isinstance(peer, tuple) and peer:
            self._peer = str(cast("tuple[Any, ...]", peer)[0])
        self._encrypted = transport.get_extra_info("sslcontext") is not None
        self._tls = _tls_version(transport)
        self.deadline = self._loop.time() + self._limits.header_seconds
        crowded = len(self._site.connections) >= self._limits.connections
        self._site.join(self)
        if crowded:
            # Not awaited, as other clients are that we send away: in a flood that would keep many more open.
            self._say(ServiceDown(), 503)
            self._close()

    def data_received(self, data: bytes) -> None:
        """Bytes have come: of the body under way, or of the next requests."""
        if self._deaf:
            self.deadline = min(self._loop.time() + self._limits.linger_seconds, self._linger_end)
            return
        if self._body is not None:
            data = self._receive(self._body, data)
            if not data:
                return
        self._intake.add(data)
        if self._task is None and self._body is None:
            self._next()
        elif len(self._intake) > self._limits.pipelined_bytes:
            self._pause()

    def eof_received(self) -> bool:
        """The client sends no more. It may still read: what came whole is answered."""
        self._eof = True
        self._outlet.flush()  # the transport may close itself now
        if self._task is None or self._body is not None:
            return False
        self.deadline = self._loop.time() + self._limits.half_closed_seconds
        return not self._encrypted

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone. A handler that waits for its bytes reads ClientGone; any other is cancelled."""
        self.deadline = inf
        self._outlet.lose()
        told = False
        if self._body is not None:
            told = self._body.awaited
            self._body.fail(ClientGone())
        if self._task is not None and not told:
            self._task.cancel()
        self._site.leave(self, self._task)

    def pause_writing(self) -> None:
        """The client reads more slowly than we write."""
        self._outlet.pause()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._outlet.resume()

    # --- what the server says -------------------------------------------------------------------------------

    def expire(self, now: float) -> None:
        """Act on deadlines that have passed."""
        if self._outlet.deadline <= now and self._outlet.is_stalled():
            self.cut()
            return
        if self.deadline > now:
            return
        self.deadline = inf
        if self._task is not None:
            if self._body is not None and self._body.awaited:
                self._fail_body(self._body, RequestTimedOut())
            elif self._eof:
                self.cut()
        elif self._deaf:
            if now < self._linger_end and self._transport.get_write_buffer_size():
                self.deadline = self._linger_end
            else:
                self.cut()
        elif self._in_head:
            self._refuse(RequestTimedOut(), 408)
        else:
            self._close()

    def retire(self) -> None:
        """Close at once when idle, else after the answer under way. Site.stopping makes answers say so."""
        if self._task is not None or self._in_head:
            return
        if self._deaf:
            self.deadline = min(self.deadline, self._loop.time() + _STOPPING_LINGER_SECONDS)
        else:
            self._close()

    def cut(self) -> None:
        """End it now; connection_lost cancels the handler."""
        self._outlet.flush()
        self._transport.abort()

    # --- what the body says (body.Inlet) --------------------------------------------------------------------

    def body_wanted(self) -> None:
        """Tell a client that waits for it to go on (RFC 9110, 10.1.1)."""
        if self._expects:
            self._expects = False
            self._outlet.write(CONTINUE)

    def body_awaited(self) -> None:
        """A client that says nothing is late from now on."""
        self.deadline = self._loop.time() + self._limits.body_seconds

    def body_full(self) -> None:
        """Stop reading."""
        self._pause()

    def body_low(self) -> None:
        """Go on reading."""
        self._resume()

    # --- requests -------------------------------------------------------------------------------------------

    def _next(self) -> None:
        """Begin the next request if its head is whole."""
        try:
            data = self._intake.next_head()
            if data is None:
                self._await_head()
                return
            head = parse_head(data, self._site.names)
            self._check_form(head)
        except HeadTooLargeError as error:
            self._refuse(RequestTooLarge(), error.status)
        except MalformedRequest as refusal:
            self._refuse(refusal, 400)
        else:
            self._begin(head)

    def _await_head(self) -> None:
        """Wait for the rest of a head, not too long, or for the next one."""
        if self._eof or (self._site.stopping and not self._intake):
            self._close()
        elif self._intake and not self._in_head:
            self._in_head = True
            self.deadline = self._loop.time() + self._limits.header_seconds

    def _check_form(self, head: Head) -> None:
        """An origin server takes no CONNECT, a proxy nothing that does not name a host."""
        if head.form == "authority" and self._site.tunnel is None:
            raise MalformedRequest("CONNECT is not served here.")
        if head.form == "origin" and self._site.tunnel is not None:
            raise MalformedRequest("This is a proxy: the request target must name a host.")

    def _begin(self, head: Head) -> None:
        """Hand a request up."""
        self._in_head = False
        self.deadline = inf
        request = Request(
            id=self._site.ids(),
            method=head.method,
            path=head.path,
            query=head.query,
            headers=head.headers,
            body=self._begin_body(head),
            scheme=self._scheme,
            host=head.host,
            peer=self._peer,
            tls=self._tls,
        )
        self._task = self._loop.create_task(self._answer(request, head))

    def _begin_body(self, head: Head) -> Body:
        if head.length and len(self._intake) >= head.length:
            return BytesBody(self._intake.take(head.length))
        if head.chunked:
            self._framing = ChunkedFraming(self._site.names, trailer_bytes=self._limits.header_bytes)
        elif head.length:
            self._framing = LengthFraming(head.length)
        else:
            if head.expects:
                # Nothing is invited. But botocore takes a final answer in the place of the interim one for the end of
                # its connection, and reads the next answer on it wrongly.
                self._outlet.write(CONTINUE)
            return _NO_BODY if head.length is None else BytesBody()
        body = self._body = SocketBody(self, self._limits, head.length)
        begun = self._intake.take()
        self._expects = head.expects and not begun
        if begun:
            self._intake.add(self._receive(body, begun))
        return body

    def _receive(self, body: SocketBody, data: bytes) -> bytes:
        """Bytes of the body under way have come; what follows it."""
        self._expects = False
        framing = self._framing
        try:
            pieces, rest = framing.feed(data)
        except Refusal as refusal:
            self._fail_body(body, refusal)
            return b""
        if pieces and not self._unwanted:
            body.put(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        if framing.ended:
            body.end(framing.trailers)
            self._body = None
            if self._unwanted:
                self._unwanted = False
                self._intake.add(rest)
                self._ready()
                return b""
        return rest

    def _fail_body(self, body: SocketBody, error: Refusal) -> None:
        """The body can not be read on, nor anything after it."""
        body.fail(error)
        self._body = None
        self._broken = True
        self._deaf = True
        if self._unwanted:
            self._end()

    # --- answers --------------------------------------------------------------------------------------------

    async def _answer(self, request: Request, head: Head) -> None:
        exchange = Exchange(self._site, self._outlet, request, head, self._begin_answer)
        try:
            outcome = await (exchange.answer() if head.form != "authority" else exchange.connect())
            if not isinstance(outcome, bool):
                await self._hand_over(outcome)
                return
        except ConnectionLostError:
            self._transport.abort()
        except asyncio.CancelledError:
            self._transport.abort()
            raise
        except Exception:
            logger.exception("request %s: the answer broke off", request.id)
            self._transport.abort()
        else:
            self._task = None
            self._after_answer(stays=outcome)

    async def _hand_over(self, takeover: Takeover) -> None:
        """Leave the connection to whom a tunnel named."""
        self._pause()
        self._outlet.write(ESTABLISHED)
        self._site.leave(self, self._task)
        await takeover(self._transport, self._intake.take())

    def _begin_answer(self) -> bool:
        """Whether the connection must end with the answer that is about to be written: also when too much of the
        body has not come to read and drop it. A client that was never told to go on may or may not send it, so that
        nothing after it could be told from it."""
        self.deadline = inf
        in_the_way = self._body is not None and (self._expects or not self._framing.fits(self._limits.drain_bytes))
        self._expects = False
        return in_the_way or self._broken or self._site.stopping

    def _after_answer(self, *, stays: bool) -> None:
        if self._transport.is_closing():
            return
        if not stays or self._broken:
            self._end()
        elif self._body is not None:
            self._body.fail(ClientGone())
            self._unwanted = True
            self.deadline = self._loop.time() + self._limits.body_seconds
            self._resume()
        else:
            self._ready()

    def _ready(self) -> None:
        """The connection is free for the next request."""
        self.deadline = self._loop.time() + self._limits.idle_seconds
        if self._intake or self._eof or self._site.stopping:
            self._next()
        self._resume()

    def _refuse(self, refusal: Refusal, status: int) -> None:
        """Answer what never became a request, and close."""
        self._say(refusal, status)
        self._deaf = True
        self._end()

    def _say(self, refusal: Refusal, status: int) -> None:
        response = replace(self._site.refuse(refusal, self._site.ids()), status=status)
        data, *_ = compose_head(response, method="GET", minor=1, close=True, date=self._site.date)
        self._outlet.write(data + cast("bytes", response.body))

    def _end(self) -> None:
        """Close. Bytes of the client that no one read would make the system answer with a reset, which can overtake
        the answer: then only our side is closed, and theirs awaited."""
        unread = self._deaf or self._body is not None or bool(self._intake)
        if self._body is not None:
            self._body.fail(ClientGone())
            self._body = None
        self._intake.take()
        if self._eof or not unread:
            self._close()
            return
        self._deaf = True
        self._outlet.flush()
        if self._transport.can_write_eof():
            self._transport.write_eof()
        now = self._loop.time()
        self._linger_end = now + self._limits.linger_total_seconds
        self.deadline = now + (_STOPPING_LINGER_SECONDS if self._site.stopping else self._limits.linger_seconds)
        self._resume()

    def _close(self) -> None:
        """Close when all is written, or cut off a client that does not take it."""
        self._deaf = True
        self.deadline = self._loop.time() + self._limits.write_seconds
        self._outlet.flush()
        self._transport.close()

    def _pause(self) -> None:
        if not self._paused and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def _resume(self) -> None:
        if self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()


def _tls_version(transport: asyncio.BaseTransport) -> str:
    """The version of TLS that a connection has ("1.3"), "" where it has none."""
    by: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    return "" if by is None else (by.version() or "").removeprefix("TLSv")

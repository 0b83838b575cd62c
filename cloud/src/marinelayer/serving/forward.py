"""Asking another server over plain HTTP on a client's behalf, as a proxy does (RFC 9110, section 7.6).

One connection a request: a proxy for one command needs no pool.
"""

from __future__ import annotations

import asyncio
from collections import deque

import httptools

from marinelayer.http import ClientGone, Headers, Request, Response, ResponseBody
from marinelayer.model.errors import Refusal
from marinelayer.serving.limits import KIBIBYTE

_CONNECT_SECONDS = 20.0
_READ_BYTES = 64 * KIBIBYTE
# RFC 9110, 7.6.1: not for the next one.
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# What says where a message goes and where it ends, and can not be made a hop's own by naming it in Connection: the body
# would be read as another request.
_ENDS = frozenset({"host", "content-length"})


class UpstreamError(Exception):
    """The other server can not be reached, or does not speak HTTP."""


def end_to_end(headers: Headers) -> tuple[tuple[str, str], ...]:
    """The headers that are not for this hop only."""
    options = {option.strip(" \t").lower() for value in headers.all("connection") for option in value.split(",")}
    named = options - _ENDS
    return tuple(pair for pair in headers.pairs if pair[0] not in _HOP_BY_HOP and pair[0] not in named)


async def forward(request: Request, host: str, port: int) -> Response:
    """The other server's answer, whose body streams.

    Raises:
        UpstreamError: as said.
    """
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
    except (OSError, UnicodeError) as error:
        raise UpstreamError(str(error)) from error
    answer = _Answer(reader, writer, head_only=request.method == "HEAD")
    answer.sending = asyncio.create_task(_send(request, writer))
    try:
        while not answer.headed:
            await answer.read_on()
    except BaseException:
        await answer.aclose()
        raise
    body: ResponseBody = answer
    if answer.bodiless:
        await answer.aclose()
        body = b""
    return Response(status=answer.status, headers=end_to_end(Headers(answer.headers)), body=body)


async def _send(request: Request, writer: asyncio.StreamWriter) -> None:
    """The request with its body. A server may answer, and close, before all of it is sent."""
    target = request.path + (f"?{request.query}" if request.query else "")
    chunked = "transfer-encoding" in request.headers
    lines = [f"{request.method} {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in end_to_end(request.headers)]
    lines += ["Transfer-Encoding: chunked"] if chunked else []
    lines += ["Connection: close", "\r\n"]
    try:
        writer.write("\r\n".join(lines).encode("latin-1"))
        async for piece in request.body:
            writer.writelines((b"%x\r\n" % len(piece), piece, b"\r\n") if chunked else (piece,))
            await writer.drain()
        if chunked:
            writer.write(b"0\r\n\r\n")
        await writer.drain()
    except ConnectionError:
        pass
    except (ClientGone, Refusal):
        # What was announced will not come: the other server must not take it for whole.
        writer.transport.abort()


class _Answer:
    """An answer as it comes in (httptools calls back), and its body (an AsyncIterable). `headed` when its final head
    is whole."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, head_only: bool) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._reader = reader
        self._writer = writer
        self._head_only = head_only
        self._pieces: deque[bytes] = deque()
        self._complete = False
        self.sending: asyncio.Task[None] | None = None
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self.headed = False

    @property
    def bodiless(self) -> bool:
        """Whether no body follows the head."""
        return self._head_only or self.status in (204, 304)

    async def read_on(self) -> None:
        """Take in what has come. Raises UpstreamError when that is too little, or no HTTP."""
        try:
            data = await self._reader.read(_READ_BYTES)
            if data:
                self._parser.feed_data(data)
        except (OSError, httptools.HttpParserError) as error:
            raise UpstreamError(f"the answer broke off ({type(error).__name__})") from error
        if not data:
            delimited = any(name in ("content-length", "transfer-encoding") for name, _ in self.headers)
            if not self.headed or delimited:
                raise UpstreamError("the answer broke off")
            self._complete = True

    def __aiter__(self) -> _Answer:
        return self

    async def __anext__(self) -> bytes:
        while not self._pieces:
            if self._complete:
                await self.aclose()
                raise StopAsyncIteration
            await self.read_on()
        return self._pieces.popleft()

    async def aclose(self) -> None:
        """Leave the other server."""
        if self.sending is not None:
            self.sending.cancel()
        self._writer.close()

    def on_message_begin(self) -> None:
        """Forget an interim answer."""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field."""
        self.headers.append((name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t")))

    def on_headers_complete(self) -> None:
        """A head."""
        self.status = self._parser.get_status_code()
        self.headed = self.status >= 200

    def on_body(self, piece: bytes) -> None:
        """A piece of content."""
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """The end."""
        self._complete = self.headed

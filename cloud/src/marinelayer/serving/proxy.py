"""The HTTP proxy of `marinelayer run`: every amazonaws.com name is served here, other hosts are passed through.

It listens on loopback and asks for a token, so that no other user of the machine rides on it; the token reaches
clients inside the proxy's URL and goes no further than this module.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
import secrets
import ssl
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from marinelayer.http import Handler, Headers, Request, Response
from marinelayer.serving.forward import UpstreamError, forward
from marinelayer.serving.limits import Limits
from marinelayer.serving.server import HttpServer
from marinelayer.serving.site import Refuse, Takeover
from marinelayer.serving.tls import AMAZON, CertificateAuthority
from marinelayer.serving.tunnel import Tunnels

logger = logging.getLogger(__name__)

USER = "marinelayer"
_HTTP, _HTTPS = 80, 443
_HANDSHAKE_SECONDS = 15.0
_OWN_FIELDS = frozenset({"proxy-authorization", "proxy-connection"})


def is_amazon(host: str) -> bool:
    """Whether a host name, in whatever case and with or without a final dot, is amazonaws.com or below it."""
    name = host.lower().removesuffix(".")
    return name == AMAZON or name.endswith(f".{AMAZON}")


def split_authority(authority: str, default_port: int) -> tuple[str, int]:
    """Host, without an IPv6 address's brackets, and port of `host[:port]`."""
    host, colon, port = authority.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = authority, ""
    return host.removeprefix("[").removesuffix("]"), int(port or default_port)


class Proxy:
    """One proxy, for one command. `handler` answers for amazonaws.com, by leaves of `authority`. With `offline` no
    other host is reached."""

    def __init__(
        self,
        handler: Handler,
        authority: CertificateAuthority,
        *,
        refuse: Refuse,
        offline: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self._handler = handler
        self._authority = authority
        self._offline = offline
        self._token = secrets.token_urlsafe(24)
        self._expected = base64.b64encode(f"{USER}:{self._token}".encode())
        self._port = 0
        self._inner = HttpServer(handler, refuse=refuse, limits=limits)
        self._front = HttpServer(self._answer, refuse=refuse, limits=limits, tunnel=self._connect)
        self._tunnels = Tunnels()

    @property
    def url(self) -> str:
        """The proxy's URL with its credentials, for HTTP_PROXY and HTTPS_PROXY. A secret."""
        return f"http://{USER}:{self._token}@127.0.0.1:{self._port}"

    async def listen(self, port: int = 0) -> int:
        """Accept clients on loopback; the port.

        Raises:
            OSError: the port can not be had.
        """
        _, self._port = await self._front.listen("127.0.0.1", port)
        return self._port

    async def stop(self, grace_seconds: float) -> None:
        """Accept no more, give what is served here `grace_seconds`, and cut the tunnels."""
        self._tunnels.cut()
        await asyncio.gather(self._front.stop(grace_seconds), self._inner.stop(grace_seconds))

    # --- absolute-form requests -----------------------------------------------------------------------------

    async def _answer(self, request: Request) -> Response:
        if not self._admits(request):
            return _unauthorised()
        host, port = split_authority(request.host, _HTTP)
        own = Headers([pair for pair in request.headers.pairs if pair[0] not in _OWN_FIELDS])
        clean = replace(request, headers=own)
        if is_amazon(host):
            return await self._handler(clean) if port == _HTTP else _wrong_port(host, port)
        if self._offline:
            return _offline(host)
        try:
            return await forward(clean, host, port)
        except UpstreamError as error:
            return _text(502, f"{host}: {error}")

    # --- CONNECT --------------------------------------------------------------------------------------------

    async def _connect(self, request: Request) -> Response | Takeover:
        if not self._admits(request):
            return _unauthorised()
        host, port = split_authority(request.host, _HTTPS)
        if is_amazon(host):
            if port == _HTTPS:
                return lambda transport, leftover: self._serve_encrypted(host, transport, leftover)
            return self._serve_plain if port == _HTTP else _wrong_port(host, port)
        if self._offline:
            return _offline(host)
        try:
            far = await self._tunnels.open(host, port)
        except (OSError, UnicodeError) as error:
            return _text(502, f"{host}: {error}")

        async def join(transport: asyncio.Transport, leftover: bytes) -> None:
            self._tunnels.join(transport, leftover, far)

        return join

    async def _serve_encrypted(self, host: str, transport: asyncio.Transport, leftover: bytes) -> None:
        """Speak TLS as `host` on the client's connection, and HTTP inside."""
        if leftover:  # it did not wait for our 200; what it said can not be put back
            transport.abort()
            return
        early = _Early()
        context = self._authority.context_for(host.lower().removesuffix("."))
        start: Coroutine[Any, Any, asyncio.Transport | None] = asyncio.get_running_loop().start_tls(
            transport, early, context, server_side=True, ssl_handshake_timeout=_HANDSHAKE_SECONDS
        )
        try:
            encrypted = await start
        except (OSError, ssl.SSLError) as error:
            # As when a client does not trust our certificate, which its user sees and we can not mend.
            logger.debug("%s: no TLS: %s", host, error)
            transport.abort()
            return
        if encrypted is not None and not early.lost:
            self._begin(encrypted, self._inner.protocol("https"), early.data)

    async def _serve_plain(self, transport: asyncio.Transport, leftover: bytes) -> None:
        """Speak HTTP on the client's connection."""
        self._begin(transport, self._inner.protocol("http"), leftover)
        transport.resume_reading()

    def _begin(self, transport: asyncio.Transport, protocol: asyncio.Protocol, data: bytes) -> None:
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        if data:
            protocol.data_received(data)

    def _admits(self, request: Request) -> bool:
        scheme, _, credentials = (request.headers.get("proxy-authorization") or "").partition(" ")
        given = credentials.strip().encode("latin-1")
        return scheme.lower() == "basic" and hmac.compare_digest(given, self._expected)


class _Early(asyncio.Protocol):
    """Keeps what a client says together with the end of its handshake, before anyone is there to hear it."""

    def __init__(self) -> None:
        self.data = b""
        self.lost = False

    def data_received(self, data: bytes) -> None:
        """Keep it."""
        self.data += data

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone already."""
        self.lost = True


def _unauthorised() -> Response:
    response = _text(407, "This proxy serves one command. Its credentials are in that command's HTTP_PROXY.")
    return replace(response, headers=(*response.headers, ("Proxy-Authenticate", 'Basic realm="marinelayer run"')))


def _offline(host: str) -> Response:
    return _text(403, f"{host} is not reached: this proxy is offline and serves amazonaws.com only.")


def _wrong_port(host: str, port: int) -> Response:
    return _text(403, f"{host}:{port} is not served: amazonaws.com is, on ports 80 and 443.")


def _text(status: int, text: str) -> Response:
    return Response(status=status, headers=(("Content-Type", "text/plain; charset=utf-8"),), body=f"{text}\n".encode())

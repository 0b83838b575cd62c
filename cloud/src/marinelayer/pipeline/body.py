"""A body on its way in: framing, signature chain, hash and declared length, joined.

aws-chunked framing is `protocol`'s, the chain of signatures `security`'s; here a body is read through both, so that
whoever reads it to the end has bytes that were signed. Knows no services.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Mapping
from hashlib import sha256

from marinelayer.http import Body, BytesBody, NoBody, Request, in_pieces
from marinelayer.model.errors import ServiceError
from marinelayer.protocol.aws_chunked import ChunkEnd, ChunkStart, Data, Decoder, Trailers
from marinelayer.security.claim import Claim
from marinelayer.security.sigv4 import EMPTY_SHA256, ChunkChain, SigningKey

OFF_LOOP = 64 * 1024
"""Bytes beyond which work on them is done in a thread."""


class XAmzContentSHA256Mismatch(ServiceError):
    """The provided 'x-amz-content-sha256' header does not match what was computed."""

    status = 400


class MissingContentLength(ServiceError):
    """You must provide the Content-Length HTTP header."""

    status = 411


class TransferEncodingNotImplemented(ServiceError):
    """A header you provided implies functionality that is not implemented"""

    code = "NotImplemented"
    status = 501


class MalformedTrailerError(ServiceError):
    """The request contained trailing data that was not well-formed or did not conform to our published schema."""

    code = "MalformedTrailerError"
    status = 400


async def hash_of(payload: bytes) -> str:
    """The hex SHA-256 of a whole body."""
    if len(payload) > OFF_LOOP:
        return (await asyncio.to_thread(sha256, payload)).hexdigest()
    return sha256(payload).hexdigest()


def verified(request: Request, claim: Claim | None, key: SigningKey | None, *, streamed: bool) -> Body:
    """The request's payload, decoded, and checked against the claim as it flows; unsigned ones as they come. With
    `streamed` its length must be known beforehand.

    Raises:
        MissingContentLength: it is not said.
        TransferEncodingNotImplemented: it can not be, since the body is in chunks of HTTP's own.
        XAmzContentSHA256Mismatch: a small body, which is here already, is another one than was signed.
    """
    sent = (request.headers.get("x-amz-content-sha256") or "").upper()
    if sent.startswith("STREAMING-"):
        signed = "UNSIGNED" not in sent
        chain = ChunkChain(key) if key is not None and signed else None
        return _Framed(request, signed=signed, trailing=sent.endswith("-TRAILER"), chain=chain)
    if streamed and request.body.length is None:
        if "transfer-encoding" in request.headers:
            raise TransferEncodingNotImplemented(Header="Transfer-Encoding")
        raise MissingContentLength
    if claim is not None and claim.payload == "signed" and claim.payload_hash is not None:
        if isinstance(request.body, NoBody) and claim.payload_hash == EMPTY_SHA256:
            return request.body
        if isinstance(request.body, BytesBody) and request.body.length <= OFF_LOOP:
            _compare(sha256(request.body.data).hexdigest(), claim.payload_hash)
            return request.body
        return _Hashed(request.body, claim.payload_hash)
    return request.body


def _compare(actual: str, claimed: str) -> None:
    expected = claimed.lower()
    if not hmac.compare_digest(actual, expected):
        raise XAmzContentSHA256Mismatch(ClientComputedContentSHA256=expected, S3ComputedContentSHA256=actual)


class _Hashed:
    """A body whose SHA-256 was signed."""

    __slots__ = ("_body", "_expected")

    def __init__(self, body: Body, expected: str) -> None:
        self._body = body
        self._expected = expected

    @property
    def length(self) -> int | None:
        return self._body.length

    @property
    def trailers(self) -> Mapping[str, str]:
        return self._body.trailers

    async def __aiter__(self) -> AsyncIterator[bytes]:
        digest = sha256()
        # Joined, since handing a piece to a thread costs as much as hashing a good part of it.
        async for piece in in_pieces(self._body):
            if len(piece) > OFF_LOOP:
                await asyncio.to_thread(digest.update, piece)
            else:
                digest.update(piece)
            yield piece
        _compare(digest.hexdigest(), self._expected)


class _Framed:
    """A body in aws-chunked framing; with a chain, every chunk's signature is checked before its end is believed."""

    __slots__ = ("_body", "_chain", "_decoder", "_promised", "_trailing", "length", "trailers")

    def __init__(self, request: Request, *, signed: bool, trailing: bool, chain: ChunkChain | None) -> None:
        declared = request.headers.get("x-amz-decoded-content-length")
        if declared is None or not (declared.isascii() and declared.isdigit() and len(declared) < 16):
            raise MissingContentLength
        self.length: int | None = int(declared)
        self.trailers: Mapping[str, str] = {}
        self._body = request.body
        self._chain = chain
        self._trailing = trailing
        named = (name.strip().lower() for line in request.headers.all("x-amz-trailer") for name in line.split(","))
        self._promised = frozenset(filter(None, named)) if trailing else frozenset[str]()
        self._decoder = Decoder(signed=signed, length=self.length, trailers=trailing)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._body:
            for event in self._decoder.feed(piece):
                if isinstance(event, Data):
                    await self._cover(event.data)
                    yield event.data
                else:
                    self._check(event)
        self._decoder.finish()

    async def _cover(self, data: bytes) -> None:
        if self._chain is None:
            return
        if len(data) > OFF_LOOP:
            await asyncio.to_thread(self._chain.update, data)
        else:
            self._chain.update(data)

    def _check(self, event: ChunkStart | ChunkEnd | Trailers) -> None:
        if isinstance(event, Trailers):
            if event.fields.keys() != self._promised:
                raise MalformedTrailerError
            if self._chain is not None and self._trailing:
                self._chain.trailer(event.fields.items(), event.signature)
            self.trailers = event.fields
        elif self._chain is not None:
            if isinstance(event, ChunkStart):
                self._chain.start(event.signature)
            else:
                self._chain.end()

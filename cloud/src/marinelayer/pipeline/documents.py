"""Bodies that are taken in whole before anyone is sure who sent them: each within a limit and a time, and all of them
within a share of memory. Knows nothing of what is in them.

Most services sign the hash of the body, so that it must be there before the signature can be checked; and the id of an
access key, which is all that a liar needs to be listened to, is in every presigned link.
"""

from __future__ import annotations

import asyncio

from marinelayer.http import Body, BodyTooLargeError, BytesBody, NoBody, read_all
from marinelayer.model.errors import RequestTimedOut, RequestTooLarge, Throttled

SECONDS = 120.0
"""For the whole of one body: the socket's own deadline only asks for a byte now and then."""
MOST_HELD = 256 * 1024 * 1024
"""Bytes of bodies that have not wholly come yet, of all clients together."""


class Documents:
    """Takes bodies in. One for all requests of a process."""

    def __init__(self, *, seconds: float = SECONDS, most_held: int = MOST_HELD) -> None:
        self._seconds = seconds
        self._most_held = most_held
        self._held = 0

    async def read(self, body: Body, limit: int) -> bytes:
        """The whole body.

        Raises:
            RequestTooLarge: it has more than `limit` bytes.
            RequestTimedOut: it takes too long.
            Throttled: too much is being taken in already.
        """
        try:
            if isinstance(body, BytesBody | NoBody):
                return await read_all(body, limit)
            async with asyncio.timeout(self._seconds):
                return await self._read(body, limit)
        except BodyTooLargeError:
            raise RequestTooLarge from None
        except TimeoutError:
            raise RequestTimedOut from None

    async def _read(self, body: Body, limit: int) -> bytes:
        if body.length is not None and body.length > limit:
            raise BodyTooLargeError
        pieces: list[bytes] = []
        size = 0
        try:
            async for piece in body:
                size += len(piece)
                self._held += len(piece)
                if size > limit:
                    raise BodyTooLargeError
                if self._held > self._most_held:
                    raise Throttled
                pieces.append(piece)
        finally:
            self._held -= size
        return b"".join(pieces)

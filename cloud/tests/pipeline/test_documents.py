"""Whole bodies are taken in within a limit, a time and a share of memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest

from marinelayer.http import BytesBody
from marinelayer.model.errors import RequestTimedOut, RequestTooLarge, Throttled
from marinelayer.pipeline.documents import Documents


class Arriving:
    """A body whose pieces come one by one, each when it is let go."""

    def __init__(self, *pieces: bytes, length: int | None = None) -> None:
        self.length = length
        self.trailers: Mapping[str, str] = {}
        self._pieces = pieces
        self.more = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
        await self.more.wait()


async def test_a_body_within_the_limit_is_whole() -> None:
    body = Arriving(b"ab", b"cd")
    body.more.set()
    assert await Documents().read(body, 4) == b"abcd"
    assert await Documents().read(BytesBody(b"abcd"), 4) == b"abcd"


async def test_a_body_is_refused_as_soon_as_it_is_known_to_be_too_large() -> None:
    for body in (BytesBody(b"abcde"), Arriving(length=5), Arriving(b"abc", b"de")):
        with pytest.raises(RequestTooLarge):
            await asyncio.wait_for(Documents().read(body, 4), 5)


async def test_a_body_that_trickles_is_given_up() -> None:
    with pytest.raises(RequestTimedOut):
        await Documents(seconds=0.02).read(Arriving(b"a"), 4)


async def test_all_that_is_coming_in_shares_one_bound() -> None:
    documents = Documents(most_held=10)
    first = Arriving(b"abcdef")
    reading = asyncio.create_task(documents.read(first, 100))
    await asyncio.sleep(0)
    with pytest.raises(Throttled):
        await documents.read(Arriving(b"ghijkl"), 100)
    first.more.set()
    assert await reading == b"abcdef"
    again = Arriving(b"ghijkl")
    again.more.set()
    assert await documents.read(again, 100) == b"ghijkl"


async def test_what_a_client_gave_up_frees_its_share() -> None:
    documents = Documents(most_held=10)
    reading = asyncio.create_task(documents.read(Arriving(b"abcdefghi"), 100))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    other = Arriving(b"abcdefghi")
    other.more.set()
    assert await documents.read(other, 100) == b"abcdefghi"

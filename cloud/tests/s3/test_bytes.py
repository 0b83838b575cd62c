"""Bytes: nothing is seen before it is whole, nothing that is seen is lost, nothing that is unseen stays."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from marinelayer.http import ClientGone, in_pieces
from marinelayer.outbox import Job
from marinelayer.ports import Tables
from marinelayer.protocol.refusals import PreconditionFailed
from marinelayer.services.s3.digests import NOTHING_DECLARED
from marinelayer.services.s3.receiving import receive
from marinelayer.storage.files import FileBlobs, sweep

LARGE = os.urandom(300_000)


@pytest.mark.parametrize("size", [10, 300_000])
@pytest.mark.parametrize("error", [ClientGone, PreconditionFailed, asyncio.CancelledError])
async def test_a_body_that_breaks_off_leaves_nothing(s3: Any, size: int, error: type[BaseException]) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=b"before")
    body = s3.sent(LARGE[: size - 1], length=size, breaks=error())
    with pytest.raises(error):
        await s3("PutObject", Bucket="photos", Key="one", Body=body)
    assert await s3.content("photos", "one") == b"before"
    assert not await s3.stored()


@pytest.mark.parametrize("size", [10, 300_000])
async def test_a_body_that_is_shorter_or_longer_than_it_said_leaves_nothing(s3: Any, size: int) -> None:
    for sent in (LARGE[: size - 1], LARGE[:size] + b"!"):
        with s3.refused("IncompleteBody"):
            await s3("PutObject", Bucket="photos", Key="one", Body=s3.sent(sent, length=size))
    assert not await s3.stored()
    with s3.refused("NoSuchKey"):
        await s3("HeadObject", Bucket="photos", Key="one")


async def test_a_request_cancelled_while_it_is_sent_leaves_nothing(s3: Any) -> None:
    arrived = asyncio.Event()

    class Endless:
        length, trailers = 10_000_000, {}

        async def __aiter__(self) -> Any:
            while True:
                yield LARGE
                arrived.set()
                await asyncio.sleep(0)

    task = asyncio.create_task(s3("PutObject", Bucket="photos", Key="one", Body=Endless()))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await s3.stored()
    assert not list((s3.files._folder / "new").iterdir())


class Held:
    """Tables whose writes wait until they are let go."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    async def write(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        self.reached.set()
        await self.go.wait()
        return await self.tables.write(function, *args, **kwargs)

    def revision(self, *names: str) -> Any:
        return self.tables.revision(*names)

    async def read(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        return await self.tables.read(function, *args, **kwargs)


@pytest.mark.parametrize("refused", [False, True])
async def test_a_request_cancelled_in_its_commit_keeps_exactly_what_was_committed(
    s3: Any, s3_on: Any, tmp_path: Path, refused: bool
) -> None:
    held = Held(s3.tables)
    slow = s3_on(held, tmp_path)
    task = asyncio.create_task(slow("PutObject", Bucket="photos", Key="one", Body=LARGE, IfNoneMatch="*"))
    await held.reached.wait()
    if refused:
        await s3("PutObject", Bucket="photos", Key="one", Body=b"meanwhile")
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0.01)
    held.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await slow.content("photos", "one") == (b"meanwhile" if refused else LARGE)
    assert len(await slow.stored()) == (0 if refused else 1)
    await slow.close()


async def test_bytes_whose_commit_failed_stay_until_the_sweeper_judges(s3: Any) -> None:
    class Lost(Exception):
        pass

    async def fail() -> None:
        raise Lost

    with pytest.raises(Lost):
        async with receive(s3.sent(LARGE), NOTHING_DECLARED, s3.files, s3.ids, s3.keys) as received:
            await received.name(fail())
    assert len(await s3.stored()) == 1
    await s3("PutObject", Bucket="photos", Key="kept", Body=LARGE)
    assert await sweep(s3.files, s3.freeing.named) == 0
    restarted = FileBlobs(s3.files._folder)
    assert await sweep(restarted, s3.freeing.named) == 1
    await restarted.close()
    assert await s3.content("photos", "kept") == LARGE


async def test_replaced_bytes_stay_for_those_who_still_read_them(s3: Any) -> None:
    large = LARGE * 10
    await s3("PutObject", Bucket="photos", Key="one", Body=large)
    got = await s3("GetObject", Bucket="photos", Key="one")
    await s3("PutObject", Bucket="photos", Key="one", Body=b"new")
    assert b"".join([piece async for piece in got["Body"]]) == large
    await s3.settle()
    assert not await s3.stored()


async def test_freeing_twice_is_freeing_once(s3: Any) -> None:
    await s3("PutObject", Bucket="photos", Key="one", Body=LARGE)
    (name,) = await s3.stored()
    job = Job(id="1", kind="s3.blob.delete", group="1", payload=name.encode(), attempts=1)
    await s3.freeing.delete_freed_blob(job)
    await s3.freeing.delete_freed_blob(job)
    assert not await s3.stored()


async def test_pieces_are_of_a_mebibyte_however_they_arrive(s3: Any) -> None:
    chunks = [bytes([number % 256]) * 10_000 for number in range(250)]
    pieces = [piece async for piece in in_pieces(s3.sent(*chunks))]
    assert b"".join(pieces) == b"".join(chunks)
    assert all(len(piece) >= 1024 * 1024 for piece in pieces[:-1])
    assert max(map(len, pieces)) < 1024 * 1024 + 10_000


async def test_writers_of_one_key_leave_one_object_and_no_bytes_of_the_others(anywhere: Any) -> None:
    s3 = anywhere
    bodies = [bytes([number]) * 100_000 for number in range(8)]
    await asyncio.gather(*(s3("PutObject", Bucket="photos", Key="one", Body=body) for body in bodies))
    await s3.settle()
    assert await s3.content("photos", "one") in bodies
    assert len(await s3.stored()) == 1


async def test_of_two_who_create_a_key_one_succeeds(anywhere: Any) -> None:
    s3 = anywhere

    async def create(number: int) -> Any:
        try:
            await s3("PutObject", Bucket="photos", Key="one", Body=bytes([number]), IfNoneMatch="*")
        except PreconditionFailed:
            return 0
        return 1

    assert sum(await asyncio.gather(*(create(number) for number in range(8)))) == 1

"""Answers of one turn leave together, and none is lost by another one's trouble."""

import asyncio
import logging

import pytest

from marinelayer.serving.departures import Departures


async def test_what_is_added_in_one_turn_leaves_at_its_end_in_order() -> None:
    departures, left = Departures(), list[int]()
    for number in range(5):
        departures.add(asyncio.get_running_loop(), lambda number=number: left.append(number))
    assert left == []
    await asyncio.sleep(0)
    assert left == [0, 1, 2, 3, 4]


async def test_a_flood_does_not_wait_for_its_end() -> None:
    departures, left = Departures(), list[int]()
    for number in range(100):
        departures.add(asyncio.get_running_loop(), lambda number=number: left.append(number))
    assert len(left) == 64
    await asyncio.sleep(0)
    assert left == list(range(100))


async def test_one_that_can_not_be_written_holds_none_of_the_others_up(caplog: pytest.LogCaptureFixture) -> None:
    departures, left = Departures(), list[str]()

    def fail() -> None:
        raise RuntimeError("closed")

    loop = asyncio.get_running_loop()
    with caplog.at_level(logging.ERROR):
        for write in (lambda: left.append("before"), fail, lambda: left.append("after")):
            departures.add(loop, write)
        await asyncio.sleep(0)
    assert left == ["before", "after"]
    assert "could not be written" in caplog.text

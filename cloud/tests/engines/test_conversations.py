"""Tasks that talk: they are given what they ask for, tell as fast as they are heard, and end with who leaves them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from marinelayer.engines.supervisor import Limits, Supervisor
from marinelayer.ports import EngineFailedError, SelectionError

HERE = Path(__file__).parent
Opener = Callable[..., Supervisor]


@pytest.fixture
async def talking(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Opener]:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    made: list[Supervisor] = []

    def make(**limits: Any) -> Supervisor:
        made.append(Supervisor("talking_task", limits=Limits(**{"backoff": 0.01, **limits})))
        return made[-1]

    yield make
    await asyncio.gather(*(supervisor.close() for supervisor in made))


async def nothing(_: Mapping[str, Any]) -> bytes:
    return b""


def given(*pieces: bytes) -> Callable[[Mapping[str, Any]], Any]:
    """Gives the piece whose number is asked for."""

    async def answer(asked: Mapping[str, Any]) -> bytes:
        return pieces[asked["number"]] if asked["number"] < len(pieces) else b""

    return answer


async def doubled(supervisor: Supervisor, *pieces: bytes) -> tuple[list[bytes], set[int]]:
    """What is told of the pieces, and the workers that told it."""
    told = [one async for one in supervisor.converse({"do": "double"}, given(*pieces))]
    return [payload for _, payload in told], {header["pid"] for header, _ in told}


async def test_a_task_is_given_what_it_asks_for_and_tells_in_between(talking: Opener) -> None:
    supervisor = talking()
    payloads, first = await doubled(supervisor, b"a", b"b" * 3_000_000)
    assert payloads == [b"aa", b"b" * 6_000_000]
    _, second = await doubled(supervisor, b"c")
    assert first == second == set(supervisor.pids)


async def test_an_error_of_the_task_leaves_its_worker_as_it_was(talking: Opener) -> None:
    supervisor = talking()
    heard: list[bytes] = []
    with pytest.raises(SelectionError) as caught:
        heard.extend([payload async for _, payload in supervisor.converse({"do": "refuse"}, nothing)])
    assert (caught.value.code, caught.value.message) == ("CastFailed", "it can not be cast")
    assert len(supervisor.pids) == 1


@pytest.mark.parametrize(
    ("request_", "limits"),
    [
        ({"do": "die"}, {}),
        ({"do": "sleep", "seconds": 60}, {"deadline": 0.3}),
        # Each step is short enough, but not all of them together.
        ({"do": "think", "seconds": 0.05}, {"deadline": 0.4}),
    ],
)
async def test_a_worker_that_dies_or_takes_too_long_fails_its_conversation(
    talking: Opener, request_: dict[str, Any], limits: dict[str, Any]
) -> None:
    supervisor = talking(**limits)
    begun = time.monotonic()
    with pytest.raises(EngineFailedError):
        assert [one async for one in supervisor.converse(request_, nothing)]
    assert time.monotonic() - begun < 20
    assert supervisor.pids == ()


async def test_time_grows_with_what_a_task_is_given(talking: Opener) -> None:
    supervisor = talking(deadline=2, pace=1000)
    payloads, _ = await doubled(supervisor, *[b"x" * 200_000] * 20)
    assert len(payloads) == 20


async def test_who_leaves_a_conversation_ends_its_worker_and_no_other(talking: Opener) -> None:
    supervisor = talking(workers=1)
    await doubled(supervisor, b"a")
    (pid,) = supervisor.pids
    leaving = supervisor.converse({"do": "think", "seconds": 0}, nothing)
    header, _ = await anext(leaving)
    assert header["pid"] == pid
    await leaving.aclose()
    payloads, pids = await doubled(supervisor, b"b")
    assert payloads == [b"bb"]
    assert pids != {pid}


async def test_what_answers_may_fail_and_is_heard_of(talking: Opener) -> None:
    async def broken(_: Mapping[str, Any]) -> bytes:
        raise OSError("the disk")

    supervisor = talking(workers=1)
    with pytest.raises(OSError, match="the disk"):
        assert [one async for one in supervisor.converse({"do": "double"}, broken)]
    assert (await doubled(supervisor, b"b"))[0] == [b"bb"]


async def test_closing_ends_conversations(talking: Opener) -> None:
    supervisor = talking()
    conversation = supervisor.converse({"do": "think", "seconds": 0}, nothing)
    await anext(conversation)
    await supervisor.close()
    with pytest.raises(EngineFailedError):
        assert [one async for one in conversation]

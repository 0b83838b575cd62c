"""The promise of deliveries.py: nothing is sent twice, or lost, without a word; killed at any moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import MemoryObjects

from getitdone.deliveries import Delivered, Deliveries, Ledger
from getitdone.errors import AccessRefused, ConditionFailed, DataError, Throttled, Unavailable
from getitdone.state import StateObject

KEY = "state/alerts/2021-04.json"
START = dt.datetime(2021, 5, 1, tzinfo=dt.UTC)
LEASE = dt.timedelta(minutes=10)


class Killed(BaseException):
    """The process ends here."""


class World:
    """A ledger's surroundings: a clock to turn, and people who get messages."""

    def __init__(self) -> None:
        self.objects = MemoryObjects()
        self.now = START
        self.got: list[tuple[str, bool]] = []
        self.fate: Callable[[str], None] = lambda name: None

    def ledger(self) -> Ledger:
        """A new run's ledger."""
        return Ledger(StateObject(self.objects, "b", KEY, Deliveries), lease=LEASE, now=lambda: self.now)

    def publish(self, name: str, repeated: bool) -> str:
        self.fate(name)
        self.got.append((name, repeated))
        return f"id-{len(self.got)}"

    def run(self, *names: str, batch: int = 2) -> Delivered:
        return self.ledger().deliver(names, self.publish, batch=batch)


@pytest.fixture
def world() -> World:
    return World()


def test_each_message_is_sent_once_over_many_runs(world: World) -> None:
    assert world.run("a", "b", "c").sent == ["a", "b", "c"]
    again = world.run("a", "b", "c", "d")
    assert (again.sent, again.earlier) == (["d"], ["a", "b", "c"])
    assert world.got == [("a", False), ("b", False), ("c", False), ("d", False)]


def test_a_message_is_claimed_before_it_is_published(world: World) -> None:
    def look(name: str) -> None:
        assert world.ledger().entries()[name].state == "claimed"

    world.fate = look
    world.run("a")


def test_a_run_killed_while_publishing_leaves_a_claim_that_others_respect(world: World) -> None:
    world.fate = raising(Killed)
    world.objects.before_put = lambda key: None
    kill_at_settling(world)
    world.fate = lambda name: None
    world.objects.before_put = lambda key: None
    held = world.run("a")
    assert (held.sent, held.held) == ([], ["a"])


def test_after_the_lease_it_is_sent_again_with_a_notice(world: World) -> None:
    kill_at_settling(world)
    assert world.got == [("a", False)]
    world.objects.before_put = lambda key: None
    world.now += LEASE
    after = world.run("a")
    assert (after.sent, after.repeated) == (["a"], ["a"])
    assert world.got == [("a", False), ("a", True)]
    assert world.run("a").earlier == ["a"]


def kill_at_settling(world: World) -> None:
    """A run that dies after it published and before it could note so."""
    writes: list[str] = []

    def die(key: str) -> None:
        writes.append(key)
        if len(writes) == 2:
            raise Killed

    world.objects.before_put = die
    with pytest.raises(Killed):
        world.run("a")


def raising(error: type[BaseException]) -> Callable[[str], None]:
    def fate(name: str) -> None:
        raise error

    return fate


def test_an_interrupted_publish_is_unsure_and_the_rest_of_its_batch_is_free(world: World) -> None:
    world.fate = raising(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        world.run("a", "b")
    entries = world.ledger().entries()
    assert (entries["a"].state, entries["b"].state) == ("unsure", "failed")
    world.fate = lambda name: None
    assert world.run("a", "b").repeated == ["a"]
    assert world.got == [("a", True), ("b", False)]


def test_no_answer_is_unsure_and_sent_again_with_a_notice_at_once(world: World) -> None:
    def no_answer(name: str) -> None:
        raise Unavailable("Read timeout")

    world.fate = no_answer
    assert world.run("a").unsure == ["a"]
    world.fate = lambda name: None
    assert world.run("a").repeated == ["a"]


@pytest.mark.parametrize("error", [Throttled("slow down", code="Throttling"), AccessRefused("no", code="AccessDenied")])
def test_a_refused_message_is_free_again_and_stops_no_other(world: World, error: Exception) -> None:
    def refuse(name: str) -> None:
        if name == "a":
            raise error

    world.fate = refuse
    first = world.run("a", "b")
    assert (first.sent, list(first.failed)) == (["b"], ["a"])
    world.fate = lambda name: None
    assert world.run("a", "b").sent == ["a"]
    assert ("a", False) in world.got, "it certainly was not sent, so that no notice is due"


def test_a_run_that_outlives_half_its_lease_gives_the_rest_back(world: World) -> None:
    def slow(name: str) -> None:
        world.now += LEASE

    world.fate = slow
    delivered = world.run("a", "b")
    assert (delivered.sent, delivered.held) == (["a"], ["b"])
    world.fate = lambda name: None
    assert world.run("a", "b").sent == ["b"]


def test_two_runs_at_once_send_each_message_once(world: World) -> None:
    inner: list[Delivered] = []

    def meanwhile(name: str) -> None:
        if not inner:
            inner.append(Delivered())
            inner[0] = world.run("a", "b")

    world.fate = meanwhile
    outer = world.run("a", "b")
    assert (outer.sent, inner[0].held) == (["a", "b"], ["a", "b"])
    assert [name for name, _ in world.got] == ["a", "b"]


def test_a_claim_whose_answer_was_lost_is_our_own(world: World) -> None:
    """The SDK sends the conditional write again, and the second one fails on the first one's result."""
    real, lost = world.objects.put_if, [True]

    def put_if(bucket: str, key: str, body: bytes, *, content_type: str, etag: str | None) -> str:
        made = real(bucket, key, body, content_type=content_type, etag=etag)
        if lost.pop() if lost else False:
            raise ConditionFailed("the retry found it changed", code="PreconditionFailed")
        return made

    world.objects.put_if = put_if
    assert world.run("a").sent == ["a"]
    assert world.got == [("a", False)]


def test_what_a_higher_level_covers_is_not_sent_later(world: World) -> None:
    world.run("extreme")
    world.ledger().cover(["critical", "extreme"], "a higher level was told")
    assert world.run("critical", "extreme").earlier == ["critical", "extreme"]
    assert world.ledger().entries()["extreme"].state == "sent"


def test_a_state_of_another_version_is_refused_in_words(world: World) -> None:
    world.objects.put("b", KEY, b'{"version": 2, "entries": {}}', content_type="application/json")
    with pytest.raises(DataError, match="not what this version"):
        world.run("a")


def test_a_state_that_others_keep_writing_is_given_up_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def always(*args: object, **kwargs: object) -> str:
        raise ConditionFailed("changed", code="PreconditionFailed")

    monkeypatch.setattr("getitdone.state.time.sleep", lambda seconds: None)
    world.objects.put_if = always
    with pytest.raises(ConditionFailed, match="12 times"):
        world.run("a")
    assert not world.got


@settings(max_examples=60, deadline=None)
@given(
    deaths=st.lists(
        st.tuples(st.sampled_from(["before publish", "after publish", "write"]), st.integers(0, 4)), max_size=5
    ),
    batch=st.integers(1, 3),
)
def test_killed_anywhere_every_message_arrives_and_only_a_marked_one_twice(
    deaths: list[tuple[str, int]], batch: int
) -> None:
    world, names = World(), ["a", "b", "c"]
    for where, when in deaths:
        steps = {"before publish": 0, "after publish": 0, "write": 0}

        def step(kind: str, where: str = where, when: int = when, steps: dict[str, int] = steps) -> None:
            steps[kind] += 1
            if kind == where and steps[kind] > when:
                raise Killed

        def publish(name: str, repeated: bool, step: Callable[[str], None] = step) -> str:
            step("before publish")
            message_id = world.publish(name, repeated)
            step("after publish")
            return message_id

        world.objects.before_put = lambda key, step=step: step("write")
        try:
            world.ledger().deliver(names, publish, batch=batch)
        except Killed:
            world.now += LEASE
    world.objects.before_put = lambda key: None
    world.run(*names, batch=batch)
    for name in names:
        times = [repeated for got, repeated in world.got if got == name]
        assert times, f"{name} was lost"
        assert times.count(False) <= 1, f"{name} came twice without a notice"

"""The inbox keeps every message once, tells what became of it, and pages from the newest on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from marinelayer.delivery import CaughtMessage, Inbox
from marinelayer.ports import Message


async def test_a_caught_message_is_shown_as_it_was_sent(inbox: Inbox, letter: Callable[..., Message]) -> None:
    assert await inbox.catch(letter()) == "caught"
    (found,) = await inbox.messages()
    assert found == CaughtMessage(
        id="m-1",
        account="123456789012",
        channel="email",
        to="ann@example.org",
        sender="City Alerts",
        subject="Scooter Alert",
        text="Please remove the scooter.\n",
        links=("http://127.0.0.1:4566/_marinelayer/unsubscribe?SubscriptionArn=x",),
        state="caught",
        error="",
        created=1_617_235_200_000_000,
    )


async def test_a_message_caught_again_stays_as_it_was(inbox: Inbox, letter: Callable[..., Message]) -> None:
    await inbox.catch(letter(), "queued")
    await inbox.mark("m-1", "relayed")
    assert await inbox.catch(letter(text="another"), "queued") == "relayed"
    (found,) = await inbox.messages()
    assert (found.state, found.text) == ("relayed", "Please remove the scooter.\n")


async def test_a_failure_is_kept_with_its_reason(inbox: Inbox, letter: Callable[..., Message]) -> None:
    await inbox.catch(letter(), "queued")
    await inbox.mark("m-1", "failed", "550 no such user\0" + "x" * 600)
    found = await inbox.message("m-1")
    assert found is not None
    assert found.state == "failed"
    assert found.error.startswith("550 no such user\N{REPLACEMENT CHARACTER}")
    assert len(found.error) == 500


async def test_an_id_that_no_message_has_finds_none(inbox: Inbox) -> None:
    for absent in ("m-9", "", "\0"):
        assert await inbox.message(absent) is None


async def test_messages_page_from_the_newest_on(inbox: Inbox, letter: Callable[..., Message], clock: Any) -> None:
    for number in range(7):
        clock.time += number % 2  # some share their moment
        await inbox.catch(letter(f"m-{number}"))
    first = await inbox.messages(limit=3)
    second = await inbox.messages(limit=3, before=first[-1].cursor)
    third = await inbox.messages(limit=3, before=second[-1].cursor)
    assert [one.id for one in (*first, *second, *third)] == [f"m-{number}" for number in range(6, -1, -1)]


async def test_an_account_sees_its_own_messages_only(inbox: Inbox, letter: Callable[..., Message]) -> None:
    await inbox.catch(letter("mine"))
    await inbox.catch(letter("theirs", account="999999999999"))
    assert [one.id for one in await inbox.messages("123456789012")] == ["mine"]
    assert len(await inbox.messages()) == 2


async def test_a_text_with_nul_is_kept_on_every_database(inbox: Inbox, letter: Callable[..., Message]) -> None:
    await inbox.catch(letter(text="a\0b", subject="\0"))
    found = await inbox.message("m-1")
    assert found is not None
    assert found.text == "a\N{REPLACEMENT CHARACTER}b"


@pytest.mark.parametrize("cursor", ["x", "1", ".m", "-1.m", "9" * 19 + ".m", "1.\0"])
async def test_what_is_no_cursor_is_refused(inbox: Inbox, cursor: str) -> None:
    with pytest.raises(ValueError):
        await inbox.messages(before=cursor)

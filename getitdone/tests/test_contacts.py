from __future__ import annotations

import pytest
from twins import MemoryObjects, MemoryTopics

from getitdone.contacts import Subscriptions, Wanted, e164, read_contacts, subscribe
from getitdone.errors import DataError, InvalidInput
from getitdone.state import StateObject

HEADER = b"Name,Email,Phone,Department\n"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+13125550123", "+13125550123"),
        ("13125550123", "+13125550123"),
        ("13125550123.0", "+13125550123"),
        ("1.3125550123E10", "+13125550123"),
        ("3125550123", "+13125550123"),
        ("(312) 555-0123", "+13125550123"),
        ("+1 312.555.0123", "+13125550123"),
        ("0044 1632 960001", "+441632960001"),
        ("+44 1632 960001", "+441632960001"),
        ("5550123", ""),
        ("13125550123.5", ""),
        ("call me", ""),
        ("+", ""),
        ("", ""),
        ("+1234567890123456", ""),
        ("٣١٢٥٥٥٠١٢٣", ""),
    ],
)
def test_phone_numbers_become_e164_however_they_are_written(written: str, number: str) -> None:
    assert e164(written, "1") == number


def test_ten_digits_take_the_country_of_the_settings() -> None:
    assert e164("5512345678", "52") == "+525512345678"


def test_contacts_are_read_and_what_is_wrong_is_said_without_addresses() -> None:
    listed = read_contacts(
        HEADER
        + b"Ada,ada@example.com,13125550101.0,Streets\n"
        + b"Ben,not-an-address,13125550102,trash\n"
        + b"Chi,chi@example.com,12,water\n"
        + b"Dan,dan@example.com,,\n"
        + b"Eli,eli@example.com\n",
        country_code="1",
    )
    assert [(one.name, one.department) for one in listed.contacts] == [
        ("Ada", "streets"),
        ("Ben", "trash"),
        ("Chi", "water"),
    ]
    assert listed.contacts[0].phone == "+13125550101"
    assert (listed.contacts[1].email, listed.contacts[2].phone) == ("", "")
    assert len(listed.problems) == 4
    assert "@" not in "".join(listed.problems) + repr(listed.contacts)


def test_contacts_without_their_columns_are_refused() -> None:
    with pytest.raises(DataError, match="department is missing"):
        read_contacts(b"Name,Email,Phone\nAda,a@example.com,1\n", country_code="1")


def state_of(objects: MemoryObjects) -> StateObject[Subscriptions]:
    return StateObject(objects, "gid-contacts", "state/subscriptions.json", Subscriptions)


WANTED = [
    Wanted(topic="streets_critical", channel="email", endpoint="ada@example.com"),
    Wanted(topic="streets_extreme", channel="sms", endpoint="+13125550101"),
]


def test_everybody_is_subscribed_once_however_often_it_runs(objects: MemoryObjects, topics: MemoryTopics) -> None:
    first = subscribe(topics, state_of(objects), [*WANTED, WANTED[0]])
    second = subscribe(topics, state_of(objects), WANTED)
    assert topics.asked == [
        ("streets_critical", "email", "ada@example.com"),
        ("streets_extreme", "sms", "+13125550101"),
    ]
    assert (first.new, first.confirmed, first.pending) == (2, 1, 1)
    assert (second.new, second.confirmed, second.pending) == (0, 1, 1)


def test_the_state_keeps_no_address(objects: MemoryObjects, topics: MemoryTopics) -> None:
    subscribe(topics, state_of(objects), WANTED)
    kept = objects.text("gid-contacts", "state/subscriptions.json")
    assert "streets_critical/email/" in kept
    assert "example.com" not in kept
    assert "3125550101" not in kept


def test_who_left_is_not_asked_again_unless_we_are_told_to(objects: MemoryObjects, topics: MemoryTopics) -> None:
    subscribe(topics, state_of(objects), WANTED)
    topics.members[topics.ensure("streets_critical")].clear()
    after = subscribe(topics, state_of(objects), WANTED)
    assert (after.left, after.new) == (1, 0)
    told_to = subscribe(topics, state_of(objects), WANTED, again=True)
    assert (told_to.left, told_to.new) == (0, 1)


def test_who_was_subscribed_by_somebody_else_and_leaves_is_not_asked_either(
    objects: MemoryObjects, topics: MemoryTopics
) -> None:
    topics.subscribe(topics.ensure("streets_critical"), "email", "ada@example.com")
    subscribe(topics, state_of(objects), WANTED[:1])
    topics.members[topics.ensure("streets_critical")].clear()
    assert subscribe(topics, state_of(objects), WANTED[:1]).left == 1


def test_an_address_that_sns_refuses_stops_no_other(
    objects: MemoryObjects, topics: MemoryTopics, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = topics.subscribe

    def picky(arn: str, channel: str, endpoint: str) -> bool:
        if channel == "email":
            raise InvalidInput("Invalid parameter: Email address", code="InvalidParameter", operation="Subscribe")
        return real(arn, channel, endpoint)

    monkeypatch.setattr(topics, "subscribe", picky)
    result = subscribe(topics, state_of(objects), WANTED)
    assert (result.new, result.refused) == (1, ["email to streets_critical: InvalidParameter"])

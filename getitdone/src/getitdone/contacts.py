"""The city's contacts: contacts.csv from a private bucket (Name, Email, Phone, Department), and who hears of what.

Phone numbers come as people and spreadsheets write them (`+1 312-555-0123`, `13125550123.0`); they leave as E.164.
Addresses are personal data: nothing here prints one, and the state keeps only their hashes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Literal

from pydantic import BaseModel, ConfigDict

from getitdone.config import Channel, Settings
from getitdone.errors import DataError, InvalidInput, NotFound, NotOffered
from getitdone.objects import Objects
from getitdone.records import decoded, records
from getitdone.state import StateObject
from getitdone.topics import Topics

COLUMNS = ("name", "email", "phone", "department")
_EMAIL = re.compile(r"[^\s@<>\"',;]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_SPREADSHEET = re.compile(r"\d{8,}\.\d+|\d(\.\d+)?[eE]\+?\d{1,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One person: an e-mail address and an E.164 number, each "" where there is none; department in lower case."""

    name: str
    email: str = field(repr=False)
    phone: str = field(repr=False)
    department: str

    def endpoint(self, channel: Channel) -> str:
        """Where this person is reached by a channel, "" where they are not."""
        return self.email if channel == "email" else self.phone


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactList:
    """The contacts, and a sentence for every line of which something could not be used."""

    contacts: Sequence[Contact]
    problems: Sequence[str]


def read_contacts(content: bytes, *, country_code: str) -> ContactList:
    """The contacts in a CSV file.

    Raises:
        DataError: it has not the four columns.
    """
    lines = records(decoded(content))
    header = next(lines, None)
    columns = [column.strip().lower() for column in header.fields] if header else []
    missing = [column for column in COLUMNS if column not in columns]
    if missing:
        raise DataError(
            f"the contacts need the columns Name, Email, Phone, Department; {', '.join(missing)} is missing"
        )
    contacts: list[Contact] = []
    problems: list[str] = []
    for record in lines:
        if record.problem:
            problems.append(f"line {record.line}: {record.problem}")
            continue
        values = dict(zip(columns, (value.strip() for value in record.fields), strict=True))
        department = "_".join(values["department"].lower().split())
        email = values["email"] if _EMAIL.fullmatch(values["email"]) else ""
        phone = e164(values["phone"], country_code)
        if not department:
            problems.append(f"line {record.line}: no department")
            continue
        if values["email"] and not email:
            problems.append(f"line {record.line}: the e-mail address is none")
        if values["phone"] and not phone:
            problems.append(f"line {record.line}: the phone number is none")
        contacts.append(Contact(name=values["name"], email=email, phone=phone, department=department))
    return ContactList(contacts=contacts, problems=problems)


def load_contacts(settings: Settings, objects: Objects) -> ContactList:
    """The contacts where the settings say.

    Raises:
        DataError: there are none.
    """
    bucket, key = settings.buckets.contacts, settings.alerts.contacts_key
    try:
        content = objects.get(bucket, key).body
    except NotFound as error:
        raise DataError(f"there are no contacts in {bucket}/{key}; `getitdone load` puts them there") from error
    return read_contacts(content, country_code=settings.alerts.country_code)


def subscriptions_state(settings: Settings, objects: Objects) -> StateObject[Subscriptions]:
    """Where it is kept who was asked to subscribe."""
    return StateObject(objects, settings.buckets.state, "state/subscriptions.json", Subscriptions)


def e164(written: str, country_code: str) -> str:
    """The number in E.164 (ITU-T: a plus, and up to 15 digits with the country's code), "" where it is none.

    Digits without a plus have a country's code in front, but for ten digits, which take `country_code`.
    """
    text = written.strip()
    if _SPREADSHEET.fullmatch(text):
        # Spreadsheets and pandas read a column of numbers with a gap as decimals.
        try:
            number = Decimal(text)
        except InvalidOperation:
            return ""
        text = str(int(number)) if number == number.to_integral_value() else ""
    plus = text.startswith(("+", "00"))
    digits = re.sub(r"[\s().\-/]", "", text.removeprefix("+"))
    if not (digits.isascii() and digits.isdigit()):
        return ""
    if plus:
        digits = digits.removeprefix("00")
    elif len(digits) == 10:
        digits = country_code + digits
    return f"+{digits}" if 8 <= len(digits) <= 15 and digits[0] != "0" else ""


class Asked(BaseModel):
    """A subscription that was asked for once."""

    model_config = ConfigDict(extra="forbid")

    at: dt.datetime


class Subscriptions(BaseModel):
    """Every subscription that was ever asked for, by topic, channel and the hash of the address. Somebody who is in
    here but not subscribed has left, or never confirmed: they are not asked again unless we are told to."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1] = 1
    asked: dict[str, Asked] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Somebody who shall hear of a topic by a channel."""

    topic: str
    channel: Channel
    endpoint: str = field(repr=False)

    def name(self, arn: str) -> str:
        """How the state knows it, without the address."""
        return f"{arn}/{self.channel}/{hashlib.sha256(self.endpoint.encode()).hexdigest()[:24]}"


@dataclass(slots=True)
class Subscribed:
    """What became of the wanted subscriptions: `confirmed` and `pending` count those that exist at the end, `new`
    those asked for just now, `left` those asked for in an earlier run that exist no more."""

    confirmed: int = 0
    pending: int = 0
    new: int = 0
    left: int = 0
    refused: list[str] = field(default_factory=list[str])
    arns: dict[str, str] = field(default_factory=dict[str, str])


def subscribe(
    topics: Topics,
    state: StateObject[Subscriptions],
    wanted: Iterable[Wanted],
    *,
    also: Iterable[str] = (),
    again: bool = False,
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> Subscribed:
    """Subscribe everybody who is wanted and was never asked, or, with `again`, who is not subscribed now. The topics
    named by `also` are made too.

    To subscribe is idempotent at SNS, but a second request for a pending one sends its mail again: therefore the
    topic's own list is asked first, and each request is remembered right after it was made.
    """
    by_topic: dict[str, list[Wanted]] = {name: [] for name in also}
    for one in dict.fromkeys(wanted):
        by_topic.setdefault(one.topic, []).append(one)
    result = Subscribed(arns={name: topics.ensure(name) for name in by_topic})
    asked = set(state.read().asked)
    for topic, members in by_topic.items():
        arn = result.arns[topic]
        if not members:
            continue
        pending = {(item.channel, item.endpoint): item.pending for item in topics.subscriptions(arn)}
        fresh: list[str] = []
        try:
            for one in members:
                if (one.channel, one.endpoint) in pending:
                    _count(result, pending[one.channel, one.endpoint])
                    fresh.append(one.name(arn))
                elif one.name(arn) in asked and not again:
                    result.left += 1
                elif (confirmed := _ask(topics, arn, one, result)) is not None:
                    _count(result, not confirmed)
                    result.new += 1
                    fresh.append(one.name(arn))
        finally:
            _remember(state, [name for name in fresh if name not in asked], now())
    return result


def _ask(topics: Topics, arn: str, one: Wanted, result: Subscribed) -> bool | None:
    """Whether the new subscription is confirmed; None where SNS refuses this address, which stops no other."""
    try:
        return topics.subscribe(arn, one.channel, one.endpoint)
    except (InvalidInput, NotOffered) as error:
        result.refused.append(f"{one.channel} to {one.topic}: {error.code}")
        return None


def _count(result: Subscribed, pending: bool) -> None:
    if pending:
        result.pending += 1
    else:
        result.confirmed += 1


def _remember(state: StateObject[Subscriptions], names: Sequence[str], when: dt.datetime) -> None:
    def change(kept: Subscriptions) -> None:
        for name in names:
            kept.asked.setdefault(name, Asked(at=when))

    if names:
        state.change(change)

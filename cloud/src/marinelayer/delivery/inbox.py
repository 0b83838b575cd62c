"""The inbox: every message that the cloud sends, or would send if it had a relay (ports.Mailbox).

It is what people of a test look into, and what tells a delivery that is tried again whether it was done. Knows
neither who writes messages nor how they are relayed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from marinelayer.ports import Channel, Clock, MailState, Message, Row, Tables, Transaction
from marinelayer.statements import Statements

SQL = Statements("marinelayer.delivery", "inbox.sql")

_ERROR_LETTERS = 500
_NEWEST = (2**62, "")
_UNSTORABLE = str.maketrans({"\0": "\N{REPLACEMENT CHARACTER}"})  # PostgreSQL's text knows no NUL


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtMessage:
    """A message as the inbox keeps it. `state` tells what became of it: `caught` (there is no relay), `queued`,
    `relayed` or `failed`; `error` what the relay said last; `created` in microseconds."""

    id: str
    account: str
    channel: Channel
    to: str
    sender: str
    subject: str
    text: str
    links: tuple[str, ...]
    state: MailState
    error: str
    created: int

    @property
    def cursor(self) -> str:
        """What `Inbox.messages` takes as `before` to go on behind this message."""
        return f"{self.created}.{self.id}"


class Inbox:
    """Messages in the tables, newest first."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    async def catch(self, message: Message, state: MailState = "caught") -> MailState:
        """Keep the message, unless one of its id is there; the state in which it stands."""
        return await self._tables.write(_catch, message, state, self._clock.now())

    async def mark(self, message_id: str, state: MailState, error: str = "") -> None:
        """What became of the message."""
        text = error[:_ERROR_LETTERS].translate(_UNSTORABLE)
        await self._tables.write(_mark, message_id, state, text)

    async def messages(
        self, account: str | None = None, *, limit: int = 100, before: str | None = None
    ) -> Sequence[CaughtMessage]:
        """At most `limit` messages (of one account, or of all), newest first, those behind the cursor `before`.

        Raises:
            ValueError: `before` is no cursor.
        """
        return await self._tables.read(_messages, account, limit, _read_cursor(before) if before else _NEWEST)

    async def message(self, message_id: str) -> CaughtMessage | None:
        """One message, by its id."""
        if "\0" in message_id:
            return None
        return await self._tables.read(_message, message_id)


def forget_messages(tx: Transaction, account: str) -> None:
    """Remove every message of an account."""
    tx.run(SQL.forget, account=account)


def _catch(tx: Transaction, message: Message, state: MailState, now: int) -> MailState:
    tx.run(
        SQL.put,
        message_id=message.id,
        account=message.account,
        channel=message.channel,
        recipient=message.to,
        sender=message.sender.translate(_UNSTORABLE),
        subject=message.subject.translate(_UNSTORABLE),
        text=message.text.translate(_UNSTORABLE),
        links=json.dumps(list(message.links)),
        state=state,
        created=now,
    )
    row = tx.one(SQL.state, message_id=message.id)
    return row["state"] if row else state


def _mark(tx: Transaction, message_id: str, state: MailState, error: str) -> None:
    tx.run(SQL.mark, message_id=message_id, state=state, error=error)


def _messages(tx: Transaction, account: str | None, limit: int, before: tuple[int, str]) -> Sequence[CaughtMessage]:
    created, message_id = before
    if account is None:
        rows = tx.all(SQL.page, created=created, message_id=message_id, size=limit)
    else:
        rows = tx.all(SQL.page_of_account, account=account, created=created, message_id=message_id, size=limit)
    return [_caught(row) for row in rows]


def _message(tx: Transaction, message_id: str) -> CaughtMessage | None:
    row = tx.one(SQL.message, message_id=message_id)
    return _caught(row) if row else None


def _caught(row: Row) -> CaughtMessage:
    return CaughtMessage(
        id=row["message_id"],
        account=row["account"],
        channel=row["channel"],
        to=row["recipient"],
        sender=row["sender"],
        subject=row["subject"],
        text=row["text"],
        links=tuple(json.loads(row["links"])),
        state=row["state"],
        error=row["error"],
        created=row["created"],
    )


def _read_cursor(before: str) -> tuple[int, str]:
    created, dot, message_id = before.partition(".")
    if not (dot and created.isascii() and created.isdigit() and len(created) < 19 and "\0" not in message_id):
        raise ValueError("no cursor of the inbox")
    return int(created), message_id

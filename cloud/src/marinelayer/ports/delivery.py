"""Mail and short messages. Ports only: nothing here does anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Channel = Literal["email", "sms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one person, sent on behalf of `account`. `id` is the same at every retry. `sender` is a display
    name. `unsubscribe` is the one of `links` that ends such messages, "" where there is none. An SMS has a type,
    `Promotional` or `Transactional`, and perhaps the id that phones show as its sender."""

    id: str
    channel: Channel
    to: str
    subject: str
    text: str
    links: Sequence[str] = ()
    sender: str = ""
    account: str = ""
    unsubscribe: str = ""
    sender_id: str = ""
    sms_type: str = ""


class RelayError(Exception):
    """The message could not be handed on. `permanent` says whether trying again is useless."""

    def __init__(self, text: str, *, permanent: bool = False) -> None:
        super().__init__(text)
        self.permanent = permanent


class Relay(Protocol):
    """Hands a message on to the world. One for each channel; None in the composition root where there is none."""

    async def send(self, message: Message) -> None:
        """Returns when the next hop has taken it. Raises RelayError."""
        ...


MailState = Literal["caught", "queued", "relayed", "failed"]


class Mailbox(Protocol):
    """The inbox: every message is caught before anything else happens to it, whether it is relayed or not."""

    async def catch(self, message: Message, state: MailState = "caught") -> MailState:
        """Keep the message: `queued` where a relay will be tried, `caught` where there is none. Nothing changes if
        one of its id is there already. The state in which it stands then: who finds it `relayed` must not relay it
        again."""
        ...

    async def mark(self, message_id: str, state: MailState, error: str = "") -> None:
        """What became of it."""
        ...

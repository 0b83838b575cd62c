"""A clock that a test moves, and messages to send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from marinelayer.delivery import Inbox
from marinelayer.ports import Message, Tables


class HeldClock:
    def __init__(self) -> None:
        self.time = 1_617_235_200_000_000

    def now(self) -> int:
        return self.time


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def inbox(tables: Tables, clock: HeldClock) -> Inbox:
    return Inbox(tables, clock)


@pytest.fixture
def letter() -> Callable[..., Message]:
    def write(message_id: str = "m-1", **changes: Any) -> Message:
        values: dict[str, Any] = {
            "id": message_id,
            "channel": "email",
            "to": "ann@example.org",
            "subject": "Scooter Alert",
            "text": "Please remove the scooter.\n",
            "links": ("http://127.0.0.1:4566/_marinelayer/unsubscribe?SubscriptionArn=x",),
            "sender": "City Alerts",
            "account": "123456789012",
        }
        return Message(**(values | changes))

    return write

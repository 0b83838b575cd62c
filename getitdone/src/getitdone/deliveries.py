"""Messages that must not be sent twice, nor lost, without someone being told.

SNS has no way to publish exactly once to e-mail and SMS, so each message is an entry in a state object:

1. **claimed**, by a conditional write, before it is published: of two runs at once only one gets it;
2. **sent** after SNS answered, with its message id.

A crash between the two leaves a claim of which nobody can know whether SNS had it. While the claim is younger than
the lease, others leave it alone (and say so). After that the next run claims it anew and **sends it with a notice
that it may be a repetition**: not lost, and not doubled silently. The same holds for an **unsure** one, where SNS
gave no answer. One that SNS refused is **failed**, and free to be claimed again.

Clocks of several machines are compared here: the lease must be longer than they disagree.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict

from getitdone.errors import CloudError, GetItDoneError
from getitdone.state import StateObject


class Delivery(BaseModel):
    """How far one message is. `repeated`: an earlier attempt may have reached people already. `note`: why it is sent,
    or what SNS said against it."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["claimed", "sent", "unsure", "failed", "covered"]
    run: str
    at: dt.datetime
    message_id: str = ""
    repeated: bool = False
    note: str = ""


class Deliveries(BaseModel):
    """Every message that was ever claimed, by its name (`streets/critical`, a request's id)."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1] = 1
    entries: dict[str, Delivery] = {}


@dataclass(slots=True)
class Delivered:
    """What became of the messages of one run. `repeated` are among `sent`."""

    sent: list[str] = field(default_factory=list[str])
    repeated: list[str] = field(default_factory=list[str])
    earlier: list[str] = field(default_factory=list[str])
    held: list[str] = field(default_factory=list[str])
    unsure: list[str] = field(default_factory=list[str])
    failed: dict[str, GetItDoneError] = field(default_factory=dict[str, GetItDoneError])


Publish = Callable[[str, bool], str]
"""Publishes the message of a name, with a notice if it may be a repetition; its message id."""


class Ledger:
    """Sends messages by way of a state object."""

    def __init__(
        self,
        state: StateObject[Deliveries],
        *,
        lease: dt.timedelta,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._state = state
        self._lease = lease
        self._now = now
        self._run = uuid.uuid4().hex

    def entries(self) -> Mapping[str, Delivery]:
        """Every message that was ever claimed."""
        return self._state.read().entries

    def cover(self, names: Sequence[str], note: str) -> None:
        """Record that these need not be sent any more, without sending them; those that are under way or sent stay."""

        def change(kept: Deliveries) -> None:
            for name in names:
                if name not in kept.entries or kept.entries[name].state == "failed":
                    kept.entries[name] = Delivery(state="covered", run=self._run, at=self._now(), note=note)

        if names:
            self._state.change(change)

    def deliver(
        self,
        names: Sequence[str],
        publish: Publish,
        *,
        why: Mapping[str, str] | None = None,
        batch: int = 20,
        each: Callable[[], object] = lambda: None,
    ) -> Delivered:
        """Publish each named message that was not sent before, `batch` claims at a time; `each` is called after every
        one, and `why` is kept with what was sent. A message that SNS refuses does not stop the others."""
        delivered, why = Delivered(), why or {}
        for start in range(0, len(names), batch):
            part = names[start : start + batch]
            claims = self._claim(part, delivered)
            deadline = self._now() + self._lease / 2
            outcomes: dict[str, Delivery] = {name: self._entry("failed", repeated) for name, repeated in claims.items()}
            try:
                for name, repeated in claims.items():
                    if self._now() > deadline:
                        # Too slow for our lease: given back, lest another run sends it beside us.
                        delivered.held.append(name)
                        continue
                    # What stops us inside publish leaves this one unsure, and the rest given back.
                    outcomes[name] = self._entry("unsure", repeated)
                    outcomes[name] = self._publish(name, repeated, publish, delivered, why.get(name, ""))
                    each()
            finally:
                self._settle(outcomes)
        return delivered

    def _publish(self, name: str, repeated: bool, publish: Publish, delivered: Delivered, why: str) -> Delivery:
        try:
            message_id = publish(name, repeated)
        except GetItDoneError as error:
            if isinstance(error, CloudError) and error.maybe_done:
                delivered.unsure.append(name)
                return self._entry("unsure", repeated, note=str(error)[:300])
            delivered.failed[name] = error
            return self._entry("failed", repeated, note=str(error)[:300])
        delivered.sent.append(name)
        if repeated:
            delivered.repeated.append(name)
        return self._entry("sent", repeated, message_id=message_id, note=why)

    def _entry(
        self,
        state: Literal["claimed", "sent", "unsure", "failed"],
        repeated: bool,
        *,
        message_id: str = "",
        note: str = "",
    ) -> Delivery:
        return Delivery(state=state, run=self._run, at=self._now(), message_id=message_id, repeated=repeated, note=note)

    def _claim(self, names: Sequence[str], delivered: Delivered) -> dict[str, bool]:
        """Claim those that are free; the granted ones with whether they may be a repetition."""

        def change(kept: Deliveries) -> tuple[dict[str, bool], list[str], list[str]]:
            granted: dict[str, bool] = {}
            earlier: list[str] = []
            held: list[str] = []
            for name in names:
                entry = kept.entries.get(name)
                if entry is not None and entry.state in ("sent", "covered"):
                    earlier.append(name)
                elif entry is not None and self._is_held(entry):
                    held.append(name)
                else:
                    granted[name] = entry is not None and self._may_repeat(entry)
                    kept.entries[name] = self._entry("claimed", granted[name])
            return granted, earlier, held

        granted, earlier, held = self._state.change(change)
        delivered.earlier.extend(earlier)
        delivered.held.extend(held)
        return granted

    def _is_held(self, entry: Delivery) -> bool:
        return entry.state == "claimed" and entry.run != self._run and self._now() - entry.at < self._lease

    def _may_repeat(self, entry: Delivery) -> bool:
        # Our own claim is found where the answer to writing it was lost: nothing was published on it yet.
        abandoned = entry.state == "claimed" and entry.run != self._run
        return entry.repeated or abandoned or entry.state == "unsure"

    def _settle(self, outcomes: Mapping[str, Delivery]) -> None:
        def change(kept: Deliveries) -> None:
            for name, outcome in outcomes.items():
                entry = kept.entries.get(name)
                if entry is None or entry.run == self._run:
                    kept.entries[name] = outcome

        if outcomes:
            self._state.change(change)

"""What SNS does later: deliveries, confirmation mails, the rest of a fan-out, and forgetting a topic's subscriptions.

These are the handlers of SNS's outbox jobs. Each can be run again at any instruction: a message that was relayed is
known by its id in the mailbox, and is not relayed twice but for one that was in flight at a kill. Every message lands
in the mailbox, whether there is a relay or not.

Source for the retries: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html (50 attempts over
6 hours for SMTP and SMS).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from marinelayer.outbox import Job, JobFailed, JobHandler, Outbox, Retry
from marinelayer.ports import Channel, Clock, Mailbox, Message, Relay, RelayError, Tables, Transaction
from marinelayer.services.sns.fanout import DELIVER, FAN_OUT, continue_fan_out, read_delivery
from marinelayer.services.sns.letters import confirmation, notification
from marinelayer.services.sns.store import SQL, find_subscription
from marinelayer.services.sns.subscribing import CONFIRM
from marinelayer.services.sns.topics import FORGET

RETRY = Retry(first=1_000_000, longest=10 * 60 * 1_000_000, attempts=50)
_FORGOTTEN_AT_ONCE = 500


class Deliveries:
    """The handlers of SNS's jobs. `relays` holds a relay for each channel that has one; `poke` wakes the outbox."""

    def __init__(
        self,
        *,
        tables: Tables,
        clock: Clock,
        mailbox: Mailbox,
        relays: Mapping[Channel, Relay],
        poke: Callable[[], None],
        retry: Retry = RETRY,
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._mailbox = mailbox
        self._relays = relays
        self._poke = poke
        self._retry = retry

    @property
    def handlers(self) -> Mapping[str, JobHandler]:
        """The handler of each kind of job."""
        return {DELIVER: self.deliver, CONFIRM: self.confirm, FAN_OUT: self.fan_out, FORGET: self.forget}

    def bind(self, outbox: Outbox) -> None:
        """Have the outbox run them."""
        for kind, handler in self.handlers.items():
            outbox.bind(kind, handler, retry=self._retry)

    async def deliver(self, job: Job) -> None:
        """Send one message to one endpoint, unless its subscription has ended since."""
        delivery = read_delivery(job.payload)
        if delivery.subscription_id:
            found = await self._tables.read(find_subscription, delivery.subscription_id)
            if found is None or not found.confirmed:
                return
        await self._send(notification(delivery), job)

    async def confirm(self, job: Job) -> None:
        """Ask an endpoint for its confirmation, unless it was given or has come too late."""
        wanted = json.loads(job.payload)
        found = await self._tables.read(find_subscription, wanted["subscription_id"])
        if found is None or found.confirmed or not found.stands(self._clock.now()):
            return
        await self._send(confirmation(found, mail_id=wanted["mail_id"], base_url=wanted["base_url"]), job)

    async def fan_out(self, job: Job) -> None:
        """Write the next page of deliveries."""
        await self._tables.write(continue_fan_out, job.payload)
        self._poke()

    async def forget(self, job: Job) -> None:
        """Remove the subscriptions of a topic that is gone."""
        while await self._tables.write(_forget, job.payload.decode()):
            pass

    async def _send(self, message: Message, job: Job) -> None:
        relay = self._relays.get(message.channel)
        state = await self._mailbox.catch(message, "queued" if relay else "caught")
        if relay is None or state == "relayed":
            return
        try:
            await relay.send(message)
        except RelayError as error:
            last = error.permanent or job.attempts >= self._retry.attempts
            await self._mailbox.mark(message.id, "failed" if last else "queued", str(error))
            if last:
                raise JobFailed(str(error)) from error
            raise
        await self._mailbox.mark(message.id, "relayed")


def _forget(tx: Transaction, topic_id: str) -> int:
    return tx.run(SQL.delete_subscriptions_of, topic_id=topic_id, size=_FORGOTTEN_AT_ONCE)

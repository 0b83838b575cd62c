"""SNS as the pipeline calls it, with the real decision, outbox and inbox; relays are the tests' own."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from marinelayer.delivery import CaughtMessage, Inbox
from marinelayer.outbox import Outbox, Retry
from marinelayer.pipeline.authorise import RequestAuthoriser
from marinelayer.pipeline.calls import PipelineCalls
from marinelayer.ports import Caller, Channel, Message, Relay, RelayError, Tables
from marinelayer.security.facts import principal_facts
from marinelayer.security.identity import ANONYMOUS_IDENTITY, Identity, IdentityPolicy, Principal
from marinelayer.services.sns import Deliveries, sns_service
from marinelayer.storage.keyring import FileKeyring

ACCOUNT = "320333787981"
BASE_URL = "http://127.0.0.1:4566"


class HeldClock:
    def __init__(self) -> None:
        self.time = 1_617_235_200_000_000

    def now(self) -> int:
        return self.time


class CountedIds:
    def __init__(self) -> None:
        self.count = 0

    def token(self, size: int = 32) -> str:
        self.count += 1
        return (hashlib.sha256(str(self.count).encode()).hexdigest() * 2)[:size]

    def ordered(self) -> str:
        return self.token()

    def aws(self, prefix: str, size: int = 21) -> str:
        raise AssertionError

    def secret(self) -> str:
        raise AssertionError


class KnownPrincipals:
    """Users by ARN."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}

    async def unique_ids(self, arns: Any) -> dict[str, str]:
        return {arn: self.ids[arn] for arn in arns if arn in self.ids}


class HeldRelay:
    """Keeps what it sent; fails first with what it is told to."""

    def __init__(self, *failures: RelayError) -> None:
        self.failures = list(failures)
        self.sent: list[Message] = []

    async def send(self, message: Message) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message)


def root_of(account: str) -> Identity:
    return Identity(
        principal=Principal(
            kind="root", account=account, arn=f"arn:aws:iam::{account}:root", unique_id=account, name="root"
        )
    )


class Exchange:
    """SNS and its callers."""

    def __init__(self, tables: Tables, keyring: FileKeyring) -> None:
        self.tables = tables
        self.clock = HeldClock()
        self.ids = CountedIds()
        self.principals = KnownPrincipals()
        self.inbox = Inbox(tables, self.clock)
        self.relays: dict[Channel, Relay] = {}
        self.pokes = 0
        self.service = sns_service(
            tables=tables,
            clock=self.clock,
            ids=self.ids,
            keyring=keyring,
            principals=self.principals,
            poke=self.poke,
            sms_country="US",
        )
        assert self.service.access is not None
        self.access = self.service.access
        self.calls = PipelineCalls({"sns": self.service})
        self.deliveries = Deliveries(
            tables=tables,
            clock=self.clock,
            mailbox=self.inbox,
            relays=self.relays,
            poke=self.poke,
            retry=Retry(first=1, longest=1, attempts=3),
        )

    def poke(self) -> None:
        self.pokes += 1

    def caller(self, identity: Identity | None = None, region: str = "us-east-1") -> Caller:
        identity = identity or root_of(ACCOUNT)
        return Caller(
            identity=identity,
            account=identity.principal.account,
            region=region,
            request_id="r-1",
            authoriser=RequestAuthoriser(identity, principal_facts(identity.principal), {"sns": self.access}),
            base_url=BASE_URL,
        )

    def user(self, *policies: str, name: str = "ann", account: str = ACCOUNT) -> Identity:
        arn = f"arn:aws:iam::{account}:user/{name}"
        unique_id = self.principals.ids.setdefault(arn, f"AIDA{name.upper()}")
        return Identity(
            principal=Principal(kind="user", account=account, arn=arn, unique_id=unique_id, name=name),
            policies=tuple(IdentityPolicy(name=f"p{i}", kind="inline", text=text) for i, text in enumerate(policies)),
        )

    async def ask(
        self, operation: str, *, by: Identity | None = None, region: str = "us-east-1", **request: Any
    ) -> dict[str, Any]:
        return await self.calls.call(self.caller(by, region), "sns", operation, request)

    async def ask_anonymously(self, operation: str, **request: Any) -> dict[str, Any]:
        assert self.service.operations[operation].anonymous
        return await self.ask(operation, by=ANONYMOUS_IDENTITY, region="us-east-1", **request)

    async def topic(self, name: str = "city_alerts", **more: Any) -> str:
        return (await self.ask("CreateTopic", Name=name, **more))["TopicArn"]

    async def phone(self, topic: str, number: str = "+13125551123") -> str:
        made = await self.ask("Subscribe", TopicArn=topic, Protocol="sms", Endpoint=number)
        return made["SubscriptionArn"]

    async def mail(self, topic: str, address: str = "ann@example.org") -> str:
        """A confirmed subscription by mail."""
        await self.ask("Subscribe", TopicArn=topic, Protocol="email", Endpoint=address)
        await self.settle()
        found = next(message for message in await self.inbox.messages() if message.to == address)
        confirmed = await self.ask_anonymously("ConfirmSubscription", **query_of(found.links[0]))
        return confirmed["SubscriptionArn"]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Outbox]:
        outbox = Outbox(self.tables, self.clock, jitter=lambda: 0.0)
        self.deliveries.bind(outbox)
        task = asyncio.create_task(outbox.run())
        try:
            yield outbox
        finally:
            await outbox.stop()
            await task

    async def settle(self) -> None:
        """Run the outbox until nothing is left to do; the clock runs on so that pauses end, which are a microsecond
        here, but so slowly that no lease of a minute ends with them, however slow the databases are."""
        async with self.running() as outbox:
            drained = asyncio.create_task(outbox.drain(20))
            while not drained.done():
                self.clock.time += 1_000
                outbox.poke()
                await asyncio.sleep(0.002)
            await drained

    async def caught(self) -> Sequence[CaughtMessage]:
        """The inbox after all is done, oldest first."""
        await self.settle()
        return (await self.inbox.messages(limit=5000))[::-1]


def query_of(link: str) -> dict[str, str]:
    from urllib.parse import parse_qsl, urlsplit

    return dict(parse_qsl(urlsplit(link).query))


@pytest.fixture
def exchange(tables: Tables, tmp_path: Path) -> Exchange:
    return Exchange(tables, FileKeyring(tmp_path / "keys"))


@pytest.fixture
def held_relay() -> type[HeldRelay]:
    return HeldRelay

"""From Publish to a mail server on a real socket: retried while it says later, given up when it says never."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from marinelayer.delivery import SmtpRelay


class MailServer(Controller):
    """Answers each mail with the next of `replies`, then with 250, and keeps what it took."""

    def __init__(self) -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        self.replies: list[str] = []
        self.taken: list[Envelope] = []
        self.tries = 0
        super().__init__(self, hostname="127.0.0.1", port=port, server_hostname="office")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd names it
        self.tries += 1
        if self.replies:
            return self.replies.pop(0)
        self.taken.append(envelope)
        return "250 OK"


@pytest.fixture
def server() -> Iterator[MailServer]:
    running = MailServer()
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def topic(exchange: Any, server: MailServer) -> str:
    """A topic with a confirmed subscription by mail, whose mails go to the server from now on."""
    arn = await exchange.topic(Attributes={"DisplayName": "City Alerts"})
    await exchange.mail(arn)
    exchange.relays["email"] = SmtpRelay(
        f"smtp://127.0.0.1:{server.port}", mail_from="alerts@city.example", clock=exchange.clock
    )
    return arn


async def test_a_published_message_arrives_by_mail(exchange: Any, server: MailServer, topic: str) -> None:
    sent = await exchange.ask("Publish", TopicArn=topic, Message="Grüße\n", Subject="Help fix water violations NOW!")
    caught = (await exchange.caught())[-1]
    (envelope,) = server.taken
    mail = email.message_from_bytes(cast("bytes", envelope.content), policy=email.policy.default)
    assert envelope.rcpt_tos == ["ann@example.org"]
    assert mail["From"] == "City Alerts <alerts@city.example>"
    assert mail["Subject"] == "Help fix water violations NOW!"
    assert mail["Message-ID"].startswith(f"<{sent['MessageId']}.")
    assert mail["List-Unsubscribe"] == f"<{caught.links[0]}>"
    assert mail.get_content().startswith("Grüße\r\n")
    assert caught.state == "relayed"


async def test_a_mail_that_the_server_defers_arrives_later_once(exchange: Any, server: MailServer, topic: str) -> None:
    server.replies = ["451 greylisted", "421 busy"]
    await exchange.ask("Publish", TopicArn=topic, Message="RUN!")
    caught = (await exchange.caught())[-1]
    assert (server.tries, len(server.taken), caught.state) == (3, 1, "relayed")


async def test_a_mail_that_the_server_refuses_is_given_up_visibly(
    exchange: Any, server: MailServer, topic: str
) -> None:
    server.replies = ["550 no such user"]
    await exchange.ask("Publish", TopicArn=topic, Message="RUN!")
    caught = (await exchange.caught())[-1]
    assert (server.tries, server.taken, caught.state, caught.error) == (1, [], "failed", "550 no such user")
    async with exchange.running() as outbox:
        (dead,) = await outbox.dead()
    assert dead.kind == "sns.deliver"
    assert dead.last_error == "550 no such user"

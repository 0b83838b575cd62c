"""Mail goes out through a real SMTP server on a real socket."""

from __future__ import annotations

import email
import email.policy
import smtplib
import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marinelayer.delivery import SmtpRelay
from marinelayer.ports import Message, RelayError


class Postman:
    """Keeps what the server was given; answers `reply` to the recipient or to the data."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.to_recipient = "250 OK"
        self.to_data = "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        self.envelopes.append(envelope)
        return self.to_data

    def mail(self) -> EmailMessage:
        (envelope,) = self.envelopes
        return email.message_from_bytes(cast("bytes", envelope.content), policy=email.policy.default)


class Office(Controller):
    """A server on a free port of this machine."""

    def __init__(self, postman: Postman, **options: Any) -> None:
        # server_hostname: what it calls itself, which would else be asked of DNS.
        super().__init__(postman, hostname="127.0.0.1", port=_free_port(), server_hostname="office", **options)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def office(postman: Postman) -> Iterator[Office]:
    controller = Office(postman)
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def relay(office: Office, clock: Any) -> SmtpRelay:
    return SmtpRelay(f"smtp://127.0.0.1:{office.port}", mail_from="alerts@city.example", clock=clock)


async def test_a_mail_arrives_whole(relay: SmtpRelay, postman: Postman, letter: Callable[..., Message]) -> None:
    link = (
        "http://127.0.0.1:4566/_marinelayer/unsubscribe?SubscriptionArn=arn%3Aaws%3Asns%3Aus-east-1%3A123456789012%3At"
    )
    await relay.send(letter(text="Grüße aus dem Büro\n.\nEnde\n" + "x" * 3000 + "\n", unsubscribe=link))
    mail = postman.mail()
    assert mail["From"] == "City Alerts <alerts@city.example>"
    assert mail["To"] == "ann@example.org"
    assert mail["Subject"] == "Scooter Alert"
    assert mail["Message-ID"] == "<m-1@city.example>"
    assert mail["Date"] == "Thu, 01 Apr 2021 00:00:00 +0000"
    assert mail["List-Unsubscribe"] == f"<{link}>"
    assert f"List-Unsubscribe: <{link}>".encode() in cast("bytes", postman.envelopes[0].content)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().replace("\r\n", "\n") == "Grüße aus dem Büro\n.\nEnde\n" + "x" * 3000 + "\n"
    assert postman.envelopes[0].mail_from == "alerts@city.example"
    assert postman.envelopes[0].rcpt_tos == ["ann@example.org"]


async def test_the_same_message_has_the_same_id_at_every_try(
    relay: SmtpRelay, postman: Postman, letter: Callable[..., Message]
) -> None:
    await relay.send(letter())
    await relay.send(letter())
    one, two = (email.message_from_bytes(cast("bytes", sent.content)) for sent in postman.envelopes)
    assert one["Message-ID"] == two["Message-ID"]


@pytest.mark.parametrize(("reply", "permanent"), [("451 later", False), ("550 no such user", True)])
@pytest.mark.parametrize("step", ["to_recipient", "to_data"])
async def test_a_refusal_is_final_when_the_server_says_so(
    relay: SmtpRelay, postman: Postman, letter: Callable[..., Message], step: str, reply: str, permanent: bool
) -> None:
    setattr(postman, step, reply)
    with pytest.raises(RelayError, match=reply) as refusal:
        await relay.send(letter())
    assert refusal.value.permanent is permanent


async def test_a_server_that_is_away_is_tried_again(letter: Callable[..., Message], clock: Any) -> None:
    relay = SmtpRelay(f"smtp://127.0.0.1:{_free_port()}", mail_from="alerts@city.example", clock=clock)
    with pytest.raises(RelayError) as refusal:
        await relay.send(letter())
    assert refusal.value.permanent is False


async def test_a_recipient_that_is_no_address_is_refused_for_good(
    relay: SmtpRelay, postman: Postman, letter: Callable[..., Message]
) -> None:
    for to in ("ann@example.org\r\nBcc: eve@example.org", "ann", "", "a@b, c@d"):
        with pytest.raises(RelayError) as refusal:
            await relay.send(letter(to=to))
        assert refusal.value.permanent is True
    assert postman.envelopes == []


@given(text=st.text(max_size=80))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_adds_a_header(text: str, clock: Any, letter: Callable[..., Message]) -> None:
    relay = SmtpRelay("smtp://127.0.0.1:1", mail_from="alerts@city.example", clock=clock)
    harm = f"{text}\r\nBcc: eve@example.org\r\n\r\nbody"
    raw = relay._mail(letter(harm, subject=harm, sender=harm, unsubscribe=harm)).as_bytes()
    mail = email.message_from_bytes(raw)
    assert "Bcc" not in mail
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    }  # fmt: skip


async def test_credentials_are_given_to_the_relay(postman: Postman, letter: Callable[..., Message], clock: Any) -> None:
    seen: list[tuple[bytes, bytes]] = []

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"s3cr:t", handled=False)

    office = Office(postman, authenticator=check, auth_require_tls=False)
    office.start()
    try:
        known = SmtpRelay(f"smtp://city:s3cr%3At@127.0.0.1:{office.port}", mail_from="a@city.example", clock=clock)
        await known.send(letter())
        unknown = SmtpRelay(f"smtp://city:wrong@127.0.0.1:{office.port}", mail_from="a@city.example", clock=clock)
        with pytest.raises(RelayError) as refusal:
            await unknown.send(letter())
    finally:
        office.stop()
    assert seen[0] == (b"city", b"s3cr:t")
    # The message is not at fault: it goes out when the settings are mended.
    assert refusal.value.permanent is False
    assert "wrong" not in str(refusal.value)


@pytest.mark.parametrize("url", ["http://mail", "smtp://", "mail.example.org", "smtp:"])
def test_an_address_that_is_none_is_refused_at_the_start(url: str, clock: Any) -> None:
    with pytest.raises(ValueError, match="smtp"):
        SmtpRelay(url, mail_from="a@city.example", clock=clock)


def test_a_password_is_never_sent_in_the_clear_to_another_machine(clock: Any) -> None:
    def starts_tls(url: str) -> bool | None:
        return SmtpRelay(url, mail_from="a@city.example", clock=clock)._start_tls()

    assert starts_tls("smtp://city:pw@mail.example.org") is True
    assert starts_tls("smtp://city:pw@127.0.0.1:2525") is None
    assert starts_tls("smtp://mail.example.org") is None
    assert starts_tls("smtps://city:pw@mail.example.org") is False


def test_the_server_of_these_tests_is_one_that_anyone_can_talk_to(office: Office) -> None:
    with smtplib.SMTP("127.0.0.1", office.port) as client:
        assert client.noop()[0] == 250

"""Mail to the world by SMTP (ports.Relay).

Every mail is a connection of its own. What a header may hold is decided here, whoever wrote the message: no line break
ever reaches one.

Source: RFC 5321 section 4.2 (reply codes), RFC 5322, RFC 2369 (List-Unsubscribe), RFC 3834 (Auto-Submitted).
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import quote, unquote, urlsplit

import aiosmtplib

from marinelayer.ports import Clock, Message, RelayError

_SECONDS = 20.0
# Shorter lines would have the link of List-Unsubscribe written as encoded words, which no mail program follows.
_POLICY = SMTP.clone(max_line_length=998, cte_type="7bit")
_ATOM = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_URL_LETTERS = "%/:?#[]@!$&'()*+,;=~"


class SmtpRelay:
    """The next hop for mail, by the setting `smtp_url`. A password goes over TLS only, but to this machine."""

    def __init__(self, url: str, *, mail_from: str, clock: Clock) -> None:
        """`url` is smtp[s]://[user:password@]host[:port]; `mail_from` the sender's address.

        Raises:
            ValueError: one of them can not be read. The text does not repeat the URL, which may hold a password.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("the SMTP relay's address must be smtp[s]://[user:password@]host[:port]")
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._tls else 587 if parts.username else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._from = Address(addr_spec=mail_from)
        self._clock = clock

    async def send(self, message: Message) -> None:
        """Returns when the relay has taken the mail.

        Raises:
            RelayError: it has not; permanent where it answered 5xx to sender, recipient or content.
        """
        mail = self._mail(message)
        try:
            await aiosmtplib.send(
                mail.as_bytes(),  # aiosmtplib would write a message by its own, shorter lines
                sender=self._from.addr_spec,
                recipients=[message.to],
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls,
                start_tls=self._start_tls(),
                timeout=_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            refused = error.recipients[0]
            raise RelayError(f"{refused.code} {refused.message}", permanent=refused.code >= 500) from None
        except aiosmtplib.SMTPAuthenticationError as error:
            # The settings' fault, not the message's: it goes out when they are mended.
            raise RelayError(f"the relay does not know us: {error.code} {error.message}") from None
        except aiosmtplib.SMTPResponseException as error:
            raise RelayError(f"{error.code} {error.message}", permanent=error.code >= 500) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise RelayError(f"{type(error).__name__}: {error}") from None

    def _start_tls(self) -> bool | None:
        """False where all is TLS from the start; True (demanded) where a password goes; None: if it is offered."""
        if self._tls:
            return False
        return True if self._user and not _is_this_machine(self._host) else None

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage(policy=_POLICY)
        try:
            mail["From"] = Address(
                display_name=_one_line(message.sender), username=self._from.username, domain=self._from.domain
            )
            mail["To"] = Address(addr_spec=message.to)
        except (ValueError, IndexError) as error:
            # IndexError: what email.headerregistry raises for some malformed addresses.
            raise RelayError(f"no address that mail could go to: {error}", permanent=True) from None
        mail["Subject"] = _one_line(message.subject)
        mail["Date"] = format_datetime(datetime.fromtimestamp(self._clock.now() / 1_000_000, UTC))
        mail["Message-ID"] = f"<{_atom(message.id)}@{self._from.domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        if message.unsubscribe:
            mail["List-Unsubscribe"] = f"<{quote(message.unsubscribe, safe=_URL_LETTERS)}>"
        mail.set_content(message.text)
        return mail


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _atom(text: str) -> str:
    """`text` where it may stand in a Message-ID, else a digest of it: the same for the same text."""
    return text if _ATOM.fullmatch(text) else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

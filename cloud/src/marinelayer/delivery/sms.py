"""SMS to the world through an HTTP gateway (ports.Relay): a JSON POST {id, to, text} for each, with its type and
the sender's id (`type`, `sender`) where it has them.

No redirect is followed and no proxy is used: the text goes to the gateway that the settings name, and nowhere else.
"""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
from urllib.parse import unquote, urlsplit

from marinelayer.ports import Message, RelayError

_SECONDS = 15.0
_TRY_AGAIN = frozenset({408, 425, 429})


class SmsRelay:
    """The gateway of the setting `sms_url`."""

    def __init__(self, url: str) -> None:
        """`url` is http[s]://[user:password@]host[:port]/path, user and password being sent as Basic credentials.

        Raises:
            ValueError: it can not be read. The text does not repeat the URL, which may hold a password.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("the SMS gateway's address must be http[s]://[user:password@]host[:port]/path")
        self._tls = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._headers = {"content-type": "application/json", "user-agent": "marinelayer"}
        if parts.username:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"

    async def send(self, message: Message) -> None:
        """Returns when the gateway has answered 2xx.

        Raises:
            RelayError: it has not; permanent for 4xx but 408, 425 and 429.
        """
        status = await asyncio.to_thread(self._post, message)
        if not 200 <= status < 300:
            permanent = 400 <= status < 500 and status not in _TRY_AGAIN
            raise RelayError(f"the SMS gateway answered {status}", permanent=permanent)

    def _post(self, message: Message) -> int:
        kind = http.client.HTTPSConnection if self._tls else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=_SECONDS)
        said = {"id": message.id, "to": message.to, "text": message.text}
        more = {"type": message.sms_type, "sender": message.sender_id}
        body = json.dumps(
            {**said, **{name: value for name, value in more.items() if value}}, ensure_ascii=False
        ).encode()
        try:
            connection.request("POST", self._target, body, {**self._headers, "idempotency-key": message.id})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise RelayError(f"the SMS gateway can not be reached: {type(error).__name__}: {error}") from None
        finally:
            connection.close()

"""SMS go out to a real HTTP gateway on a real socket."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from marinelayer.delivery import SmsRelay
from marinelayer.ports import Message, RelayError


class Gateway(http.server.ThreadingHTTPServer):
    """Keeps what it was sent; answers `status`."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str], Any]] = []
        self.status = 202
        super().__init__(("127.0.0.1", 0), _Post)


class _Post(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Gateway)
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.path, headers, json.loads(body)))
        self.send_response(self.server.status)
        if 300 <= self.server.status < 400:
            self.send_header("location", self.path)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server names it
        return


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


async def test_an_sms_is_posted_as_json(gateway: Gateway, letter: Callable[..., Message]) -> None:
    relay = SmsRelay(f"http://city:k%2Fy@127.0.0.1:{gateway.server_port}/send?v=1")
    await relay.send(letter(channel="sms", to="+13125551123", text="Grüße", subject=""))
    ((path, headers, body),) = gateway.seen
    assert path == "/send?v=1"
    assert body == {"id": "m-1", "to": "+13125551123", "text": "Grüße"}
    assert headers["content-type"] == "application/json"
    assert headers["idempotency-key"] == "m-1"
    assert headers["authorization"] == "Basic Y2l0eTprL3k="


async def test_a_gateway_is_told_type_and_sender_where_an_sms_has_them(
    gateway: Gateway, letter: Callable[..., Message]
) -> None:
    relay = SmsRelay(f"http://127.0.0.1:{gateway.server_port}/")
    await relay.send(letter(channel="sms", sender_id="City", sms_type="Transactional"))
    ((_, _, body),) = gateway.seen
    assert (body["sender"], body["type"]) == ("City", "Transactional")


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (404, True), (408, False), (429, False), (500, False), (503, False), (302, False)],
)
async def test_a_refusal_is_final_for_client_errors_only(
    gateway: Gateway, letter: Callable[..., Message], status: int, permanent: bool
) -> None:
    gateway.status = status
    relay = SmsRelay(f"http://127.0.0.1:{gateway.server_port}/")
    with pytest.raises(RelayError, match=str(status)) as refusal:
        await relay.send(letter(channel="sms"))
    assert refusal.value.permanent is permanent
    assert len(gateway.seen) == 1  # no redirect was followed


async def test_a_gateway_that_is_away_is_tried_again(letter: Callable[..., Message]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with pytest.raises(RelayError) as refusal:
        await SmsRelay(f"http://city:secret@127.0.0.1:{port}/").send(letter(channel="sms"))
    assert refusal.value.permanent is False
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["ftp://gateway", "gateway", "https://"])
def test_an_address_that_is_none_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        SmsRelay(url)

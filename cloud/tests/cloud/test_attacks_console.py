"""Attacks on the console: by other sites, other names, guessed tokens, and what messages hold."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import requests

from marinelayer.connection import ask_owner
from marinelayer.testing import LocalCloud

Send = Callable[..., tuple[int, http.client.HTTPMessage, bytes]]


@pytest.fixture
def send(cloud: LocalCloud) -> Send:
    """Sends to the console just what it is given."""

    def to_console(
        method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection(urlsplit(cloud.console_url).netloc, timeout=20)
        try:
            connection.request(method, target, body=body, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    return to_console


@pytest.fixture
async def browser(cloud: LocalCloud) -> Any:
    """A browser that is signed in."""
    link = (await ask_owner(cloud.folder, "sign-in-link"))["url"]
    with requests.Session() as session:
        session.get(link, timeout=10)
        yield session


@pytest.fixture
def cookie(browser: requests.Session) -> str:
    (one,) = browser.cookies
    return f"{one.name}={one.value}"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "evil.example:4567",
        "x.localhost",
        "[::2]",
        "[::::]",
        "[1:2]",
        "0",
        "2130706433",
        "127.1",
        "-",
    ],
)
def test_a_name_that_was_bound_to_this_machine_by_others_shows_nothing(send: Send, cookie: str, host: str) -> None:
    for target in ("/", "/sign-in?token=a", "/message?id=1"):
        assert send("GET", target, {"Host": host, "Cookie": cookie})[0] in {400, 421}


def test_a_page_keeps_to_itself(send: Send, cookie: str) -> None:
    for headers in ({"Cookie": cookie}, {}):
        _, answer, _ = send("GET", "/", headers)
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script" not in policy
        assert "unsafe" not in policy
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert not [name for name in answer if name.lower().startswith("access-control-")]
    assert send("OPTIONS", "/", {"Cookie": cookie, "Origin": "http://evil.example"})[0] == 405


async def test_a_session_begins_with_an_id_of_the_servers_and_only_by_a_link(cloud: LocalCloud, send: Send) -> None:
    link = urlsplit((await ask_owner(cloud.folder, "sign-in-link"))["url"])
    chosen = {"Cookie": "marinelayer-session=" + "a" * 48}
    status, headers, _ = send("HEAD", f"{link.path}?{link.query}", chosen)
    assert status in {401, 405}
    assert "Set-Cookie" not in headers
    status, headers, _ = send("GET", f"{link.path}?{link.query}", chosen)
    assert status == 303
    given = headers["Set-Cookie"]
    assert re.fullmatch(r"marinelayer-session=[0-9a-f]{48}; Path=/; HttpOnly; SameSite=Strict", given)
    assert "a" * 48 not in given
    assert send("GET", "/", chosen)[0] == 401
    assert send("GET", f"{link.path}?{link.query}", {})[0] == 403


@pytest.mark.parametrize("token", ["", "0" * 48, "%00", "%ff", "a" * 8000, "*", "%2e%2e"])
def test_a_guessed_link_signs_nobody_in(send: Send, token: str) -> None:
    status, headers, _ = send("GET", f"/sign-in?token={token}")
    assert status == 403
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("value", ["", "0" * 48, "\xff", '"', "a; marinelayer-session=b", "a" * 8000])
def test_a_guessed_session_opens_nothing(send: Send, value: str) -> None:
    assert send("GET", "/", {"Cookie": f"marinelayer-session={value}"})[0] == 401


@pytest.mark.parametrize(
    ("origin", "body", "status"),
    [
        ("http://evil.example", "csrf={csrf}", 403),
        ("null", "csrf={csrf}", 403),
        (None, "csrf={csrf}", 403),
        ("{own}.evil.example", "csrf={csrf}", 403),
        ("{api}", "csrf={csrf}", 403),
        ("{own}", "", 403),
        ("{own}", "csrf=", 403),
        ("{own}", "csrf=%C3%BF", 403),
        ("{own}", "csrf=\xff", 403),
        ("{own}", "csrf=0&csrf={csrf}", 403),
        ("{own}", "x" * 5000, 413),
        ("{own}", "csrf={csrf}", 200),
    ],
)
def test_a_form_comes_from_the_console_itself(
    cloud: LocalCloud, send: Send, browser: requests.Session, cookie: str, origin: str | None, body: str, status: int
) -> None:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.get(cloud.console_url, timeout=10).text)
    assert found is not None
    values = {"own": cloud.console_url, "api": cloud.endpoint_url, "csrf": found[1]}
    headers = {"Cookie": cookie} | ({} if origin is None else {"Origin": origin.format(**values)})
    assert send("POST", "/sign-out", headers, body.format(**values).encode("latin-1"))[0] == status
    assert send("GET", "/", {"Cookie": cookie})[0] == (401 if status == 200 else 200)
    # A GET never writes.
    assert send("GET", f"/sign-out?csrf={found[1]}", {"Cookie": cookie})[0] in {401, 404}


def test_what_a_message_holds_is_text(
    cloud: LocalCloud, client: Callable[..., Any], browser: requests.Session, eventually: Callable[..., Any], phone: str
) -> None:
    attack = (
        '<img src=x onerror=alert(1)> javascript:alert(1) http://a.example/"onmouseover="alert(1) '
        "https://b.example/<script>alert(2)</script> {{ 7 * 7 }} </pre><script>alert(3)</script> www.c.example'x"
    )
    client("sns").publish(PhoneNumber=phone, Message=attack)
    listed = eventually(lambda: (page := browser.get(cloud.console_url, timeout=10).text) and phone in page and page)
    row = listed[listed.index(phone) :]
    path = re.search(r'href="(/message\?id=[^"]+)"', row)
    assert path is not None
    shown = browser.get(cloud.console_url + path[1], timeout=10).text
    for page in (listed, shown):
        tags = set(re.findall(r"<([a-z0-9]+)", page))
        assert not tags & {"img", "script", "iframe", "svg", "object", "embed", "base"}
        assert not re.search(r"<[^>]*\son[a-z]+\s*=", page)
        assert not re.search(r'href="(?!/|https?://)', page)
    assert "{{ 7 * 7 }}" in shown
    assert 'rel="noreferrer' in shown or "noreferrer" in shown


@pytest.mark.parametrize("id_", ["%00", "' OR 1=1 --", "../../etc/passwd", "a" * 7000, "\xff"])
def test_a_message_is_asked_for_by_its_id(send: Send, cookie: str, id_: str) -> None:
    assert send("GET", f"/message?id={quote(id_, safe='%')}", {"Cookie": cookie})[0] == 404


def test_the_inbox_of_one_account_is_not_paged_by_made_up_cursors(send: Send, cookie: str) -> None:
    for before in ("x", "1", "9" * 40 + ".a", "%00.a", "-1.a", "1.%00"):
        assert send("GET", f"/?before={before}", {"Cookie": cookie})[0] in {200, 400, 403}

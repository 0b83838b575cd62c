"""The console: one-time links, its own port, no way in without a session, none for other sites."""

import re

import pytest
import requests

from marinelayer.connection import ask_owner


def found(pattern, text):
    match = re.search(pattern, text)
    assert match is not None
    return match[1]


@pytest.fixture
async def link(cloud):
    return (await ask_owner(cloud.folder, "sign-in-link"))["url"]


def test_without_a_session_the_console_shows_nothing(cloud):
    assert requests.get(cloud.console_url, timeout=10).status_code == 401
    assert requests.get(f"{cloud.console_url}/message?id=1", timeout=10).status_code == 401


def test_a_sign_in_link_works_once(cloud, link):
    with requests.Session() as browser:
        page = browser.get(link, timeout=10)
        assert page.status_code == 200
        assert "Inbox" in page.text
        cookie = next(iter(browser.cookies))
        assert cookie.has_nonstandard_attr("HttpOnly")
    assert requests.get(link, timeout=10).status_code == 403


def test_the_inbox_shows_messages_as_text(cloud, client, link, eventually, phone):
    client("sns").publish(PhoneNumber=phone, Message="<script>alert(1)</script> hello")
    with requests.Session() as browser:
        browser.get(link, timeout=10)
        page = eventually(lambda: (p := browser.get(cloud.console_url, timeout=10)) and phone in p.text and p)
        path = found(r'href="(/message\?id=[^"]+)"', page.text)
        message = browser.get(cloud.console_url + path, timeout=10)
    assert "&lt;script&gt;" in message.text
    assert "<script>" not in message.text


def test_other_names_and_other_sites_are_turned_away(cloud, link):
    assert requests.get(cloud.console_url, headers={"Host": "evil.example"}, timeout=10).status_code == 421
    with requests.Session() as browser:
        page = browser.get(link, timeout=10)
        csrf = found(r'name="csrf" value="([0-9a-f]+)"', page.text)
        url = f"{cloud.console_url}/sign-out"
        assert (
            browser.post(url, data={"csrf": csrf}, headers={"Origin": "http://evil.example"}, timeout=10).status_code
            == 403
        )
        assert (
            browser.post(url, data={"csrf": "0"}, headers={"Origin": cloud.console_url}, timeout=10).status_code == 403
        )
        assert (
            browser.post(url, data={"csrf": csrf}, headers={"Origin": cloud.console_url}, timeout=10).status_code == 200
        )
        assert browser.get(cloud.console_url, timeout=10).status_code == 401

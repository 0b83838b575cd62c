"""The cloud's own addresses, bound to what answers them: health, reset, inbox, and the links in mail."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from marinelayer.console.confirmation import Confirmation
from marinelayer.delivery.inbox import CaughtMessage, Inbox
from marinelayer.http import Request, Response
from marinelayer.model.errors import AccessDenied, InvalidParameter
from marinelayer.pipeline.own import PREFIX, OwnRoute, json_response
from marinelayer.ports import Caller
from marinelayer.protocol.addresses import host_name
from marinelayer.services.translate import TerminologyLinks

MOST_MESSAGES = 1000
_OF_A_PAGE = ("origin", "sec-fetch-site")
_OF_A_RELAY = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""What reverse proxies add, which come from loopback themselves."""


def own_routes(
    *,
    inbox: Inbox,
    confirmation: Confirmation,
    terminologies: TerminologyLinks,
    describe: Callable[[], Mapping[str, Any]],
    reset: Callable[[], Awaitable[None]] | None,
) -> Mapping[tuple[str, str], OwnRoute]:
    """Every own address. `describe` is the health document; without `reset` there is no such address."""

    async def health(request: Request, _: Caller) -> Response:
        return json_response(describe(), request_id=request.id)

    async def messages(request: Request, caller: Caller) -> Response:
        query = {name: values[0] for name, values in parse_qs(request.query).items()}
        if "id" in query:
            message = await inbox.message(query["id"])
            found = [message] if message is not None and message.account == caller.account else []
        else:
            found = await _page(inbox, caller.account, query)
        return json_response({"messages": [shown(message) for message in found]}, request_id=request.id)

    async def empty(request: Request, _: Caller) -> Response:
        if (
            reset is None
            or not _is_loopback(request.peer)
            or host_name(request.host) not in {"127.0.0.1", "localhost", "::1"}
        ):
            raise AccessDenied("Only this machine may reset this cloud.")
        if any(name in request.headers for name in _OF_A_PAGE):
            raise AccessDenied("A web page may not reset this cloud.")
        if any(name in request.headers for name in _OF_A_RELAY):
            raise AccessDenied("Only this machine may reset this cloud, and not on behalf of another one.")
        await reset()
        return json_response({"reset": True}, request_id=request.id)

    routes = {
        ("GET", "health"): OwnRoute(run=health, open_because="says only that the cloud runs, and with what engines"),
        ("GET", "inbox"): OwnRoute(run=messages, action="marinelayer:ListInbox"),
        ("GET", "confirm"): OwnRoute(run=confirmation.confirm, open_because="the token in the mail is the permission"),
        ("GET", "unsubscribe"): OwnRoute(
            run=confirmation.unsubscribe, open_because="the link in the mail is the permission"
        ),
        ("GET", "terminology"): OwnRoute(
            run=terminologies.follow, open_because="the seal in the link is the permission, for thirty minutes"
        ),
    }
    if reset is not None:
        routes["POST", "reset"] = OwnRoute(
            run=empty, open_because="from this machine only, and only if allowed at start"
        )
    return {(method, PREFIX + name): route for (method, name), route in routes.items()}


def shown(message: CaughtMessage) -> dict[str, Any]:
    """A message of the inbox as JSON: id, channel, to, subject, text, links, state, created (ISO 8601, UTC), error,
    and the cursor behind which the next page goes on."""
    created = datetime.fromtimestamp(message.created / 1_000_000, UTC)
    return {
        "id": message.id,
        "channel": message.channel,
        "to": message.to,
        "subject": message.subject,
        "text": message.text,
        "links": list(message.links),
        "state": message.state,
        "created": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "error": message.error,
        "cursor": message.cursor,
    }


async def _page(inbox: Inbox, account: str, query: Mapping[str, str]) -> Sequence[CaughtMessage]:
    try:
        return await inbox.messages(account, limit=_limit(query.get("limit", "100")), before=query.get("before"))
    except ValueError:
        raise InvalidParameter("before must be the cursor of a message.") from None


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_MESSAGES):
        raise InvalidParameter(f"limit must be a number from 1 to {MOST_MESSAGES}.")
    return int(text)


def _is_loopback(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False

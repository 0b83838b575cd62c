"""The console's pages: sign in by a one-time link, read the inbox, sign out.

Every page is what the API answered to a request that the console signed with the session's own key, so that it shows
what that key may see. Writes need the session's CSRF token and the console's own Origin; there is no CORS.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterable
from typing import Any
from urllib.parse import parse_qs, urlencode

from marinelayer.console.pages import notice, page, redirect
from marinelayer.console.sessions import Session, Sessions
from marinelayer.http import (
    BodyTooLargeError,
    BytesBody,
    FileRange,
    Handler,
    Headers,
    Request,
    Response,
    read_all,
)
from marinelayer.ports import Clock, Identities, Ids
from marinelayer.protocol.addresses import host_name
from marinelayer.security.sigv4 import sign

COOKIE = "marinelayer-session"
FORM_LIMIT = 4096
PAGE_SIZE = 100


class Console:
    """The console port's handler (http.Handler). `hosts` are the names it answers to, against DNS rebinding."""

    def __init__(
        self, *, api: Handler, identities: Identities, sessions: Sessions, clock: Clock, ids: Ids, hosts: frozenset[str]
    ) -> None:
        self._api = api
        self._identities = identities
        self._sessions = sessions
        self._clock = clock
        self._ids = ids
        self._hosts = hosts

    async def __call__(self, request: Request) -> Response:
        """A page, for GET, HEAD and POST."""
        if host_name(request.host) not in self._hosts:
            return notice("Not here", "The console does not answer to this name.", status=421)
        if request.method == "GET" and request.path == "/sign-in":
            return self._sign_in(request)
        session_id = _cookie(request)
        session = self._sessions.get(session_id) if session_id else None
        if session is None:
            return notice("Sign in", "Run “marinelayer open” for a link that signs this browser in.", status=401)
        if request.method == "POST":
            return await self._post(request, session_id, session)
        return await self._page(request, session)

    async def _page(self, request: Request, session: Session) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return notice("Not allowed", "Pages are read with GET.", status=405)
        pages = {"/": self._inbox, "/message": self._message}
        if request.path not in pages:
            return notice("Not found", "There is no such page.", status=404)
        return await pages[request.path](request, session)

    def _sign_in(self, request: Request) -> Response:
        session_id = self._sessions.sign_in(_query(request).get("token", ""))
        if session_id is None:
            return notice("This link is spent", "Run “marinelayer open” for a new one.", status=403)
        secure = "; Secure" if request.scheme == "https" else ""
        return redirect("/", ("set-cookie", f"{COOKIE}={session_id}; Path=/; HttpOnly; SameSite=Strict{secure}"))

    async def _post(self, request: Request, session_id: str, session: Session) -> Response:
        try:
            form = parse_qs((await read_all(request.body, FORM_LIMIT)).decode("latin-1"))
        except BodyTooLargeError:
            return notice("Too much", "No form of the console is so long.", status=413)
        own_origin = request.headers.get("origin") == f"{request.scheme}://{request.host}"
        if not own_origin or not session.knows(form.get("csrf", [""])[0]):
            return notice("Not allowed", "This form did not come from the console.", status=403)
        if request.path == "/sign-out":
            self._sessions.sign_out(session_id)
            return notice("Signed out", "This browser is signed out.")
        return notice("Not found", "There is no such page.", status=404)

    async def _inbox(self, request: Request, session: Session) -> Response:
        query = {"limit": str(PAGE_SIZE)}
        if before := _query(request).get("before"):
            query["before"] = before
        status, answer = await self._ask(session, request, query)
        if status != 200:
            return notice("Not allowed", str(answer.get("error", {}).get("message", "")), status=403)
        messages = answer["messages"]
        older = messages[-1]["cursor"] if len(messages) == PAGE_SIZE else ""
        return page("inbox.html", messages=messages, older=older, csrf=session.csrf)

    async def _message(self, request: Request, session: Session) -> Response:
        status, answer = await self._ask(session, request, {"id": _query(request).get("id", "")})
        if status != 200 or not answer["messages"]:
            return notice("Not found", "There is no such message.", status=404)
        return page("message.html", message=answer["messages"][0])

    async def _ask(self, session: Session, request: Request, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """GET /_marinelayer/inbox, signed with the session's key."""
        identity = await self._identities.by_access_key(session.access_key_id)
        if identity is None:
            return 403, {"error": {"message": "The key that signed this browser in is gone."}}
        unsigned = Request(
            id=self._ids.token(16).upper(),
            method="GET",
            path="/_marinelayer/inbox",
            query=urlencode(sorted(query.items())),
            headers=Headers((("host", request.host),)),
            body=BytesBody(),
            scheme=request.scheme,
            host=request.host,
            peer=request.peer,
        )
        signed = sign(
            unsigned,
            access_key_id=identity.access_key_id,
            secret_key=identity.secret_key,
            region="us-east-1",
            service="marinelayer",
            now=self._clock.now(),
        )
        response = await self._api(signed)
        assert not isinstance(response.body, (FileRange, AsyncIterable))  # noqa: S101 - our own JSON is bytes
        return response.status, json.loads(response.body)


def _query(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.query).items()}


def _cookie(request: Request) -> str:
    for header in request.headers.all("cookie"):
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == COOKIE:
                return value
    return ""

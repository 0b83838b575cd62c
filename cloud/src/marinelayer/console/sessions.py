"""Who is signed in to the console.

A sign-in link works once and for a few minutes; it starts a session that remembers an access key id, never a secret.
Sessions live in memory: a restart signs everyone out. Knows no HTTP.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from dataclasses import dataclass, field

from marinelayer.ports import Clock, Ids

LINK_MICROSECONDS = 5 * 60 * 1_000_000
SESSION_MICROSECONDS = 12 * 60 * 60 * 1_000_000
MOST_LINKS = 100
MOST_SESSIONS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One signed-in browser. `csrf` must come with every form."""

    access_key_id: str
    csrf: str = field(repr=False)
    ends: int

    def knows(self, csrf: str) -> bool:
        """Whether a form's token is this session's."""
        return hmac.compare_digest(self.csrf.encode(), csrf.encode())


class Sessions:
    """Links that wait and sessions that run, both bounded in number and time."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._links: OrderedDict[str, tuple[str, int]] = OrderedDict()
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def link(self, access_key_id: str) -> str:
        """A token that signs in once as the owner of the key."""
        token = self._ids.token(48)
        self._links[token] = (access_key_id, self._clock.now() + LINK_MICROSECONDS)
        while len(self._links) > MOST_LINKS:
            self._links.popitem(last=False)
        return token

    def sign_in(self, token: str) -> str | None:
        """The id of a new session for a link's token, which is spent; None for a token that is not valid."""
        access_key_id, ends = self._links.pop(token, ("", 0))
        now = self._clock.now()
        if now >= ends:
            return None
        session_id = self._ids.token(48)
        self._sessions[session_id] = Session(
            access_key_id=access_key_id, csrf=self._ids.token(32), ends=now + SESSION_MICROSECONDS
        )
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return session_id

    def get(self, session_id: str) -> Session | None:
        """The running session, or None."""
        session = self._sessions.get(session_id)
        if session is not None and self._clock.now() >= session.ends:
            del self._sessions[session_id]
            return None
        return session

    def sign_out(self, session_id: str) -> None:
        """End the session."""
        self._sessions.pop(session_id, None)

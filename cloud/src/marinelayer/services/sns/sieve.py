"""One message held against the filters of its topic's subscriptions. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn, cast

from marinelayer.services.sns.content import Content
from marinelayer.services.sns.filtering import accepts, read_filter_policy
from marinelayer.services.sns.store import Filter


class Sieve:
    """A message's attributes and bodies, each body read once, and each answer found once."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._bodies: dict[str, Mapping[str, Any] | None] = {}
        self._answers: dict[tuple[Filter, str], bool] = {}

    def lets_through(self, wanted: Filter, protocol: str) -> bool:
        """Whether a subscriber by `protocol` with that filter gets the message. A body that is no JSON object gets
        through no filter."""
        if not wanted.policy:
            return True
        body = self._content.text(protocol) if wanted.scope == "MessageBody" else ""
        if (wanted, body) not in self._answers:
            message = self._body(body) if wanted.scope == "MessageBody" else self._content.attributes
            policy = read_filter_policy(wanted.policy)
            self._answers[wanted, body] = message is not None and accepts(policy, message)
        return self._answers[wanted, body]

    def _body(self, text: str) -> Mapping[str, Any] | None:
        if text not in self._bodies:
            self._bodies[text] = _read(text)
        return self._bodies[text]


def _read(text: str) -> Mapping[str, Any] | None:
    try:
        read: object = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, Any]", read) if isinstance(read, dict) else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)

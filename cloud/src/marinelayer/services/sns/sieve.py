"""One message held against the filters of its topic's subscriptions. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn, cast

from marinelayer.services.sns.content import Content
from marinelayer.services.sns.filtering import accepts, read_filter_policy
from marinelayer.services.sns.store import Filter

Attribute = str | float | list[str | float | bool | None]


class Sieve:
    """A message's attributes and bodies, each body read once, and each answer found once."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._attributes = {
            name: value for name, shown in content.attributes.items() if (value := _value(shown)) is not None
        }
        self._bodies: dict[str, Mapping[str, Any] | None] = {}
        self._answers: dict[tuple[Filter, str], bool] = {}

    def lets_through(self, wanted: Filter, protocol: str) -> bool:
        """Whether a subscriber by `protocol` with that filter gets the message. A body that is no JSON object gets
        through no filter."""
        if not wanted.policy:
            return True
        body = self._content.text(protocol) if wanted.scope == "MessageBody" else ""
        if (wanted, body) not in self._answers:
            message = self._body(body) if wanted.scope == "MessageBody" else self._attributes
            policy = read_filter_policy(wanted.policy)
            self._answers[wanted, body] = message is not None and accepts(policy, message)
        return self._answers[wanted, body]

    def _body(self, text: str) -> Mapping[str, Any] | None:
        if text not in self._bodies:
            self._bodies[text] = _read(text)
        return self._bodies[text]


def _value(shown: Mapping[str, str]) -> Attribute | None:
    """An attribute as filter policies see it: a text, a number, or the elements of a String.Array; None for bytes, and
    for an array that is none."""
    value = shown["Value"]
    match shown["Type"].partition("."):
        case ("Binary", _, _):
            return None
        case ("Number", _, _):
            return float(value)
        case ("String", _, "Array"):
            return _elements(value)
        case _:
            return value


def _elements(text: str) -> list[str | float | bool | None] | None:
    try:
        read: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, list):
        return None
    return [one for one in cast("list[object]", read) if one is None or isinstance(one, str | float | int)]


def _read(text: str) -> Mapping[str, Any] | None:
    try:
        read: object = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, Any]", read) if isinstance(read, dict) else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)

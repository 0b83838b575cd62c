"""Whole policies, compiled once and kept by their text."""

from __future__ import annotations

from functools import lru_cache

from marinelayer.security.policy.document import PolicyDocument, parse_document
from marinelayer.security.policy.statement import Statement

_ACTIONS_KEPT = 512
"""Actions for which a policy remembers which of its statements are about them."""


class Policy:
    """A compiled policy: its statements, found by action."""

    __slots__ = ("_by_action", "document", "statements")

    def __init__(self, document: PolicyDocument) -> None:
        """Compile `document`.

        Raises:
            MalformedPolicyError: a condition can not be read.
        """
        self.document = document
        variables = document.version == "2012-10-17"
        self.statements = tuple(Statement(one, variables=variables) for one in document.statements)
        self._by_action: dict[str, tuple[tuple[Statement, ...], tuple[Statement, ...]]] = {}

    def about(self, action: str) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
        """The statements that deny, and those that allow, the lower-case `action` on some resource."""
        found = self._by_action.get(action)
        if found is None:
            covering = [one for one in self.statements if one.covers(action)]
            found = (
                tuple(one for one in covering if not one.allow),
                tuple(one for one in covering if one.allow),
            )
            if len(self._by_action) >= _ACTIONS_KEPT:
                self._by_action.clear()
            self._by_action[action] = found
        return found

    @property
    def principal_arns(self) -> frozenset[str]:
        """The ARNs of users, roles and sessions that statements name. Whoever stores the policy records the unique
        id that each has then (a session's is its role's), for `ResourcePolicy.principals`."""
        return frozenset(
            name
            for statement in self.statements
            for name in (statement.source.principals or {}).get("AWS", ())
            if name.startswith("arn:") and not name.endswith(":root")
        )


@lru_cache(maxsize=1024)
def compile_policy(text: str) -> Policy:
    """The compiled policy of a JSON text. The same text gives the same object.

    Raises:
        MalformedPolicyError: the text is no policy.
    """
    return Policy(parse_document(text))

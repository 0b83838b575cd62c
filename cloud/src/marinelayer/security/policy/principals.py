"""Who a statement of a resource's policy names, and how far that goes.

An ARN in a policy stands for the unique id that it had when the policy was set: a user or role that was deleted and
made again inherits nothing. Source: IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from marinelayer.security.facts import role_arn
from marinelayer.security.identity import Principal

Reach = Literal["direct", "role", "account"]
"""How a principal is named: itself (or everyone); the role that its session acts by, which boundaries and session
policies still limit; or its account, which delegates and so needs the identity's own policies too."""

_ACCOUNT = re.compile(r"(?:arn:[a-z-]+:iam::)?(\d{12})(?::root)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principals:
    """The names of a Principal element, sorted by kind."""

    everyone: bool
    accounts: frozenset[str]
    names: frozenset[str]
    """ARNs of users, roles and sessions, and unique ids."""
    services: frozenset[str]
    federated: frozenset[str]
    """Identity providers."""
    canonical_ids: frozenset[str]

    def reach(self, principal: Principal, recorded: Mapping[str, str]) -> Reach | None:
        """How `principal` is named, the strongest way first; None if it is not. `recorded` maps each ARN to the
        unique id that it had when the policy was set."""
        if self.everyone:
            return "direct"
        if principal.kind in ("service", "web-identity"):
            return "direct" if principal.arn in (*self.services, *self.federated) else None
        if principal.kind == "anonymous":
            return None
        if self.names:
            named = self._named(principal, recorded)
            if named is not None:
                return named
        if principal.account in self.accounts or principal.canonical_id in self.canonical_ids:
            return "direct" if principal.kind == "root" else "account"
        return None

    def _named(self, principal: Principal, recorded: Mapping[str, str]) -> Reach | None:
        own_id = principal.unique_id
        if own_id in self.names:
            return "direct"
        if principal.kind == "role-session":
            role_id = own_id.partition(":")[0]
            if principal.arn in self.names and recorded.get(principal.arn) in (own_id, role_id):
                return "direct"
            role = role_arn(principal)
            if role_id in self.names or (role in self.names and recorded.get(role or "") == role_id):
                return "role"
            return None
        if principal.arn in self.names and recorded.get(principal.arn) == own_id:
            return "direct"
        return None


def read_principals(written: Mapping[str, tuple[str, ...]]) -> Principals:
    """Sort the names of a Principal element."""
    aws = tuple(name for name in written.get("AWS", ()) if name)
    accounts = {found.group(1) for name in aws if (found := _ACCOUNT.fullmatch(name))}
    return Principals(
        everyone="*" in aws,
        accounts=frozenset(accounts),
        names=frozenset(name for name in aws if name != "*" and not _ACCOUNT.fullmatch(name)),
        services=frozenset(name for name in written.get("Service", ()) if name),
        federated=frozenset(name for name in written.get("Federated", ()) if name),
        canonical_ids=frozenset(name for name in written.get("CanonicalUser", ()) if name),
    )

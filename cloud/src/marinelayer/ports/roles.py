"""Roles in whose name services work when nobody's request is under way. Ports only: nothing here does anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from marinelayer.ports.access import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What a service does in a role's name: `service` (`comprehend.amazonaws.com`), on behalf of `account`, in
    `region`. `source` is the ARN of what it does it for, "" where that has none; `id` is the same at every attempt."""

    service: str
    account: str
    region: str
    id: str
    source: str = ""


class ServiceRoles(Protocol):
    """Roles that services assume."""

    async def assume(self, role: str, errand: Errand) -> Caller:
        """The caller that a service is in the name of the role of an ARN, with what its policies allow now.

        Raises:
            AccessDenied: there is no such role in the account, or its trust policy does not let the service assume it.
        """
        ...

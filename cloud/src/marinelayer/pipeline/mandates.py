"""Callers whose requests are over: what a job does for them is decided like any request, by what they may then, only
that nobody sent one.

A mandate says who gave it by name and by unique id, and what session they acted by. Source: IAM User Guide, "Forward
access sessions", by which services of AWS do the like.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Protocol

from marinelayer.model.errors import AccessDenied, TokenInvalid
from marinelayer.pipeline.authorise import STRICT, Enforcement, RequestAuthoriser
from marinelayer.ports import Caller, Clock
from marinelayer.security import timestamps
from marinelayer.security.facts import RequestFacts, identity_facts
from marinelayer.security.identity import Identity
from marinelayer.security.requirement import ContextKeys
from marinelayer.security.session import Session
from marinelayer.services.operation import ServiceTable


class KnownIdentities(Protocol):
    """Identities without credentials, by what they may now."""

    async def by_arn(self, arn: str) -> Identity | None:
        """A root's or user's, None where there is none."""
        ...

    async def by_session(self, session: Session) -> Identity:
        """A session's. Raises TokenInvalid where its role, user or account has gone."""
        ...


class RememberedCallers:
    """ports.Mandates. `services`, which may be filled after construction, are asked about their resources."""

    def __init__(
        self,
        services: Mapping[str, ServiceTable],
        identities: KnownIdentities,
        clock: Clock,
        base_url: Callable[[], str],
        enforcement: Enforcement = STRICT,
    ) -> None:
        self._services = services
        self._identities = identities
        self._clock = clock
        self._base_url = base_url
        self._enforcement = enforcement

    def given(self, caller: Caller) -> str:
        """See ports.Mandates."""
        session = caller.identity.session
        return json.dumps(
            {
                "arn": caller.principal.arn,
                "unique_id": caller.principal.unique_id,
                "account": caller.account,
                "region": caller.region,
                "session": None if session is None else asdict(session),
            }
        )

    async def caller(self, mandate: str, request_id: str) -> Caller:
        """See ports.Mandates."""
        told: dict[str, Any] = json.loads(mandate)
        identity = await self._identity(told)
        if identity is None or identity.principal.unique_id != told["unique_id"]:
            raise AccessDenied
        access = {name: table.access for name, table in self._services.items() if table.access is not None}
        facts = RequestFacts(lambda: self._facts(identity, told["region"]))
        return Caller(
            identity=identity,
            account=told["account"],
            region=told["region"],
            request_id=request_id,
            authoriser=RequestAuthoriser(identity, facts, access, enforcement=self._enforcement),
            base_url=self._base_url(),
        )

    async def _identity(self, told: Mapping[str, Any]) -> Identity | None:
        if told["session"] is None:
            return await self._identities.by_arn(told["arn"])
        try:
            return await self._identities.by_session(_session(told["session"]))
        except TokenInvalid:
            return None

    def _facts(self, identity: Identity, region: str) -> ContextKeys:
        now = self._clock.now()
        return identity_facts(identity) | {
            "aws:currenttime": (timestamps.to_extended(now),),
            "aws:epochtime": (str(now // timestamps.SECOND),),
            "aws:requestedregion": (region,),
            "aws:securetransport": ("true",),
            "aws:viaawsservice": ("true",),
        }


def _session(told: Mapping[str, Any]) -> Session:
    """A session from JSON, which knows no tuples."""
    members: dict[str, Any] = {**told, "claims": {key: tuple(values) for key, values in told["claims"].items()}}
    for name in ("policy_arns", "transitive"):
        members[name] = tuple(told[name])
    return Session(**members)

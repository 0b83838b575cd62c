"""Whether a caller may: every requirement is put to the one decision of `security`.

Reads what the resource says through the service's own `Access`; knows nothing of operations or protocols.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Access
from marinelayer.security.decision import Decision
from marinelayer.security.explanation import Explanation, explain
from marinelayer.security.facts import RequestFacts, identity_facts
from marinelayer.security.home import AskedBucket
from marinelayer.security.identity import Identity
from marinelayer.security.payment import payer_of, unpaid
from marinelayer.security.policy.evaluate import decide
from marinelayer.security.requirement import NO_RESOURCE, ContextKeys, Requirement, ResourceAccess
from marinelayer.security.tree import tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforcement:
    """How refusals are made. Where they are `explained`, their messages carry the whole explanation, which tells
    whoever asks what policies say. Where they are `soft`, whoever is known may do what nothing allows; that is told to
    `let_through` of `RequestAuthoriser`. Who has no account here is let through by nothing but a policy or an ACL."""

    explained: bool = False
    soft: bool = False


STRICT: Final = Enforcement()


class RequestAuthoriser:
    """Decides for one identity in one request (ports.Authoriser).

    `access` maps an action's prefix (`s3`) to the service's Access; services without resource policies have none,
    and then only the identity's side counts. `note` is told what was demanded, for the logs. `agrees_to_pay` is what
    the request says of buckets whose requesters pay; `charge` is told when it is the one who does. `asked` is how a
    request of S3 asks for its bucket, which may be at home elsewhere. `let_through` is told what soft enforcement
    allows.
    """

    __slots__ = (
        "_access",
        "_agrees_to_pay",
        "_asked",
        "_charge",
        "_enforcement",
        "_facts",
        "_identity",
        "_let_through",
        "_note",
    )

    def __init__(
        self,
        identity: Identity,
        facts: ContextKeys,
        access: Mapping[str, Access],
        note: Callable[[Decision], None] | None = None,
        *,
        agrees_to_pay: bool = False,
        charge: Callable[[], None] | None = None,
        asked: AskedBucket | None = None,
        enforcement: Enforcement = STRICT,
        let_through: Callable[[Decision], None] | None = None,
    ) -> None:
        self._identity = identity
        self._facts = facts
        self._access = access
        self._note = note
        self._agrees_to_pay = agrees_to_pay
        self._charge = charge
        self._asked = asked
        self._enforcement = enforcement
        self._let_through = let_through

    def acting_as(self, identity: Identity) -> RequestAuthoriser:
        """One that decides for another identity in the same request."""
        facts = RequestFacts(lambda: {**self._facts, **identity_facts(identity)})
        return RequestAuthoriser(
            identity, facts, self._access, self._note, enforcement=self._enforcement, let_through=self._let_through
        )

    async def decide(self, requirement: Requirement) -> Decision:
        """The decision with its reasons. Raises what the service's Access raises (NoSuchBucket), and what tells a
        client of the bucket's region (`AskedBucket.demand_home`)."""
        resource = await self._resource_of(requirement)
        if self._asked is not None:
            self._asked.demand_home(requirement, resource)
        decision = decide(self._identity, requirement, resource, self._facts)
        if self._enforcement.soft and not decision.allowed:
            decision = self._softened(decision)
        return self._paid(decision, resource) if resource.requester_pays and decision.allowed else decision

    async def explain(self, requirement: Requirement) -> Explanation:
        """The decision, however it is enforced, with all that the policies said. Raises as `decide`."""
        resource = await self._resource_of(requirement)
        decision = decide(self._identity, requirement, resource, self._facts)
        if resource.requester_pays and decision.allowed:
            decision = self._paid(decision, resource)
        return explain(self._identity, decision, resource, self._facts)

    async def _resource_of(self, requirement: Requirement) -> ResourceAccess:
        access = self._access.get(requirement.action.partition(":")[0])
        return NO_RESOURCE if access is None else await access.of(requirement)

    def _softened(self, decision: Decision) -> Decision:
        """The refusal as soft enforcement has it."""
        if not self._identity.principal.account:
            return decision
        if self._let_through is not None:
            self._let_through(decision)
        return replace(decision, outcome="allow", message="")

    def _paid(self, decision: Decision, resource: ResourceAccess) -> Decision:
        payer = payer_of(self._identity.principal, resource, agreed=self._agrees_to_pay)
        if payer == "nobody":
            return unpaid(decision)
        if payer == "requester" and self._charge is not None:
            self._charge()
        return decision

    async def may(self, requirement: Requirement) -> bool:
        """Whether the caller may."""
        return (await self.decide(requirement)).allowed

    async def why(self, requirement: Requirement) -> str:
        """What a refusal's message says behind AWS's words: the explanation where it is wanted, else nothing."""
        return f"\n\n{tree(await self.explain(requirement))}" if self._enforcement.explained else ""

    async def demand(self, requirement: Requirement) -> None:
        """Raises AccessDenied, with AWS's sentence, if the caller may not."""
        decision = await self.decide(requirement)
        if self._note is not None:
            self._note(decision)
        if not decision.allowed:
            raise AccessDenied(await self._sentence(decision))

    async def _sentence(self, decision: Decision) -> str | None:
        """AWS's, and the explanation where it is wanted."""
        told = await self.why(decision.requirement)
        return f"{decision.message or AccessDenied.default_message}{told}" if told else decision.message or None

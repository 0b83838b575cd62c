"""What a simulation judges: the one decision, over policies that may be nobody's, and the statements that made it.

Pure. Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from marinelayer.security.authorization import actions
from marinelayer.security.decision import Decision
from marinelayer.security.identity import Identity, IdentityPolicy, Principal
from marinelayer.security.policy.compiled import compile_policy
from marinelayer.security.policy.evaluate import decide
from marinelayer.security.policy.examine import Examined, examine, keys_asked
from marinelayer.security.policy.positions import Span, statement_spans
from marinelayer.security.policy.variables import Context
from marinelayer.security.requirement import NO_RESOURCE, ContextKeys, Requirement, ResourceAccess, ResourcePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A policy as results name it: its id, the type of what it is attached to, and its text."""

    id: str
    type: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of one action on one resource. `boundary` is whether the permissions boundary lets it through, None
    without one; `missing` are condition keys that the policies ask for and nobody gave."""

    resource: str
    decision: Decision
    matched: tuple[tuple[Source, Span], ...]
    missing: tuple[str, ...]
    boundary: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Who is simulated, with which policies and condition keys. `owner` is the account that owns the resources, None
    where only the identity's side counts."""

    principal: Principal
    policies: tuple[Source, ...]
    boundary: Source | None = None
    resource_policy: Source | None = None
    owner: str | None = None
    context: ContextKeys = field(default_factory=dict[str, tuple[str, ...]])

    def judge(self, action: str, resource: str) -> Judged:
        """Decide as a request of this principal would be decided.

        Raises:
            MalformedPolicyError: a policy can not be read.
        """
        requirement = Requirement(action=action, resource=resource)
        decision = decide(self._identity(), requirement, self._resource(), self.context)
        boundary = None if self.boundary is None else self._examined(self.boundary, requirement)
        return Judged(
            resource=resource,
            decision=decision,
            matched=tuple(self._matched(decision)),
            missing=tuple(self._missing(action)),
            boundary=None if boundary is None else boundary.allows and not boundary.denies,
        )

    def _identity(self) -> Identity:
        def given(one: Source, kind: str) -> IdentityPolicy:
            return IdentityPolicy(name=one.id, kind="boundary" if kind == "boundary" else "managed", text=one.text)

        return Identity(
            principal=self.principal,
            policies=tuple(given(one, "managed") for one in self.policies),
            boundary=None if self.boundary is None else given(self.boundary, "boundary"),
        )

    def _resource(self) -> ResourceAccess:
        if self.owner is None:
            return NO_RESOURCE
        policy = None
        if self.resource_policy is not None:
            named = compile_policy(self.resource_policy.text).principal_arns
            recorded = {arn: self.principal.unique_id for arn in named if arn == self.principal.arn}
            policy = ResourcePolicy(text=self.resource_policy.text, principals=recorded)
        return ResourceAccess(account=self.owner, policy=policy)

    @property
    def _sources(self) -> tuple[Source, ...]:
        further = (one for one in (self.boundary, self.resource_policy) if one is not None)
        return (*self.policies, *further)

    def _examined(self, source: Source, requirement: Requirement) -> Examined:
        of_resource = source is self.resource_policy
        resource = self._resource()
        return examine(
            source.id,
            source.text,
            requirement.action,
            requirement.asked,
            Context(self.context),
            principal=self.principal if of_resource else None,
            recorded=resource.policy.principals if of_resource and resource.policy is not None else None,
        )

    def _matched(self, decision: Decision) -> Iterator[tuple[Source, Span]]:
        """The statements that made it: those that deny, or those that allow."""
        if decision.outcome == "implicit-deny":
            return
        for source in self._sources:
            if decision.allowed and source is self.boundary:
                continue
            findings = self._examined(source, decision.requirement).findings
            spans = statement_spans(source.text)
            for one in findings:
                if one.applies and one.allow == decision.allowed:
                    yield source, spans[one.index]

    def _missing(self, action: str) -> Iterator[str]:
        context, told = Context(self.context), set[str]()
        for source in self._sources:
            for key in keys_asked(source.text, action):
                if context.get(key.lower()) is None and key.lower() not in told:
                    told.add(key.lower())
                    yield key


def arn_template(action: str) -> str:
    """The template of the ARNs of an action's resources, `*` where it has none, or several."""
    known = actions().get(action.lower())
    return known.on[0].arn if known is not None and len(known.on) == 1 else "*"

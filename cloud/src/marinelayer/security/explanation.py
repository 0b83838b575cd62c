"""A decision told step by step, in the order of AWS's evaluation: what each kind of policy said, and what was missing.

`decide` alone decides; this looks at the same policies again, at all of their statements, so that a person sees why.
Pure. Source: IAM User Guide, "Policy evaluation logic"; S3 User Guide, "How Amazon S3 authorizes a request".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from marinelayer.security.acl import acl_reach
from marinelayer.security.decision import Decision
from marinelayer.security.facts import resource_facts
from marinelayer.security.identity import Identity, IdentityPolicy, Principal
from marinelayer.security.policy.examine import Examined, Finding, examine
from marinelayer.security.policy.variables import Context
from marinelayer.security.remedy import Sides, remedy
from marinelayer.security.requirement import ContextKeys, ResourceAccess

Verdict = Literal["allows", "denies", "silent", "absent", "filters"]

_KINDS = {
    "inline": "inline policy",
    "managed": "managed policy",
    "group-inline": "group's inline policy",
    "group-managed": "group's managed policy",
    "boundary": "permissions boundary",
    "session": "session policy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the evaluation: its name, what came of it, the same in words, and the policies that were asked."""

    name: str
    verdict: Verdict
    says: str
    policies: tuple[Examined, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision with its steps. `remedy` is one sentence that says how it would be allowed, "" where it is."""

    decision: Decision
    principal: Principal
    steps: tuple[Step, ...]
    remedy: str


def explain(identity: Identity, decision: Decision, resource: ResourceAccess, facts: ContextKeys) -> Explanation:
    """Explain what `decide` said of a requirement of `identity` on `resource`.

    Raises:
        MalformedPolicyError: a stored policy can not be read.
    """
    requirement, principal = decision.requirement, identity.principal
    context = Context(requirement.context, resource.context, resource_facts(requirement, resource), facts)

    def looked_at(policies: tuple[IdentityPolicy, ...]) -> tuple[Examined, ...]:
        return tuple(
            examine(f'{_KINDS[one.kind]} "{one.name}"', one.text, requirement.action, requirement.asked, context)
            for one in policies
        )

    identities = looked_at(identity.policies)
    boundary = looked_at((identity.boundary,) if identity.boundary else ())
    session = None if identity.session_policies is None else looked_at(identity.session_policies)
    own: tuple[Examined, ...] = ()
    if resource.policy is not None and resource.account is not None:
        own = (
            examine(
                "bucket policy" if _is_s3(decision) else "resource policy",
                resource.policy.text,
                requirement.action,
                requirement.asked,
                context,
                principal=principal,
                recorded=resource.policy.principals,
            ),
        )
    steps = [_denials((*own, *identities, *boundary, *(session or ())), decision)]
    if _is_s3(decision) and resource.account is not None:
        steps.append(_block(decision, resource))
    if resource.account is not None:
        steps.append(_resource_policy(own, decision))
    steps += [_identity_policies(identity, identities), _limit("Permissions boundary", boundary, given=bool(boundary))]
    steps.append(_limit("Session policies", session or (), given=session is not None))
    if resource.bucket_acl is not None:
        steps.append(_acl(principal, decision, resource))
    sides = Sides(identity=identities, boundary=boundary, session=session, resource=own)
    return Explanation(
        decision=decision,
        principal=principal,
        steps=tuple(steps),
        remedy="" if decision.allowed else remedy(identity, decision, resource, sides),
    )


def limited(explanation: Explanation, limit: str) -> Explanation:
    """The explanation of what the kind of credentials rules out, whatever policies say."""
    return replace(
        explanation,
        decision=replace(explanation.decision, outcome="explicit-deny"),
        steps=(Step(name="Kind of credentials", verdict="denies", says=limit), *explanation.steps),
        remedy="call it with the keys of a user.",
    )


def _is_s3(decision: Decision) -> bool:
    return decision.requirement.action.lower().startswith("s3:")


def _denials(policies: tuple[Examined, ...], decision: Decision) -> Step:
    denying = tuple(one for one in policies if one.denies)
    overruled = decision.allowed and bool(denying)
    if overruled:
        says = "its own account's root can not be locked out of a bucket's policy"
        return Step(name="Explicit denies", verdict="silent", says=says, policies=_denying(denying))
    if not denying:
        return Step(name="Explicit denies", verdict="silent", says="no statement denies it")
    return Step(
        name="Explicit denies",
        verdict="denies",
        says="denied, whatever else allows it",
        policies=_denying(denying),
    )


def _denying(policies: tuple[Examined, ...]) -> tuple[Examined, ...]:
    """Only the statements that deny."""
    return tuple(Examined(source=one.source, findings=tuple(_applying(one, allow=False))) for one in policies)


def _applying(policy: Examined, *, allow: bool) -> Iterator[Finding]:
    return (finding for finding in policy.findings if finding.applies and finding.allow == allow)


def _block(decision: Decision, resource: ResourceAccess) -> Step:
    name = "Public access block"
    filtered = [reason.statement for reason in decision.reasons if reason.source == "public access block"]
    if filtered:
        return Step(name=name, verdict="filters", says=f"{' and '.join(filtered)} keeps it from the public")
    switched = [
        switch
        for switch, on in (
            ("BlockPublicAcls", resource.block.block_public_acls),
            ("IgnorePublicAcls", resource.block.ignore_public_acls),
            ("BlockPublicPolicy", resource.block.block_public_policy),
            ("RestrictPublicBuckets", resource.block.restrict_public_buckets),
        )
        if on
    ]
    if not switched:
        return Step(name=name, verdict="absent", says="off")
    return Step(name=name, verdict="silent", says=f"{', '.join(switched)} on, which changes nothing here")


def _resource_policy(policies: tuple[Examined, ...], decision: Decision) -> Step:
    name = "Bucket policy" if _is_s3(decision) else "Resource policy"
    if not policies:
        return Step(name=name, verdict="absent", says="there is none")
    if any(reason.source == "resource policy" and reason.effect == "filtered" for reason in decision.reasons):
        says = "it can not give away an object that another account owns"
        return Step(name=name, verdict="filters", says=says, policies=policies)
    if not any(one.allows for one in policies):
        return Step(name=name, verdict="silent", says="it does not allow it", policies=policies)
    reaches = {finding.reach for one in policies for finding in _applying(one, allow=True)}
    says = "allows it" if reaches - {"account"} else "allows it to the account, whose own policies say who of it may"
    return Step(name=name, verdict="allows", says=says, policies=policies)


def _identity_policies(identity: Identity, policies: tuple[Examined, ...]) -> Step:
    name = "Identity policies"
    if identity.principal.kind == "root":
        return Step(name=name, verdict="allows", says="the account's root may do everything in its account")
    if identity.principal.kind in ("anonymous", "service"):
        return Step(name=name, verdict="absent", says="nobody's: who asks has no account here")
    if not policies:
        return Step(name=name, verdict="absent", says="there are none")
    allows = any(one.allows for one in policies)
    return Step(
        name=name,
        verdict="allows" if allows else "silent",
        says="allowed" if allows else "none allows it",
        policies=policies,
    )


def _limit(name: str, policies: tuple[Examined, ...], *, given: bool) -> Step:
    if not given:
        says = "there is none" if name == "Permissions boundary" else "there are none"
        return Step(name=name, verdict="absent", says=says)
    allows = any(one.allows for one in policies)
    return Step(
        name=name,
        verdict="allows" if allows else "silent",
        says="lets it through" if allows else "does not let it through",
        policies=policies,
    )


def _acl(principal: Principal, decision: Decision, resource: ResourceAccess) -> Step:
    if resource.ownership == "BucketOwnerEnforced":
        return Step(name="ACL", verdict="absent", says="switched off (BucketOwnerEnforced)")
    action = decision.requirement.action.lower()
    reach = acl_reach(action, principal, resource, public=not resource.block.ignore_public_acls)
    if reach == "direct":
        return Step(name="ACL", verdict="allows", says="grants it to the public")
    if reach == "account" and principal.account == resource.account:
        return Step(
            name="ACL", verdict="silent", says="grants it to the owner's account, whose policies say who of it may"
        )
    if reach == "account":
        return Step(name="ACL", verdict="allows", says="grants it to the account")
    return Step(name="ACL", verdict="silent", says="does not grant it")

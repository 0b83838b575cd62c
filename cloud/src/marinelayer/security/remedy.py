"""How what was refused would be allowed, in one sentence. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from marinelayer.security.acl import NEEDED
from marinelayer.security.decision import Decision
from marinelayer.security.identity import Identity, Principal
from marinelayer.security.policy.examine import Examined, Finding
from marinelayer.security.requirement import ResourceAccess


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The policies of a request, looked at; `session` is None where there is no session policy."""

    identity: tuple[Examined, ...]
    boundary: tuple[Examined, ...]
    session: tuple[Examined, ...] | None
    resource: tuple[Examined, ...]


def remedy(identity: Identity, decision: Decision, resource: ResourceAccess, sides: Sides) -> str:
    """What would have to change for a refused decision to allow."""
    if decision.outcome == "explicit-deny":
        return _undenied(sides)
    filtered = {(one.source, one.statement) for one in decision.reasons if one.effect == "filtered"}
    if ("requester pays", "") in filtered:
        return "send x-amz-request-payer: requester with the request, for whose sender the bucket's owner does not pay."
    if ("public access block", "RestrictPublicBuckets") in filtered:
        return "switch RestrictPublicBuckets off in the public access block, or make the bucket policy name who may."
    if ("public access block", "IgnorePublicAcls") in filtered:
        return "switch IgnorePublicAcls off in the public access block, or let the bucket policy allow it."
    if ("resource policy", "") in filtered or _owned_elsewhere(decision, resource):
        return "let the account that owns the object grant it by the object's ACL, or give the object to the bucket's."
    return " And ".join(_lacking(identity, decision, resource, sides))


def _undenied(sides: Sides) -> str:
    policies = (*sides.resource, *sides.identity, *sides.boundary, *(sides.session or ()))
    denying = [one for policy in policies for one in policy.findings if one.applies and not one.allow]
    named = " and ".join(f"statement {one.statement} of the {one.source}" for one in denying)
    return f"change {named}, so that it no longer denies this request."


def _owned_elsewhere(decision: Decision, resource: ResourceAccess) -> bool:
    if resource.object_acl is None or resource.bucket_acl is None or resource.ownership == "BucketOwnerEnforced":
        return False
    needs_object = NEEDED.get(decision.requirement.action.lower(), ("bucket", ""))[0] == "object"
    return needs_object and resource.object_acl.owner != resource.bucket_acl.owner


def _lacking(identity: Identity, decision: Decision, resource: ResourceAccess, sides: Sides) -> Iterator[str]:
    """A sentence for each side that does not allow."""
    principal = identity.principal
    action, on = decision.requirement.action, decision.requirement.resource
    what = action if on == "*" else f"{action} on {on}"
    strange = resource.account is not None and principal.account != resource.account
    if principal.kind in ("anonymous", "service"):
        by_acl = "" if principal.kind == "service" else _by_acl(decision, resource)
        allow = f"let {_policy_of(decision)} allow {what} to {_named(principal)}{by_acl}."
        yield _by_condition(sides.resource) or allow
        return
    if principal.kind != "root" and not any(one.allows for one in sides.identity):
        yield _by_condition(sides.identity) or f"give {principal.arn} a policy that allows {what}."
    if sides.boundary and not any(one.allows for one in sides.boundary):
        yield _by_condition(sides.boundary) or f"let the {sides.boundary[0].source} allow {what}, too."
    if sides.session is not None and not any(one.allows for one in sides.session):
        yield _by_condition(sides.session) or f"let the session's policies allow {what}, too."
    by_acl = any(one.source == "ACL" and one.effect == "allow" for one in decision.reasons)
    trusted = any(one.allows for one in sides.resource)
    if strange and not trusted and not by_acl:
        yield (
            _by_condition(sides.resource)
            or f"let {_policy_of(decision)}, of account {resource.account}, allow {what} to {principal.arn}."
        )
    elif not strange and action.lower().startswith("sts:") and resource.account is not None and not trusted:
        yield _by_condition(sides.resource) or f"let the role's trust policy allow {action} to {principal.arn}."


def _by_condition(policies: tuple[Examined, ...]) -> str:
    """How a statement would allow that does so under a condition; "" where none does."""
    for policy in policies:
        for one in policy.findings:
            if one.allow and one.miss == "condition":
                return f"meet the condition of {_statement(one)}: {one.why}."
    return ""


def _by_acl(decision: Decision, resource: ResourceAccess) -> str:
    """How an ACL would grant it to everyone; "" where none can."""
    needed = NEEDED.get(decision.requirement.action.lower())
    if needed is None or resource.bucket_acl is None or resource.ownership == "BucketOwnerEnforced":
        return ""
    target, permission = needed
    if target == "object" and resource.object_acl is None:
        return ""
    canned = {"READ": "public-read", "WRITE": "public-read-write"}.get(permission)
    named = f"the canned ACL {canned}" if canned else f"an ACL that grants everyone {permission}"
    return f", or give the {target} {named}"


def _statement(finding: Finding) -> str:
    return f"statement {finding.statement} of the {finding.source}"


def _policy_of(decision: Decision) -> str:
    return "the bucket policy" if decision.requirement.action.lower().startswith("s3:") else "the resource's policy"


def _named(principal: Principal) -> str:
    return 'everyone (Principal "*")' if principal.kind == "anonymous" else principal.arn

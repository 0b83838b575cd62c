"""The decision: may this identity do this, on this resource, now?

Rule 1: the default is no. Rule 2: an explicit deny anywhere wins. Rule 3: what filters (the public access block) comes
first, what grants (resource policy, identity policies) next, what intersects (boundary, session policies) after, and
ACLs last. Pure: everything is passed in. Source: IAM User Guide, "Policy evaluation logic"; S3 User Guide, "How Amazon
S3 authorizes a request".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from marinelayer.security.acl import NEEDED, acl_reach
from marinelayer.security.decision import Decision, Outcome, Reason
from marinelayer.security.facts import resource_facts
from marinelayer.security.identity import Identity, IdentityPolicy, Principal
from marinelayer.security.policy.compiled import Policy, compile_policy
from marinelayer.security.policy.message import refusal_sentence
from marinelayer.security.policy.principals import Reach
from marinelayer.security.policy.public import is_public
from marinelayer.security.policy.variables import Context
from marinelayer.security.requirement import ContextKeys, Requirement, ResourceAccess

_OWN_POLICY: Final = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})
"""What an account's root can not lock itself out of."""

_BY_TRUST: Final = frozenset(
    {
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:setsourceidentity",
        "sts:tagsession",
    }
)
"""Actions on a role, which its trust policy must grant even within the account."""


_NOBODY: Final[Mapping[str, str]] = {}
_RANK: Final[Mapping[Reach | None, int]] = {None: 0, "account": 1, "role": 2, "direct": 3}
_Effect = Literal["allow", "deny", "no match", "filtered"]


@dataclass(slots=True)
class _Granted:
    """What the sides say, short of a denial."""

    identity: bool
    boundary: bool
    session: bool
    resource: Reach | None = None
    acl: Reach | None = None

    @property
    def by_identity(self) -> bool:
        """The identity's policies, cut to its boundary and session."""
        return self.identity and self.boundary and self.session


class _Denied(Exception):
    """An explicit deny was met; the reason is the last of those collected."""


def decide(identity: Identity, requirement: Requirement, resource: ResourceAccess, facts: ContextKeys) -> Decision:
    """Judge one requirement. `facts` are the request's global condition keys (lower-case; `facts.request_facts`).

    Raises:
        MalformedPolicyError: a stored policy can not be read; nothing may then be done by it.
    """
    reasons: list[Reason] = []
    action = requirement.action.lower()
    context = Context(requirement.context, resource.context, resource_facts(requirement, resource), facts)
    try:
        allowed, lacking = _judge(identity, action, requirement.asked, resource, context, reasons)
    except _Denied:
        sentence = refusal_sentence(identity.principal, requirement, resource, denied_by=reasons[-1].source)
        return _decision(requirement, "explicit-deny", reasons, sentence)
    if allowed:
        return _decision(requirement, "allow", reasons, "")
    sentence = refusal_sentence(identity.principal, requirement, resource, lacking=lacking)
    return _decision(requirement, "implicit-deny", reasons, sentence)


def _judge(
    identity: Identity,
    action: str,
    on: str,
    resource: ResourceAccess,
    context: Context,
    reasons: list[Reason],
) -> tuple[bool, str]:
    """Whether it is allowed, and if not, which kind of policy lacks an allow."""
    principal = identity.principal
    granted = _identity_side(identity, action, on, context, reasons)
    if resource.account is None:
        return granted.by_identity, _lacking(granted)
    policy = None if resource.policy is None else compile_policy(resource.policy.text)
    recorded = _NOBODY if resource.policy is None else resource.policy.principals
    if principal.kind == "root" and principal.account == resource.account and action in _OWN_POLICY:
        reasons.append(_reason("account root", "", "allow"))
        return True, ""
    owned_elsewhere = _owned_elsewhere(action, resource)
    if policy is not None:
        _resource_side(principal, action, on, policy, recorded, context, granted, reasons, grants=not owned_elsewhere)
    _acl_side(principal, action, resource, granted, reasons)
    if owned_elsewhere:
        at_home = bool(principal.canonical_id) and principal.canonical_id == _object_owner(resource)
    else:
        at_home = bool(principal.account) and principal.account == resource.account
    if not at_home:
        if _closed_to_strangers(principal, resource, policy, reasons):
            return False, ""
        return _across(principal, granted), _lacking(granted)
    return _within(action, principal, granted), _lacking(granted)


# --- the identity's side --------------------------------------------------------------------------------------


def _identity_side(identity: Identity, action: str, on: str, context: Context, reasons: list[Reason]) -> _Granted:
    root = identity.principal.kind == "root"
    if root:
        reasons.append(_reason("account root", "", "allow"))
    allowed = _any_allows(identity.policies, action, on, context, reasons)
    boundary = identity.boundary is None or _any_allows((identity.boundary,), action, on, context, reasons)
    sessions = identity.session_policies
    session = sessions is None or _any_allows(sessions, action, on, context, reasons)
    return _Granted(identity=allowed or root, boundary=boundary, session=session)


def _any_allows(
    policies: tuple[IdentityPolicy, ...], action: str, on: str, context: Context, reasons: list[Reason]
) -> bool:
    """Whether any of these policies allows.

    Raises:
        _Denied: one denies.
    """
    allowed = False
    for policy in policies:
        denying, allowing = compile_policy(policy.text).about(action)
        for statement in denying:
            if statement.applies(on, context):
                reasons.append(_reason(_source(policy.kind, policy.name), statement.label, "deny"))
                raise _Denied
        for statement in allowing:
            if statement.applies(on, context):
                reasons.append(_reason(_source(policy.kind, policy.name), statement.label, "allow"))
                allowed = True
                break
        else:
            reasons.append(_silent(policy.kind, policy.name))
    return allowed


# --- the resource's side --------------------------------------------------------------------------------------


def _resource_side(
    principal: Principal,
    action: str,
    on: str,
    policy: Policy,
    recorded: Mapping[str, str],
    context: Context,
    granted: _Granted,
    reasons: list[Reason],
    *,
    grants: bool,
) -> None:
    """Add what the resource's policy says. `grants` is false for objects that are not the bucket owner's, which
    its policy can deny but not give away.

    Raises:
        _Denied: the policy denies.
    """
    denying, allowing = policy.about(action)
    for statement in denying:
        if statement.reach(principal, recorded) is not None and statement.applies(on, context):
            reasons.append(_reason("resource policy", statement.label, "deny"))
            raise _Denied
    if grants:
        for statement in allowing:
            reach = statement.reach(principal, recorded)
            if reach is None or _RANK[reach] <= _RANK[granted.resource] or not statement.applies(on, context):
                continue
            granted.resource = reach
            reasons.append(_reason("resource policy", statement.label, "allow"))
    if granted.resource is None:
        reasons.append(_reason("resource policy", "", "no match" if grants else "filtered"))


def _acl_side(
    principal: Principal, action: str, resource: ResourceAccess, granted: _Granted, reasons: list[Reason]
) -> None:
    if resource.bucket_acl is None and resource.object_acl is None:
        return
    if resource.ownership == "BucketOwnerEnforced":
        reasons.append(_reason("ACL", "", "filtered"))
        return
    if resource.block.ignore_public_acls and acl_reach(action, principal, resource) == "direct":
        reasons.append(_reason("public access block", "IgnorePublicAcls", "filtered"))
    granted.acl = acl_reach(action, principal, resource, public=not resource.block.ignore_public_acls)
    reasons.append(_reason("ACL", "", "no match" if granted.acl is None else "allow"))


def _closed_to_strangers(
    principal: Principal, resource: ResourceAccess, policy: Policy | None, reasons: list[Reason]
) -> bool:
    """Whether RestrictPublicBuckets keeps everyone out but the account's own and AWS's services."""
    if not resource.block.restrict_public_buckets or policy is None or principal.kind == "service":
        return False
    if not is_public(policy):
        return False
    reasons.append(_reason("public access block", "RestrictPublicBuckets", "filtered"))
    return True


def _owned_elsewhere(action: str, resource: ResourceAccess) -> bool:
    """Whether it is about an object that another account than the bucket's owns."""
    if resource.object_acl is None or resource.bucket_acl is None or resource.ownership == "BucketOwnerEnforced":
        return False
    if resource.object_acl.owner == resource.bucket_acl.owner:
        return False
    # What needs the bucket (deleting, overwriting), and all that no ACL grants (tags), stays the bucket owner's.
    return NEEDED.get(action, ("bucket", ""))[0] == "object"


def _object_owner(resource: ResourceAccess) -> str:
    return "" if resource.object_acl is None else resource.object_acl.owner


# --- joining the sides ----------------------------------------------------------------------------------------


def _within(action: str, principal: Principal, granted: _Granted) -> bool:
    """One account: either side's grant is enough."""
    if action in _BY_TRUST:
        return granted.resource == "direct" or (granted.resource is not None and _limited(granted))
    if principal.kind == "root" or granted.by_identity:
        return True
    if "direct" in (granted.resource, granted.acl):
        return True
    return granted.resource == "role" and granted.boundary and granted.session


def _limited(granted: _Granted) -> bool:
    """A grant by trust that is not the principal's own: a role's is cut by boundary and session, an account's needs
    the identity's policies."""
    if granted.resource == "role":
        return granted.boundary and granted.session
    return granted.by_identity


def _across(principal: Principal, granted: _Granted) -> bool:
    """Two accounts: both sides must grant. Who has no account has no side of its own."""
    if principal.kind in ("anonymous", "service", "web-identity"):
        return "direct" in (granted.resource, granted.acl)
    return granted.by_identity and (granted.resource is not None or granted.acl is not None)


def _lacking(granted: _Granted) -> str:
    if not granted.identity:
        return "identity-based policy"
    if not granted.boundary:
        return "permissions boundary"
    if not granted.session:
        return "session policy"
    return "resource-based policy"


# --- words ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _source(kind: str, name: str) -> str:
    if kind == "boundary":
        return f"permissions boundary {name}"
    if kind == "session":
        return f"session policy {name}"
    return f"identity policy {name}"


@lru_cache(maxsize=8192)
def _reason(source: str, statement: str, effect: _Effect) -> Reason:
    return Reason(source=source, statement=statement, effect=effect)


@lru_cache(maxsize=4096)
def _silent(kind: str, name: str) -> Reason:
    return _reason(_source(kind, name), "", "no match")


def _decision(requirement: Requirement, outcome: Outcome, reasons: list[Reason], message: str) -> Decision:
    return Decision(requirement=requirement, outcome=outcome, reasons=tuple(reasons), message=message)

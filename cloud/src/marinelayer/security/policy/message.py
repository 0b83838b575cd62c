"""AWS's sentences for a refusal. They tell an account's own identities why, and strangers nothing.

Source: IAM User Guide, "Troubleshoot access denied error messages".
"""

from __future__ import annotations

from marinelayer.model.errors import AccessDenied
from marinelayer.security.identity import Principal
from marinelayer.security.requirement import Requirement, ResourceAccess

_POLICY_KINDS = (
    ("identity policy", "an identity-based policy"),
    ("permissions boundary", "a permissions boundary"),
    ("session policy", "a session policy"),
    ("resource policy", "a resource-based policy"),
)


def refusal_sentence(
    principal: Principal, requirement: Requirement, resource: ResourceAccess, *, denied_by: str = "", lacking: str = ""
) -> str:
    """Why `principal` is refused: `denied_by` names the source of an explicit deny, `lacking` the kind of policy that
    should have allowed it."""
    s3 = requirement.action.lower().startswith("s3:")
    stranger = resource.account is not None and principal.account != resource.account
    if principal.kind == "anonymous" or (stranger and s3):
        return AccessDenied.default_message
    who = _who(principal, requirement)
    if stranger or requirement.action.lower().startswith("sts:"):
        return who
    for source, kind in _POLICY_KINDS:
        if denied_by.startswith(source):
            return f"{who} with an explicit deny in {kind}"
    if not lacking:
        return who
    return f"{who} because no {lacking} allows the {requirement.action} action"


def _who(principal: Principal, requirement: Requirement) -> str:
    who = f"User: {principal.arn} is not authorized to perform: {requirement.action}"
    if requirement.resource == "*":
        return who
    s3 = requirement.action.lower().startswith("s3:")
    return f'{who} on resource: "{requirement.resource}"' if s3 else f"{who} on resource: {requirement.resource}"

"""Who may assume a role: the checks of a trust policy, and the role as a resource that policies decide about.

Source: IAM User Guide, "Roles terms and concepts" (trust policy), "IAM and STS quotas".
"""

from __future__ import annotations

from marinelayer.ports import Principals, Tables, Transaction
from marinelayer.security.policy.document import MalformedPolicyError
from marinelayer.security.policy.validation import validate_policy
from marinelayer.security.requirement import NO_RESOURCE, Requirement, ResourceAccess, ResourcePolicy
from marinelayer.services.iam.arns import parse_role_arn
from marinelayer.services.iam.errors import LimitExceeded, MalformedPolicyDocument
from marinelayer.services.iam.role_store import role_of_arn

TRUST_LETTERS = 2048
"""How many characters a trust policy may have, blanks not counted."""


async def read_trust(text: str, principals: Principals) -> ResourcePolicy:
    """A trust policy with the unique ids that its principals have now.

    Raises:
        LimitExceeded: it is too long.
        MalformedPolicyDocument: it can not be a trust policy, or names a principal that does not exist.
    """
    try:
        policy = validate_policy(text, "trust")
    except MalformedPolicyError as error:
        raise MalformedPolicyDocument(str(error)) from None
    if len("".join(text.split())) > TRUST_LETTERS:
        raise LimitExceeded(f"Cannot exceed quota for ACLSizePerRole: {TRUST_LETTERS}")
    names = {name for one in policy.document.statements for name in (one.principals or {}).get("AWS", ())}
    named = sorted(name for name in names if name.startswith("arn:") and not name.endswith(":root"))
    found = await principals.unique_ids(named)
    for arn in named:
        if arn not in found:
            raise MalformedPolicyDocument(f'Invalid principal in policy: "AWS":"{arn}"')
    return ResourcePolicy(text=text, principals=found)


class RoleAccess:
    """What roles say about who may assume them (ports.Access, of STS's actions)."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def of(self, requirement: Requirement) -> ResourceAccess:
        """The trust policy of the role that the requirement names. A role that is not there trusts nobody, so that
        nobody learns whether it is. What is about no role has no policy of its own."""
        named = parse_role_arn(requirement.resource)
        if named is None:
            return NO_RESOURCE
        return await self._tables.read(_access, named.account, requirement.resource)


def _access(tx: Transaction, account: str, arn: str) -> ResourceAccess:
    role = role_of_arn(tx, arn)
    if role is None:
        return ResourceAccess(account=account)
    return ResourceAccess(account=account, policy=role.trust, context=role.tag_facts)

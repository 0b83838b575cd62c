"""The tags of whatever an ARN of IAM names, for who explains what policies say of it."""

from __future__ import annotations

from collections.abc import Mapping

from marinelayer.ports import Transaction
from marinelayer.services.iam.identities import identity_of
from marinelayer.services.iam.policies import find_policy


def tags_of(tx: Transaction, arn: str) -> Mapping[str, str]:
    """The tags of the user, role or managed policy of an ARN; none where there is neither."""
    identity = identity_of(tx, arn)
    if identity is not None:
        return identity.principal.tags
    account = arn.split(":", 5)[4] if arn.count(":") >= 5 else ""
    policy = find_policy(tx, account, arn)
    return {} if policy is None else policy.tags

"""Managed policies as values: how operations find the policy that they act on, whether an account's own or AWS's.

A policy's tags are condition keys, which only its row knows: operations on a policy that exists are demanded here, as
soon as the row is read and before anything is said of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import Caller, Row, Tables, Transaction
from marinelayer.security.requirement import Requirement
from marinelayer.services.iam.attachments import SQL
from marinelayer.services.iam.aws_policies import AwsPolicy, aws_policies
from marinelayer.services.iam.errors import InvalidInput, NoSuchEntity, ValidationError
from marinelayer.services.iam.tags import resource_tag_context

_ARN = re.compile(r"arn:aws:iam::(?P<account>aws|\d{12}):policy(?P<path>/(?:[!-~]+/)?)(?P<name>[\w+=,.@-]+)", re.ASCII)

AWS = "aws"
"""What stands for the account in the ARNs of AWS's policies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedPolicy:
    """A managed policy: `account` is its owner (`aws` for AWS's), `default_version` the number of the version that
    counts, `attachments` and `boundaries` how often the asking account uses it; times in microseconds."""

    arn: str
    policy_id: str
    account: str
    name: str
    path: str
    description: str
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    default_version: int = 1
    created: int
    updated: int
    attachments: int = 0
    boundaries: int = 0


def policy_arn(account: str, path: str, name: str) -> str:
    """`arn:aws:iam::ACCOUNT:policy/PATH/NAME`; `path` begins and ends with a slash."""
    return f"arn:aws:iam::{account}:policy{path}{name}"


async def policy_for(
    tables: Tables,
    caller: Caller,
    action: str,
    arn: str,
    *,
    own: bool = False,
    context: Mapping[str, tuple[str, ...]] | None = None,
) -> ManagedPolicy:
    """The policy `arn`, on which the caller may do `action`. With `own` it must be the account's, not AWS's. `context`
    are further condition keys.

    Raises:
        AccessDenied: the caller may not, or the policy is another account's.
        InvalidInput: that is no ARN of a policy.
        NoSuchEntity: there is none.
    """
    found = await tables.read(find_policy, caller.account, arn)
    known = resource_tag_context(found.tags) if found else {}
    await caller.demand(Requirement(action=action, resource=arn, context={**known, **(context or {})}))
    if account_of(arn) not in ((caller.account,) if own else (caller.account, AWS)):
        raise AccessDenied("Policy is outside your own account.")
    if found is None:
        raise no_such_policy(arn)
    return found


def find_policy(tx: Transaction, account: str, arn: str) -> ManagedPolicy | None:
    """The policy as `account` sees it: its own or AWS's."""
    aws = aws_policies().get(arn)
    if aws is not None:
        return aws_policy(tx, account, aws)
    row = tx.one(SQL.policy, arn=arn, account=account)
    return policy_of(row) if row else None


def has_policies(tx: Transaction, account: str) -> bool:
    """Whether the account has a managed policy of its own."""
    return tx.one(SQL.any_policy, account=account) is not None


def require_policy(tx: Transaction, policy: ManagedPolicy) -> ManagedPolicy:
    """The policy as it is now, for writes that follow a read.

    Raises:
        NoSuchEntity: it has gone since.
    """
    found = find_policy(tx, policy.account, policy.arn)
    if found is None or found.policy_id != policy.policy_id:
        raise no_such_policy(policy.arn)
    return found


def require_attachable(tx: Transaction, account: str, arn: str) -> None:
    """For writes that attach a policy, or make it a boundary.

    Raises:
        InvalidInput: that is no ARN of a policy.
        NoSuchEntity: there is none that the account may attach.
        ValidationError: that is no ARN at all.
    """
    account_of(arn)
    if find_policy(tx, account, arn) is None:
        raise NoSuchEntity(f"Policy {arn} does not exist or is not attachable.")


def account_of(arn: str) -> str:
    """Whose policy an ARN names: an account's number, or `aws`.

    Raises:
        InvalidInput: it is no ARN of a policy.
        ValidationError: it is no ARN at all.
    """
    match = _ARN.fullmatch(arn)
    if match is None and (not arn.startswith("arn:") or arn.count(":") < 5):
        raise ValidationError("Invalid ARN:  Could not be parsed!")
    if match is None:
        raise InvalidInput(f"ARN {arn} is not valid.")
    return match["account"]


def name_of(arn: str) -> str:
    """The name of the policy of this ARN."""
    return arn.rpartition("/")[2]


def path_of(arn: str) -> str:
    """The path of the policy of this ARN."""
    match = _ARN.fullmatch(arn)
    return match["path"] if match else "/"


def no_such_policy(arn: str) -> NoSuchEntity:
    """The refusal where there is no policy of this ARN."""
    return NoSuchEntity(f"Policy {arn} was not found.")


def aws_policy(tx: Transaction, account: str, policy: AwsPolicy) -> ManagedPolicy:
    """One of AWS's policies, with how often the account uses it."""
    uses = tx.one(SQL.uses_of_policy, account=account, arn=policy.arn) or {"attachments": 0, "boundaries": 0}
    return ManagedPolicy(
        arn=policy.arn,
        policy_id=policy.policy_id,
        account=AWS,
        name=policy.name,
        path=policy.path,
        description=policy.description,
        created=policy.created,
        updated=policy.created,
        attachments=uses["attachments"],
        boundaries=uses["boundaries"],
    )


def policy_of(row: Row) -> ManagedPolicy:
    """A stored policy as a value."""
    return ManagedPolicy(
        arn=row["arn"],
        policy_id=row["policy_id"],
        account=row["account"],
        name=row["name"],
        path=row["path"],
        description=row["description"],
        tags=json.loads(row["tags"]),
        default_version=row["default_version"],
        created=row["created"],
        updated=row["updated"],
        attachments=row["attachments"],
        boundaries=row["boundaries"],
    )

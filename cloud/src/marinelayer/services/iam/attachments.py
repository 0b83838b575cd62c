"""What gives policies to a user, group or role: attachments, permissions boundaries and inline policies, by the owner's
id; and all that an owner acts by.

Pure statements: who may change them is for the nouns that own them. The ARN of a policy is checked by
`policies.attachable` before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from marinelayer.ports import Row, Transaction
from marinelayer.security.identity import IdentityPolicy
from marinelayer.services.iam.aws_policies import aws_policies
from marinelayer.services.iam.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.iam", "policies.sql")

_OF_BOUNDED = frozenset(
    {
        *(f"iam:{verb}{kind}Policy" for verb in ("Attach", "Delete", "Detach", "Put") for kind in ("User", "Role")),
        *(f"iam:Delete{kind}PermissionsBoundary" for kind in ("User", "Role")),
    }
)
"""The actions whose conditions may ask for the boundary of whom they are on (service authorization reference)."""

ATTACHED_POLICIES = 10
"""How many managed policies a user, group or role may have attached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The policies that an owner acts by, and the boundary that cuts them."""

    policies: tuple[IdentityPolicy, ...]
    boundary: IdentityPolicy | None


def attach(tx: Transaction, owner: str, arn: str, *, account: str, kind: str) -> None:
    """Attach a managed policy to the owner, once. `kind` (`User`) is the owner's, for the refusal.

    Raises:
        LimitExceeded: the owner has 10 already.
    """
    tx.run(SQL.attach, owner=owner, arn=arn, account=account)
    if len(attached(tx, owner)) > ATTACHED_POLICIES:
        raise LimitExceeded(f"Cannot exceed quota for PoliciesPer{kind}: {ATTACHED_POLICIES}")


def detach(tx: Transaction, owner: str, arn: str) -> None:
    """Take an attached policy from the owner.

    Raises:
        NoSuchEntity: it is not attached.
    """
    if not tx.run(SQL.detach, owner=owner, arn=arn):
        raise NoSuchEntity(f"Policy {arn} was not found.")


def attached(tx: Transaction, owner: str) -> list[str]:
    """The ARNs of the managed policies that are attached to the owner, in their order."""
    return [row["policy_arn"] for row in tx.all(SQL.attached, owner=owner)]


def set_boundary(tx: Transaction, owner: str, arn: str, *, account: str) -> None:
    """Make a managed policy the owner's permissions boundary, in place of any other."""
    tx.run(SQL.set_boundary, owner=owner, arn=arn, account=account)


def delete_boundary(tx: Transaction, owner: str) -> bool:
    """Remove the owner's permissions boundary; False where it has none."""
    return bool(tx.run(SQL.delete_boundary, owner=owner))


def boundary(tx: Transaction, owner: str) -> str | None:
    """The ARN of the owner's permissions boundary, None where it has none."""
    row = tx.one(SQL.boundary, owner=owner)
    return row["policy_arn"] if row else None


def boundary_context(arn: str | None) -> dict[str, tuple[str, ...]]:
    """The condition key that says which policy bounds someone."""
    return {"iam:permissionsboundary": (arn,)} if arn else {}


def bounded_context(arn: str | None, action: str) -> dict[str, tuple[str, ...]]:
    """The same for `action` on whom the policy bounds, where its conditions may ask for it."""
    return boundary_context(arn) if action in _OF_BOUNDED else {}


def put_inline_policy(tx: Transaction, owner: str, name: str, document: str, *, letters: int, whose: str) -> None:
    """Give the owner an inline policy, in place of one of that name. `letters` is how many characters its inline
    policies may have together, blanks not counted; `whose` (`user ann`) names the owner in the refusal.

    Raises:
        LimitExceeded: they would have more.
    """
    tx.run(SQL.put_inline_policy, owner=owner, name=name, document=document)
    # Each has a letter at least: no more than that many policies can stand before the limit is found passed.
    documents = tx.all(SQL.inline_policies, owner=owner, after="", size=letters)
    if sum(letters_of(row["document"]) for row in documents) > letters:
        raise LimitExceeded(f"Maximum policy size of {letters} bytes exceeded for {whose}")


def inline_policy(tx: Transaction, owner: str, name: str) -> Row | None:
    """The owner's inline policy `name` (columns `name`, `document`), None where there is none."""
    return tx.one(SQL.inline_policy, owner=owner, name=name)


def inline_policies(tx: Transaction, owner: str, *, after: str = "", size: int = 1000) -> list[Row]:
    """At most `size` inline policies of the owner behind the name `after`, by name (columns `name`, `document`)."""
    return tx.all(SQL.inline_policies, owner=owner, after=after, size=size)


def delete_inline_policy(tx: Transaction, owner: str, name: str) -> bool:
    """Take an inline policy from the owner; False where it has none of that name."""
    return bool(tx.run(SQL.delete_inline_policy, owner=owner, name=name))


def demand_no_policies(tx: Transaction, owner: str) -> None:
    """For writes that remove the owner.

    Raises:
        DeleteConflict: it has policies.
    """
    if inline_policies(tx, owner, size=1):
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
    if attached(tx, owner):
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")


def held(tx: Transaction, owner: str) -> Held:
    """All that the owner acts by: its own policies and those of its groups, and its boundary."""
    return held_in(tx.all(SQL.held, owner=owner))


def held_in(rows: Sequence[Row]) -> Held:
    """What rows of `kind`, `policy` and `document` say; a `kind` of None says nothing."""
    policies = tuple(
        IdentityPolicy(name=row["policy"], kind=row["kind"], text=_text(row)) for row in rows if row["kind"] is not None
    )
    return Held(
        policies=tuple(policy for policy in policies if policy.kind != "boundary"),
        boundary=next((policy for policy in policies if policy.kind == "boundary"), None),
    )


def letters_of(document: str) -> int:
    """How many characters of a policy count against the limits: blanks do not."""
    return len("".join(document.split()))


def _text(row: Row) -> str:
    text: str | None = row["document"]
    return aws_policies()[row["policy"]].document if text is None else text

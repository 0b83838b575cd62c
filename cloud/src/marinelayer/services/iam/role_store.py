"""Roles as they are stored, and the statements that find, write and remove them.

Synchronous functions over a transaction; what a caller may is asked elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from marinelayer.ports import Row, Transaction
from marinelayer.security.requirement import ResourcePolicy
from marinelayer.services.iam.arns import parse_role_arn, role_arn
from marinelayer.services.iam.attachments import set_boundary
from marinelayer.services.iam.errors import EntityAlreadyExists, NoSuchEntity
from marinelayer.services.iam.existing import demand_quota
from marinelayer.services.iam.policies import require_attachable
from marinelayer.services.iam.tags import resource_tag_context
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.iam", "roles.sql")
ROLES_PER_ACCOUNT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role as stored: `longest` of its sessions in seconds, `created` in microseconds."""

    role_id: str
    account: str
    name: str
    path: str
    description: str
    trust: ResourcePolicy
    longest: int
    tags: Mapping[str, str]
    created: int
    boundary: str | None = None
    """The ARN of its permissions boundary."""

    @property
    def arn(self) -> str:
        """`arn:aws:iam::ACCOUNT:role/PATH/NAME`."""
        return role_arn(self.account, self.path, self.name)

    @property
    def tag_facts(self) -> dict[str, tuple[str, ...]]:
        """The condition keys that the role's tags give to requests about it."""
        return resource_tag_context(self.tags)


def find_role(tx: Transaction, account: str, name: str) -> Role | None:
    """The role, by its name in whatever case."""
    row = tx.one(SQL.role, account=account, folded=name.lower())
    return read_role(row) if row else None


def role_of_arn(tx: Transaction, arn: str) -> Role | None:
    """The role of an ARN, which names it letter by letter."""
    named = parse_role_arn(arn)
    role = None if named is None else find_role(tx, named.account, named.name)
    return role if role is not None and role.arn == arn else None


def require_role(tx: Transaction, role: Role) -> Role:
    """The role as it is now, for writes that follow a read.

    Raises:
        NoSuchEntity: it has gone since.
    """
    row = tx.one(SQL.role_by_id, role_id=role.role_id)
    if row is None:
        raise no_such_role(role.name)
    return read_role(row)


def no_such_role(name: str) -> NoSuchEntity:
    """The refusal for a role that is not there."""
    return NoSuchEntity(f"The role with name {name} cannot be found.")


def has_roles(tx: Transaction, account: str) -> bool:
    """Whether the account has a role."""
    return tx.one(SQL.any_role, account=account) is not None


def roles(tx: Transaction, account: str, prefix: str, after: str, size: int) -> list[Row]:
    """At most `size` roles of the account behind `after` (a name in lower case), by name, within a path prefix."""
    return tx.all(SQL.roles, account=account, prefix=prefix, length=len(prefix), after=after, size=size)


def put_role(tx: Transaction, role: Role) -> None:
    """Store a new role.

    Raises:
        EntityAlreadyExists: there is one of its name.
        LimitExceeded: the account has as many as it may.
        NoSuchEntity, InvalidInput: there is no policy that its boundary names.
    """
    stored = tx.run(
        SQL.put_role,
        role_id=role.role_id,
        account=role.account,
        name=role.name,
        folded=role.name.lower(),
        path=role.path,
        description=role.description,
        trust=role.trust.text,
        trusted=json.dumps(dict(role.trust.principals)),
        longest=role.longest,
        tags=json.dumps(dict(role.tags)),
        created=role.created,
    )
    if not stored:
        raise EntityAlreadyExists(f"Role with name {role.name} already exists.")
    if role.boundary is not None:
        require_attachable(tx, role.account, role.boundary)
        set_boundary(tx, role.role_id, role.boundary, account=role.account)
    demand_quota(tx.one(SQL.count_roles, account=role.account), "RolesPerAccount", ROLES_PER_ACCOUNT)


def read_role(row: Row) -> Role:
    """A stored row as a role."""
    return Role(
        role_id=row["role_id"],
        account=row["account"],
        name=row["name"],
        path=row["path"],
        description=row["description"],
        trust=ResourcePolicy(text=row["trust"], principals=json.loads(row["trusted"])),
        longest=row["longest"],
        tags=json.loads(row["tags"]),
        created=row["created"],
        boundary=row["boundary"],
    )

"""Instance profiles as they are stored, and the statements that find, write and remove them.

Synchronous functions over a transaction; what a caller may is asked elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from marinelayer.ports import Row, Transaction
from marinelayer.services.iam.arns import instance_profile_arn
from marinelayer.services.iam.errors import EntityAlreadyExists, NoSuchEntity
from marinelayer.services.iam.existing import demand_quota
from marinelayer.services.iam.tags import resource_tag_context
from marinelayer.statements import Statements

SQL = Statements("marinelayer.services.iam", "instance_profiles.sql")
PROFILES_PER_ACCOUNT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceProfile:
    """An instance profile as stored: `role_id` of the role in it, "" where there is none; `created` in microseconds."""

    profile_id: str
    account: str
    name: str
    path: str
    role_id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    created: int

    @property
    def arn(self) -> str:
        """`arn:aws:iam::ACCOUNT:instance-profile/PATH/NAME`."""
        return instance_profile_arn(self.account, self.path, self.name)

    @property
    def facts(self) -> dict[str, tuple[str, ...]]:
        """The condition keys that the profile gives to operations on it."""
        return resource_tag_context(self.tags)


def find_profile(tx: Transaction, account: str, name: str) -> InstanceProfile | None:
    """The profile, by its name in whatever case."""
    row = tx.one(SQL.profile, account=account, folded=name.lower())
    return read_profile(row) if row else None


def require_profile(tx: Transaction, profile: InstanceProfile) -> InstanceProfile:
    """The profile as it is now, for writes that follow a read.

    Raises:
        NoSuchEntity: it has gone since.
    """
    row = tx.one(SQL.profile_by_id, profile_id=profile.profile_id)
    if row is None:
        raise no_such_profile(profile.name)
    return read_profile(row)


def profiles_of_role(tx: Transaction, role_id: str, *, after: str = "", size: int = 1) -> list[InstanceProfile]:
    """At most `size` profiles that hold a role, by name behind `after` (in lower case)."""
    return [read_profile(row) for row in tx.all(SQL.profiles_of_role, role_id=role_id, after=after, size=size)]


def has_profiles(tx: Transaction, account: str) -> bool:
    """Whether the account has an instance profile."""
    return tx.one(SQL.any_profile, account=account) is not None


def put_profile(tx: Transaction, profile: InstanceProfile) -> None:
    """Store a new profile.

    Raises:
        EntityAlreadyExists: there is one of its name.
        LimitExceeded: the account has as many as it may.
    """
    stored = tx.run(
        SQL.put_profile,
        profile_id=profile.profile_id,
        account=profile.account,
        name=profile.name,
        folded=profile.name.lower(),
        path=profile.path,
        tags=json.dumps(dict(profile.tags)),
        created=profile.created,
    )
    if not stored:
        raise EntityAlreadyExists(f"Instance Profile {profile.name} already exists.")
    used = tx.one(SQL.count_profiles, account=profile.account)
    demand_quota(used, "InstanceProfilesPerAccount", PROFILES_PER_ACCOUNT)


def no_such_profile(name: str) -> NoSuchEntity:
    """The refusal for a profile that is not there."""
    return NoSuchEntity(f"Instance Profile {name} cannot be found.")


def read_profile(row: Row) -> InstanceProfile:
    """A stored row as a profile."""
    return InstanceProfile(
        profile_id=row["profile_id"],
        account=row["account"],
        name=row["name"],
        path=row["path"],
        role_id=row["role_id"],
        tags=json.loads(row["tags"]),
        created=row["created"],
    )

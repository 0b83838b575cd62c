"""Who asks: principals, and identities with what they were given.

Knows nothing of where identities are stored; `services.iam` reads them, `security.decision` judges by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from marinelayer.security.session import Session

PrincipalKind = Literal["root", "user", "role-session", "federated-user", "web-identity", "service", "anonymous"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The one who acts.

    `arn` is `arn:aws:iam::ACCOUNT:root`, `arn:aws:iam::ACCOUNT:user/PATH/NAME`,
    `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, `arn:aws:sts::ACCOUNT:federated-user/NAME`, the ARN of the
    provider that vouches for a web identity, a service's name (`sns.amazonaws.com`), or "" for anonymous.
    `unique_id` is IAM's id (`AIDA...`; the account number for root), which a re-created user does not inherit.
    `canonical_id` is S3's 64-digit id of the account.
    """

    kind: PrincipalKind
    account: str = ""
    arn: str = ""
    unique_id: str = ""
    canonical_id: str = ""
    name: str = ""
    path: str = "/"
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


ANONYMOUS = Principal(kind="anonymous")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityPolicy:
    """A policy document given to an identity: `name` and `kind` are how a decision names it."""

    name: str
    kind: Literal["inline", "managed", "group-inline", "group-managed", "boundary", "session"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A principal with the credentials and policies that it acts by, read in one statement.

    `secret_key` verifies signatures and is never printed. `policies` grant; `boundary` and `session_policies`
    only intersect (None: there is none; an empty tuple of session policies leaves nothing). `session` is what temporary
    credentials stand for.
    """

    principal: Principal
    access_key_id: str = ""
    secret_key: str = field(default="", repr=False)
    session_token: str | None = field(default=None, repr=False)
    expires_at: int | None = None
    """Microseconds since the epoch at which temporary credentials end; None for lasting ones."""
    active: bool = True
    policies: tuple[IdentityPolicy, ...] = ()
    boundary: IdentityPolicy | None = None
    session_policies: tuple[IdentityPolicy, ...] | None = None
    session: Session | None = None


ANONYMOUS_IDENTITY = Identity(principal=ANONYMOUS)

"""What temporary credentials stand for: a session of a role, of a user or root, or of a federated user.

Knows nothing of how a session is kept, sealed or issued. Source: IAM User Guide, "Temporary security credentials in
IAM" and its table "Comparing AWS STS credentials"; "Pass session tags in AWS STS".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from marinelayer.model.errors import AccessDenied, TokenInvalid
from marinelayer.security import timestamps
from marinelayer.security.requirement import ContextKeys

SessionKind = Literal["role", "session-token", "federation-token"]
"""By which operation: AssumeRole and its kin, GetSessionToken, GetFederationToken."""

_STS_OPEN: Final[Mapping[SessionKind, frozenset[str] | None]] = {
    "role": None,
    "session-token": frozenset({"AssumeRole", "GetCallerIdentity"}),
    "federation-token": frozenset({"GetCallerIdentity"}),
}
"""Operations of STS that a session may call; None: all but those that make sessions of users."""
_OF_USERS: Final = frozenset({"GetSessionToken", "GetFederationToken"})
_LIMITS: Final[Mapping[SessionKind, str]] = {
    "role": "the credentials of a role can not call GetSessionToken and GetFederationToken, whatever policies allow",
    "session-token": "the credentials of GetSessionToken can call nothing of IAM without MFA, and of STS only "
    "AssumeRole and GetCallerIdentity, whatever policies allow",
    "federation-token": "the credentials of GetFederationToken can call nothing of IAM, and of STS only "
    "GetCallerIdentity, whatever policies allow",
}
"""The limits of each kind of credentials, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as its token holds it.

    `issuer` is the unique id of the role or user whose permissions it has (the account's number for its root), `name`
    the session's or the federated user's name. `issued_at` and `expires_at` are microseconds since the epoch. `policy`
    and `policy_arns` are what cuts its permissions; `tags` go before those of the role, and `transitive` names those
    that the next session in a chain inherits. `provider` is who vouched for a federated identity (an ARN), `claims` the
    condition keys that its token gave.
    """

    kind: SessionKind
    account: str
    issuer: str
    name: str = ""
    issued_at: int
    expires_at: int
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    transitive: tuple[str, ...] = ()
    source_identity: str = ""
    provider: str = ""
    claims: ContextKeys = field(default_factory=dict[str, tuple[str, ...]])

    @property
    def inherited(self) -> Mapping[str, str]:
        """The tags that a session which is chained to this one has too."""
        return {key: value for key, value in self.tags.items() if key in self.transitive}


def session_facts(session: Session) -> dict[str, tuple[str, ...]]:
    """The condition keys (lower-case) that requests by temporary credentials have, and others have not."""
    facts = {
        "aws:tokenissuetime": (timestamps.to_extended(session.issued_at),),
        "aws:multifactorauthpresent": ("false",),
    }
    if session.source_identity:
        facts["aws:sourceidentity"] = (session.source_identity,)
    if session.provider:
        facts["aws:federatedprovider"] = (session.provider,)
    return {**session.claims, **facts}


def session_limit(kind: SessionKind, service: str, operation: str) -> str:
    """Why sessions of this kind may not call an operation, whatever is allowed to them; "" where they may."""
    if service == "iam" and kind != "role":
        return _LIMITS[kind]
    if service != "sts":
        return ""
    opened = _STS_OPEN[kind]
    closed = operation in _OF_USERS if opened is None else operation not in opened
    return _LIMITS[kind] if closed else ""


def demand_open(session: Session, service: str, operation: str, *, explained: bool = False) -> None:
    """Check that sessions of this kind may call an operation at all, whatever is allowed to them. With `explained`, a
    refusal says what their limits are.

    Raises:
        TokenInvalid: it is one of IAM's, which only users, roles and root themselves may call.
        AccessDenied: it is one of STS's that such credentials can not call.
    """
    limit = session_limit(session.kind, service, operation)
    if not limit:
        return
    told = f"\n\nDENIED: {limit}" if explained else ""
    if service == "iam":
        raise TokenInvalid(f"{TokenInvalid.default_message}{told}")
    raise AccessDenied(f"Cannot call {operation} with session credentials{told}")


def with_session_tags(own: Mapping[str, str], session: Mapping[str, str]) -> dict[str, str]:
    """The tags of a role or user with those of its session, which go before (keys differ in more than case)."""
    replaced = {key.lower() for key in session}
    return {key: value for key, value in own.items() if key.lower() not in replaced} | dict(session)

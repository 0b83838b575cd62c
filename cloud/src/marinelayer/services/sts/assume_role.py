"""AssumeRole: temporary credentials of a role, for whom its trust policy and the caller's own policies let.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html; IAM User Guide, "Pass session tags in
AWS STS" (chaining with transitive tags), "Monitor and control actions taken with assumed roles" (source identity).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.model.errors import AccessDenied
from marinelayer.ports import AssumableRole, Caller, Clock, Sessions
from marinelayer.security.requirement import Requirement
from marinelayer.security.session import Session
from marinelayer.services.operation import operation
from marinelayer.services.sts.errors import ValidationError
from marinelayer.services.sts.session_parameters import (
    checked_packed_size,
    checked_policy,
    checked_policy_arns,
    lifetime,
    refuse_mfa,
    refuse_unserved,
    session_tags,
    shown_credentials,
    tag_context,
)

if TYPE_CHECKING:
    from marinelayer.model.types import sts as wire

_ARN = re.compile(r"arn:[^:]+:[^:]+:[^:]*:[^:]*:.+")
USUAL_DURATION = 3600
"""Seconds: where none is asked for, and the most that a session of a role may get by assuming another."""


def _needs(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
    """sts:AssumeRole on the role; sts:TagSession where tags are passed or inherited, and sts:SetSourceIdentity where a
    source identity is."""
    _check_arn(request["RoleArn"])
    session = caller.identity.session
    identity = _source_identity(request, session)
    context = tag_context(request) | {"sts:rolesessionname": (request["RoleSessionName"],)}
    if "ExternalId" in request:
        context["sts:externalid"] = (request["ExternalId"],)
    if identity:
        context["sts:sourceidentity"] = (identity,)
    actions = ["sts:AssumeRole"]
    if request.get("Tags") or (session is not None and session.inherited):
        actions.append("sts:TagSession")
    if identity:
        actions.append("sts:SetSourceIdentity")
    return [Requirement(action=action, resource=request["RoleArn"], context=context) for action in actions]


def _check_arn(arn: str) -> None:
    """Refuse what is no ARN, before anything is asked about it.

    Raises:
        ValidationError: it is none.
    """
    if not _ARN.fullmatch(arn):
        raise ValidationError(f"{arn} is invalid")


class AssumeRole:
    """Sessions of roles."""

    def __init__(self, clock: Clock, sessions: Sessions) -> None:
        self._clock = clock
        self._sessions = sessions

    @operation("AssumeRole", needs=_needs)
    async def assume(self, caller: Caller, request: wire.AssumeRoleRequest) -> wire.AssumeRoleResponse:
        """New credentials of the role; nothing is stored."""
        if caller.principal.kind == "root":
            raise AccessDenied("Roles may not be assumed by root accounts.")
        refuse_unserved(request, "ProvidedContexts", "MinimumSessionTokenSize")
        refuse_mfa(request)
        role = await self._sessions.role(request["RoleArn"])
        if role is None:
            # It has gone since its trust policy let the caller in.
            raise AccessDenied
        before = caller.identity.session
        seconds = _duration(request.get("DurationSeconds"), role, chained=caller.principal.kind == "role-session")
        issued_at, expires_at = lifetime(self._clock.now(), seconds)
        tags, transitive = session_tags(request, before)
        identity = _source_identity(request, before)
        session = Session(
            kind="role",
            account=role.account,
            issuer=role.role_id,
            name=request["RoleSessionName"],
            issued_at=issued_at,
            expires_at=expires_at,
            policy=checked_policy(request),
            policy_arns=await checked_policy_arns(self._sessions, role.account, request),
            tags=tags,
            transitive=transitive,
            source_identity=identity,
        )
        size = checked_packed_size(self._sessions, session)
        answer: wire.AssumeRoleResponse = {
            "Credentials": shown_credentials(self._sessions.issue(session)),
            "AssumedRoleUser": assumed(role, session),
        }
        if size is not None:
            answer["PackedPolicySize"] = size
        if identity:
            answer["SourceIdentity"] = identity
        return answer


def assumed(role: AssumableRole, session: Session) -> wire.AssumedRoleUser:
    """Who the session is, in the shape of the model."""
    return {
        "AssumedRoleId": f"{role.role_id}:{session.name}",
        "Arn": f"arn:aws:sts::{role.account}:assumed-role/{role.name}/{session.name}",
    }


def _source_identity(request: Mapping[str, Any], before: Session | None) -> str:
    """The source identity of the new session: that of the session before it, which stays through a chain.

    Raises:
        AccessDenied: another one is asked for.
    """
    asked = request.get("SourceIdentity", "")
    held = "" if before is None else before.source_identity
    if asked and held and asked != held:
        raise AccessDenied("The source identity of a session can not be changed.")
    return held or asked


def _duration(asked: int | None, role: AssumableRole, *, chained: bool) -> int:
    if asked is None:
        return USUAL_DURATION
    if chained and asked > USUAL_DURATION:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        )
    if asked > role.longest:
        raise ValidationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    return asked

"""GetFederationToken: temporary credentials for somebody whom a user vouches for, with no more than the user may.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Sessions
from marinelayer.security.requirement import Requirement
from marinelayer.security.session import Session
from marinelayer.services.operation import operation
from marinelayer.services.sts.session_parameters import (
    checked_packed_size,
    checked_policy,
    checked_policy_arns,
    checked_tags,
    refuse_unserved,
    shown_credentials,
    tag_context,
    users_lifetime,
)

if TYPE_CHECKING:
    from marinelayer.model.types import sts as wire

USUAL_DURATION = 43_200


def _arn(request: Mapping[str, Any], caller: Caller) -> str:
    return f"arn:aws:sts::{caller.account}:federated-user/{request['Name']}"


def _needs(request: Mapping[str, Any], caller: Caller, /) -> Sequence[Requirement]:
    """sts:GetFederationToken on the federated user, and sts:TagSession where tags are passed."""
    actions = ("sts:GetFederationToken", "sts:TagSession") if request.get("Tags") else ("sts:GetFederationToken",)
    on, context = _arn(request, caller), tag_context(request)
    return [Requirement(action=action, resource=on, context=context) for action in actions]


class FederationTokens:
    """Sessions of federated users."""

    def __init__(self, clock: Clock, sessions: Sessions) -> None:
        self._clock = clock
        self._sessions = sessions

    @operation("GetFederationToken", needs=_needs)
    async def get(self, caller: Caller, request: wire.GetFederationTokenRequest) -> wire.GetFederationTokenResponse:
        """New credentials; nothing is stored. Without a session policy they may what resources allow them by name."""
        refuse_unserved(request, "MinimumSessionTokenSize")
        issued_at, expires_at = users_lifetime(
            caller, self._clock.now(), request.get("DurationSeconds", USUAL_DURATION)
        )
        session = Session(
            kind="federation-token",
            account=caller.account,
            issuer=caller.principal.unique_id,
            name=request["Name"],
            issued_at=issued_at,
            expires_at=expires_at,
            policy=checked_policy(request),
            policy_arns=await checked_policy_arns(self._sessions, caller.account, request),
            tags=checked_tags(request.get("Tags")),
        )
        return {
            "Credentials": shown_credentials(self._sessions.issue(session)),
            "FederatedUser": {
                "FederatedUserId": f"{caller.account}:{session.name}",
                "Arn": _arn(request, caller),
            },
            "PackedPolicySize": checked_packed_size(self._sessions, session) or 0,
        }

"""GetSessionToken: temporary credentials of a user or of an account's root.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Clock, Sessions
from marinelayer.security.session import Session
from marinelayer.services.operation import NoPermission, operation
from marinelayer.services.sts.session_parameters import (
    refuse_mfa,
    refuse_unserved,
    shown_credentials,
    users_lifetime,
)

if TYPE_CHECKING:
    from marinelayer.model.types import sts as wire

USUAL_DURATION = 43_200


class UserSessions:
    """Sessions of users with the users' own permissions."""

    def __init__(self, clock: Clock, sessions: Sessions) -> None:
        self._clock = clock
        self._sessions = sessions

    @operation(
        "GetSessionToken",
        needs=NoPermission(
            "It authenticates the caller once more and gives nothing that the caller has not; AWS's policies can not "
            "control it either."
        ),
    )
    async def get(self, caller: Caller, request: wire.GetSessionTokenRequest) -> wire.GetSessionTokenResponse:
        """New credentials of the caller; nothing is stored."""
        refuse_unserved(request, "MinimumSessionTokenSize")
        refuse_mfa(request)
        issued_at, expires_at = users_lifetime(
            caller, self._clock.now(), request.get("DurationSeconds", USUAL_DURATION)
        )
        session = Session(
            kind="session-token",
            account=caller.account,
            issuer=caller.principal.unique_id,
            issued_at=issued_at,
            expires_at=expires_at,
        )
        return {"Credentials": shown_credentials(self._sessions.issue(session))}

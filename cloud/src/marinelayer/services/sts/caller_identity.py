"""GetCallerIdentity: the principal that a request's credentials stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marinelayer.ports import Caller
from marinelayer.services.operation import NoPermission, operation

if TYPE_CHECKING:
    from marinelayer.model.types import sts as wire


class CallerIdentity:
    """Answers from the caller alone: nothing is stored."""

    @operation(
        "GetCallerIdentity",
        needs=NoPermission(
            "No permission is required: the same is told to a principal that is refused, in the refusal's own text."
        ),
    )
    async def get(self, caller: Caller, request: wire.GetCallerIdentityRequest) -> wire.GetCallerIdentityResponse:
        """Account, ARN and unique id of the caller."""
        principal = caller.principal
        return {"UserId": principal.unique_id, "Account": principal.account, "Arn": principal.arn}

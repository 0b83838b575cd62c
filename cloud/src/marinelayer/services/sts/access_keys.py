"""GetAccessKeyInfo: the account that an access key belongs to.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Sessions
from marinelayer.services.operation import need, operation
from marinelayer.services.sts.errors import ValidationError

if TYPE_CHECKING:
    from marinelayer.model.types import sts as wire


class AccessKeyInfo:
    """Whose access keys are, of all accounts of this cloud."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @operation("GetAccessKeyInfo", needs=need("sts:GetAccessKeyInfo"))
    async def get(self, _caller: Caller, request: wire.GetAccessKeyInfoRequest) -> wire.GetAccessKeyInfoResponse:
        """The account's number. A temporary key names it; whether the key still opens anything is not said."""
        account = await self._sessions.account_of(request["AccessKeyId"])
        if account is None:
            raise ValidationError("Invalid Access Key ID")
        return {"Account": account}

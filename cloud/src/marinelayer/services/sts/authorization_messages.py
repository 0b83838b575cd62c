"""DecodeAuthorizationMessage: what an encoded refusal says.

No service of this cloud encodes its refusals (EC2 does, on AWS), so that no message can be one of ours, and every one
is refused as AWS refuses those that it did not make. Source:
https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from marinelayer.ports import Caller
from marinelayer.services.operation import need, operation
from marinelayer.services.sts.errors import InvalidAuthorizationMessageException

if TYPE_CHECKING:
    from marinelayer.model.types import sts as wire


class AuthorizationMessages:
    """Encoded refusals, of which there are none."""

    @operation("DecodeAuthorizationMessage", needs=need("sts:DecodeAuthorizationMessage"))
    async def decode(
        self, _caller: Caller, _request: wire.DecodeAuthorizationMessageRequest
    ) -> wire.DecodeAuthorizationMessageResponse:
        """Refused: the message was not made here."""
        raise InvalidAuthorizationMessageException

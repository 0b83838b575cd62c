"""Phones that take no more SMS of an account: asked for, listed, and taken off the list.

A phone opts out by answering STOP to the sender's number. Here SMS go out by a gateway that is told of no answers, so
that nobody is on the list.

Source: https://docs.aws.amazon.com/sns/latest/api/API_CheckIfPhoneNumberIsOptedOut.html and its neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from marinelayer.ports import Caller
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import PageTokens
from marinelayer.services.sns.endpoints import sms_endpoint
from marinelayer.services.sns.errors import InvalidParameter
from marinelayer.services.sns.tokens import after

if TYPE_CHECKING:
    from marinelayer.model.types import sns as wire


class OptOuts:
    """The list of an account and region, which is empty."""

    def __init__(self, pages: PageTokens) -> None:
        self._pages = pages

    @operation("CheckIfPhoneNumberIsOptedOut", needs=need("sns:CheckIfPhoneNumberIsOptedOut"))
    async def check(
        self, caller: Caller, request: wire.CheckIfPhoneNumberIsOptedOutInput
    ) -> wire.CheckIfPhoneNumberIsOptedOutResponse:
        """Whether a phone is on the list."""
        _check_number(request["phoneNumber"])
        return {"isOptedOut": False}

    @operation("ListPhoneNumbersOptedOut", needs=need("sns:ListPhoneNumbersOptedOut"))
    async def list(
        self, caller: Caller, request: wire.ListPhoneNumbersOptedOutInput
    ) -> wire.ListPhoneNumbersOptedOutResponse:
        """The list; it has one page, so that no token is one of its own."""
        after(self._pages, request.get("nextToken"), f"sns.ListPhoneNumbersOptedOut/{caller.account}/{caller.region}")
        return {"phoneNumbers": []}

    @operation("OptInPhoneNumber", needs=need("sns:OptInPhoneNumber"))
    async def opt_in(self, caller: Caller, request: wire.OptInPhoneNumberInput) -> wire.OptInPhoneNumberResponse:
        """Take a phone off the list; nothing happens if it is not on it."""
        _check_number(request["phoneNumber"])
        return {}


def _check_number(number: str) -> None:
    if not number.startswith("+") or sms_endpoint(number, None) is None:
        raise InvalidParameter("Invalid parameter: PhoneNumber Reason: input incorrectly formatted")

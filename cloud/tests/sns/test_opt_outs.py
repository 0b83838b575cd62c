"""No phone can opt out here, and so says the list; what is no number is refused."""

from __future__ import annotations

from typing import Any

import pytest

from marinelayer.services.sns.errors import InvalidParameter


async def test_nobody_has_opted_out(exchange: Any) -> None:
    assert await exchange.ask("ListPhoneNumbersOptedOut") == {"phoneNumbers": []}
    answer = await exchange.ask("CheckIfPhoneNumberIsOptedOut", phoneNumber="+13125551123")
    assert answer == {"isOptedOut": False}
    with pytest.raises(InvalidParameter, match="NextToken"):
        await exchange.ask("ListPhoneNumbersOptedOut", nextToken="forged")


async def test_who_has_not_opted_out_can_be_opted_in(exchange: Any) -> None:
    assert await exchange.ask("OptInPhoneNumber", phoneNumber="+4411111111") == {}


@pytest.mark.parametrize("number", ["", "invalid", "13125551123", "+0123", "+1312--5551123"])
async def test_what_is_no_number_is_refused(exchange: Any, number: str) -> None:
    for operation in ("CheckIfPhoneNumberIsOptedOut", "OptInPhoneNumber"):
        with pytest.raises(InvalidParameter) as refusal:
            await exchange.ask(operation, phoneNumber=number)
        assert refusal.value.message == "Invalid parameter: PhoneNumber Reason: input incorrectly formatted"

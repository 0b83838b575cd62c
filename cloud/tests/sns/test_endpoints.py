"""Phone numbers arrive as E.164 however a spreadsheet mangled them; what can be no endpoint is refused."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.services.sns.endpoints import checked_endpoint, checked_protocol, is_email, sms_endpoint, to_e164
from marinelayer.services.sns.errors import InvalidParameter

COUNTRIES = ["US", "DE", "GB", "FR", "BR", "IN", "JP", "MX", "AU", "ZA"]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+13125551123", "+13125551123"),
        ("13125551123", "+13125551123"),
        ("13125551123.0", "+13125551123"),
        ("3125551123", "+13125551123"),
        ("3125551123.0", "+13125551123"),
        (" +1 (312) 555-1123 ", "+13125551123"),
        ("1-312-555-1123", "+13125551123"),
        ("+4930901820", "+4930901820"),
        ("4930901820.0", "+14930901820"),  # ten bare digits are the settings' country's, whatever they look like
        ("493090182000", "+493090182000"),
    ],
)
def test_a_number_is_read_as_people_and_spreadsheets_write_it(written: str, number: str) -> None:
    assert to_e164(written, "US") == number


@pytest.mark.parametrize(
    "written",
    ["", "+", "call me", "0013125551123", "+0123456789", "123", "5551123", "+15551123", "1" * 40, "+1312555112३",
     "13125551123.5", "1.3125551123e10", "nan", "+13125551123\0", "+1 312 555 1123 ext 5", "-3125551123"],
)  # fmt: skip
def test_what_is_no_number_is_refused(written: str) -> None:
    assert to_e164(written, "US") is None


@pytest.mark.parametrize(
    "written",
    ["", "+", "call me", "0013125551123", "+0123456789", "123", "5551123", "1" * 40, "+" + "1" * 16, "+1312555112३",
     "13125551123.5", "nan", "+13125551123\0", "+1 312 555 1123 ext 5", "-3125551123", "+1312--5551123",
     "+13125551123.", "/+13125551123", "NAA+13125551123"],
)  # fmt: skip
def test_what_has_not_even_a_numbers_form_is_no_endpoint(written: str) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        checked_endpoint("sms", written, "US")
    assert refusal.value.message == f"Invalid SMS endpoint: {written}"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+123123123", "+123123123"),  # no such number can be
        ("+12", "+12"),
        ("+12/34-567.890", "+1234567890"),
        ("+13125551123", "+13125551123"),
        ("3125551123.0", "+13125551123"),
    ],
)
def test_a_subscription_takes_whatever_has_the_form_of_e164(written: str, number: str) -> None:
    assert sms_endpoint(written, "US") == number


def test_ten_digits_belong_to_the_country_of_the_settings() -> None:
    assert to_e164("3012345678", "DE") == "+493012345678"
    assert to_e164("3012345678", None) is None


@given(st.sampled_from(COUNTRIES))
def test_every_countrys_example_is_read_with_plus_without_and_as_a_float(country: str) -> None:
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    pretty = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    assert to_e164(number, "US") == number
    assert to_e164(pretty, "US") == number
    assert len(number) == 11 or to_e164(number[1:], "US") == number
    assert len(number) == 11 or to_e164(f"{number[1:]}.0", "US") == number


@given(st.text(max_size=40))
def test_whatever_is_read_is_e164_and_reads_as_itself(text: str) -> None:
    number = to_e164(text, "US")
    if number is not None:
        assert number[0] == "+"
        assert number[1:].isascii()
        assert number[1:].isdigit()
        assert 8 <= len(number) <= 18
        assert to_e164(number, "DE") == number


@given(st.from_regex(r"\+?[0-9 ().-]{5,30}(\.0)?", fullmatch=True))
@example("200000000000")
def test_whatever_looks_like_a_number_is_read_or_refused_but_never_breaks(text: str) -> None:
    number = to_e164(text, "US")
    assert number is None or to_e164(number, None) == number


@given(st.emails())
def test_addresses_of_the_common_form_are_accepted(address: str) -> None:
    assert is_email(address) or "@[" in address or len(address.partition("@")[0]) > 64


@pytest.mark.parametrize(
    "address",
    ["", "ann", "ann@", "@example.org", "ann@example", "a b@example.org", "ann@example.org\n", "ann@exa_mple.org",
     "ann@-example.org", "a@b@c.org", ".ann@example.org", "ann..b@example.org", "x" * 65 + "@example.org",
     "ann@" + "x" * 64 + ".org", "ann@" + "x." * 130 + "org", "ann@example.org, eve@example.org", "änn@example.org",
     "<ann@example.org>", "ann@example.org\r\nBcc: eve@example.org"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    assert not is_email(address)
    with pytest.raises(InvalidParameter, match="Invalid parameter: Endpoint"):
        checked_endpoint("email", address, "US")


def test_a_protocol_in_capitals_is_accepted_and_kept_small() -> None:
    assert checked_protocol("SMS") == "sms"
    assert checked_protocol("Email-JSON") == "email-json"


@pytest.mark.parametrize("protocol", ["http", "https", "sqs", "lambda", "application", "firehose"])
def test_a_protocol_that_we_lack_is_honestly_not_implemented(protocol: str) -> None:
    with pytest.raises(OperationNotImplemented, match=protocol):
        checked_protocol(protocol)


@pytest.mark.parametrize("protocol", ["pigeon", "", "sms "])
def test_a_protocol_that_no_one_has_is_refused(protocol: str) -> None:
    with pytest.raises(InvalidParameter, match="does not support this protocol string"):
        checked_protocol(protocol)

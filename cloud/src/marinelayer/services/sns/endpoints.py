"""Where messages go: phone numbers as E.164, e-mail addresses, and the protocols that reach them.

Numbers come from spreadsheets, where `+1312...` has become a number and lost its plus, or gained `.0`: digits with a
country code are accepted, and ten bare digits belong to the country of the settings. A subscription is less choosy
than a message to one number: it takes whatever has E.164's form, as AWS does, be there such a number or not. Pure.

Source: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html, RFC 5321 section 4.5.3.1, RFC 5322 dot-atom.
"""

from __future__ import annotations

import re

import phonenumbers

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.services.sns.errors import InvalidParameter

PROTOCOLS = frozenset({"sms", "email", "email-json"})
_PROTOCOLS_OF_AWS = frozenset({"http", "https", "sqs", "application", "lambda", "firehose"})

_NUMBER = re.compile(r"(?P<plus>\+?)(?P<digits>[0-9][0-9 ().-]{4,28}?)(?:\.0)?")
_SEPARATORS = str.maketrans("", "", " ().-")
_E164 = re.compile(r"\+[1-9](?:[./-]?[0-9]){1,14}")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@{_LABEL}(?:\.{_LABEL})+")


def to_e164(text: str, country: str | None) -> str | None:
    """The number as `+` and digits, None if it can be no phone number. Ten bare digits are a number of `country`
    (`US`), or none where it is None."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    digits = match["digits"].translate(_SEPARATORS)
    national = not match["plus"] and len(digits) == 10
    try:
        number = phonenumbers.parse(digits if national else f"+{digits}", country if national else None)
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        # Zeros that a second reading takes for a prefix too stand in no number.
        stays = phonenumbers.parse(written, None) == number
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    return written if possible and stays else None


def sms_endpoint(text: str, country: str | None) -> str | None:
    """What Subscribe stores for a phone: the number that `to_e164` reads, else whatever has the form of E.164, with
    single dots, slashes and hyphens between its digits; None if it has not even that."""
    if re.search(r"^[./-]|[./-]{2}|[./-]$", text):
        return None
    if _E164.fullmatch(text):
        return text.translate(str.maketrans("", "", "./-"))
    return to_e164(text, country)


def is_email(text: str) -> bool:
    """Whether it is an e-mail address with a dot-atom before the @ and a host name of two labels or more behind."""
    if len(text) > 254:
        return False
    match = _ADDRESS.fullmatch(text)
    return match is not None and len(match["local"]) <= 64


def checked_protocol(protocol: str) -> str:
    """The protocol in small letters (`SMS` is accepted as `sms`).

    Raises:
        OperationNotImplemented: AWS delivers by it, we do not.
        InvalidParameter: nobody does.
    """
    known = protocol.lower()
    if known in PROTOCOLS:
        return known
    if known in _PROTOCOLS_OF_AWS:
        raise OperationNotImplemented(f"sns.Subscribe with Protocol={known} is not implemented here.")
    raise InvalidParameter(f"Invalid parameter: Amazon SNS does not support this protocol string: {protocol}")


def checked_endpoint(protocol: str, endpoint: str, country: str) -> str:
    """The endpoint as it is stored: a phone number as E.164, an e-mail address as it was written.

    Raises:
        InvalidParameter: the protocol can not reach it.
    """
    if protocol == "sms":
        number = sms_endpoint(endpoint, country)
        if number is None:
            raise InvalidParameter(f"Invalid SMS endpoint: {endpoint[:64]}")
        return number
    if not is_email(endpoint):
        raise InvalidParameter("Invalid parameter: Endpoint Reason: Email address")
    return endpoint

"""What numbers must fulfil beyond their form: checksums, ranges and countries. Pure.

Each check is given the text that a pattern matched and says whether it can be one.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from itertools import pairwise

import phonenumbers

_IBAN_LENGTHS: Mapping[str, int] = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FO GL NL",
        19: "MK SI",
        20: "AT BA EE KZ LT LU XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU",
        31: "MT SC",
        32: "LC",
    }.items()
    for country in countries.split()
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUES: Mapping[str, int] = {
    letter: value
    for value, letters in enumerate(("0", "1AJ", "2BKS", "3CLT", "4DMU", "5ENV", "6FW", "7GPX", "8HY", "9RZ"))
    for letter in letters
}
_VERHOEFF = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
_NEVER_ISSUED = frozenset({"078051120", "219099999"})
"""Social security numbers that advertisements made famous."""
_ISSUERS = re.compile(
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|3(?:0[0-5]|[5689])|6(?:011|4[4-9]|5)|62|50|5[6-9]|6[37]"
)
"""Visa, Mastercard, American Express, Diners Club, JCB, Discover, UnionPay, Maestro."""
_STATE = re.compile(
    r"AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|"
    r"NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|PR"
)


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def luhn(text: str) -> bool:
    """ISO/IEC 7812: the digits' sum, every second from the right doubled, ends in 0."""
    total = 0
    for place, digit in enumerate(reversed(_digits(text))):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def card(text: str) -> bool:
    """A payment card's number: an issuer's beginning, 13 to 19 digits, Luhn's checksum."""
    digits = _digits(text)
    return 13 <= len(digits) <= 19 and _ISSUERS.match(digits) is not None and luhn(digits) and len(set(digits)) > 1


def iban(text: str) -> bool:
    """ISO 13616: the country's length, and the rest 1 when divided by 97."""
    plain = text.replace(" ", "").upper()
    if len(plain) != _IBAN_LENGTHS.get(plain[:2]):
        return False
    return int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 == 1


def routing(text: str) -> bool:
    """ABA routing numbers: a federal reserve district's beginning and the weights 3, 7, 1."""
    digits = _digits(text)
    first = int(digits[:2])
    if not (first <= 12 or 21 <= first <= 32 or 61 <= first <= 72 or first == 80):
        return False
    return sum(int(digit) * weight for digit, weight in zip(digits, (3, 7, 1) * 3, strict=True)) % 10 == 0 and first > 0


def ssn(text: str) -> bool:
    """Social security numbers: no part all zeros, no area 666 or from 900."""
    digits = _digits(text)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    given = area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"
    return given and digits not in _NEVER_ISSUED


def itin(text: str) -> bool:
    """Individual taxpayer numbers: 900 to 999, and the fourth and fifth digit in the ranges that the IRS gives out."""
    digits = _digits(text)
    group = int(digits[3:5])
    return digits[0] == "9" and (50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or 94 <= group <= 99)


def vin(text: str) -> bool:
    """Vehicle identification numbers: the ninth character is the weighted sum's rest by 11 (49 CFR 565)."""
    if text.isdigit() or text.isalpha():
        return False
    rest = sum(_VIN_VALUES[letter] * weight for letter, weight in zip(text, _VIN_WEIGHTS, strict=True)) % 11
    return text[8] == ("X" if rest == 10 else str(rest))


def verhoeff(text: str) -> bool:
    """Aadhaar numbers: Verhoeff's checksum over the dihedral group."""
    check = 0
    for place, digit in enumerate(reversed(_digits(text))):
        value = int(digit)
        for _ in range(place % 8):
            value = _VERHOEFF[value]
        check = _dihedral(check, value)
    return check == 0


def _dihedral(one: int, other: int) -> int:
    if one < 5:
        return (one + other) % 5 if other < 5 else 5 + (one + other) % 5
    return 5 + (one - other) % 5 if other < 5 else (one - other) % 5


def nhs(text: str) -> bool:
    """National health service numbers: weights 10 to 2, modulus 11."""
    digits = _digits(text)
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return rest != 10 and int(digits[9]) == rest % 11


def utr(text: str) -> bool:
    """Unique taxpayer references: the first digit checks the other nine."""
    digits = _digits(text)
    weights = (6, 7, 8, 9, 10, 5, 4, 3, 2)
    rest = sum(int(digit) * weight for digit, weight in zip(digits[1:], weights, strict=True)) % 11
    return digits[0] == "21987654321"[rest]


def ip_address(text: str) -> bool:
    """An address of version 4 or 6."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def swift(text: str) -> bool:
    """Business identifier codes: a country's letters at the fifth place."""
    return text[4:6] in phonenumbers.SUPPORTED_REGIONS


def secret_key(text: str) -> bool:
    """Forty letters that look drawn: upper and lower case, digits, and no long run of one kind."""
    kinds = [0 if letter.isupper() else 1 if letter.islower() else 2 for letter in text]
    return len(set(kinds)) == 3 and sum(one != other for one, other in pairwise(kinds)) >= 12


def age(text: str) -> bool:
    """As old as somebody can be."""
    return int(_digits(text)[:4] or 999) <= 122


def state(text: str) -> bool:
    """No two capitals at the end that are no state's."""
    last = re.search(r"\b([A-Z]{2}|[A-Za-z]{2}(?=,? \d{5}))(?:,? \d{5}(?:-\d{4})?)?$", text)
    return last is None or _STATE.fullmatch(last[1].upper()) is not None


def numbered(text: str) -> bool:
    """With a digit in it."""
    return any(letter.isdigit() for letter in text)


def plate(text: str) -> bool:
    """With a digit and a letter."""
    return numbered(text) and any(letter.isalpha() for letter in text)


def not_one_digit(text: str) -> bool:
    """Not the same digit throughout."""
    return len(set(_digits(text))) > 1


def composed(text: str) -> bool:
    """With a digit or a mark in it, as words of a sentence have not."""
    return any(not letter.isalpha() for letter in text.strip("'\"-"))


def domain(text: str) -> bool:
    """Not two sentences without a blank between: a host is written in small letters or, whole, in capitals."""
    host = text.partition("/")[0]
    return host.islower() or host.isupper()


CHECKS: Mapping[str, Callable[[str], bool]] = {
    check.__name__: check
    for check in (
        card,
        iban,
        routing,
        ssn,
        itin,
        vin,
        verhoeff,
        nhs,
        utr,
        luhn,
        ip_address,
        swift,
        secret_key,
        age,
        state,
        numbered,
        plate,
        not_one_digit,
        composed,
        domain,
    )
}
"""Every check by its name in `rules.toml`."""

"""What a filter policy may demand of one value, and whether a value meets it.

Source: https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html and numeric-value-matching.html. Pure.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

LARGEST_NUMBER = 1_000_000_000
_DIGITS = 100_000
"""Numbers are compared to five digits behind the point."""

Value = str | int | float | bool | None
"""A value of a message's attribute or body: whatever is no object and no array."""


@dataclass(frozen=True, slots=True)
class Equals:
    """This text or word."""

    value: str | bool | None


@dataclass(frozen=True, slots=True)
class EqualsNumber:
    """This number, as `fixed` writes it."""

    number: int


@dataclass(frozen=True, slots=True)
class EqualsIgnoreCase:
    """This text, in whatever case."""

    folded: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """A text that begins so; with `other`, whatever does not."""

    letters: str
    other: bool = False


@dataclass(frozen=True, slots=True)
class Suffix:
    """A text that ends so."""

    letters: str


@dataclass(frozen=True, slots=True)
class AnythingBut:
    """None of these texts and numbers (as `fixed` writes them)."""

    values: frozenset[str | int]


@dataclass(frozen=True, slots=True)
class Range:
    """A number between two, as `fixed` writes them; None is no bound, `open` ones are not in it."""

    bottom: int | None
    open_bottom: bool
    top: int | None
    open_top: bool


@dataclass(frozen=True, slots=True)
class Cidr:
    """An IP address of this network."""

    network: ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Exists:
    """That there is a value at all, or none."""

    wanted: bool


Condition = (
    Equals | EqualsNumber | EqualsIgnoreCase | Prefix | Suffix | AnythingBut | Range | Cidr | Exists
)  # fmt: skip


def fixed(value: Value) -> int | None:
    """A number as a whole number of its fifth digit; None for what is none, or is too large to be compared."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST_NUMBER:
        return None
    return round(value * _DIGITS)


def meets(value: Value, condition: Condition) -> bool:
    """Whether a value that is there meets the condition."""
    match condition:
        case Equals(wanted):
            return wanted == value and type(wanted) is type(value)
        case EqualsNumber() | Range():
            return _number_meets(fixed(value), condition)
        case AnythingBut(values):
            return (value if isinstance(value, str) else fixed(value)) not in values
        case Exists(wanted):
            return wanted
        case Prefix(letters, other=True):
            return not (isinstance(value, str) and value.startswith(letters))
        case _:
            return isinstance(value, str) and _text_meets(value, condition)


def _text_meets(text: str, condition: EqualsIgnoreCase | Prefix | Suffix | Cidr) -> bool:
    match condition:
        case EqualsIgnoreCase(folded):
            return text.lower() == folded
        case Prefix(letters):
            return text.startswith(letters)
        case Suffix(letters):
            return text.endswith(letters)
        case Cidr(network):
            address = read_address(text)
            return address is not None and address.version == network.version and address in network


def _number_meets(number: int | None, wanted: EqualsNumber | Range) -> bool:
    if isinstance(wanted, EqualsNumber):
        return number == wanted.number
    if number is None:
        return False
    if wanted.bottom is not None and (number < wanted.bottom or (wanted.open_bottom and number == wanted.bottom)):
        return False
    return wanted.top is None or number < wanted.top or (not wanted.open_top and number == wanted.top)


def read_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that a text is, None if it is none."""
    try:
        return ipaddress.ip_address(text) if re.fullmatch(r"[0-9A-Fa-f.:]+", text) else None
    except ValueError:
        return None

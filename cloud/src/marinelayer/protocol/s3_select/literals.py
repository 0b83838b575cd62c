"""Literals: SQL's numbers, and what S3 Select takes of Ion's between backticks."""

from __future__ import annotations

import re
from decimal import Decimal

from marinelayer.protocol.s3_select.lexer import Token
from marinelayer.protocol.s3_select.refusals import LexerInvalidIONLiteral, ParseExpectedNumber
from marinelayer.protocol.s3_select.tree import Cast, Constant

_LONGEST = 60
"""Digits of a number; the largest that can be computed with has 38."""

TIMESTAMP = re.compile(
    r"\d{4}T|\d{4}-\d\dT|\d{4}-\d\d-\d\dT?|\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)"
)
"""A moment as Ion writes it: https://amazon-ion.github.io/ion-docs/docs/spec.html#timestamp."""
_ION_NUMBER = re.compile(r"(-?)(\d+(?:\.\d*)?)(?:([deDE])([+-]?\d{1,3}))?")
_ION_WORDS = {"true": True, "false": False, "null": None}


def number(token: Token) -> int | float | Decimal:
    """The value of a number's token: a whole number, a decimal, or a float where it has an exponent.

    Raises:
        ParseExpectedNumber: no number here can be so large.
    """
    text = token.text
    if len(text) > _LONGEST:
        raise ParseExpectedNumber
    if "e" in text.lower():
        return float(text)
    if "." in text:
        return Decimal(text)
    value = int(text)
    if value > 2**63:
        raise ParseExpectedNumber
    return value


def ion_value(token: Token) -> Constant | Cast:
    """The value of an Ion literal.

    Raises:
        LexerInvalidIONLiteral: it is none, or of a kind that S3 Select has no use for.
    """
    text = token.text.strip()
    if text in _ION_WORDS:
        return Constant(_ION_WORDS[text])
    if TIMESTAMP.fullmatch(text):
        return Cast(Constant(text), "TIMESTAMP")
    if len(text) >= 2 and text[0] == text[-1] == '"' and "\\" not in text:
        return Constant(text[1:-1])
    match = _ION_NUMBER.fullmatch(text)
    if match is None or len(text) > _LONGEST:
        raise LexerInvalidIONLiteral(f"Invalid Ion literal {token.at}.")
    sign, digits, kind, exponent = match.groups()
    if kind in ("e", "E"):
        return Constant(float(f"{sign}{digits}e{exponent}"))
    value = Decimal(f"{sign}{digits}") * Decimal(10) ** int(exponent or 0)
    return Constant(int(value) if not kind and "." not in digits else value)

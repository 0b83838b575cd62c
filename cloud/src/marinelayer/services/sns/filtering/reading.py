"""From a filter policy's tokens to the tree of its demands.

A name leads to a list of conditions, to an object of names below it, or, as `$or`, to objects of which one must hold.
The order of the checks is that of AWS's compiler, and so is where a refusal stands. Pure.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from marinelayer.services.sns.filtering.conditions import (
    LARGEST_NUMBER,
    AnythingBut,
    Cidr,
    Condition,
    Equals,
    EqualsIgnoreCase,
    EqualsNumber,
    Exists,
    Prefix,
    Range,
    Suffix,
    fixed,
    read_address,
)
from marinelayer.services.sns.filtering.tokens import FilterPolicyError, Tokens, without_space

OR = "$or"
_ONE_KEY = "Only one key allowed in match expression"
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Either:
    """Objects of which one must hold."""

    objects: tuple[Object, ...]


Conditions = tuple[Condition, ...]
Object = Mapping[str, "Conditions | Object | Either"]


def read_object(source: str) -> Object:
    """The tree of a policy.

    Raises:
        FilterPolicyError: it is no JSON, or demands what can not be demanded.
    """
    tokens = Tokens(without_space(source))
    if tokens.next() != "{":
        tokens.refuse("Filter is not an object")
    return _object(tokens)


def _object(tokens: Tokens) -> Object:
    read: dict[str, Conditions | Object | Either] = {}
    while tokens.next() != "}":
        name = tokens.text
        kind = tokens.next()
        if kind == "{":
            read[name] = _object(tokens)
        elif kind == "[":
            read[name] = (_either(tokens) if name == OR else None) or _conditions(tokens)
        else:
            tokens.refuse(f'"{name}" must be an object or an array')
    if not read:
        tokens.refuse("Empty objects are not allowed")
    return read


def _either(tokens: Tokens) -> Either | None:
    """The objects of a `$or`; None, and nothing read, where it is a name like any other: with less than two objects, or
    with a condition in the first."""
    ahead = tokens.copy()
    if ahead.next() != "{" or ahead.next() != "name" or ahead.text in _EXPRESSIONS:
        return None
    ahead = tokens.copy()
    objects: list[Object] = []
    while (kind := ahead.next()) == "{":
        objects.append(_object(ahead))
    if kind != "]" or len(objects) < 2:
        return None
    tokens.leap(ahead)
    return Either(tuple(objects))


def _conditions(tokens: Tokens) -> Conditions:
    read: list[Condition] = []
    while (kind := tokens.next()) != "]":
        match kind:
            case "{":
                read.append(_expression(tokens))
            case "text":
                read.append(Equals(tokens.text))
            case "number":
                read.append(EqualsNumber(_number(tokens)))
            case "true" | "false" | "null":
                read.append(Equals(_WORDS[kind]))
            case _:
                tokens.refuse("Match value must be String, number, true, false, or null")
    if not read:
        tokens.refuse("Empty arrays are not allowed")
    return tuple(read)


def _expression(tokens: Tokens) -> Condition:
    if tokens.next() != "name":
        tokens.refuse("Match expression name not found")
    read = _EXPRESSIONS.get(tokens.text)
    if read is None:
        tokens.refuse(f"Unrecognized match type {tokens.text}")
    return read(tokens)


def _letters(tokens: Tokens, name: str, *, rest: str = _ONE_KEY) -> str:
    if tokens.next() != "text":
        tokens.refuse(f"{name} match pattern must be a string")
    letters = tokens.text
    _end(tokens, rest)
    return letters


def _end(tokens: Tokens, reason: str) -> None:
    if tokens.next() != "}":
        tokens.refuse(reason)


def _prefix(tokens: Tokens) -> Condition:
    return Prefix(_letters(tokens, "prefix"))


def _suffix(tokens: Tokens) -> Condition:
    return Suffix(_letters(tokens, "suffix"))


def _equals_ignore_case(tokens: Tokens) -> Condition:
    return EqualsIgnoreCase(_letters(tokens, "equals-ignore-case").lower())


def _exists(tokens: Tokens) -> Condition:
    kind = tokens.next()
    if kind not in {"true", "false"}:
        tokens.refuse("exists match pattern must be either true or false.")
    _end(tokens, _ONE_KEY)
    return Exists(kind == "true")


def _cidr(tokens: Tokens) -> Condition:
    # AWS's words speak of a prefix here too, and those of the network's own parser name no place.
    text = _letters(tokens, "prefix")
    address, slash, bits = text.partition("/")
    if not slash or "/" in bits:
        raise FilterPolicyError("Malformed CIDR, one '/' required")
    if not re.fullmatch(r"-?[0-9]{1,9}", bits):
        raise FilterPolicyError("Malformed CIDR, mask bits must be an integer")
    if bits.startswith("-"):
        raise FilterPolicyError("Malformed CIDR, mask bits must not be negative")
    ip = read_address(address)
    if ip is None:
        raise FilterPolicyError(f"Nonstandard IP address: {address}")
    if int(bits) >= ip.max_prefixlen:
        raise FilterPolicyError(f"IPv{ip.version} mask bits must be < {ip.max_prefixlen}")
    return Cidr(ipaddress.ip_network(f"{address}/{bits}", strict=False))


def _anything_but(tokens: Tokens) -> Condition:
    kind = tokens.next()
    if kind == "{":
        return _anything_but_prefix(tokens)
    if kind == "[":
        values = _values(tokens)
    elif kind == "text":
        values = frozenset[str | int]((tokens.text,))
    elif kind == "number":
        values = frozenset[str | int]((_number(tokens),))
    else:
        tokens.refuse("Value of anything-but must be an array or single string/number value.")
    _end(tokens, "Too many elements in numeric expression")
    return AnythingBut(values)


def _anything_but_prefix(tokens: Tokens) -> Condition:
    if tokens.next() != "name":
        tokens.refuse("Anything-But expression name not found")
    if tokens.text != "prefix":
        tokens.refuse(f"Unsupported anything-but pattern: {tokens.text}")
    letters = _letters(tokens, "prefix")
    if not letters:
        tokens.refuse("Null prefix not allowed")
    _end(tokens, _ONE_KEY)
    return Prefix(letters, other=True)


def _values(tokens: Tokens) -> frozenset[str | int]:
    values: set[str | int] = set()
    while (kind := tokens.next()) != "]":
        if kind == "text":
            values.add(tokens.text)
        elif kind == "number":
            values.add(_number(tokens))
        else:
            tokens.refuse("Inside anything but list, start|null|boolean is not supported.")
    if len({type(value) for value in values}) != 1:
        tokens.refuse("Inside anything but list, either all values are number or string, mixed type is not supported")
    return frozenset(values)


def _numeric(tokens: Tokens) -> Condition:
    if tokens.next() != "[":
        tokens.refuse("Value of numeric must be an array.")
    if tokens.next() != "text":
        tokens.refuse(f"Invalid member in numeric match: {tokens.text}")
    operator = tokens.text
    kind = tokens.next()
    if operator not in {"=", "<", "<=", ">", ">="}:
        tokens.refuse(f"Unrecognized numeric range operator: {operator}")
    if kind != "number":
        tokens.refuse(f"Value of {'equals' if operator == '=' else operator} must be numeric")
    number = _number(tokens)
    condition: Condition
    if operator.startswith(">"):
        condition = _from(tokens, number, open_bottom=operator == ">")
    else:
        if tokens.next() != "]":
            tokens.refuse("Too many elements in numeric expression")
        condition = EqualsNumber(number) if operator == "=" else Range(None, False, number, operator == "<")
    _end(tokens, "Too many elements in numeric expression")
    return condition


def _from(tokens: Tokens, bottom: int, *, open_bottom: bool) -> Range:
    kind = tokens.next()
    if kind == "]":
        return Range(bottom, open_bottom, None, False)
    if kind != "text":
        tokens.refuse(f"Bad value in numeric range: {tokens.text}")
    operator = tokens.text
    if operator not in {"<", "<="}:
        tokens.refuse(f"Bad numeric range operator: {operator}")
    if tokens.next() != "number":
        tokens.refuse(f"Value of {operator} must be numeric")
    top = _number(tokens)
    if tokens.next() != "]":
        tokens.refuse("Too many terms in numeric range expression")
    if bottom >= top:
        tokens.refuse("Bottom must be less than top")
    return Range(bottom, open_bottom, top, operator == "<")


def _number(tokens: Tokens) -> int:
    number = fixed(float(tokens.text))
    if number is None:
        raise FilterPolicyError(f"Value must be between -{LARGEST_NUMBER} and {LARGEST_NUMBER}, inclusive")
    return number


_EXPRESSIONS: dict[str, Callable[[Tokens], Condition]] = {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "equals-ignore-case": _equals_ignore_case,
    "exists": _exists,
    "numeric": _numeric,
    "prefix": _prefix,
    "suffix": _suffix,
}

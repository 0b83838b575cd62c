"""Scalar functions, as SQL over typed values.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-string.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-date.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from marinelayer.engines.select.columns import NULL, NUMBERS, Type, Typed
from marinelayer.engines.select.conversions import cast
from marinelayer.engines.select.patterns import formatted
from marinelayer.engines.select.refusing import refuse
from marinelayer.protocol.s3_select.tree import Call, Constant

_WRONG = "IncorrectSqlFunctionArgumentType"


def of_type(value: Typed, *kinds: Type, strict: bool) -> str | None:
    """SQL for the value as one of these types; None where it has no such value in any record.

    Raises:
        SelectionError: it has values of other types only, and that is an error (`strict`).
    """
    for kind in kinds:
        if kind in value:
            return value[kind]
    if strict and set(value) != {"NULL"}:
        raise refuse(_WRONG)
    return None


def call(node: Call, arguments: Sequence[Typed], *, strict: bool) -> Typed:
    """The value of a function's call, but of COALESCE and NULLIF.

    Raises:
        SelectionError: its arguments are not what it takes.
    """
    if node.name == "UTCNOW":
        return {"TIMESTAMP": "$now"}
    if node.name == "TO_TIMESTAMP":
        text = of_type(arguments[0], "STRING", strict=strict)
        return NULL if text is None else cast({"STRING": text}, "TIMESTAMP")
    kinds = _TAKES[node.name]
    found = [of_type(value, *kind, strict=strict) for value, kind in zip(arguments, kinds, strict=False)]
    known = [sql for sql in found if sql is not None]
    if len(known) < len(found):
        return NULL
    return _MAKE[node.name](node, known)


def _whole(node: Call, place: int) -> int | None:
    argument = node.arguments[place]
    if isinstance(argument, Constant) and isinstance(argument.value, int):
        return int(argument.value)
    return None


def _substring(node: Call, given: Sequence[str]) -> Typed:
    """SQL's own reading of places before the first character, which DuckDB counts from the end."""
    first = f"greatest({given[1]}, 1)"
    start = _whole(node, 1)
    if start is not None:
        first = str(max(start, 1))
    if len(given) == 2:
        return {"STRING": f"substring({given[0]}, {first})"}
    length = f"greatest({given[1]} + {given[2]} - {first}, 0)"
    return {"STRING": f"substring({given[0]}, {first}, {length})"}


def _trim(node: Call, given: Sequence[str]) -> Typed:
    function = {"BOTH": "trim", "LEADING": "ltrim", "TRAILING": "rtrim"}[node.side]
    return {"STRING": f"{function}({', '.join(given)})"}


def _date_add(node: Call, given: Sequence[str]) -> Typed:
    moment, count = given[1], f"CAST({given[0]} AS INTEGER)"
    return {"TIMESTAMP": f"({moment} + to_{node.part}s({count}))"}


def _date_diff(node: Call, given: Sequence[str]) -> Typed:
    # Whole units that lie between the moments: 23:00 and 01:00 of the next day are no day apart.
    return {"INT": f"date_sub('{node.part}', {given[0]}, {given[1]})"}


def _extract(node: Call, given: Sequence[str]) -> Typed:
    if node.part in ("timezone_hour", "timezone_minute"):
        return {"INT": f"CAST(extract(year FROM {given[0]}) * 0 AS BIGINT)"}  # moments are in UTC
    return {"INT": f"CAST(extract({node.part} FROM {given[0]}) AS BIGINT)"}


def _to_string(node: Call, given: Sequence[str]) -> Typed:
    pattern = node.arguments[1]
    if not isinstance(pattern, Constant) or not isinstance(pattern.value, str):
        raise refuse("EvaluatorInvalidTimestampFormatPattern")
    return {"STRING": formatted(given[0], pattern.value)}


_INT: tuple[Type, ...] = ("INT",)
_STRING: tuple[Type, ...] = ("STRING",)
_MOMENT: tuple[Type, ...] = ("TIMESTAMP",)
_TAKES: Mapping[str, tuple[tuple[Type, ...], ...]] = {
    "CHAR_LENGTH": (_STRING,),
    "CHARACTER_LENGTH": (_STRING,),
    "DATE_ADD": (_INT, _MOMENT),
    "DATE_DIFF": (_MOMENT, _MOMENT),
    "EXTRACT": (_MOMENT,),
    "LOWER": (_STRING,),
    "SUBSTRING": (_STRING, _INT, _INT),
    "TO_STRING": (_MOMENT, _STRING),
    "TRIM": (_STRING, _STRING),
    "UPPER": (_STRING,),
}
"""The types of each function's arguments."""

_MAKE: Mapping[str, Callable[[Call, Sequence[str]], Typed]] = {
    "CHAR_LENGTH": lambda _, given: {"INT": f"length({given[0]})"},
    "CHARACTER_LENGTH": lambda _, given: {"INT": f"length({given[0]})"},
    "DATE_ADD": _date_add,
    "DATE_DIFF": _date_diff,
    "EXTRACT": _extract,
    "LOWER": lambda _, given: {"STRING": f"lower({given[0]})"},
    "SUBSTRING": _substring,
    "TO_STRING": _to_string,
    "TRIM": _trim,
    "UPPER": lambda _, given: {"STRING": f"upper({given[0]})"},
}


def number(value: Typed, *, strict: bool) -> tuple[Type, str] | None:
    """The value as a number, with its type."""
    for kind in NUMBERS:
        if kind in value:
            return kind, value[kind]
    if strict and set(value) != {"NULL"}:
        raise refuse("InvalidDataType")
    return None

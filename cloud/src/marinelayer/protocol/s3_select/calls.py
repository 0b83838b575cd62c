"""Functions: which there are, and how their arguments are read.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-sql-functions.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from marinelayer.protocol.s3_select import refusals as say
from marinelayer.protocol.s3_select.cursor import Cursor
from marinelayer.protocol.s3_select.tree import (
    Aggregate,
    Call,
    Cast,
    Constant,
    DatePart,
    Expression,
    Position,
    ScalarType,
    has_aggregate,
)

Read = Callable[[Cursor], Expression]

AGGREGATES = frozenset({"AVG", "COUNT", "MAX", "MIN", "SUM"})
ARITIES: Mapping[str, tuple[int, int]] = {
    "CHAR_LENGTH": (1, 1),
    "CHARACTER_LENGTH": (1, 1),
    "COALESCE": (1, 1000),
    "DATE_ADD": (2, 2),
    "DATE_DIFF": (2, 2),
    "EXTRACT": (1, 1),
    "LOWER": (1, 1),
    "NULLIF": (2, 2),
    "SUBSTRING": (2, 3),
    "TO_STRING": (2, 2),
    "TO_TIMESTAMP": (1, 1),
    "TRIM": (1, 2),
    "UPPER": (1, 1),
    "UTCNOW": (0, 0),
}
"""The scalar functions, and how few and how many values each takes."""

_TYPES: Mapping[str, ScalarType] = {
    "bool": "BOOL",
    "boolean": "BOOL",
    "int": "INT",
    "integer": "INT",
    "string": "STRING",
    "float": "FLOAT",
    "decimal": "DECIMAL",
    "dec": "DECIMAL",
    "numeric": "DECIMAL",
    "timestamp": "TIMESTAMP",
}
_DATE_PARTS = frozenset(get_args(DatePart))
_TRUNCATING = frozenset({"timezone_hour", "timezone_minute"})


def read_call(cursor: Cursor, read: Read) -> Expression:
    """A function's call, whose name is the next token.

    Raises:
        UnsupportedFunction: S3 Select has none of this name.
        EvaluatorInvalidArguments: it takes another number of values.
    """
    token = cursor.take()
    name = token.text.upper()
    if name == "CAST":
        return _cast(cursor, read)
    if name in AGGREGATES:
        return _aggregate(cursor, read, name, token.at)
    if name not in ARITIES:
        raise say.UnsupportedFunction(f"Unsupported function {name} {token.at}.")
    cursor.expect("(", say.ParseExpectedLeftParenBuiltinFunctionCall)
    call = _SPECIAL.get(name, _plain)(cursor, read, name, token.at)
    cursor.expect(")", say.ParseExpectedRightParenBuiltinFunctionCall)
    few, many = ARITIES[name]
    if not few <= len(call.arguments) <= many:
        raise say.EvaluatorInvalidArguments
    return call


def _cast(cursor: Cursor, read: Read) -> Expression:
    cursor.expect("(", say.ParseExpectedLeftParenAfterCast)
    operand = read(cursor)
    if cursor.is_operator(","):
        raise cursor.unexpected(say.ParseCastArity)
    cursor.expect("as", say.ParseExpectedKeyword)
    type_name = _TYPES.get(cursor.token.text.lower()) if cursor.token.kind in ("KEYWORD", "IDENTIFIER") else None
    if type_name is None:
        raise say.ParseExpectedTypeName(f"Expected type name, found {cursor.token} {cursor.token.at}.")
    cursor.take()
    if cursor.accept("("):
        # Scale and precision of decimals, which S3 Select reads and ignores.
        if type_name != "DECIMAL":
            raise cursor.unexpected(say.ParseInvalidTypeParam)
        _whole(cursor)
        if cursor.accept(","):
            _whole(cursor)
        cursor.expect(")", say.ParseInvalidTypeParam)
    cursor.expect(")", say.ParseExpectedRightParenBuiltinFunctionCall)
    return Cast(operand, type_name)


def _whole(cursor: Cursor) -> None:
    if cursor.token.kind != "NUMBER" or not cursor.token.text.isdecimal():
        raise cursor.unexpected(say.ParseInvalidTypeParam)
    cursor.take()


def _aggregate(cursor: Cursor, read: Read, name: Any, at: Position) -> Expression:
    cursor.expect("(", say.ParseExpectedLeftParenBuiltinFunctionCall)
    if cursor.accept("*"):
        if name != "COUNT":
            raise say.ParseUnsupportedCallWithStar
        operand = None
    elif cursor.is_operator(")"):
        raise say.ParseNonUnaryAgregateFunctionCall
    elif cursor.is_keyword("distinct", "all"):
        raise cursor.unexpected(say.ParseUnsupportedSyntax)
    else:
        operand = read(cursor)
        if has_aggregate(operand):
            raise say.UnsupportedSqlStructure
    if cursor.is_operator(","):
        raise say.ParseNonUnaryAgregateFunctionCall
    cursor.expect(")", say.ParseExpectedRightParenBuiltinFunctionCall)
    return Aggregate(name, operand, at)


def _plain(cursor: Cursor, read: Read, name: str, at: Position) -> Call:
    return Call(name, _arguments(cursor, read), at)


def _arguments(cursor: Cursor, read: Read) -> tuple[Expression, ...]:
    if cursor.is_operator(")"):
        return ()
    found = [read(cursor)]
    while cursor.accept(","):
        found.append(read(cursor))
    return tuple(found)


def _date_part(cursor: Cursor) -> Any:
    word = cursor.token.text.lower()
    if cursor.token.kind not in ("KEYWORD", "IDENTIFIER") or word not in _DATE_PARTS:
        raise cursor.unexpected(say.ParseExpectedDatePart)
    cursor.take()
    return word


def _with_date_part(cursor: Cursor, read: Read, name: str, at: Position) -> Call:
    part = _date_part(cursor)
    if part in _TRUNCATING:
        raise say.ParseExpectedDatePart
    cursor.expect(",", say.ParseExpectedArgumentDelimiter)
    return Call(name, _arguments(cursor, read), at, part=part)


def _extract(cursor: Cursor, read: Read, name: str, at: Position) -> Call:
    part = _date_part(cursor)
    cursor.expect("from", say.ParseExpectedKeyword)
    return Call(name, (read(cursor),), at, part=part)


def _substring(cursor: Cursor, read: Read, name: str, at: Position) -> Call:
    found = [read(cursor)]
    if cursor.accept("from"):
        found.append(read(cursor))
        if cursor.accept("for"):
            found.append(read(cursor))
    else:
        while cursor.accept(","):
            found.append(read(cursor))
    return Call(name, tuple(found), at)


def _trim(cursor: Cursor, read: Read, name: str, at: Position) -> Call:
    side: Any = cursor.take().text.upper() if cursor.is_keyword("leading", "trailing", "both") else None
    if cursor.accept("from"):
        return Call(name, (read(cursor),), at, side=side or "BOTH")
    first = read(cursor)
    if cursor.accept("from"):
        return Call(name, (read(cursor), first), at, side=side or "BOTH")
    if side is not None:
        raise cursor.unexpected(say.ParseExpectedKeyword)
    return Call(name, (first, Constant(" ")), at)


_SPECIAL: Mapping[str, Callable[[Cursor, Read, str, Position], Call]] = {
    "DATE_ADD": _with_date_part,
    "DATE_DIFF": _with_date_part,
    "EXTRACT": _extract,
    "SUBSTRING": _substring,
    "TRIM": _trim,
}

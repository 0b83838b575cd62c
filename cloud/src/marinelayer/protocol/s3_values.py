"""Values in S3's headers and query parameters as the model's types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from marinelayer.model.shapes import (
    BooleanShape,
    FloatShape,
    IntegerShape,
    ListShape,
    Member,
    StringShape,
    TimestampShape,
)
from marinelayer.model.supplements import patch
from marinelayer.protocol.refusals import InvalidArgument, InvalidRequest, InvalidStorageClass
from marinelayer.protocol.times import read_time

_INTEGER = re.compile(r"\s*[+-]?\d{1,19}\s*")
_CLOSED_SETS: Mapping[str, Mapping[str, Any]] = patch("s3_operations")["query_and_header_values"]
_REFUSALS = {refusal.code: refusal for refusal in (InvalidArgument, InvalidRequest, InvalidStorageClass)}


def list_converter(shape: ListShape, wire: str) -> Callable[[str], list[Any]]:
    """Reads a list that stands in one header, separated by commas."""
    convert = converter(shape.member, wire)
    return lambda text: [convert(item.strip()) for item in text.split(",") if item.strip()]


def converter(member: Member, wire: str) -> Callable[[str], Any]:
    """Reads a scalar that stands in the header or parameter `wire`. Raises InvalidArgument, InvalidRequest or
    InvalidStorageClass for what it can not be."""
    shape = member.shape
    match shape:
        case StringShape(enum=enum) if enum and wire in _CLOSED_SETS:
            return _one_of(wire, enum)
        case BooleanShape():
            return lambda text: text.lower() == "true"
        case IntegerShape():
            return _integer_of(shape, wire)
        case FloatShape():
            return float
        case TimestampShape():
            return _time_of(member, wire)
        case _:
            return _same


def _same(text: str) -> str:
    return text


def _one_of(wire: str, values: tuple[str, ...]) -> Callable[[str], str]:
    wording = _CLOSED_SETS[wire]
    # What S3 takes and the model does not name.
    allowed = frozenset((*values, *wording.get("also", ())))
    refusal, details = _REFUSALS[wording["code"]], wording.get("details", ("ArgumentName", "ArgumentValue"))

    def convert(text: str) -> str:
        if text not in allowed:
            message = wording["message"].format(value=text[:256], values=", ".join(values))
            raise refusal(message, **{name: wire if name == "ArgumentName" else text for name in details})
        return text

    return convert


def _integer_of(shape: IntegerShape, wire: str) -> Callable[[str], int]:
    limit = 1 << (63 if shape.long else 31)

    def convert(text: str) -> int:
        if _INTEGER.fullmatch(text) is None or not -limit <= int(text) < limit:
            message = f"Provided {wire} not an integer or within integer range"
            raise InvalidArgument(message, ArgumentName=wire, ArgumentValue=text)
        return int(text)

    return convert


def _time_of(member: Member, wire: str) -> Callable[[str], Any]:
    form = member.timestamp_format or ("iso8601" if member.location == "querystring" else "rfc822")
    # A condition or an Expires that is no date is ignored (RFC 9110, 13.1.3); other moments are demands.
    lenient = wire in {"if-modified-since", "if-unmodified-since", "expires"} or wire.endswith("modified-since")

    def convert(text: str) -> Any:
        try:
            return read_time(text, form)
        except ValueError as error:
            if lenient:
                return None
            raise InvalidArgument(f"The value of {wire} is no date.", ArgumentName=wire, ArgumentValue=text) from error

    return convert

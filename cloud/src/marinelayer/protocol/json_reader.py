"""Values of parsed JSON as the model's types, by readers that are compiled from shapes once.

A value of the wrong type is a SerializationException in the words of AWS's own framework. Unknown members and nulls are
left out.
"""

from __future__ import annotations

import math
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from marinelayer.model.errors import MalformedRequest
from marinelayer.model.shapes import (
    BlobShape,
    BooleanShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Member,
    StringShape,
    StructureShape,
    TimestampShape,
)
from marinelayer.protocol.times import from_epoch, read_time

Convert = Callable[[Any], Any]

_NAMES = {str: "STRING_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE"}
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class JsonReaders:
    """Readers of shapes, compiled on first use and kept."""

    def __init__(self) -> None:
        self._kept: dict[Member, Convert] = {}

    def reader(self, member: Member) -> Convert:
        """Reads a value of the member. Raises MalformedRequest for what it can not be."""
        reader = self._kept.get(member)
        if reader is None:
            reader = self._kept[member] = self._compile(member)
        return reader

    def _compile(self, member: Member) -> Convert:
        match member.shape:
            case StructureShape(document=True):
                return _anything
            case StructureShape() as shape:
                return self._structure(shape)
            case ListShape() as shape:
                return self._list(shape)
            case MapShape() as shape:
                return self._map(shape)
            case TimestampShape():
                return _time_reader(member)
            case shape:
                return _SCALAR_READERS[type(shape)] if not isinstance(shape, IntegerShape) else _integer_reader(shape)

    def _structure(self, shape: StructureShape) -> Convert:
        members = {member.wire_name: (name, member) for name, member in shape.members.items()}

        def read(value: Any) -> dict[str, Any]:
            if not isinstance(value, dict):
                raise _unexpected(value, "structure")
            found: dict[str, Any] = {}
            for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]  JSON is what it is
                known = members.get(key)  # pyright: ignore[reportUnknownArgumentType]
                if known is not None and item is not None:
                    found[known[0]] = self.reader(known[1])(item)
            return found

        return read

    def _list(self, shape: ListShape) -> Convert:
        member = shape.member

        def read(value: Any) -> list[Any]:
            if not isinstance(value, list):
                raise _unexpected(value, "list")
            reader = self.reader(member)
            return [reader(item) for item in value]  # pyright: ignore[reportUnknownVariableType]

        return read

    def _map(self, shape: MapShape) -> Convert:
        member = shape.value

        def read(value: Any) -> dict[str, Any]:
            if not isinstance(value, dict):
                raise _unexpected(value, "map")
            reader = self.reader(member)
            return {_read_string(key): reader(item) for key, item in value.items() if item is not None}  # pyright: ignore[reportUnknownVariableType]

        return read


def _anything(value: Any) -> Any:
    return value


def _unexpected(value: Any, wanted: str) -> MalformedRequest:
    if isinstance(value, dict):
        return MalformedRequest("Start of structure or map found where not expected.")
    if isinstance(value, list):
        return MalformedRequest("Start of list found where not expected.")
    if value is None:
        return MalformedRequest(f"Null found where a {wanted} was expected.")
    if wanted in {"structure", "map", "list"}:
        return MalformedRequest("Unexpected field type")
    kind = f"{value!s}_VALUE".upper() if isinstance(value, bool) else _NAMES[type(value)]
    return MalformedRequest(f"{kind} can not be converted to {wanted}")


def _read_string(value: Any) -> str:
    if not isinstance(value, str):
        raise _unexpected(value, "String")
    if not value.isascii():
        value.encode("utf-8")  # a lone surrogate, which JSON can spell, is a ValueError here
    return value


def _read_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _unexpected(value, "Boolean")
    return value


def _read_float(value: Any) -> float:
    if isinstance(value, str) and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _unexpected(value, "Float")
    try:
        return float(value)
    except OverflowError:
        raise MalformedRequest("NUMBER_VALUE can not be converted to Float") from None


def _read_blob(value: Any) -> bytes:
    try:
        return b64decode(_read_string(value), validate=True)
    except ValueError as error:
        raise MalformedRequest("The Base64 of a blob could not be decoded.") from error


def _integer_reader(shape: IntegerShape) -> Convert:
    bits, name = (63, "Long") if shape.long else (31, "Integer")
    limit = 1 << bits

    def read(value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not -limit <= value < limit:
            raise _unexpected(value, name)
        return value

    return read


def _time_reader(member: Member) -> Convert:
    form = member.timestamp_format or "unixTimestamp"

    def read(value: Any) -> Any:
        try:
            if isinstance(value, str):
                return read_time(value, "iso8601" if form == "unixTimestamp" else form)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise _unexpected(value, "Timestamp")
            return from_epoch(value)
        except (ValueError, OverflowError) as error:
            raise MalformedRequest("A timestamp could not be read.") from error

    return read


_SCALAR_READERS: dict[type, Convert] = {
    StringShape: _read_string,
    BooleanShape: _read_boolean,
    FloatShape: _read_float,
    BlobShape: _read_blob,
}

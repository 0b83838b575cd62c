"""Outputs as values that `json` can dump, by writers that are compiled from shapes once."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from marinelayer.model.shapes import (
    BlobShape,
    FloatShape,
    ListShape,
    MapShape,
    Member,
    StructureShape,
    TimestampShape,
)
from marinelayer.protocol.times import epoch_seconds, http_date, iso_seconds

Convert = Callable[[Any], Any]


class JsonWriters:
    """Writers of shapes, compiled on first use and kept."""

    def __init__(self) -> None:
        self._kept: dict[Member, Convert] = {}

    def writer(self, member: Member) -> Convert:
        """Writes a value of the member. Raises KeyError for a name that a structure lacks."""
        writer = self._kept.get(member)
        if writer is None:
            writer = self._kept[member] = self._compile(member)
        return writer

    def _compile(self, member: Member) -> Convert:
        convert: Convert = _anything
        match member.shape:
            case StructureShape(document=False) as shape:
                convert = self._structure(shape)
            case ListShape(member=inner):
                convert = self._list(inner)
            case MapShape(value=inner):
                convert = self._map(inner)
            case TimestampShape():
                convert = _time_writer(member)
            case BlobShape():
                convert = _write_blob
            case FloatShape():
                convert = _write_float
            case _:
                pass
        return convert

    def _list(self, inner: Member) -> Convert:
        return lambda value: [self.writer(inner)(item) for item in value]

    def _map(self, inner: Member) -> Convert:
        return lambda value: {key: self.writer(inner)(item) for key, item in value.items()}

    def _structure(self, shape: StructureShape) -> Convert:
        members = shape.members

        def write(value: Mapping[str, Any]) -> dict[str, Any]:
            # An unknown name is a KeyError: a mistake of ours that must not be sent half.
            return {
                members[name].wire_name: self.writer(members[name])(item)
                for name, item in value.items()
                if item is not None or name not in members
            }

        return write


def _anything(value: Any) -> Any:
    return value


def _time_writer(member: Member) -> Convert:
    match member.timestamp_format:
        case "iso8601":
            return iso_seconds
        case "rfc822":
            return http_date
        case _:
            return epoch_seconds


def _write_float(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _write_blob(value: bytes) -> str:
    return b64encode(value).decode("ascii")

"""S3's XML documents as the model's types, by readers that are compiled from shapes once.

S3 checks documents against a schema: a wrong type, a missing member or a value outside its set is MalformedXML.
Elements that the model does not know are left out.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from marinelayer.model.shapes import (
    BlobShape,
    BooleanShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Member,
    Shape,
    StringShape,
    StructureShape,
    TimestampShape,
)
from marinelayer.protocol.refusals import MalformedXML
from marinelayer.protocol.times import read_time
from marinelayer.protocol.xml_reader import Element

Read = Callable[[Element], Any]

_INTEGER = re.compile(r"\s*[+-]?\d{1,19}\s*")


class XmlReaders:
    """Readers of shapes, compiled on first use and kept."""

    def __init__(self, open_values: frozenset[str], open_lists: frozenset[str] = frozenset()) -> None:
        """`open_values` names texts whose set of values the service itself checks, `open_lists` lists that are empty
        where a document lacks them."""
        self._open_values = open_values
        self._open_lists = open_lists
        self._kept: dict[Member, Read] = {}

    def reader(self, member: Member) -> Read:
        """Reads a value of the member from its element. Raises MalformedXML for what it can not be."""
        reader = self._kept.get(member)
        if reader is None:
            reader = self._kept[member] = self._compile(member)
        return reader

    def structure(self, shape: StructureShape) -> Read:
        """Reads an element that holds the structure's members."""
        children = {
            member.wire_name: (name, member, _flat(member))
            for name, member in shape.members.items()
            if not member.xml_attribute and member.location is None
        }
        attributes = [
            (name, member.wire_name.rpartition(":")[2])
            for name, member in shape.members.items()
            if member.xml_attribute
        ]
        required = frozenset(name for name in shape.required if shape.members[name].location is None)
        lists = [name for name in sorted(required) if shape.members[name].shape.name in self._open_lists]

        def read(element: Element) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for child in element.children:
                known = children.get(child.name)
                if known is None:
                    continue
                name, member, item = known
                if item is not None:
                    found.setdefault(name, []).append(self.reader(item)(child))
                else:
                    found[name] = self.reader(member)(child)
            for name, attribute in attributes:
                if attribute in element.attributes:
                    found[name] = element.attributes[attribute]
            if not required.issubset(found):
                for name in lists:
                    found.setdefault(name, [])
                if not required.issubset(found):
                    raise MalformedXML
            return found

        return read

    def _compile(self, member: Member) -> Read:
        match member.shape:
            case StructureShape() as shape:
                return self.structure(shape)
            case ListShape() as shape:
                return self._list(shape)
            case MapShape() as shape:
                return self._map(shape)
            case TimestampShape():
                form = member.timestamp_format or "iso8601"
                return _scalar(lambda text: read_time(text, form))
            case shape:
                return _scalar(self._converter(shape))

    def _list(self, shape: ListShape) -> Read:
        item, name = shape.member, shape.member.location_name or "member"

        def read(element: Element) -> list[Any]:
            reader = self.reader(item)
            return [reader(child) for child in element.children if child.name == name]

        return read

    def _map(self, shape: MapShape) -> Read:
        key_name, value_name = shape.key.location_name or "key", shape.value.location_name or "value"

        def read(element: Element) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for entry in element.children:
                key, value = entry.first(key_name), entry.first(value_name)
                if key is None or value is None:
                    raise MalformedXML
                found[key.text] = self.reader(shape.value)(value)
            return found

        return read

    def _converter(self, shape: Shape) -> Callable[[str], Any]:
        match shape:
            case StringShape(enum=enum) if enum and shape.name not in self._open_values:
                return _one_of(frozenset(enum))
            case BooleanShape():
                return _boolean
            case IntegerShape():
                return _integer
            case FloatShape():
                return float
            case BlobShape():
                return lambda text: b64decode(text, validate=True)
            case _:
                return str


def _flat(member: Member) -> Member | None:
    """The items' member where they stand directly in the structure."""
    shape = member.shape
    return shape.member if member.flattened and isinstance(shape, ListShape) else None


def _scalar(convert: Callable[[str], Any]) -> Read:
    def read(element: Element) -> Any:
        try:
            return convert(element.text)
        except ValueError as error:
            raise MalformedXML from error

    return read


def _one_of(values: frozenset[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.strip() not in values:
            raise ValueError(text)
        return text.strip()

    return read


def _boolean(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered not in {"true", "false"}:
        raise ValueError(text)
    return lowered == "true"


def _integer(text: str) -> int:
    if _INTEGER.fullmatch(text) is None:
        raise ValueError(text)
    return int(text)

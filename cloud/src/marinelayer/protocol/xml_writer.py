"""Outputs as XML, by writers that are compiled from shapes once.

A writer appends pieces of text to a list. Texts are escaped so that every parser reads the same characters: a carriage
return as `&#13;`. Characters that XML 1.0 can not hold are written as references, as S3 does; clients ask for
`encoding-type=url` where keys have such.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from marinelayer.model.shapes import (
    BlobShape,
    BooleanShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Member,
    StructureShape,
    TimestampFormat,
    TimestampShape,
    XmlNamespace,
)
from marinelayer.protocol.times import epoch_seconds, http_date

Writer = Callable[[Any, list[str]], None]
TextOf = Callable[[Any], str]

_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL_IN_ATTRIBUTES = re.compile('[&<>"\r\n\t\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}

_MOST_FORMS = 64
"""Of one structure: what callers leave out comes in few combinations."""

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def escape(text: str) -> str:
    """Text for the inside of an element."""
    if text.isprintable() and "&" not in text and "<" not in text and ">" not in text:
        return text
    return _SPECIAL.sub(_reference, text)


def escape_attribute(text: str) -> str:
    """Text for the inside of a quoted attribute."""
    return _SPECIAL_IN_ATTRIBUTES.sub(_reference, text)


def _reference(found: re.Match[str]) -> str:
    character = found[0]
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"
    return _NAMED.get(character) or f"&#x{ord(character):X};"


def opening(name: str, namespace: XmlNamespace | None = None) -> str:
    """A start tag without its closing bracket."""
    if namespace is None:
        return f"<{name}"
    prefix = f":{namespace.prefix}" if namespace.prefix else ""
    return f'<{name} xmlns{prefix}="{escape_attribute(namespace.uri)}"'


class _Form:
    """How a structure with certain members is written: a template, and the texts for its places by member. A thousand
    entries of a list have one form, so that none of them asks again which members it has."""

    __slots__ = ("template", "texts")

    def __init__(self) -> None:
        self.template = ""
        self.texts: list[tuple[str, TextOf]] = []


class XmlWriters:
    """Writers of shapes for one protocol, compiled on first use and kept."""

    def __init__(self, time: Callable[[datetime], str]) -> None:
        """`time` is how moments are written where the model does not say."""
        self._time = time
        self._kept: dict[tuple[Member, str], Writer] = {}
        self._kept_contents: dict[StructureShape, Callable[[Mapping[str, Any], list[str]], None]] = {}

    def element(self, member: Member, name: str) -> Writer:
        """Writes a value of the member as one element `name`, or as one a list item where it is flattened."""
        writer = self._kept.get((member, name))
        if writer is None:
            writer = self._kept[member, name] = self._compile(member, name)
        return writer

    def contents(self, shape: StructureShape) -> Callable[[Mapping[str, Any], list[str]], None]:
        """Writes the members of a structure as elements in the model's order, without the structure's own tags; members
        that go elsewhere (headers, attributes) are left out."""
        kept = self._kept_contents.get(shape)
        if kept is not None:
            return kept
        names = frozenset(shape.members)
        children: list[tuple[str, Member, str]] = [
            (name, member, element_name(member))
            for name, member in shape.members.items()
            if not member.xml_attribute and member.location is None
        ]
        forms: dict[tuple[str, ...], _Form] = {}

        def form_of(present: tuple[str, ...]) -> _Form:
            if not names.issuperset(present):
                raise KeyError(f"{shape.name} has no {sorted(set(present) - names)}")
            form = _Form()
            for name, member, tag in children:
                if name in present:
                    self._add_to(form, name, member, tag)
            if len(forms) < _MOST_FORMS:
                forms[present] = form
            return form

        def write(value: Mapping[str, Any], out: list[str]) -> None:
            present = tuple(value)
            form = forms.get(present) or form_of(present)
            if None in value.values():
                form = form_of(tuple(name for name, child in value.items() if child is not None))
            out.append(form.template % tuple([text(value[name]) for name, text in form.texts]))

        self._kept_contents[shape] = write
        return write

    def _add_to(self, form: _Form, name: str, member: Member, tag: str) -> None:
        if isinstance(member.shape, StructureShape | ListShape | MapShape):
            writer = self.element(member, tag)

            def text(value: Any) -> str:
                out: list[str] = []
                writer(value, out)
                return "".join(out)

            form.template += "%s"
            form.texts.append((name, text))
        else:
            form.template += (opening(tag, member.xml_namespace) + ">").replace("%", "%%") + f"%s</{tag}>"
            text_of = self.text(member)
            form.texts.append((name, escape if text_of is _string else text_of))

    def text(self, member: Member) -> TextOf:
        """How a scalar value of the member is written, before escaping."""
        match member.shape:
            case BooleanShape():
                return _boolean
            case IntegerShape() | FloatShape():
                return str
            case BlobShape():
                return _base64
            case TimestampShape():
                return self._time_text(member.timestamp_format)
            case _:
                return _string

    def _time_text(self, form: TimestampFormat | None) -> TextOf:
        match form:
            case "rfc822":
                return http_date
            case "unixTimestamp":
                return _epoch
            case _:
                return self._time

    def _compile(self, member: Member, name: str) -> Writer:
        match member.shape:
            case StructureShape() as shape:
                return self._structure(shape, name, member.xml_namespace)
            case ListShape() as shape:
                return self._list(member, shape, name)
            case MapShape() as shape:
                return self._map(member, shape, name)
            case _:
                return self._scalar(member, name)

    def _scalar(self, member: Member, name: str) -> Writer:
        start, end, text = opening(name, member.xml_namespace) + ">", f"</{name}>", self.text(member)
        if text is _string:
            return lambda value, out: out.append(f"{start}{escape(value)}{end}")
        return lambda value, out: out.append(f"{start}{text(value)}{end}")

    def _structure(self, shape: StructureShape, name: str, namespace: XmlNamespace | None) -> Writer:
        start, end, contents = opening(name, namespace), f"</{name}>", self.contents(shape)
        attributes = [
            (key, f' {member.wire_name}="', self.text(member))
            for key, member in shape.members.items()
            if member.xml_attribute
        ]

        def write(value: Mapping[str, Any], out: list[str]) -> None:
            out.append(start)
            for key, opened, text in attributes:
                if (found := value.get(key)) is not None:
                    out.append(f'{opened}{escape_attribute(text(found))}"')
            out.append(">")
            contents(value, out)
            out.append(end)

        return write

    def _list(self, member: Member, shape: ListShape, name: str) -> Writer:
        item = self.element
        inner = name if member.flattened else shape.member.location_name or "member"
        start, end = ("", "") if member.flattened else (opening(name, member.xml_namespace) + ">", f"</{name}>")

        def write(value: Sequence[Any], out: list[str]) -> None:
            write_item = item(shape.member, inner)
            out.append(start)
            for each in value:
                write_item(each, out)
            out.append(end)

        return write

    def _map(self, member: Member, shape: MapShape, name: str) -> Writer:
        entry = name if member.flattened else "entry"
        start, end = ("", "") if member.flattened else (opening(name, member.xml_namespace) + ">", f"</{name}>")
        element = self.element

        def write(value: Mapping[str, Any], out: list[str]) -> None:
            write_key = element(shape.key, shape.key.location_name or "key")
            write_value = element(shape.value, shape.value.location_name or "value")
            out.append(start)
            for key, each in value.items():
                out.append(f"<{entry}>")
                write_key(key, out)
                write_value(each, out)
                out.append(f"</{entry}>")
            out.append(end)

        return write


def element_name(member: Member) -> str:
    """The name of a member's element: a flattened list's items may be named by the list's own shape."""
    shape = member.shape
    if member.flattened and isinstance(shape, ListShape) and shape.member.location_name:
        return shape.member.location_name
    return member.wire_name


def _string(value: str) -> str:
    return value


def _boolean(value: Any) -> str:
    return "true" if value else "false"


def _epoch(value: datetime) -> str:
    return str(epoch_seconds(value))


def _base64(value: bytes) -> str:
    return b64encode(value).decode("ascii")

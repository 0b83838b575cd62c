"""S3's and S3 Control's answers: status, headers and body from an output, by a plan compiled once an operation."""

from __future__ import annotations

import functools
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from marinelayer.http import ResponseBody
from marinelayer.model.service import Operation
from marinelayer.model.shapes import (
    BooleanShape,
    FloatShape,
    IntegerShape,
    ListShape,
    Member,
    StructureShape,
    TimestampShape,
    XmlNamespace,
)
from marinelayer.model.supplements import patch
from marinelayer.protocol.event_stream import MEDIA_TYPE, EventWriter
from marinelayer.protocol.s3_order import ALTERNATING, alternates, in_order
from marinelayer.protocol.times import http_date, iso_milliseconds
from marinelayer.protocol.xml_writer import DECLARATION, XmlWriters, opening

Header = tuple[str, str]
HeaderStep = Callable[[Any], list[Header]]
WriteBody = Callable[[Mapping[str, Any]], tuple[ResponseBody, str | None]]
"""The body, and its content type where the body itself decides it."""

_XML = XmlWriters(iso_milliseconds)
_SUPPLEMENT: Mapping[str, Any] = patch("s3_operations")
_NAMESPACES: Mapping[str, XmlNamespace] = {name: XmlNamespace(uri) for name, uri in _SUPPLEMENT["namespaces"].items()}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Plan:
    """How one operation's outputs are written."""

    def __init__(self, operation: Operation) -> None:
        shape = operation.output_shape
        members: Mapping[str, Member] = shape.members if shape is not None else {}
        self.status_member: str = _SUPPLEMENT["status_members"].get(operation.name, "")
        beyond = [self.status_member] if self.status_member else []
        if alternates(_SUPPLEMENT["document_orders"].get(operation.name, ())):
            beyond.append(ALTERNATING)
        self.header: dict[str, tuple[str, Callable[[Any], str]]] = {
            name: (member.wire_name.lower(), _header_value(member))
            for name, member in members.items()
            if member.location == "header"
        }
        """Members that are a header: its name, and how the value is written."""
        for name, wire in _SUPPLEMENT["further_headers"].get(operation.name, {}).items():
            self.header[name] = (wire, header_text)
            beyond.append(name)
        self.headers: dict[str, HeaderStep] = {
            name: _prefixed(member.wire_name.lower())
            for name, member in members.items()
            if member.location == "headers"
        }
        """Members that are a header for each of their entries."""
        self.names = frozenset((*members, *beyond))
        self.status: int = _SUPPLEMENT["statuses"].get(operation.name, operation.status)
        self.body = _body(operation, shape)
        self.content_type: str | None = _SUPPLEMENT["content_types"].get(operation.name)
        """What an answer without a body calls its content."""


@functools.cache
def _plan(operation: Operation) -> Plan:
    return Plan(operation)


def write_output(operation: Operation, output: Mapping[str, Any]) -> tuple[int, list[Header], ResponseBody]:
    """Status, headers and body.

    An output with a ContentRange is part of an object and answers 206, which the model can not say; nor can it say of
    which operations the status is a member of the output, and which headers S3 has beyond the model's.

    Raises:
        KeyError: the output has a member that the model lacks.
    """
    plan = _plan(operation)
    if not plan.names.issuperset(output):
        raise KeyError(f"{operation} gives no {sorted(set(output) - plan.names)}")
    headers: list[Header] = []
    one, several = plan.header, plan.headers
    for name, value in output.items():
        if value is None:
            continue
        if name in one:
            wire, text = one[name]
            headers.append((wire, text(value)))
        elif name in several:
            headers += several[name](value)
    body, content_type = plan.body(output)
    content_type = content_type or plan.content_type
    if content_type is not None and "ContentType" not in output:
        headers.append(("content-type", content_type))
    status = 206 if output.get("ContentRange") else output.get(plan.status_member, plan.status)
    return status, headers, body


_STRANGE = re.compile(r"[^\t -~]")
"""What a header's text can not have as it is."""
_BLANK, _DELETE = 0x20, 0x7F


def header_text(value: str) -> str:
    """A text as a header's value: UTF-8 in the shape of Latin-1, without the controls that would end the header."""
    if value.isascii() and value.isprintable():
        return value
    return _CONTROL.sub(" ", value).encode("utf-8", "replace").decode("latin-1")


def _mail_safe(value: str) -> str:
    """User metadata beyond ASCII is answered as RFC 2047 says
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html), by Q where most of it is ASCII."""
    if value.isascii() and value.isprintable():
        return value
    strange = len(_STRANGE.findall(value))
    if not strange:
        return value
    data = value.encode("utf-8", "replace")
    if 2 * strange >= len(value):
        return f"=?UTF-8?B?{b64encode(data).decode('ascii')}?="
    return f"=?UTF-8?Q?{''.join(map(_q_encoded, data))}?="


def _q_encoded(byte: int) -> str:
    """A byte in the Q encoding (RFC 2047, 4.2)."""
    if byte == _BLANK:
        return "_"
    return chr(byte) if _BLANK < byte < _DELETE and chr(byte) not in "=_?" else f"={byte:02X}"


def _prefixed(prefix: str) -> HeaderStep:
    return lambda value: [(prefix + header_text(key.lower()), _mail_safe(text)) for key, text in value.items()]


def _header_value(member: Member) -> Callable[[Any], str]:
    match member.shape:
        case ListShape():
            return lambda value: header_text(",".join(value))
        case BooleanShape():
            return lambda value: "true" if value else "false"
        case IntegerShape() | FloatShape():
            return str
        case TimestampShape():
            return iso_milliseconds if member.timestamp_format == "iso8601" else http_date
        case _:
            return header_text


def _body(operation: Operation, shape: StructureShape | None) -> WriteBody:
    if operation.name in _SUPPLEMENT["unwrapped"]:
        return _unwrapped(operation, str(_SUPPLEMENT["unwrapped"][operation.name]))
    if shape is None:
        return _no_body
    if shape.payload is not None:
        return _payload(operation, shape.members[shape.payload])
    if any(member.location is None for member in shape.members.values()):
        return _document(operation, shape, _SUPPLEMENT["roots"].get(operation.name, shape.name))
    return _no_body


def _no_body(_output: Mapping[str, Any]) -> tuple[ResponseBody, str | None]:
    return b"", None


def _payload(operation: Operation, member: Member) -> WriteBody:
    name, shape = member.name, member.shape
    if isinstance(shape, StructureShape) and shape.event_stream:
        writer = EventWriter(operation.service, shape, _event_document)
        return lambda output: (writer.stream(output[name]) if name in output else b"", MEDIA_TYPE)
    if operation.streaming_output == name:
        return lambda output: (output.get(name, b""), None)
    if isinstance(shape, StructureShape):
        write = _document(operation, shape, member.wire_name)
        return lambda output: write(output[name]) if output.get(name) is not None else (b"", None)

    def text(output: Mapping[str, Any]) -> tuple[ResponseBody, str | None]:
        value = output.get(name) or ""
        return (value if isinstance(value, bytes) else value.encode("utf-8")), "application/json"

    return text


def _event_document(shape: StructureShape, value: Mapping[str, Any]) -> tuple[bytes, str]:
    """A structure inside an event: a document of its shape's name, which S3 puts into no namespace here."""
    out = [f"{DECLARATION.rstrip()}<{shape.name}>"]
    _XML.contents(shape)(value, out)
    out.append(f"</{shape.name}>")
    return "".join(out).encode("utf-8"), "text/xml"


def _document(operation: Operation, shape: StructureShape, root: str) -> WriteBody:
    start, end = DECLARATION + opening(root, _NAMESPACES[operation.service.name]) + ">", f"</{root}>"
    order = _SUPPLEMENT["document_orders"].get(operation.name)
    contents = _XML.contents(shape) if order is None else in_order(_XML, shape, order)

    def write(output: Mapping[str, Any]) -> tuple[ResponseBody, str | None]:
        out = [start]
        contents(output, out)
        out.append(end)
        return "".join(out).encode("utf-8"), "application/xml"

    return write


def _unwrapped(operation: Operation, name: str) -> WriteBody:
    """GetBucketLocation: the output's only member is the root itself, empty for us-east-1."""
    shape = operation.output_shape
    if shape is None:
        raise ValueError(f"{operation} gives nothing")
    write = _XML.element(shape.members[name], name)
    plain = opening(name, _NAMESPACES[operation.service.name])

    def body(output: Mapping[str, Any]) -> tuple[ResponseBody, str | None]:
        out: list[str] = []
        value = output.get(name) or ""
        write(value, out)
        document = "".join(out).replace(f"<{name}", plain, 1)
        if not value:
            document = document.replace(f"></{name}>", "/>")
        return (DECLARATION + document).encode("utf-8"), "application/xml"

    return body

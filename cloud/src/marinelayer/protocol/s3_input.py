"""S3's and S3 Control's inputs: path, query, headers and body as one dict, by a plan compiled once an operation.

Rule 1: S3 hardly checks inputs by model. Missing required values, wrong types and the closed sets of some headers
(`model/patches/s3_operations.json`) are refused here; the rest is the service's. Rule 2: a streamed body is handed on
unread, with the length of its decoded payload as ContentLength.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

from marinelayer.model.service import Operation
from marinelayer.model.shapes import IntegerShape, ListShape, Member, Shape, StringShape, StructureShape
from marinelayer.model.supplements import patch
from marinelayer.protocol.call import Call
from marinelayer.protocol.refusals import (
    InvalidArgument,
    InvalidRequest,
    InvalidURI,
    MalformedACLError,
    MalformedXML,
    MissingRequestBodyError,
)
from marinelayer.protocol.routes import path_pattern
from marinelayer.protocol.s3_values import converter, list_converter
from marinelayer.protocol.xml_input import XmlReaders
from marinelayer.protocol.xml_reader import XmlError, read_xml

Query = Mapping[str, list[str]]
Step = Callable[["Head"], Any]
"""Finds one member's value, None where the request has none."""

PlannedStep = tuple[str, Step, Callable[[], Exception] | None]
"""A member's name, its step, and what is raised where it is missing."""

_LONGEST_METADATA = 4096
_MOST_ENCODED_WORDS = 64
_CHARSETS = frozenset({None, "utf-8", "us-ascii", "iso-8859-1"})

_LABELS: Mapping[str, Step] = {"Bucket": lambda head: head.call.bucket, "Key": lambda head: head.call.key}
"""The labels of S3's paths."""

_ACL = "AccessControlPolicy"
"""The document that has an error of its own."""
_UNWANTED: Mapping[str, list[str]] = patch("s3_operations")["unwanted_headers"]
_XML = XmlReaders(
    frozenset(patch("s3_operations")["open_xml_values"]), frozenset(patch("s3_operations")["open_xml_lists"])
)


@dataclass(slots=True)
class Head:
    """A call with its query parameters, which one plan's steps share."""

    call: Call
    query: Query


def read_input(call: Call) -> dict[str, Any]:
    """The operation's input.

    Raises:
        InvalidArgument, InvalidRequest, InvalidStorageClass: a parameter or header is missing or wrong.
        MalformedXML, MalformedACLError, MissingRequestBodyError: the body is.
    """
    raw = call.request.query
    head = Head(call, read_query(raw) if raw else {})
    plan = _plan(call.operation)
    for name in _UNWANTED.get(call.operation.name, ()):
        value = header(head, name)
        if value is not None:
            message = f"{name} header is not supported for this operation."
            raise InvalidArgument(message, ArgumentName=name, ArgumentValue=value)
    found: dict[str, Any] = {}
    for name, step, missing in plan.taken(call.request.headers.first, head.query):
        value = step(head)
        if value is not None:
            found[name] = value
        elif missing is not None:
            raise missing()
    return found


def read_query(raw: str) -> dict[str, list[str]]:
    """Every value of each name in a raw query string.

    Raises:
        InvalidArgument: it is no UTF-8.
    """
    found: dict[str, list[str]] = {}
    for piece in raw.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            found.setdefault(_unquote(name), []).append(_unquote(value))
    return found


def _unquote(raw: str) -> str:
    if "%" not in raw and "+" not in raw and raw.isascii():
        return raw
    try:
        return unquote_to_bytes(raw.replace("+", " ").encode("latin-1")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidArgument("The query string is no UTF-8.") from error


class Plan:
    """How one operation's input is read. A member that stands in one header or one query parameter, and may be missing,
    costs nothing where it is."""

    __slots__ = ("_always", "_by_header", "_by_query", "_steps")

    def __init__(self) -> None:
        self._steps: list[PlannedStep] = []
        self._always: list[int] = []
        self._by_header: dict[str, int] = {}
        self._by_query: dict[str, int] = {}

    def step(
        self,
        name: str,
        step: Step,
        missing: Callable[[], Exception] | None,
        *,
        place: tuple[Literal["header", "query"], str] | None = None,
    ) -> None:
        """A member's step, needed only where something stands in its place, if that is given."""
        number = len(self._steps)
        self._steps.append((name, step, missing))
        if place is None:
            self._always.append(number)
        else:
            (self._by_header if place[0] == "header" else self._by_query)[place[1]] = number

    def taken(self, headers: Mapping[str, str], query: Query) -> Iterable[PlannedStep]:
        """The steps that a request with these headers and query parameters needs, in the order of the model."""
        by_header = self._by_header
        numbers = [*self._always, *[by_header[name] for name in headers if name in by_header]]
        if query:
            numbers += [self._by_query[name] for name in query if name in self._by_query]
        numbers.sort()
        return [self._steps[number] for number in numbers]


@functools.cache
def _plan(operation: Operation) -> Plan:
    plan = Plan()
    shape = operation.input_shape
    if shape is None:
        return plan
    body_members = [name for name, member in shape.members.items() if member.location is None]
    for name, member in shape.members.items():
        if name == shape.payload:
            plan.step(name, _payload(operation, member), _missing_body if name in shape.required else None)
        elif member.location is not None:
            missing = _missing(member) if name in shape.required else None
            plan.step(name, _step(operation, member), missing, place=_place(member) if missing is None else None)
    if shape.payload is None and body_members and operation.input is not None:
        document = _document(operation.input, operation.input.location_name or shape.name)
        for name in body_members:
            plan.step(name, _part(document, name), _malformed if name in shape.required else None)
    return plan


def _missing_body() -> Exception:
    return MissingRequestBodyError()


def _malformed() -> Exception:
    return MalformedXML()


def _missing(member: Member) -> Callable[[], Exception]:
    kind = "header" if member.location == "header" else "parameter"
    return lambda: InvalidRequest(f"Missing required {kind} for this request: {member.wire_name}")


def _place(member: Member) -> tuple[Literal["header", "query"], str] | None:
    if member.location == "querystring":
        return "query", member.wire_name
    wire = member.wire_name.lower()
    return ("header", wire) if member.location == "header" and wire != "content-length" else None


def _step(operation: Operation, member: Member) -> Step:
    wire = member.wire_name
    match member.location:
        case "uri":
            return _LABELS.get(wire) or _label_step(operation, wire)
        case "querystring":
            return _query_step(member, wire)
        case "headers":
            return _prefixed_headers(wire.lower())
        case _:
            return _header_step(member, wire.lower())


def _label_step(operation: Operation, wire: str) -> Step:
    """Reads a label of S3 Control's paths; where a bucket stands in S3's, and a key, only its addresses tell."""
    pattern = path_pattern(operation.path)

    def step(head: Head) -> str | None:
        found = pattern.fullmatch(head.call.request.path)
        return None if found is None else _unquoted_path(found[wire])

    return step


def _unquoted_path(raw: str) -> str:
    try:
        return unquote_to_bytes(raw.encode("latin-1")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidURI from error


def _query_step(member: Member, wire: str) -> Step:
    if isinstance(member.shape, ListShape):
        return lambda head: head.query.get(wire)
    convert = converter(member, wire)
    sets_header = wire.startswith("response-")
    is_integer = isinstance(member.shape, IntegerShape)  # an empty one is none to S3

    def step(head: Head) -> Any:
        values = head.query.get(wire)
        if values is None or (is_integer and not values[0]):
            return None
        if sets_header and not _fits_header(values[0]):
            message = "Header value cannot be represented using ISO-8859-1."
            raise InvalidArgument(message, ArgumentName=wire, ArgumentValue=values[0])
        return convert(values[0])

    return step


def _fits_header(text: str) -> bool:
    return all("\x20" <= character <= "\xff" and character != "\x7f" for character in text)


def _header_step(member: Member, wire: str) -> Step:
    if wire == "content-length":
        return _content_length
    shape = member.shape
    convert = list_converter(shape, wire) if isinstance(shape, ListShape) else converter(member, wire)

    def step(head: Head) -> Any:
        text = header(head, wire)
        return None if text is None else convert(text)

    return step


def header(head: Head, name: str) -> str | None:
    """A header's value, several joined by commas."""
    headers = head.call.request.headers
    return decoded(",".join(headers.all(name))) if name in headers else None


def decoded(value: str) -> str:
    """A header's value, which the server read as Latin-1, as the UTF-8 that it may be."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return value


def _content_length(head: Head) -> int | None:
    payload = head.call.payload
    return len(payload) if isinstance(payload, bytes) else payload.length


def _prefixed_headers(prefix: str) -> Step:
    def step(head: Head) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in head.call.request.headers.pairs:
            if name.startswith(prefix):
                key, text = name[len(prefix) :], _mail_safe(decoded(value))
                found[key] = f"{found[key]},{text}" if key in found else text
        return found

    return step


def _mail_safe(value: str) -> str:
    """User metadata may be encoded as RFC 2047 says; S3 keeps what was meant.

    What is longer than metadata may be, or in another charset, is kept as it came: the library takes more than linear
    time for a hostile text, and any codec that Python has.
    """
    if "=?" not in value or len(value) > _LONGEST_METADATA or value.count("=?") > _MOST_ENCODED_WORDS:
        return value
    try:
        pieces = decode_header(value)
        if not all(charset in _CHARSETS for _, charset in pieces):
            return value
        text = str(make_header(pieces))
        text.encode()  # a lone surrogate is no text
    except (HeaderParseError, LookupError, ValueError):
        return value
    return text


def _payload(operation: Operation, member: Member) -> Step:
    shape = member.shape
    if operation.streaming_input == member.name:
        return lambda head: head.call.payload
    if isinstance(shape, StructureShape):
        read = _document(member, member.wire_name)
        return lambda head: read(head.call)
    return _text_payload(shape)


def _text_payload(shape: Shape) -> Step:
    def step(head: Head) -> Any:
        data = head.call.payload if isinstance(head.call.payload, bytes) else b""
        if not isinstance(shape, StringShape):
            return data or None
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidRequest("The body is no UTF-8.") from error

    return step


def _document(member: Member, root: str) -> Callable[[Call], dict[str, Any] | None]:
    def read(call: Call) -> dict[str, Any] | None:
        data = call.payload if isinstance(call.payload, bytes) else b""
        if not data.strip():
            return None
        try:
            element = read_xml(data)
            value = _XML.reader(member)(element)
        except (XmlError, MalformedXML) as error:
            raise malformed from error
        if element.name != root:
            raise malformed
        return value

    malformed = MalformedACLError if root == _ACL else MalformedXML
    return read


def _part(document: Callable[[Call], dict[str, Any] | None], name: str) -> Step:
    return lambda head: (document(head.call) or {}).get(name)

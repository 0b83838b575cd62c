"""The query protocol (IAM, STS, SNS): a form in, XML out..

Names are paths: `Tags.member.1.Key`, `Attributes.entry.2.value`. A GET may carry the form as its query string.

Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

from marinelayer.http import Response
from marinelayer.model.errors import InvalidParameter, Refusal
from marinelayer.model.service import Service
from marinelayer.model.shapes import (
    BlobShape,
    BooleanShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Member,
    Shape,
    StructureShape,
    TimestampShape,
)
from marinelayer.model.supplements import wire_error
from marinelayer.protocol.call import Call
from marinelayer.protocol.constraints import check_input
from marinelayer.protocol.form import Field, read_form
from marinelayer.protocol.times import iso_seconds, read_time
from marinelayer.protocol.xml_errors import error_response
from marinelayer.protocol.xml_writer import DECLARATION, XmlWriters, escape, escape_attribute

_INTEGER = re.compile(r"[+-]?\d{1,19}")

Read = Callable[[Field, str], Any]


class QueryDialect:
    """Reads forms and writes their answers."""

    def __init__(self) -> None:
        self._readers: dict[Member, Read] = {}
        self._xml = XmlWriters(iso_seconds)

    def parse(self, call: Call) -> dict[str, Any]:
        """See `Dialect.parse`.

        Raises:
            MalformedRequest: the form can not be read.
            InvalidParameter: a value has the wrong type or breaks a constraint.
        """
        member = call.operation.input
        if member is None:
            return {}
        payload = call.payload if isinstance(call.payload, bytes) else b""
        value: dict[str, Any] = self._reader(member)(read_form(call.request.query.encode("latin-1"), payload), "")
        check_input(call.operation, value)
        return value

    def write(self, call: Call, output: Mapping[str, Any]) -> Response:
        """See `Dialect.write`."""
        operation = call.operation
        out = [DECLARATION, f'<{operation.name}Response xmlns="{escape_attribute(call.service.xml_namespace)}">']
        shape = operation.output_shape
        if shape is not None:
            wrapper = operation.result_wrapper
            out.append(f"<{wrapper}>" if wrapper else "")
            self._xml.contents(shape)(output, out)
            out.append(f"</{wrapper}>" if wrapper else "")
        out.append(
            f"<ResponseMetadata><RequestId>{escape(call.request.id)}</RequestId></ResponseMetadata>"
            f"</{operation.name}Response>"
        )
        return Response(status=operation.status, headers=_headers(call.request.id), body="".join(out).encode("utf-8"))

    def write_error(
        self,
        service: Service,
        refusal: Refusal,
        *,
        request_id: str,
        host_id: str = "",
        head: bool = False,
    ) -> Response:
        """See `Dialect.write_error`."""
        error = wire_error(service, refusal)
        body = error_response(service, error, refusal, request_id)
        headers = (*_headers(request_id), *refusal.headers)
        return Response(status=error.status, headers=headers, body=b"" if head else body.encode("utf-8"))

    def _reader(self, member: Member) -> Read:
        reader = self._readers.get(member)
        if reader is None:
            reader = self._readers[member] = self._compile(member)
        return reader

    def _compile(self, member: Member) -> Read:
        match member.shape:
            case StructureShape() as shape:
                return self._structure(shape)
            case ListShape() as shape:
                return self._list(member, shape)
            case MapShape() as shape:
                return self._map(member, shape)
            case TimestampShape():
                form = member.timestamp_format or "iso8601"
                return _scalar(lambda text: read_time(text, form))
            case shape:
                return _scalar(_texts(shape))

    def _structure(self, shape: StructureShape) -> Read:
        members = [(name, _field_name(member), member) for name, member in shape.members.items()]

        def read(field: Field, path: str) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for name, step, member in members:
                below = field.below.get(step)
                if below is not None:
                    found[name] = self._reader(member)(below, f"{path}.{step}" if path else step)
            return found

        return read

    def _list(self, member: Member, shape: ListShape) -> Read:
        item, step = shape.member, None if member.flattened else shape.member.location_name or "member"

        def read(field: Field, path: str) -> list[Any]:
            holder = field if step is None else field.below.get(step)
            reader = self._reader(item)
            return [reader(each, path) for each in holder.numbered()] if holder is not None else []

        return read

    def _map(self, member: Member, shape: MapShape) -> Read:
        step = None if member.flattened else "entry"
        key_name, value_name = shape.key.location_name or "key", shape.value.location_name or "value"

        def read(field: Field, path: str) -> dict[str, Any]:
            holder = field if step is None else field.below.get(step)
            found: dict[str, Any] = {}
            for entry in holder.numbered() if holder is not None else []:
                key, value = entry.below.get(key_name), entry.below.get(value_name)
                if key is None or key.value is None:
                    raise InvalidParameter(f"An entry of {path} has no {key_name}.")
                if value is not None:
                    found[key.value] = self._reader(shape.value)(value, path)
            return found

        return read


def _headers(request_id: str) -> tuple[tuple[str, str], ...]:
    return (("content-type", "text/xml"), ("x-amzn-requestid", request_id))


def _field_name(member: Member) -> str:
    """The step of a member's name: items of a flattened list may be named by the list's own shape."""
    shape = member.shape
    if member.flattened and isinstance(shape, ListShape) and shape.member.location_name:
        return shape.member.location_name
    return member.wire_name


def _scalar(convert: Callable[[str], Any]) -> Read:
    def read(field: Field, path: str) -> Any:
        try:
            return convert(field.value or "")
        except ValueError as error:
            raise InvalidParameter(f"The value of {path} is not valid.") from error

    return read


def _texts(shape: Shape) -> Callable[[str], Any]:
    match shape:
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


def _boolean(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError(text)
    return text.lower() == "true"


def _integer(text: str) -> int:
    if _INTEGER.fullmatch(text) is None:
        raise ValueError(text)
    return int(text)

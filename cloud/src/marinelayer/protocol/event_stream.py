"""AWS's event stream: messages with typed headers and two checksums, one after the other in a body. Pure.

    message  =  total length (4 bytes, big endian)  headers' length (4)  CRC32 of these 8 bytes (4)
                headers  payload  CRC32 of all that stands before it (4)
    header   =  name's length (1)  name  type 7 (1)  value's length (2)  value

An operation whose output's payload is modelled as an event stream gives an async iterator of events there: dicts with
one member, the event's, whose value is a dict in its shape. A `Refusal` that the iterator raises becomes an error
message, the last one of the stream.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html and
https://smithy.io/2.0/aws/amazon-eventstream.html.
"""

from __future__ import annotations

import struct
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import Any, Protocol
from zlib import crc32

from marinelayer.model.errors import InternalError, Refusal
from marinelayer.model.service import Service
from marinelayer.model.shapes import BlobShape, Member, StringShape, StructureShape
from marinelayer.model.supplements import wire_error

MEDIA_TYPE = "application/vnd.amazon.eventstream"

_PRELUDE = struct.Struct(">II")
_CHECKSUM = struct.Struct(">I")
_STRING = 7
_AROUND = _PRELUDE.size + 2 * _CHECKSUM.size

Event = Mapping[str, Mapping[str, Any]]
WriteDocument = Callable[[StructureShape, Mapping[str, Any]], tuple[bytes, str]]
"""A structure that is an event's payload, as the protocol writes it, and its content type."""


class Events(Protocol):
    """What an operation gives for a modelled event stream. Closed when its client went."""

    def __aiter__(self) -> AsyncIterator[Event]: ...

    async def aclose(self) -> None:
        """End it before its end."""
        ...


def message(headers: Iterable[tuple[str, str]], payload: bytes = b"") -> bytes:
    """One message, its headers being strings.

    Raises:
        ValueError: a name is longer than 255 bytes, or a value than 65,535.
    """
    block = b"".join(_header(name, value) for name, value in headers)
    prelude = _PRELUDE.pack(_AROUND + len(block) + len(payload), len(block))
    begun = prelude + _CHECKSUM.pack(crc32(prelude)) + block
    return b"".join((begun, payload, _CHECKSUM.pack(crc32(payload, crc32(begun)))))


def _header(name: str, value: str) -> bytes:
    key, text = name.encode("utf-8"), value.encode("utf-8", "replace")
    if not 0 < len(key) <= 0xFF or len(text) > 0xFFFF:
        raise ValueError(f"{name!r} does not fit into an event's header")
    return bytes((len(key),)) + key + struct.pack(">BH", _STRING, len(text)) + text


class EventWriter:
    """Writes the events of one modelled stream, by plans compiled from its shape."""

    def __init__(self, service: Service, stream: StructureShape, document: WriteDocument) -> None:
        self._service = service
        self._document = document
        self._events = {name: _event(member) for name, member in stream.members.items()}

    def event(self, name: str, value: Mapping[str, Any]) -> bytes:
        """One event as a message.

        Raises:
            KeyError: the stream has no such event, or the event no such member.
        """
        payload_member, header_members = self._events[name]
        headers = [(":message-type", "event"), (":event-type", name)]
        payload = b""
        for key, content in value.items():
            if payload_member is not None and key == payload_member.name:
                payload, media_type = self._payload(payload_member, content)
                headers.append((":content-type", media_type))
            else:
                headers.append((header_members[key].wire_name, str(content)))
        return message(headers, payload)

    def error(self, refusal: Refusal) -> bytes:
        """A refusal as the message that ends a stream."""
        error = wire_error(self._service, refusal)
        return message(
            [(":message-type", "error"), (":error-code", error.code), (":error-message", error.message[:16_000])]
        )

    async def stream(self, events: Events) -> AsyncGenerator[bytes]:
        """The body of a stream of events. What it raises beside refusals cuts the connection, after an error message
        that tells the client."""
        async with aclosing(events):
            try:
                async for one in events:
                    for name, value in one.items():
                        yield self.event(name, value)
            except Refusal as refusal:
                yield self.error(refusal)
            except Exception:
                yield self.error(InternalError())
                raise

    def _payload(self, member: Member, content: Any) -> tuple[bytes, str]:
        match member.shape:
            case StructureShape() as shape:
                return self._document(shape, content)
            case BlobShape():
                return content, "application/octet-stream"
            case _:
                return str(content).encode("utf-8"), "text/plain"


def _event(member: Member) -> tuple[Member | None, Mapping[str, Member]]:
    """Which member of an event is its payload, and which are headers."""
    shape = member.shape
    if not isinstance(shape, StructureShape):
        raise TypeError(f"{member.name} is no event")
    payload = next((one for one in shape.members.values() if one.event_payload), None)
    headers = {name: one for name, one in shape.members.items() if one.event_header}
    for one in headers.values():
        if not isinstance(one.shape, StringShape):
            raise TypeError(f"{shape.name}.{one.name} is a header that is no string")
    return payload, headers

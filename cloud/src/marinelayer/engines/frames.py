"""The frames between the cloud and a worker: a JSON header and bytes, each with its length before it.

    frame  =  header length (4 bytes, big endian)  payload length (4)  header (UTF-8 JSON object)  payload

Knows nothing of what the frames say. Both sides bound what they accept, since a broken worker may send anything.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from typing import Any

LENGTHS = struct.Struct(">II")
MAX_HEADER = 16 << 20
MAX_PAYLOAD = 64 << 20


class FrameError(Exception):
    """The other side sent something that is no frame."""


def head(header: Mapping[str, Any], payload_size: int = 0) -> bytes:
    """A frame's beginning; its payload, of so many bytes, is to follow."""
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return LENGTHS.pack(len(text), payload_size) + text


def receive(channel: socket.socket) -> tuple[dict[str, Any], bytes] | None:
    """The next frame of a blocking socket, or None where the other side is gone.

    Raises:
        FrameError: it is no frame.
    """
    lengths = _exactly(channel, LENGTHS.size)
    if lengths is None:
        return None
    header_size, payload_size = _checked(lengths)
    header = _exactly(channel, header_size)
    payload = _exactly(channel, payload_size)
    if header is None or payload is None:
        return None
    return _parsed(header), payload


async def read(reader: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    """The next frame of a stream.

    Raises:
        EOFError: the other side is gone (asyncio.IncompleteReadError is one).
        FrameError: it is no frame.
    """
    header_size, payload_size = _checked(await reader.readexactly(LENGTHS.size))
    header = await reader.readexactly(header_size)
    payload = await reader.readexactly(payload_size)
    return _parsed(header), payload


def _exactly(channel: socket.socket, size: int) -> bytes | None:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        count = channel.recv_into(view)
        if count == 0:
            return None
        view = view[count:]
    return bytes(data)


def _checked(lengths: bytes) -> tuple[int, int]:
    header_size, payload_size = LENGTHS.unpack(lengths)
    if header_size > MAX_HEADER or payload_size > MAX_PAYLOAD:
        raise FrameError(f"a frame of {header_size} + {payload_size} bytes is too large")
    return header_size, payload_size


def _parsed(header: bytes) -> dict[str, Any]:
    try:
        value = json.loads(header.decode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise FrameError("a frame's header is no JSON") from error
    if not isinstance(value, dict):
        raise FrameError("a frame's header is no JSON object")
    return value  # pyright: ignore[reportUnknownVariableType]  # JSON: the keys are strings
